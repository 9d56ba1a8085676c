"""How soon a rollout that does harm halts, and how often one that does none: drawn at random.

One device, which refused 5 % of 2,000 decisions before.
"""

from __future__ import annotations

import random

from kiosk.domain.fleet.halting import DoorTally, HaltLimits, RingDevice, RingState, ring_verdict

BEFORE, USUAL = 2000, 0.05
TRIALS, LOOKED_TRIALS = 2000, 400
LOOK_EVERY, LOOKED_AT = 10, 1000


def main() -> None:
    """Print what became of rollouts after so many decisions, and of those looked at often."""
    chance = random.Random(11)  # noqa: S311 - a simulation
    print("decisions, share refused since: went on, waited, halted")
    for decisions in (50, 100, 200, 500):
        for share in (0.05, 0.10, 0.15, 0.20, 0.30):
            found = [
                state(chance, drawn(chance, decisions, share), decisions) for _ in range(TRIALS)
            ]
            shares = (found.count(it) / TRIALS for it in RingState)
            print(f"{decisions:5d}, {share:.0%}:", ", ".join(f"{it:.1%}" for it in shares))
    halted = sum(halts_once(chance) for _ in range(LOOKED_TRIALS))
    print(
        f"looked at after every {LOOK_EVERY} of {LOOKED_AT} decisions, nothing having changed: "
        f"{halted} of {LOOKED_TRIALS} halted"
    )


def drawn(chance: random.Random, decisions: int, share: float) -> int:
    """So many refusals."""
    return sum(chance.random() < share for _ in range(decisions))


def state(chance: random.Random, refusals: int, decisions: int) -> RingState:
    """What becomes of the rollout."""
    before = DoorTally(BEFORE, drawn(chance, BEFORE, USUAL), 0, 168.0)
    after = DoorTally(decisions, refusals, 0, 24.0)
    device = RingDevice("device", runs=True, before=before, after=after)
    return ring_verdict([device], HaltLimits()).state


def halts_once(chance: random.Random) -> bool:
    """Whether a rollout that changes nothing halts at one of many looks."""
    before = DoorTally(BEFORE, drawn(chance, BEFORE, USUAL), 0, 168.0)
    refusals = 0
    for decisions in range(LOOK_EVERY, LOOKED_AT + 1, LOOK_EVERY):
        refusals += drawn(chance, LOOK_EVERY, USUAL)
        after = DoorTally(decisions, refusals, 0, 24.0)
        device = RingDevice("device", runs=True, before=before, after=after)
        if ring_verdict([device], HaltLimits()).state is RingState.BAD:
            return True
    return False


if __name__ == "__main__":
    main()
