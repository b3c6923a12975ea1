"""Which model a role has, by name."""

from infinite_instruct.llm.weights import CATALOGUE
from infinite_instruct.sections import ROLES, Role, RoleModel
from infinite_instruct.settings import Settings


def model_names(settings: Settings) -> dict[Role, str]:
    """The model's name of each role, as requests carry it, whichever endpoint answers them."""
    return {role: named(settings.endpoint(role)).name for role in ROLES}


def named(endpoint: RoleModel) -> RoleModel:
    """An endpoint with its name: without any address and name, the default local model's."""
    if endpoint.name or endpoint.replicas():
        return endpoint
    return endpoint.model_copy(update={"name": CATALOGUE[0].name})
