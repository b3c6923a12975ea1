"""What the settings, the pack and the machine want of the seeds."""

from infinite_instruct.domain import Language
from infinite_instruct.errors import MissingToolError
from infinite_instruct.events import Emit, Noticed
from infinite_instruct.prompts.pack import PromptPack
from infinite_instruct.settings import Settings
from infinite_instruct.tools.languages import SPECS
from infinite_instruct.tools.seeds.rules import SeedRules
from infinite_instruct.tools.verification import Verifier


def seed_rules(settings: Settings, pack: PromptPack, verifier: Verifier, emit: Emit) -> SeedRules:
    """The rules of the harvest; the user's choice of languages comes before the pack's.

    Raises:
        MissingToolError: No answer in a language that was asked for could be verified here.
    """
    wanted = settings.seeds
    return SeedRules(
        languages=_verifiable(settings, pack, verifier, emit),
        min_lines=wanted.min_lines,
        max_lines=wanted.max_lines,
        licenses=wanted.licenses,
        code_column=wanted.code_column,
    )


def _verifiable(
    settings: Settings, pack: PromptPack, verifier: Verifier, emit: Emit
) -> tuple[Language, ...]:
    """The languages whose analyzers are here: rows of others would be paid for and thrown away.

    One that the user names is refused; of those that only the pack allows the rest is enough.
    """
    asked = tuple(settings.seeds.languages or pack.languages)
    if settings.verifier.accept_unverifiable:
        return asked
    missing = {each: verifier.missing(each) for each in asked or [spec.language for spec in SPECS]}
    lost = [f"{each.value} ({', '.join(tools)})" for each, tools in missing.items() if tools]
    if not lost:
        return asked
    why = f"Answers cannot be verified here in {'; '.join(lost)}"
    remedy = "`infinite-instruct doctor` tells how to get the missing analyzers."
    here = tuple(each for each, tools in missing.items() if not tools)
    named = (*settings.seeds.languages, *_with_quota(settings))
    if not here or any(missing.get(each) for each in named):
        raise MissingToolError(f"{why}.", remedy=remedy)
    emit(Noticed(message=f"{why}: seeds in these languages are left out. {remedy}"))
    return here


def _with_quota(settings: Settings) -> tuple[Language, ...]:
    return tuple(language for language, amount in settings.quota.language.items() if amount)
