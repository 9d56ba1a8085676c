"""Measure how large the files of a fleet are, by scope, device, person and change.

`tools/measure fleet_sizes` prints bytes, and the requests of a publisher. What a kiosk fetches how
often is told by `tools/measure fleet_day`.
"""

from __future__ import annotations

import argparse
import json
import tempfile
from collections import Counter
from datetime import timedelta
from pathlib import Path
from typing import cast

from kept_samples import AGREED, SPACE, template
from small_fleet import ENROLLED_AT, SmallFleet, everything

from kiosk.domain.vision.template import Reference, ReferenceId, SubjectId
from kiosk.fleet.records import FleetPerson
from kiosk.fleet.stores.port import ObjectStore
from kiosk.store.people.person import Profile

SCOPES, DEVICES, PEOPLE, CHANGES = 10, 10, 100, 20
DIMENSIONS, EACH = 128, 5
"""As SFace has it, and five references a person."""


def _person(number: int, seed: int = 0) -> FleetPerson:
    subject = SubjectId(f"s-{number}")
    made = tuple(
        Reference(
            ReferenceId(f"{subject}.{seed}.{n}"),
            subject,
            template(1000 * seed + 10 * number + n, SPACE, DIMENSIONS),
        )
        for n in range(EACH)
    )
    return FleetPerson(subject, Profile("Somebody", AGREED, ENROLLED_AT), made)


def _newest(fleet: SmallFleet, role: str) -> int:
    """The bytes of the newest metadata of a role."""
    found = everything(fleet.store, "metadata/")
    versions = {
        int(name.removeprefix("metadata/").partition(".")[0]): len(data)
        for name, data in found.items()
        if name.endswith(f".{role}.json")
    }
    return versions[max(versions)]


def _largest(fleet: SmallFleet, prefix: str) -> int:
    """The bytes of the largest target whose name begins so."""
    return max(map(len, everything(fleet.store, f"targets/{prefix}").values()))


def measure(folder: Path) -> dict[str, float]:
    """Bytes of each file, and what one more of each adds to it."""
    told: dict[str, float] = {}
    with SmallFleet(folder, "scope-0") as fleet:
        fleet.publish()
        targets, snapshot = _newest(fleet, "targets"), _newest(fleet, "snapshot")
        for n in range(1, SCOPES + 1):
            fleet.admin.add_scope(f"scope-{n}", ["a door"])
        fleet.publish()
        more = _newest(fleet, "targets"), _newest(fleet, "snapshot")
        told["targets.json, a scope more"] = (more[0] - targets) / SCOPES
        told["snapshot.json, a scope more"] = (more[1] - snapshot) / SCOPES
        card = _largest(fleet, "scopes/")
        for n in range(DEVICES):
            fleet.kiosk(f"kiosk-{n}", "scope-0")
        told["targets.json, a device more"] = (_newest(fleet, "targets") - more[0]) / DEVICES
        told["a scope's card, a device more"] = (_largest(fleet, "scopes/") - card) / DEVICES
        told["a device's card"] = _largest(fleet, "devices/")
        fleet.told(*(_person(n) for n in range(PEOPLE)), scope="scope-0")
        told["a base, a person"] = _largest(fleet, "people/scope-0/") / PEOPLE
        fleet.told(_person(0, seed=1), scope="scope-0")
        one = {n: len(d) for n, d in everything(fleet.store, "targets/people/").items()}
        told["a delta of one change"] = min(size for name, size in one.items() if "delta" in name)
        fleet.told(*(_person(n, seed=2) for n in range(CHANGES)), scope="scope-0")
        several = everything(fleet.store, "targets/people/")
        (delta,) = (len(d) for n, d in several.items() if "delta" in n and n not in one)
        told["a delta of many, a change"] = delta / CHANGES
        told["a scope's metadata"] = _newest(fleet, "people-scope-0")
        told["timestamp.json"] = len(everything(fleet.store, "metadata/timestamp")[STAMP])
        told["snapshot.json of one scope"] = snapshot
    return told


STAMP = "metadata/timestamp.json"


class AskedStore:
    """A store that counts reads, writes, lists and deletions."""

    def __init__(self, store: ObjectStore) -> None:
        self._store = store
        self.asked: Counter[str] = Counter()

    def __getattr__(self, name: str) -> object:
        kinds = {"get": "GET", "put": "PUT", "names": "LIST", "delete": "DELETE"}
        if name in kinds:
            self.asked[kinds[name]] += 1
        return getattr(self._store, name)


def publisher_requests(folder: Path) -> dict[str, dict[str, int]]:
    """What a publisher asks of a store with one scope, and with several."""
    told: dict[str, dict[str, int]] = {}
    for scopes in (1, SCOPES + 1):
        names = [f"scope-{n}" for n in range(scopes)]
        with SmallFleet(folder / str(scopes), *names) as fleet:
            fleet.told(_person(0), scope=names[0])
            for what, kept in (("a look", timedelta(minutes=5)), ("a publication", timedelta())):
                if not kept:
                    fleet.say(_person(1), scope=names[0])
                store = AskedStore(fleet.store)
                fleet.publisher(cast("ObjectStore", store)).publish(kept)
                told[f"{what}, {scopes} scopes"] = dict(store.asked)
    return told


def main() -> None:
    """Print the sizes as JSON."""
    argparse.ArgumentParser(prog="tools/measure fleet_sizes", description=__doc__).parse_args()
    with tempfile.TemporaryDirectory(prefix="lintel-sizes-") as folder:
        sizes = {name: round(it) for name, it in measure(Path(folder) / "sizes").items()}
        print(json.dumps({"bytes": sizes, "requests": publisher_requests(Path(folder))}, indent=1))


if __name__ == "__main__":
    main()
