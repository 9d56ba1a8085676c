"""A process that is killed with -9 at each call of a flow, against the peer on the wire (R34).

Afterwards exactly one set of faces is valid, in the collection and in the kiosk's own database.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import killed_flows
import pytest
from rekognition_peer import PeerInTest, peer

FLOWS = ["registration", "update", "withdrawal"]
WORST = {"registration": 4, "update": 7, "withdrawal": 2}
"""The call at which a kill does most: a face was indexed and is nowhere written down; the old faces
were replaced and not deleted; the user is gone and the faces are not."""


@pytest.mark.parametrize("flow", FLOWS)
def test_one_set_is_valid_after_the_worst_kill(tmp_path: Path, flow: str) -> None:
    with peer() as made:
        results = _killed(made, tmp_path, flow, [WORST[flow]])
    assert [each["ended"] for each in results] == [-signal.SIGKILL, -signal.SIGKILL]
    assert [each["again"] for each in results] == [0, 0]


@pytest.mark.long
@pytest.mark.parametrize("flow", FLOWS)
def test_one_set_is_valid_after_each_kill(tmp_path: Path, flow: str) -> None:
    with peer() as made:
        results = _killed(made, tmp_path, flow, range(1, 40))
    assert {each["again"] for each in results} == {0}
    assert [each["ended"] for each in results[:-1]] == [-signal.SIGKILL] * (len(results) - 1)
    assert results[-1]["ended"] == 0, "every call was killed once"
    assert len(results) > 6


def _killed(made: PeerInTest, home: Path, flow: str, at: Sequence[int]) -> list[dict[str, int]]:
    pictures = [made.faces.of("anna") for _ in range(5)]
    asked = {
        "home": str(home),
        "settings": made.settings(mode="cloud", tps=dict.fromkeys(_OPERATIONS, 1000.0)),
        "flow": flow,
        "pictures": [base64.b64encode(each).decode() for each in pictures],
        "at": list(at),
    }
    child = subprocess.run(
        [sys.executable, "-P", str(killed_flows.__file__)],
        input=json.dumps(asked),
        capture_output=True,
        text=True,
        check=False,
        env={
            **os.environ,
            **made.environment,
            "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
        },
    )
    assert child.returncode == 0, child.stderr[-3000:]
    results = [json.loads(line) for line in child.stdout.splitlines()]
    assert all(each["again"] == 0 for each in results), (results, child.stderr[-3000:])
    return results


_OPERATIONS = (
    "CreateCollection",
    "ListCollections",
    "CreateUser",
    "DeleteUser",
    "ListUsers",
    "IndexFaces",
    "ListFaces",
    "DeleteFaces",
    "AssociateFaces",
    "DisassociateFaces",
    "DetectFaces",
    "SearchUsersByImage",
)
