"""A look at endpoints before anything is paid."""

import asyncio
from collections.abc import Sequence

from infinite_instruct.llm.endpoint import EndpointModel
from infinite_instruct.llm.faults import FaultKind


async def check_all(models: Sequence[EndpointModel]) -> None:
    """Look whether the endpoints of a flow are there. One that is not is left for later.

    Raises:
        EndpointError: None is there, or one does not take its key.
    """
    faults = [(model, fault) for model in models if (fault := await model.look())]
    useless = [fault for _, fault in faults if fault.kind is FaultKind.USELESS]
    if useless or len(faults) == len(models):
        raise (useless or [fault for _, fault in faults])[0].error
    for model, fault in faults:
        model.lane.fall(fault, asyncio.get_running_loop().time())
