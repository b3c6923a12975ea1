"""What the settings and the pack want of the seeds."""

from infinite_instruct.prompts.pack import PromptPack
from infinite_instruct.settings import Settings
from infinite_instruct.tools.seeds.rules import SeedRules


def seed_rules(settings: Settings, pack: PromptPack) -> SeedRules:
    """The rules of the harvest; the user's choice of languages comes before the pack's."""
    wanted = settings.seeds
    return SeedRules(
        languages=wanted.languages or pack.languages,
        min_lines=wanted.min_lines,
        max_lines=wanted.max_lines,
        licenses=wanted.licenses,
        code_column=wanted.code_column,
    )
