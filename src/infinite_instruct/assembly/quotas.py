"""The settings' quotas as targets, and what can be known of them before the first row."""

from infinite_instruct.domain import Difficulty, Language, Origin, ProblemType
from infinite_instruct.errors import SeedError, SettingsError
from infinite_instruct.graphs.quotas import Dimension, Quotas, Targets
from infinite_instruct.graphs.targets import REST, targets_of
from infinite_instruct.settings import Settings
from infinite_instruct.tools.seeds.rules import SeedRules


def targets_for(settings: Settings, rules: SeedRules) -> Targets:
    """How many rows of each kind are wanted.

    Raises:
        SettingsError: The quotas do not add up, or contradict each other or the languages.
    """
    quota, rows = settings.quota, settings.rows
    _require_allowed(settings, rules)
    languages = rules.languages or tuple(Language)
    targets = {
        Dimension.LANGUAGE: targets_of("language", quota.language, rows, languages),
        Dimension.TYPE: targets_of("type", quota.type, rows, tuple(ProblemType)),
        Dimension.ORIGIN: targets_of("origin", quota.origin, rows, tuple(Origin)),
        Dimension.DIFFICULTY: targets_of("difficulty", quota.difficulty, rows, tuple(Difficulty)),
    }
    _require_reverse_for_questions(targets)
    return {dimension: of for dimension, of in targets.items() if of}


def narrowed(rules: SeedRules, targets: Targets) -> SeedRules:
    """The rules without the languages of which no row is wanted: their files are not even read."""
    of = targets.get(Dimension.LANGUAGE)
    if of is None:
        return rules
    every = rules.languages or tuple(Language)
    wanted = tuple(each for each in every if of.get(each, of.get(REST, 0)) > 0)
    return rules if len(wanted) == len(every) else rules.model_copy(update={"languages": wanted})


def require_material(
    quotas: Quotas, settings: Settings, rules: SeedRules, *, graph_is_empty: bool
) -> None:
    """See that there is something to make the missing rows of.

    Raises:
        SettingsError: All rows shall be composed, and the graph is empty.
        SeedError: The seeds give nothing in a language that is asked for.
    """
    origins = quotas.targets.get(Dimension.ORIGIN)
    if origins is not None and not origins.get(Origin.REVERSE):
        if graph_is_empty:
            raise SettingsError(
                "All rows shall be composed (backfeed), but the knowledge graph is empty.",
                remedy="It grows with reverse rows: leave some of them in --quota.",
            )
        return
    barren = [name for name in quotas.languages() if not _gives(name, quotas, settings, rules)]
    if barren:
        told = ", ".join(name or "languages without a quota" for name in barren)
        raise SeedError(
            f"The quotas cannot be met: the seeds give no snippet in {told}.",
            remedy="Name more seeds, or take it out of --quota.",
        )


def told(targets: Targets) -> str:
    """The targets in words."""
    parts = (
        ", ".join(f"{name or f'other {dimension}s'} {rows}" for name, rows in of.items())
        for dimension, of in targets.items()
    )
    return f"Wanted are {'; '.join(parts)}."


def too_many(quotas: Quotas) -> str:
    """What earlier sessions accepted beyond a quota that was lowered since, in words."""
    return ", ".join(str(each) for each in quotas.surpluses())


def _require_allowed(settings: Settings, rules: SeedRules) -> None:
    asked = [language for language, amount in settings.quota.language.items() if amount]
    barred = [each.value for each in asked if rules.languages and each not in rules.languages]
    if barred:
        allowed = ", ".join(each.value for each in rules.languages)
        raise SettingsError(
            f"There is a quota for {', '.join(barred)}, but this run takes only {allowed}.",
            remedy="Change --languages (or the pack), or the quota.",
        )


def _require_reverse_for_questions(targets: Targets) -> None:
    reverse = targets[Dimension.ORIGIN].get(Origin.REVERSE)
    questions = targets[Dimension.TYPE].get(ProblemType.CODE_UNDERSTANDING, 0)
    if targets[Dimension.ORIGIN] and questions > (reverse or 0):
        raise SettingsError(
            f"The quotas contradict each other: {questions} rows of code_understanding can only "
            f"be reverse rows, and {reverse or 0} of these are asked for.",
            remedy="Raise the quota of reverse, or lower that of code_understanding.",
        )


def _gives(label: str, quotas: Quotas, settings: Settings, rules: SeedRules) -> bool:
    """Whether the seeds hold a snippet under this label; only such files are looked into."""
    every = rules.languages or tuple(Language)
    own = tuple(each for each in every if quotas.label(Dimension.LANGUAGE, each) == label)
    if not quotas.targets.get(Dimension.LANGUAGE):
        return True  # The harvest as a whole was looked at before.
    from infinite_instruct.tools.seeds.harvest import harvest

    # Of one language alone, texts of an unknown language would be taken for it: so it comes twice.
    only = rules.model_copy(update={"languages": own * 2 if rules.languages != own else own})
    return next(iter(harvest(settings.seeds.paths, only, seed=settings.seed)), None) is not None
