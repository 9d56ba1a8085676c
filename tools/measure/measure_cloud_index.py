"""How fast photographs get into collections at a quota: over HTTP to the loopback peer.

The peer knows every picture's template, so that neither its models nor the local gates hold the
rate; an import of real photographs is held by whichever of the two is slower.
"""

from __future__ import annotations

import argparse
import tempfile
from pathlib import Path

import pytest
from cloud_jobs import FAST, jobs_rig

PHOTOGRAPHS, EACH, QUOTA = 2_000, 20, 50.0
HELD = ("IndexFaces", "CreateUser", "AssociateFaces")


def main() -> None:
    """Print the rate, and what the peer saw in its busiest second."""
    options = argparse.ArgumentParser()
    options.add_argument("--photographs", type=int, default=PHOTOGRAPHS)
    options.add_argument("--quota", type=float, default=QUOTA)
    options.add_argument("--threads", type=int, default=8)
    given = options.parse_args()
    tps = FAST | dict.fromkeys(HELD, given.quota)
    with (
        tempfile.TemporaryDirectory() as folder,
        pytest.MonkeyPatch.context() as patch,
        jobs_rig(Path(folder), patch, tps=tps) as rig,
    ):
        for name in HELD:
            rig.peer.server.quotas.set(name, given.quota)
        rig.founded()
        people = [rig.person(f"p-{n}", EACH) for n in range(max(1, given.photographs // EACH))]
        report = rig.index(people, workers=given.threads, search=False)
        rig.assert_agreeing()
        calls = rig.peer.server.recording.calls("IndexFaces")
        throttled = sum(call.code is not None for call in calls)
        print(
            f"{report.sent:,} photographs, {report.rate:.1f} a second at a quota of"
            f" {given.quota:g}, {given.threads} at once; {throttled} refused by the quota,"
            f" {len(calls) - throttled - report.sent} more calls than photographs."
        )


if __name__ == "__main__":
    main()
