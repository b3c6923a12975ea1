"""What the events of the knowledge graph come to: names, pairs, roles, rows, draws, blocks."""

from dataclasses import dataclass

from infinite_instruct.domain import KeywordSet, Language
from infinite_instruct.tools.cooccurrence import Cooccurrence
from infinite_instruct.tools.graph_events import (
    Accepted,
    Blocked,
    Expanded,
    GraphEvent,
    KeywordsAdded,
    Merged,
    Proposal,
    Related,
    RelationKind,
    Sampled,
    Unblocked,
    Unmerged,
    Word,
    WordsImported,
)
from infinite_instruct.tools.keyword_draws import DrawBook
from infinite_instruct.tools.keyword_entry import Draw, Relation, Role
from infinite_instruct.tools.keyword_names import NameBook
from infinite_instruct.tools.keyword_roles import Roles
from infinite_instruct.tools.spellings import Spellings

EXPANSION = "expansion"
"""Who says what a model proposed."""


@dataclass(frozen=True, slots=True)
class Problem:
    """A row whose keywords entered."""

    number: int
    language: Language
    names: tuple[str, ...]
    """Of its keywords, without those that were blocked at that time."""


class GraphState:
    """Changes only by `apply`. What an event names and the graph lacks is passed over."""

    def __init__(self) -> None:
        self.spellings = Spellings()
        self.names = NameBook()
        self.pairs = Cooccurrence()
        self.roles = Roles()
        self.rows: dict[str, Problem] = {}
        self.rows_of: dict[Language, int] = {}
        self.draws = DrawBook(self.names)
        self.blocked: dict[str, str] = {}
        """Names that are out, with the reason."""
        self.parted: set[frozenset[str]] = set()
        """Names whose merge was undone."""
        self._mentions = 0

    def apply(self, event: GraphEvent) -> None:  # noqa: C901 (one case a kind of event)
        """Change what an event says; a second time, it changes nothing."""
        match event:
            case KeywordsAdded():
                self._add(event)
            case WordsImported():
                self._import(event)
            case Related():
                self._relate(event.source, event.target, event.relation, event.origin)
            case Expanded():
                self._expand(event)
            case Merged():
                self._merge(event)
            case Unmerged():
                self._unmerge(event)
            case Blocked():
                self._block(event)
            case Unblocked():
                self._unblock(event)
            case Sampled():
                self.draws.draw(self._draw_of(event))
            case Accepted():
                self.draws.accept(self._draw_of(event))

    def ids_in(self, row: str) -> list[str]:
        """The ids of a problem's keywords, without the blocked, in its order."""
        names = self.rows[row].names
        return list(dict.fromkeys(self.names.id_of(n) for n in names if n not in self.blocked))

    def kept_apart(self, one: str, other: str) -> bool:
        """Whether a merge of two names, or of their nodes, was undone."""
        pairs = ((one, other), (self.names.id_of(one), self.names.id_of(other)))
        return any(frozenset(pair) in self.parted for pair in pairs)

    def known(self, keywords: KeywordSet) -> frozenset[str]:
        """The names of a set's keywords, without those that the graph lacks."""
        names = (self.spellings.name(keyword.text) for keyword in keywords.keywords)
        return frozenset(name for name in names if name in self.names)

    def _draw_of(self, event: Sampled | Accepted) -> Draw:
        return Draw(event.row, self.known(event.keywords), event.difficulty)

    def _add(self, event: KeywordsAdded) -> None:
        if event.row in self.rows:
            return
        seen = [self._see(word.text, (event.language, word.kind)) for word in event.keywords]
        names = tuple(dict.fromkeys(name for name in seen if name))
        self.rows[event.row] = Problem(len(self.rows), event.language, names)
        self.rows_of[event.language] = self.rows_of.get(event.language, 0) + 1
        for name in names:
            for entry in self.names.both(name):
                entry.rows[event.row] = None
        self.pairs.meet(self.ids_in(event.row))

    def _see(self, text: str, role: Role) -> str:
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

    def _import(self, event: WordsImported) -> None:
        for word in event.words:
            self._import_word(event.source, word)
        for word in event.words:
            for parent in word.parents:
                self._relate(word.text, parent, "part-of", event.source)

    def _import_word(self, source: str, word: Word) -> None:
        name, role = self.spellings.name(word.text), (word.language, word.kind)
        if name in self.names and (source, role) in self.names.own(name).imported:
            return
        if self._see(word.text, role):
            for entry in self.names.both(name):
                entry.imported[source, role] = None
                if word.domain:
                    entry.domains[word.domain] = None

    def _relate(self, source: str, target: str, kind: RelationKind, origin: str) -> None:
        relation = Relation(self.spellings.name(source), self.spellings.name(target), kind)
        ends = (relation.source, relation.target)
        if relation.source != relation.target and all(name in self.names for name in ends):
            for name in ends:
                for entry in self.names.both(name):
                    entry.relations.setdefault(relation, origin)

    def _expand(self, event: Expanded) -> None:
        center = self.names.id_of(self.spellings.name(event.around))
        languages = self._languages(center)
        for proposal in event.proposals:
            if proposal.verdict == "added":
                self._enter(proposal, languages, event.around)
            if proposal.verdict != "refused" and center in self.names:
                self._place(proposal, center)

    def _languages(self, node: str) -> list[Language | None]:
        if node not in self.names:
            return [None]
        return list(dict.fromkeys(language for language, _ in self.names.all_of(node).roles))

    def _enter(self, proposal: Proposal, languages: list[Language | None], around: str) -> None:
        name = self.spellings.name(proposal.text)
        if name in self.names and around in self.names.own(name).expanded:
            return
        for language in languages:
            if self._see(proposal.text, (language, proposal.kind)):
                for entry in self.names.both(name):
                    entry.expanded[around] = None

    def _place(self, proposal: Proposal, center: str) -> None:
        """Relate what was proposed: a sibling shares the parents."""
        match proposal.relation:
            case "part-of":
                self._relate(proposal.text, center, "part-of", EXPANSION)
            case "needs":
                self._relate(center, proposal.text, "needs", EXPANSION)
            case "sibling":
                for relation in list(self.names.all_of(center).relations):
                    if (
                        relation.relation == "part-of"
                        and self.names.id_of(relation.source) == center
                    ):
                        self._relate(proposal.text, relation.target, "part-of", EXPANSION)

    def _merge(self, event: Merged) -> None:
        source, target = (
            self.names.id_of(self.spellings.name(n)) for n in (event.source, event.target)
        )
        if source == target or not self._usable(source) or not self._usable(target):
            return
        going, staying = self.names.all_of(source), self.names.all_of(target)
        both = going.rows.keys() & staying.rows.keys()
        self.pairs.join(source, target, [self.ids_in(row) for row in both])
        for name, entry in ((source, going), (target, staying)):
            self.roles.leave(name, entry)
        draws = self.draws.uncount(self.names.names(source))
        self.names.join(Merged(source=source, target=target, why=event.why))
        self.roles.enter(target, self.names.all_of(target))
        self.draws.count(draws)
        self.parted.discard(frozenset((source, target)))

    def _usable(self, node: str) -> bool:
        return node in self.names and node not in self.blocked

    def _unmerge(self, event: Unmerged) -> None:
        name = self.spellings.name(event.source)
        merge = self.names.merge_of(name)
        if merge is None:
            return
        node = self.names.id_of(name)
        out = node in self.blocked
        if not out:
            self.roles.leave(node, self.names.all_of(node))
        draws = self.draws.uncount(self.names.below(name))
        self.names.part(name)
        if not out:
            own = self.names.all_of(name)
            self.roles.enter(node, self.names.all_of(node))
            self.roles.enter(name, own)
            self.pairs.part(node, name, (self.ids_in(row) for row in own.rows))
        self.draws.count(draws)
        self.parted.add(frozenset((name, merge.target)))

    def _return(self, node: str) -> None:
        """Let a node be drawn from again."""
        entry = self.names.all_of(node)
        self.roles.enter(node, entry)
        for row in entry.rows:
            for other in self.ids_in(row):
                if other != node:
                    self.pairs.add(node, other, 1)

    def _block(self, event: Blocked) -> None:
        name = self.spellings.keep(event.keyword)[0]
        node = self.names.id_of(name)
        if name in self.blocked or not name:
            return
        if node in self.names:
            self.roles.leave(node, self.names.all_of(node))
            self.pairs.leave(node)
        # All names, so that what is parted from it later stays out, too.
        self.blocked.update(dict.fromkeys(self.names.names(node), event.why))

    def _unblock(self, event: Unblocked) -> None:
        node = self.names.id_of(self.spellings.name(event.keyword))
        if node not in self.blocked:
            return
        for name in self.names.names(node):
            self.blocked.pop(name, None)
        if node in self.names:
            self._return(node)
