"""Every driver's rig by name: the suites in `tests/integration/doors` run over all of them."""

from __future__ import annotations

from collections.abc import Callable

from door_rig import Rig
from rig_simulated import SimulatedRig

RIGS: dict[str, Callable[[], Rig]] = {
    "simulated": SimulatedRig,
}
