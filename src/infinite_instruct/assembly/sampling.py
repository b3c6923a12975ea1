"""How keyword sets are drawn, as a pack says."""

from pydantic import ValidationError

from infinite_instruct.errors import SettingsError
from infinite_instruct.prompts.pack import PromptPack
from infinite_instruct.tools.sampling_rules import SamplingRules


def sampling_rules(pack: PromptPack) -> SamplingRules:
    """What a pack says under `[sampling]`, with the defaults for the rest.

    Raises:
        SettingsError: It says what cannot be.
    """
    try:
        return SamplingRules.model_validate(pack.sampling)
    except ValidationError as error:
        faults = "; ".join(
            f"{'.'.join(map(str, fault['loc'])) or 'all of it'}: {fault['msg']}"
            for fault in error.errors()
        )
        raise SettingsError(
            f"The pack '{pack.about.name}' says under [sampling] what cannot be: {faults}.",
            remedy=f"It may set: {', '.join(SamplingRules.model_fields)}; see docs/prompts.md.",
        ) from error
