"""The part `fleet` of the benchmark: kiosks of a fleet, each in a process of its own."""

from __future__ import annotations

import json
import queue
import secrets
import shutil
import statistics
import subprocess
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kiosk.bench import amounts as work
from kiosk.bench import homes
from kiosk.bench.children import Children, environment_of
from kiosk.bench.fleet.importing import import_pictures
from kiosk.bench.fleet.office import EACH, BenchFleet
from kiosk.bench.fleet.running import KNOWN
from kiosk.bench.fleet.spans import Span
from kiosk.domain.errors import OutOfServiceError
from kiosk.fleet.stores.address import (
    BucketAddress,
    FolderAddress,
    open_store,
    parse_address,
)
from kiosk.wiring.fleet import created_store

if TYPE_CHECKING:
    from kiosk.bench.parts import Bench

CHANGES = 100
QUIET_SECONDS = 6.0
"""How long frames are counted before and after a change."""
WARM_UP_SECONDS = 3.0
PATIENCE_SECONDS = 300.0


def fleet(bench: Bench) -> dict[str, Any]:
    """What a fleet costs a kiosk: a fresh one, an idle one, a running one; and an import.

    Raises:
        BadInput: the store cannot be used.
        OutOfServiceError: a measured kiosk failed.
    """
    models = bench.loaded.files["landmarks"].parent.parent
    options = (*homes.config_options(bench.home, bench.config), *work.options(bench.amounts))
    children = Children((*options, *bench.person.options), environment_of(models))
    with tempfile.TemporaryDirectory(prefix="lintel-bench-") as temporary:
        top = Path(temporary)
        with _store(bench.store, top) as address, closing(created_store(address)) as store:
            office = BenchFleet(top / "keys", store, address, bench.loaded.pack)
            return {
                "store": address.partition(":")[0],
                "people": bench.amounts.people,
                "references": bench.amounts.people * EACH,
                **_kiosks(bench, office, children, top),
                "import": import_pictures(bench, office, children, top),
            }


def _kiosks(bench: Bench, office: BenchFleet, children: Children, top: Path) -> dict[str, Any]:
    """A running kiosk to which everybody comes at once, and then a fresh one."""
    homes.enrol_person(bench.settings, bench.loaded, top / "running", bench.person)
    office.join(top / "running")
    office.publish()
    office.say(bench.amounts.people)
    with children.opened("fleet-running", top / "running") as child:
        lived = RunningKiosk(child)
        crowd = _come(lived, office, bench.amounts.people)
        deltas = [_changed(lived, office, number) for number in range(bench.amounts.deltas)]
        told = lived.end()
    looked_at, offered = told["frames"], told["offered"]
    office.join(top / "fresh")
    office.publish()
    return {
        "publish_seconds": round(crowd.publishing, 3),
        "fresh": children.part("fleet-fresh", top / "fresh"),
        "running": {
            "offered": offered,
            "before": crowd.before.frames(looked_at, offered),
            "while_applied": crowd.meanwhile.frames(looked_at, offered),
            "after": crowd.after.frames(looked_at, offered),
            "memory": _memory(told["peaks"], crowd),
        },
        "delta": {
            "changes": CHANGES,
            "publish_seconds": spread_of([delta.publishing for delta in deltas]),
            "until_known_seconds": spread_of([d.meanwhile.seconds for d in deltas]),
            "while_applied": [d.meanwhile.frames(looked_at, offered) for d in deltas],
        },
    }


def _memory(peaks: Sequence[tuple[float, float]], crowd: _Arrival) -> dict[str, float]:
    """The peak of memory before everybody came, and at the end; the pictures are in both."""
    before = [peak for at, peak in peaks if at <= crowd.before.ended]
    return {"before_mb": before[-1], "peak_mb": peaks[-1][1]}


def spread_of(values: Sequence[float]) -> dict[str, float]:
    """Median, least and most of some values."""
    rounded = sorted(round(value, 3) for value in values)
    return {"median": statistics.median(rounded), "least": rounded[0], "most": rounded[-1]}


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A publication, and how it came to a running kiosk.

    Attributes:
        publishing: how many seconds it took to publish.
        before: a span without a change, before it.
        meanwhile: from the publisher's start until the kiosk knew.
        after: a span without a change, after it.
    """

    publishing: float
    before: Span
    meanwhile: Span
    after: Span


def _come(lived: RunningKiosk, office: BenchFleet, people: int) -> _Arrival:
    lived.wait_for()
    time.sleep(WARM_UP_SECONDS)
    return _arrival(lived, office, QUIET_SECONDS, people)


def _changed(lived: RunningKiosk, office: BenchFleet, number: int) -> _Arrival:
    office.say(CHANGES, seed=number + 2)
    return _arrival(lived, office, 0.0, 0)


def _arrival(lived: RunningKiosk, office: BenchFleet, quiet: float, people: int) -> _Arrival:
    began = time.monotonic()
    time.sleep(quiet)
    lived.forget()
    publishing = time.monotonic()
    seconds = office.publish()
    known = lived.wait_for(people)
    time.sleep(quiet)
    return _Arrival(
        seconds, Span(began, publishing), Span(publishing, known), Span(known, time.monotonic())
    )


class RunningKiosk:
    """A running kiosk, and when it came to know other people than before.

    Args:
        child: its process.
    """

    def __init__(self, child: subprocess.Popen[str]) -> None:
        self._child = child
        self._words: queue.Queue[dict[str, Any] | None] = queue.Queue()
        self._last: dict[str, Any] = {}
        threading.Thread(target=self._read, daemon=True).start()

    def wait_for(self, people: int = 0) -> float:
        """When it knew other people than before, and at least so many, in monotonic seconds.

        Raises:
            OutOfServiceError: it ended, or takes too long.
        """
        with suppress(queue.Empty):
            while (word := self._words.get(timeout=PATIENCE_SECONDS)) is not None:
                if word["people"] >= people:
                    return float(word["at"])
        raise OutOfServiceError("A measured kiosk did not come to know its fleet.", "Look at it.")

    def forget(self) -> None:
        """Forget what it has told so far."""
        while not self._words.empty():
            self._words.get()

    def end(self) -> dict[str, Any]:
        """End it; returns what it told last.

        Raises:
            OutOfServiceError: it failed.
        """
        if self._child.stdin is not None:
            self._child.stdin.close()
        while self._words.get(timeout=PATIENCE_SECONDS) is not None:
            pass
        if "frames" not in self._last:
            raise OutOfServiceError("A measured kiosk failed.", "Try `kiosk run` by itself.")
        return self._last

    def _read(self) -> None:
        for line in self._child.stdout or ():
            self._last = json.loads(line)
            if self._last.get("event") == KNOWN:
                self._words.put(self._last)
        self._words.put(None)


@contextmanager
def _store(asked: str | None, top: Path) -> Iterator[str]:
    """The address of an empty store, which is removed afterwards: below what was asked for.

    Raises:
        BadInput: the address names no store.
    """
    name = f"bench-{secrets.token_hex(8)}"
    match parse_address(asked or f"folder:{top}"):
        case BucketAddress(bucket, prefix, endpoint):
            inside = str(BucketAddress(bucket, f"{prefix}/{name}".lstrip("/"), endpoint))
            try:
                yield inside
            finally:
                with closing(open_store(inside)) as store:
                    for each in store.names():
                        store.delete(each)
        case FolderAddress(path):
            try:
                yield str(FolderAddress(path / name))
            finally:
                shutil.rmtree(path / name, ignore_errors=True)
