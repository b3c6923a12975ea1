import pytest

from crew import TASK, Workshop, make_plan, say
from infinite_instruct.agents.problem_evolver import ProblemEvolver
from infinite_instruct.domain import Difficulty, Direction, Problem, ProblemType

HARDER = "Write a function `total(items, limit)` that adds the prices up to a limit."
QUESTION = Problem(
    type=ProblemType.CODE_UNDERSTANDING,
    language=TASK.language,
    text="What does this function return for an empty list of items?",
    material="code",
)


async def test_harder_task_keeps_its_function_and_takes_its_new_parameters() -> None:
    workshop = Workshop([say(problem=HARDER, parameters=["items", "limit"])])
    evolved = await ProblemEvolver(workshop.desk).evolve(make_plan(), TASK)
    assert evolved.problem.text == HARDER
    assert (evolved.problem.function, evolved.problem.parameters) == ("total", ("items", "limit"))
    assert evolved.directions == (Direction.DEEPENING,)
    assert workshop.desk.pack.directions[Direction.DEEPENING] in workshop.said(0)


async def test_harder_question_keeps_its_material() -> None:
    text = "What does this function return for a list that holds only negative prices?"
    workshop = Workshop([say(problem=text)])
    evolved = await ProblemEvolver(workshop.desk).evolve(make_plan(), QUESTION)
    assert (evolved.problem.text, evolved.problem.material) == (text, "code")


async def test_evolution_that_loses_the_function_is_asked_for_again() -> None:
    lost = say(problem="Write a function `sum(items)` that adds up prices.", parameters=["items"])
    workshop = Workshop([lost, say(problem=HARDER, parameters=["items", "limit"])])
    evolved = await ProblemEvolver(workshop.desk).evolve(make_plan(), TASK)
    assert evolved.problem.text == HARDER
    assert "it must name the function `total`" in workshop.said(1)


async def test_failed_evolution_keeps_the_problem_and_says_so() -> None:
    workshop = Workshop(["no"] * 3)
    evolved = await ProblemEvolver(workshop.desk).evolve(make_plan(), TASK)
    assert evolved.problem == TASK
    assert evolved.directions == (), "a direction in which it did not go is not claimed"
    assert workshop.decisions == ["keep the problem as it was"]


@pytest.mark.parametrize(
    "reply",
    [
        pytest.param("no", id="prose"),
        pytest.param(say(problem="Could you add up some prices for me, please?"), id="name-lost"),
        pytest.param(
            say(problem="total it:\n```\nfunction total(items) { return 1 }\n```"), id="solved"
        ),
    ],
)
async def test_failed_rewording_keeps_the_wording_and_says_so(reply: str) -> None:
    workshop = Workshop([reply] * 3)
    assert await ProblemEvolver(workshop.desk).reword(make_plan(), TASK) == TASK
    assert workshop.decisions == ["keep the wording"]


async def test_rewording_changes_nothing_but_the_words() -> None:
    text = "Hi, could you write `total(items)` for me? It should add up the prices."
    workshop = Workshop([say(problem=text)])
    reworded = await ProblemEvolver(workshop.desk).reword(make_plan(), TASK)
    assert reworded == TASK.model_copy(update={"text": text})


async def test_a_rewording_that_hands_back_the_instruction_is_asked_for_again() -> None:
    echo = "Change the order of the sentences, and call it `total(items)` exactly as it is here."
    text = "Please write `total(items)`: I need the prices of all items added up."
    workshop = Workshop([say(problem=echo), say(problem=text)])
    reworded = await ProblemEvolver(workshop.desk).reword(make_plan(), TASK)
    assert reworded.text == text
    assert "another problem" in workshop.model.requests[1].messages[-1].content


async def test_hard_problem_is_made_harder_twice_and_an_easy_one_is_left_as_it_is() -> None:
    harder = [say(problem=f"{HARDER} {more}", parameters=["items"]) for more in ("Once.", "Twice.")]
    workshop = Workshop(harder)
    plan = make_plan()
    hard = plan.model_copy(update={"difficulty": Difficulty.HARD})
    evolved = await ProblemEvolver(workshop.desk).evolve(hard, TASK)
    assert evolved.problem.text.endswith("Twice.")
    assert evolved.directions == (Direction.DEEPENING, Direction.CONCRETIZING)
    assert "Once." in workshop.said(1), "the second step goes on from the first one"
    assert workshop.desk.pack.difficulties[Difficulty.HARD] in workshop.said(1)
    easy = plan.model_copy(update={"difficulty": Difficulty.EASY})
    assert (await ProblemEvolver(workshop.desk).evolve(easy, TASK)).problem == TASK
    assert len(workshop.model.requests) == 2
