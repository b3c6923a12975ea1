"""What the knowledge graph holds: names, pairs, roles, problems, draws and blocks."""

from infinite_instruct.domain import KeywordSet
from infinite_instruct.tools.cooccurrence import Cooccurrence
from infinite_instruct.tools.graph_events import RelationKind
from infinite_instruct.tools.keyword_draws import DrawBook
from infinite_instruct.tools.keyword_entry import Relation, Role
from infinite_instruct.tools.keyword_names import NameBook
from infinite_instruct.tools.keyword_roles import Roles
from infinite_instruct.tools.problem_book import ProblemBook
from infinite_instruct.tools.spellings import Spellings


class GraphState:
    """The parts of a graph, which fit each other. Only events change it: see `graph_changes`.

    A *name* is a normal form; a *node* is the id of one or more names that mean one thing. Blocked
    nodes have no pairs and no roles.
    """

    def __init__(self) -> None:
        self.spellings = Spellings()
        self.names = NameBook()
        self.pairs = Cooccurrence()
        self.roles = Roles()
        self.problems = ProblemBook(self.names)
        self.draws = DrawBook(self.names)
        self.blocked: dict[str, str] = {}
        """Names that are out, with the reason: all of a node, or none."""
        self.expansions: dict[str, None] = {}
        """The names around which a model was asked for more, oldest first."""
        self.parted: set[frozenset[str]] = set()
        """Names whose merge was undone."""
        self._mentions = 0

    def ids_in(self, problem: int) -> list[str]:
        """The ids of a problem's keywords, without the blocked, in its order."""
        names = self.problems.names(problem)
        return list(dict.fromkeys(self.names.id_of(n) for n in names if n not in self.blocked))

    def known(self, keywords: KeywordSet) -> frozenset[str]:
        """The names of a set's keywords, without those that the graph lacks."""
        names = (self.spellings.name(keyword.text) for keyword in keywords.keywords)
        return frozenset(name for name in names if name in self.names)

    def usable(self, node: str) -> bool:
        """Whether there is such a node, not blocked."""
        return node in self.names and node not in self.blocked

    def kept_apart(self, one: str, other: str) -> bool:
        """Whether a merge of two names, or of their nodes, was undone."""
        pairs = ((one, other), (self.names.id_of(one), self.names.id_of(other)))
        return any(frozenset(pair) in self.parted for pair in pairs)

    def see(self, text: str, role: Role) -> str:
        """Count one mention; gives its name, or nothing for what may not enter."""
        name, surface = self.spellings.keep(text)
        if not name or name in self.blocked:
            return ""
        self._mentions += 1
        node = self.names.id_of(name)
        for entry in self.names.both(name):
            entry.see(surface, role, self._mentions)
        if self.names.all_of(node).roles[role] == self._mentions:
            self.roles.take(node, role, self._mentions)
        return name

    def relate(self, source: str, target: str, kind: RelationKind, origin: str) -> None:
        """Note a relation of two keywords in any form; unknown ones are passed over."""
        ends = self.spellings.name(source), self.spellings.name(target)
        if ends[0] == ends[1] or not all(name in self.names for name in ends):
            return
        relation = Relation(*ends, kind)
        for name in ends:
            for entry in self.names.both(name):
                entry.relations.setdefault(relation, origin)

    def withdraw(self, node: str) -> None:
        """Take a node out of all that is drawn from; what is known of it stays."""
        self.roles.leave(self.names.all_of(node))
        self.pairs.leave(node)

    def restore(self, node: str) -> None:
        """Let a withdrawn node be drawn from again."""
        entry = self.names.all_of(node)
        self.roles.enter(node, entry)
        for problem in entry.rows:
            for other in self.ids_in(problem):
                if other != node:
                    self.pairs.add(node, other, 1)

    def join(self, source: str, target: str, why: str) -> None:
        """Make one node of two that are usable."""
        going, staying = self.names.all_of(source), self.names.all_of(target)
        both = (problem for problem in going.rows if problem in staying.rows)
        self.pairs.join(source, target, [self.ids_in(problem) for problem in both])
        self.roles.leave(going)
        self.roles.leave(staying)
        draws = self.draws.uncount(self.names.names(source))
        self.names.join(source, target, why)
        self.roles.enter(target, self.names.all_of(target))
        self.draws.count(draws)

    def part(self, name: str) -> None:
        """Undo the merge of a name, from what is known of each name."""
        node = self.names.id_of(name)
        if node not in self.blocked:
            self.roles.leave(self.names.all_of(node))
        draws = self.draws.uncount(self.names.below(name))
        self.names.part(name)
        self.draws.count(draws)
        if node not in self.blocked:
            own = self.names.all_of(name)
            self.roles.enter(node, self.names.all_of(node))
            self.roles.enter(name, own)
            self.pairs.part(node, name, (self.ids_in(problem) for problem in own.rows))
