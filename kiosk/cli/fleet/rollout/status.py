"""`kiosk fleet rollout status`: how far settings have come, and how the devices do with them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from kiosk.app.console import print_json
from kiosk.cli.common import JsonOption
from kiosk.cli.fleet.common import KeysOption, PassphraseOption, StoreOption, fleet_session
from kiosk.cli.fleet.rollout.common import director_of, rollout_said

if TYPE_CHECKING:
    from kiosk.fleet.rollout.judging import RolloutStatus

BAD = 3


def rollout_status(
    store: StoreOption,
    keys: KeysOption,
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> int:
    """Show each scope's rollout. Exit code 3 where one does harm and was not halted."""
    with fleet_session(store, keys, passphrase_file) as session:
        found = director_of(session, remembers=True).statuses()
    if json:
        print_json({"rollouts": [_said(each) for each in found]})
    else:
        for each in found:
            _print(each)
        if not found:
            print("Nothing was rolled out yet.")
    return BAD if any(_does_harm(each) for each in found) else 0


def _does_harm(status: RolloutStatus) -> bool:
    from kiosk.domain.fleet.halting import RingState

    return status.verdict.state is RingState.BAD and not status.rollout.halted


def _said(status: RolloutStatus) -> dict[str, Any]:
    verdict = status.verdict
    return {
        **rollout_said(status.rollout),
        "held_back": status.held,
        "state": verdict.state.value,
        "reasons": list(verdict.reasons),
        "decisions": verdict.decisions,
        "devices": [
            {
                "device": each.device,
                "runs": each.runs,
                "failed": each.failed,
                "decisions": each.after.decisions,
                "refusals": each.after.refusals,
                "problem": each.problem,
            }
            for each in status.devices
        ],
    }


def _print(status: RolloutStatus) -> None:
    rollout, verdict = status.rollout, status.verdict
    running = sum(each.runs for each in status.devices)
    how_far = "halted" if rollout.halted else f"as far as {rollout.ring.value}"
    held = ", held back by the publisher" if status.held else ""
    state = "" if rollout.halted else f": {verdict.state.value}"
    print(
        f"Scope {rollout.scope}: version {rollout.version.number}, {how_far}{held}; "
        f"{running} of {len(status.devices)} devices run with it, "
        f"{verdict.decisions} decisions{state}."
    )
    for reason in () if rollout.halted else verdict.reasons:
        print(f"  {reason}")
