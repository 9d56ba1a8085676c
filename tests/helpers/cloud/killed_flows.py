"""Runs a flow again and again, each time in a process of its own that is killed at another call.

`python killed_flows.py` reads what to do from its standard input as JSON, and prints for each kill
what was valid afterwards, one JSON line each. It forks, so that libraries are imported once; it
makes no client and opens no file before.
"""

from __future__ import annotations

import base64
import json
import os
import signal
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from flow_rig import ANNA, BORIS, CONSENT, IDS, FlowPeople, FlowRig, made, request

from config.sections.cloud import CloudSettings
from kiosk.cloud.ports import FaceService
from kiosk.domain.cloud.pictures import FacePicture
from kiosk.wiring.cloud.client import cloud_faces

MUTATIONS = frozenset(
    {
        "create_user",
        "index_face",
        "associate_faces",
        "disassociate_faces",
        "delete_user",
        "delete_faces",
        "put",
        "delete",
    }
)
SIDE = 160


class Killer:
    """Kills this process before or after one call that changes something."""

    def __init__(self, at: int, *, afterwards: bool) -> None:
        self.at, self.afterwards, self.calls = at, afterwards, 0

    def wrap(self, inner: object) -> Any:  # noqa: ANN401 - it stands for what it wraps
        return _Deadly(inner, self)


class _Deadly:
    def __init__(self, inner: object, killer: Killer) -> None:
        self._inner, self._killer = inner, killer

    def __getattr__(self, name: str) -> Callable[..., object]:
        method: Callable[..., object] = getattr(self._inner, name)
        if name not in MUTATIONS:
            return method

        def call(*details: object, **named: object) -> object:
            killer = self._killer
            killer.calls += 1
            if killer.calls == killer.at and not killer.afterwards:
                os.kill(os.getpid(), signal.SIGKILL)
            result = method(*details, **named)
            if killer.calls == killer.at:
                os.kill(os.getpid(), signal.SIGKILL)
            return result

        return call


class Killing:
    """One flow at one peer.

    Args:
        home: a folder.
        settings: of the section `cloud`.
        flow: registration, update or withdrawal.
        pictures: of the person, JPEG.
    """

    def __init__(
        self, home: Path, settings: CloudSettings, flow: str, pictures: Sequence[bytes]
    ) -> None:
        self._home, self._settings, self._flow = home, settings, flow
        self._pictures = [FacePicture(each, SIDE, SIDE) for each in pictures]

    def prepare(self) -> None:
        """Make the collections, and register who is there before."""
        made(self._service())
        if self._flow != "registration":
            rig = self._rig()
            rig.flows.want(request(ANNA, *self._pictures[:2], passed=True))
            rig.work()
            assert len(rig.valid(ANNA)) == 2
            rig.close()

    def run(self, killer: Killer) -> None:
        """Run the flow."""
        rig = self._rig(killer.wrap)
        if self._flow == "withdrawal":
            rig.people.consented.pop(ANNA)
            rig.flows.forget(IDS.of(ANNA))
        else:
            rig.flows.want(request(ANNA, *self._pictures[2:4], passed=True))
        rig.worker.run_once()
        rig.close()

    def begin_again(self) -> None:
        """Do what is left to do, as after a restart; fails unless one set is valid."""
        rig = self._rig()
        if self._flow == "withdrawal":
            rig.people.consented.pop(ANNA)
        rig.people.kept[ANNA] = self._pictures[4]
        rig.work()
        assert not [*rig.metadata.unfinished()]
        assert rig.outbox.waiting() == 0
        assert bool(rig.valid(ANNA)) is (self._flow != "withdrawal")
        rig.flows.forget(IDS.of(ANNA))  # for the next time
        rig.people.consented.pop(ANNA, None)
        rig.work()
        assert not rig.valid(ANNA)
        rig.close()

    def _rig(self, wrap: Callable[[Any], Any] = lambda it: it) -> FlowRig:
        people = FlowPeople({ANNA: CONSENT, BORIS: CONSENT})
        return FlowRig(self._home / "cloud.db", self._service(), wrap=wrap, people=people)

    def _service(self) -> FaceService:
        return cloud_faces(self._settings, self._home)


def apart(work: Callable[[], None]) -> int:
    """Do something in a process of its own; returns its exit code, negative if it was killed."""
    child = os.fork()
    if child == 0:
        code = 1
        try:
            work()
            code = 0
        finally:
            sys.stderr.flush()
            os._exit(code)
    _, status = os.waitpid(child, 0)
    return os.waitstatus_to_exitcode(status)


def main() -> None:
    """Kill at each call from the first on, until the flow ends before it is killed."""
    asked = json.load(sys.stdin)
    killing = Killing(
        Path(asked["home"]),
        CloudSettings(**asked["settings"]),
        asked["flow"],
        [base64.b64decode(each) for each in asked["pictures"]],
    )
    for at in asked["at"]:
        for afterwards in (False, True):
            killer = Killer(at, afterwards=afterwards)
            assert apart(killing.prepare) == 0
            ended = apart(lambda killer=killer: killing.run(killer))
            again = apart(killing.begin_again)
            sys.stdout.write(json.dumps({"at": at, "ended": ended, "again": again}) + "\n")
            sys.stdout.flush()
            if ended == 0:
                return


if __name__ == "__main__":
    main()
