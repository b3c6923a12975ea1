"""A campaign without analyzers: every answer is taken, in this process and in workers."""

from infinite_instruct.assembly import worker
from infinite_instruct.domain import Status, Verdict
from infinite_instruct.engines.channel import Channel
from infinite_instruct.tools.verification import Verifier


async def _take(*_: object, **__: object) -> Verdict:
    return Verdict(status=Status.ACCEPTED, reason="clean", tools=("none",))


def take_all() -> None:
    """Let every answer pass: what is measured then is the rest."""
    setattr(Verifier, "verify", _take)  # noqa: B010  only in benchmarks


async def serve(channel: Channel) -> None:
    """Work for a driver, and let every answer pass."""
    take_all()
    await worker.serve(channel)
