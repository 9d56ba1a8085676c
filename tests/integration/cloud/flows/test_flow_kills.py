"""A flow that ends at any point, as by a power cut: one set is valid afterwards, here and there.

The program is cut off before or after each call that changes something, there or here, and begins
again with nothing but what was stored. The kills of a real process are in `test_flow_kill_nine`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flow_rig import ANNA, CONSENT, IDS, FlowPeople, FlowRig, made, request
from memory_faces import MemoryFaces, picture

CHANGES = frozenset(
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
MOST_CALLS = 40


class Cut(BaseException):
    """The power went."""


class Counter:
    """Cuts at one call, before or after its work."""

    def __init__(self, at: int, *, afterwards: bool) -> None:
        self.at, self.afterwards, self.calls = at, afterwards, 0

    def wrap(self, inner: object) -> Any:  # noqa: ANN401 - it stands for what it wraps
        """The same, cut at the call that is counted."""
        return _Wrapped(inner, self)

    def cutting(self, method: Callable[..., object]) -> Callable[..., object]:
        """A method that counts."""

        def call(*details: object, **named: object) -> object:
            self.calls += 1
            if self.calls == self.at and not self.afterwards:
                raise Cut
            result = method(*details, **named)
            if self.calls == self.at:
                raise Cut
            return result

        return call


class _Wrapped:
    def __init__(self, inner: object, counter: Counter) -> None:
        self._inner, self._counter = inner, counter

    def __getattr__(self, name: str) -> Callable[..., object]:
        method: Callable[..., object] = getattr(self._inner, name)
        return self._counter.cutting(method) if name in CHANGES else method


def register(rig: FlowRig) -> None:
    rig.flows.want(request(ANNA, picture("anna"), picture("anna", "2")))
    rig.worker.run_once()


def update(rig: FlowRig) -> None:
    rig.flows.want(request(ANNA, picture("anna", "3"), picture("anna", "4")))
    rig.worker.run_once()


def add(rig: FlowRig) -> None:
    rig.flows.want(replace(request(ANNA, picture("anna", "3")), adding=True))
    rig.worker.run_once()


def withdraw(rig: FlowRig) -> None:
    rig.people.consented.pop(ANNA, None)
    rig.flows.forget(IDS.of(ANNA))
    rig.worker.run_once()


FLOWS = {
    "registration": register,
    "photo update": update,
    "added picture": add,
    "withdrawal": withdraw,
}


@pytest.mark.parametrize("flow", FLOWS)
@pytest.mark.parametrize("afterwards", [False, True], ids=["before", "after"])
def test_one_set_is_valid_wherever_a_flow_was_cut(
    tmp_path: Path, flow: str, *, afterwards: bool
) -> None:
    for at in range(1, MOST_CALLS):
        service = MemoryFaces()
        made(service)
        path = tmp_path / f"{at}.db"
        if not _cut(path, service, flow, Counter(at, afterwards=afterwards)):
            assert at > 5, "each change of the flow was cut once"
            return
        _begin_again(path, service, flow)
    pytest.fail("the flow never ended")


def _cut(path: Path, service: MemoryFaces, flow: str, counter: Counter) -> bool:
    """Let a flow run until it is cut; False if it ended before."""
    people = FlowPeople({ANNA: CONSENT})
    if flow != "registration":
        first = FlowRig(path, service, people=people)
        register(first)
        assert len(first.valid(ANNA)) == 2
        first.close()
    rig = FlowRig(path, service, wrap=counter.wrap, people=people)
    try:
        FLOWS[flow](rig)
    except Cut:
        return True
    finally:
        rig.close()
    return False


def _begin_again(path: Path, service: MemoryFaces, flow: str) -> None:
    people = FlowPeople({} if flow == "withdrawal" else {ANNA: CONSENT})
    people.kept[ANNA] = picture("anna", "kept")
    rig = FlowRig(path, service, people=people)
    try:
        rig.work()
        assert not [*rig.metadata.unfinished()]
        assert rig.outbox.waiting() == 0
        assert bool(rig.valid(ANNA)) is (flow != "withdrawal")
    finally:
        rig.close()
