"""The door's end of a kiosk that is about to be killed, with everything real but people.

Run as a program it is warm: it has imported everything, and forks a kiosk for each line that it
reads, so that two hundred deaths cost little. A kiosk opens its home, makes the driver that the
settings name, and lets the same person in again and again. Imported, it is the killer's view.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
import time
import traceback
from collections.abc import Callable, Iterator
from importlib import import_module
from pathlib import Path
from typing import Any, NoReturn

from config.settings import Settings
from kiosk.domain.access.factors import Factors
from kiosk.domain.access.machine import Admit, Audit, Evidence, Recognised
from kiosk.domain.door.model import Condition
from kiosk.domain.people.enrolled import Person
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.prompts import Prompt, Tone, View
from kiosk.domain.vision.attack import PadResult
from kiosk.domain.vision.template import SubjectId
from kiosk.door.effect_runner import DecisionOutcome, Happened
from kiosk.door.subsystem import DoorListeners, DoorSubsystem
from kiosk.pipeline.clock import SystemClock
from kiosk.store.open_home import OpenHome
from kiosk.wiring import doors

ORDERS, ACKNOWLEDGED, REFUSED = "orders", "acknowledged", "refused"
_LOOK_SECONDS = 0.005


class Cradle:
    """Kiosks on one home, one after the other.

    Args:
        settings: all that differ from the defaults.
        home: an existing one, with somebody in it.
        subject: who is let in.
    """

    def __init__(self, settings: dict[str, Any], home: Path, subject: str) -> None:
        self._errors = tempfile.TemporaryFile(mode="w+")  # noqa: SIM115 - held until close
        path = os.pathsep.join(entry for entry in sys.path if entry)
        self._process = subprocess.Popen(
            [sys.executable, __file__, json.dumps(settings), str(home), subject],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            env={**os.environ, "PYTHONPATH": path, "OPENBLAS_NUM_THREADS": "1"},
        )
        self._read()

    def begin(self) -> int:
        """Start a kiosk; its process id. Only one lives at a time."""
        assert self._process.stdin is not None
        self._process.stdin.write("\n")
        self._process.stdin.flush()
        return int(self._read())

    def words(self) -> Iterator[str]:
        """What the kiosk says, until it has ended.

        Raises:
            AssertionError: it ended by itself.
        """
        while not (word := self._read()).startswith("ended"):
            yield word
        assert word == "ended -9", self._said()

    def close(self) -> None:
        """End it; whatever kiosk it had is dead."""
        self._process.kill()
        self._process.communicate()
        self._errors.close()

    def _read(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, self._said()
        return line.strip()

    def _said(self) -> str:
        """What went wrong, for a person."""
        self._errors.seek(0)
        return self._errors.read()[-4000:]


# -- the program ---------------------------------------------------------------------------------


def say(word: str) -> None:
    """At once, and never half of it."""
    os.write(1, f"{word}\n".encode())


def let_in_again_and_again(settings: dict[str, Any], home: Path, subject: str) -> NoReturn:
    """A kiosk's door end, and somebody whom it knows; every other release is cut short."""
    chosen, clock, open_home = Settings(**settings), SystemClock(), OpenHome.open(home)
    came: list[bool] = []
    parent, known = os.getppid(), SubjectId(subject)

    def observe(happened: Happened) -> None:
        if isinstance(happened, DecisionOutcome):
            came.append(happened.released)

    people = {SubjectId(subject): Person(PersonRules(), Factors())}
    parts = doors.door_parts(chosen, open_home, doors.door(chosen, clock), lambda: people)
    end = DoorSubsystem(
        parts, open_home.recorder, clock, DoorListeners(_nobody, _nobody, observe, _nobody)
    )
    while True:
        while end.condition is not Condition.SECURED:
            _end_with(parent)
            end.tend()
            time.sleep(_LOOK_SECONDS)
        at = clock.monotonic()
        face = Evidence(at, PadResult(1.0, "test"), known, ambiguous=False, best=None, margin=1.0)
        person = Recognised(at, known, at, (face,))
        say(ORDERS)
        end.carry_out((Audit(person), Admit(person)), View(Prompt.LOOK_HERE, Tone.GRANTED))
        say(ACKNOWLEDGED if came[-1] else REFUSED)
        if len(came) % 2:
            end.guard(end.secure)


def _end_with(parent: int) -> None:
    """A killer that failed leaves no kiosk behind."""
    if os.getppid() != parent:
        sys.exit(1)


def _nobody(_: object) -> None:
    return


def main() -> None:
    settings, home, subject = json.loads(sys.argv[1]), Path(sys.argv[2]), sys.argv[3]
    driver = settings["door"]["driver"]
    import_module(f"hardware.door.{driver}.{'controller' if driver == 'osdp' else 'door'}")
    say("warm")
    for _ in sys.stdin:
        child = os.fork()
        if not child:
            _live(lambda: let_in_again_and_again(settings, home, subject))
        say(str(child))
        _, status = os.waitpid(child, 0)
        say(f"ended {os.waitstatus_to_exitcode(status)}")


def _live(life: Callable[[], NoReturn]) -> NoReturn:
    try:
        life()
    except BaseException:  # noqa: BLE001 - whatever ended it is told
        traceback.print_exc()
    os._exit(1)


if __name__ == "__main__":
    main()
