"""The words of this project, as frozen values: all that passes between layers is one of them.

A *snippet* becomes a *problem*; a model's *answer* to it is judged by *diagnostics* into a
*verdict*; the row ends as a *sample* or as a *rejection*.
"""

from enum import StrEnum
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Value(BaseModel):
    """A frozen value that knows exactly its own fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


class Language(StrEnum):
    """The programming languages that seeds are cut from and answers are checked in."""

    PYTHON = "python"
    JAVASCRIPT = "javascript"
    TYPESCRIPT = "typescript"
    JAVA = "java"
    C = "c"
    CPP = "cpp"
    CSHARP = "csharp"
    GO = "go"
    RUST = "rust"
    PHP = "php"
    RUBY = "ruby"
    SHELL = "shell"
    KOTLIN = "kotlin"
    SWIFT = "swift"
    LUA = "lua"
    SQL = "sql"
    POSTGRESQL = "postgresql"
    MYSQL = "mysql"
    SQLITE = "sqlite"
    TSQL = "tsql"


class ProblemType(StrEnum):
    """The three problem types of the paper (appendix A.1)."""

    CODE_GENERATION = "code_generation"
    CODE_UNDERSTANDING = "code_understanding"
    KNOWLEDGE_QUESTION = "knowledge_question"


class Direction(StrEnum):
    """The six directions in which a problem is made harder (paper, appendix A.2)."""

    ADDING_CONSTRAINTS = "adding_constraints"
    DEEPENING = "deepening"
    CONCRETIZING = "concretizing"
    INCREASED_REASONING = "increased_reasoning"
    INPUT_ENHANCEMENT = "input_enhancement"
    INNOVATION = "innovation"


class Origin(StrEnum):
    """Which construction a row comes from."""

    REVERSE = "reverse"
    BACKFEED = "backfeed"


class KeywordKind(StrEnum):
    """The three kinds of keywords (paper, appendix A.4)."""

    TASK = "task"
    INSTRUCTION = "instruction"
    KNOWLEDGE_POINT = "knowledge_point"


class Difficulty(StrEnum):
    """How hard a problem is meant to be, by the number and rarity of what it is composed from."""

    EASY = "easy"
    MEDIUM = "medium"
    HARD = "hard"


class Severity(StrEnum):
    """How much a diagnostic weighs: a fatal one rejects."""

    FATAL = "fatal"
    WARNING = "warning"
    IGNORED = "ignored"


class Status(StrEnum):
    """What a verdict says."""

    ACCEPTED = "accepted"
    REJECTED = "rejected"
    UNVERIFIABLE = "unverifiable"


class Provenance(Value):
    """Where a snippet comes from."""

    source: str
    """The seed source as the user named it: a folder, a file, a data set."""
    path: str
    """The file in the source, relative, or `row N` of a data set."""
    first_line: int = Field(ge=1)
    last_line: int = Field(ge=1)
    content_hash: str
    """sha256 of the snippet's text, hexadecimal."""
    licence: str = "unknown"
    """SPDX identifier, or `unknown`."""


class Snippet(Value):
    """A complete, independent piece of code of 5-20 lines, cut from a corpus by its syntax tree."""

    id: str
    language: Language
    imports: str = ""
    """The imports that the code needs, carried along; not counted in its length."""
    code: str
    name: str = ""
    """The function, method or type that it defines, where it has one."""
    provenance: Provenance

    @property
    def text(self) -> str:
        """The code with its imports: what a model gets to see."""
        return f"{self.imports}\n\n{self.code}" if self.imports else self.code


class Keyword(Value):
    """One keyword of a problem."""

    kind: KeywordKind
    text: str = Field(min_length=1, max_length=80)


class KeywordSet(Value):
    """Keywords drawn from the knowledge graph to compose a problem from."""

    language: Language
    keywords: tuple[Keyword, ...]
    why: str
    """How the set was drawn: anchor, walk, coherence."""
    coherence: float = Field(ge=-1, le=1)
    """Mean closeness of its pairs, -1 (never together) to 1 (always together)."""
    difficulty: Difficulty = Difficulty.MEDIUM


class KeywordUse(Value):
    """Why a composed problem needs one of its keywords."""

    keyword: str
    reason: Literal["stated", "required"]
    """The problem's text says it; or a solution needs it, though the text does not say it."""
    because: str
    """What of the problem cannot be done without it, as the model says; it may say nothing of what
    the text has."""
    needs: tuple[str, ...] = ()
    """The other keywords of the problem that it depends on."""


class Problem(Value):
    """An instruction, on its way to become a row."""

    type: ProblemType
    language: Language
    text: str
    """What the user asks."""
    material: str = ""
    """Code that the question is about, shown below it."""
    function: str = ""
    """The name of the function that a code answer must define; empty where none is asked."""
    parameters: tuple[str, ...] | None = None
    """The names of its parameters, where the problem fixes them."""
    uses: tuple[KeywordUse, ...] = ()
    """The keywords that a composed problem needs, and how they depend on each other."""

    @property
    def prompt(self) -> str:
        """The whole instruction, as the data set has it."""
        if not self.material:
            return self.text
        return f"{self.text}\n\n```{self.language.value}\n{self.material}\n```"


class Answer(Value):
    """What a model replied to a problem."""

    text: str
    finish_reason: str = "stop"
    model: str = ""


class Diagnostic(Value):
    """One finding of one analyzer. Lines and columns count from 1; 0 says the whole text."""

    tool: str
    rule: str
    severity: Severity
    line: int = Field(ge=0)
    column: int = Field(ge=0)
    message: str = Field(max_length=2_000)


class Verdict(Value):
    """What static analysis says of an answer."""

    status: Status
    reason: str
    """A short code named for the problem, like `undefined-name`; `clean` when accepted."""
    detail: str = ""
    """One sentence: what is wrong and where."""
    diagnostics: tuple[Diagnostic, ...] = ()
    unresolved: tuple[str, ...] = ()
    """Imported packages that are not installed here: their use could not be checked."""
    suppressions: int = 0
    """Suppression comments found; they were neutralised before the check."""
    tools: tuple[str, ...] = ()
    """The analyzers which looked, with versions: `mypy 2.4.1`."""
    tier: int = 0
    """0: decided from the text and its syntax; 1: by the language's analyzers."""
    seconds: float = 0.0

    @property
    def accepted(self) -> bool:
        """Whether the answer may enter the data set."""
        return self.status is Status.ACCEPTED


class Attempt(Value):
    """One answer with its verdict. Attempt 0 is the first answer, the others are repairs."""

    number: int = Field(ge=0)
    answer: Answer
    verdict: Verdict


class RowKind(Value):
    """What rows are told apart by."""

    origin: Origin
    problem_type: ProblemType
    direction: Direction
    language: Language
    difficulty: Difficulty = Difficulty.MEDIUM
    """What the prompts ask for; it also decides how often the problem is made harder."""

    @property
    def directions(self) -> tuple[Direction, ...]:
        """The steps that make it harder: none for an easy problem, two for a hard one."""
        order = tuple(Direction)
        steps = tuple(Difficulty).index(self.difficulty)
        first = order.index(self.direction)
        return tuple(order[(first + step) % len(order)] for step in range(steps))


class RowPlan(RowKind):
    """A row's inputs, stored before its first model call, so that a resume repeats it."""

    id: str
    snippet: Snippet | None = None
    keywords: KeywordSet | None = None
    seed: int
    """Seed of everything random in this row, also sent to the model."""


class Lineage(Value):
    """What a row was made from and by."""

    snippet: Provenance | None = None
    keyword_set: KeywordSet | None = None
    uses: tuple[KeywordUse, ...] = ()
    """Which of them the problem needs, and why."""
    pack: str
    """Name, version and hash of the prompt pack: `default@1 (3f2a…)`."""
    prompts: tuple[str, ...] = ()
    """The prompts used, in order: `reverse-code_generation@1a2b3c4d`."""
    models: tuple[str, ...] = ()
    seed: int = 0


class Message(Value):
    """One turn of a chat."""

    role: Literal["system", "user", "assistant", "tool"]
    content: str


class Row(Value):
    """A finished row, accepted or not. `prompt`, `response` and `type` are the paper's fields."""

    id: str
    prompt: str
    response: str
    type: ProblemType
    messages: tuple[Message, ...]
    language: Language
    keywords: tuple[Keyword, ...]
    origin: Origin
    difficulty: Difficulty = Difficulty.MEDIUM
    """As it was asked for."""
    directions: tuple[Direction, ...]
    """The steps that were taken to make it harder."""
    verification: Verdict | None
    attempts: tuple[Attempt, ...]
    """Every answer with its verdict, the last one last: pairs of fault and fix."""
    lineage: Lineage
    tokens: int = 0
    """Prompt and completion tokens spent on this row."""


class Sample(Row):
    """A row that was accepted: its verification says so."""


class Rejection(Row):
    """A row that was dropped, and why."""

    stage: str
    """The node of the graph which dropped it: `gate`, `verify`, ..."""
    reason: str
    """A short code named for the problem, like `near-duplicate`."""
    detail: str


Outcome = Sample | Rejection
