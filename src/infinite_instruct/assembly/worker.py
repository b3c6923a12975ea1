"""A worker: takes rows through the graph for a driver in another process, until that is gone."""

from collections.abc import Mapping
from contextlib import AsyncExitStack

from loguru import logger

from infinite_instruct.assembly.analysis import analysis_of
from infinite_instruct.assembly.crew import Common, build_crew
from infinite_instruct.assembly.job import Job
from infinite_instruct.assembly.memory import Trimmer, spare_the_collector
from infinite_instruct.engines.channel import Channel
from infinite_instruct.engines.identity import code_identity
from infinite_instruct.engines.messages import (
    Begin,
    Happened,
    HeadersSeen,
    Logged,
    MakeTry,
    News,
    Question,
    Ready,
    TakeRow,
)
from infinite_instruct.engines.peer import Peer
from infinite_instruct.engines.stand_ins import DriversCurator, DriversModel, DriversPlaces
from infinite_instruct.events import Emit, Event, tell_all
from infinite_instruct.graphs.graph_worker import GraphWorker
from infinite_instruct.graphs.outcomes import Books
from infinite_instruct.graphs.row import build_row_graph
from infinite_instruct.llm.endpoint import EndpointConfig, EndpointModel
from infinite_instruct.prompts.pack import PromptPack, load_pack
from infinite_instruct.settings import Settings

_LIMITS = "x-ratelimit-"
"""Headers with this in front tell of an endpoint's limits."""


async def serve(channel: Channel) -> None:
    """Work for the driver at the other end, until it is gone."""
    async with AsyncExitStack() as stack:
        stack.push_async_callback(channel.close)
        await _Worker(channel, stack).run()


class _Worker:
    def __init__(self, channel: Channel, stack: AsyncExitStack) -> None:
        self._driver = Peer(channel, self._answer, _pass_over)
        self._stack = stack

    async def run(self) -> None:
        await self._driver.run()

    async def _answer(self, question: Question) -> object:
        match question:
            case Begin():
                return await self._begin(question.job)
            case TakeRow():
                return await self._rows.take(question.plan)
            case MakeTry():
                return await self._models[question.place].ask(question.request)
            case _:
                raise TypeError(f"{type(question).__name__} is no question to a worker")

    async def _begin(self, job: Job) -> Ready:
        settings = Settings.model_validate(job.settings)
        # The driver has checked its prompts, and hears whether they are the same.
        pack, books = load_pack(settings.pack), Books()
        self._log(settings.log_level)
        emit = tell_all([books, self._tell, Trimmer()])
        self._models = [
            await self._stack.enter_async_context(self._endpoint(*each, pack))
            for each in enumerate(job.places)
        ]
        self._rows = self._graph_worker(settings, pack, books, emit, job.analyzers)
        spare_the_collector()
        return Ready(code=code_identity(), pack=pack.identity)

    def _graph_worker(
        self, settings: Settings, pack: PromptPack, books: Books, emit: Emit, analyzers: int
    ) -> GraphWorker:
        strict = settings.verifier.strict
        analysis = analysis_of(settings, strict=strict, jobs=analyzers, pack=pack)
        model, places = DriversModel(self._driver), DriversPlaces(self._driver)
        common = Common(model, places, DriversCurator(self._driver), emit)
        crew = build_crew(settings, pack, common, analysis)
        return GraphWorker(build_row_graph(), crew, books, emit, pack.identity)

    def _endpoint(self, number: int, config: EndpointConfig, pack: PromptPack) -> EndpointModel:
        def hear(headers: Mapping[str, str]) -> None:
            told = {name: value for name, value in headers.items() if name.startswith(_LIMITS)}
            if told:
                self._driver.tell(HeadersSeen(place=number, headers=told))

        return EndpointModel(config, self._tell, schema_note=pack.schema_note, on_headers=hear)

    def _tell(self, event: Event) -> None:
        self._driver.tell(Happened(event=event))

    def _log(self, level: str) -> None:
        logger.remove()
        logger.add(
            lambda line: self._driver.tell(
                Logged(level=line.record["level"].name, text=str(line).rstrip())
            ),
            level=level,
            format="{message}",
            backtrace=False,
            diagnose=False,
        )


def _pass_over(_news: News) -> None:
    """A driver tells no news."""
