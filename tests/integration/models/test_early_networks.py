"""The networks that a thread loads while the kiosk starts: taken once, and never left loading."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest

from config.settings import Settings
from kiosk.domain.errors import ModelError
from kiosk.domain.vision.face import Found
from kiosk.domain.vision.frame import Frame
from kiosk.wiring import networks
from kiosk.wiring.networks import EarlyNetworks, Networks
from kiosk.wiring.vision import Weights, verified_weights
from models.packs.installed import load_manifest

NOTHING_LOADED = Weights(load_manifest().pack("standard"), {})


class SilentFinder:
    """A finder that says only whether it was closed."""

    closed = False

    def find(self, frame: Frame) -> Found:
        raise NotImplementedError(frame)

    def look(self, frame: Frame, found: Found, /) -> Found:
        raise NotImplementedError(frame, found)

    def close(self) -> None:
        self.closed = True


def loads(monkeypatch: pytest.MonkeyPatch, made: Networks) -> threading.Event:
    """Let the networks be these, once the returned event is set."""
    go_on = threading.Event()

    def load(_loaded: Weights) -> Networks:
        assert go_on.wait(60)
        return made

    monkeypatch.setattr(networks, "load_networks", load)
    return go_on


def silent() -> Networks:
    finders = SilentFinder(), SilentFinder()
    return Networks(finders, None, None, None)  # type: ignore[arg-type] # nothing looks at a frame


@pytest.mark.weights
def test_they_are_those_of_the_pack(tmp_path: Path) -> None:
    with EarlyNetworks(lambda: verified_weights(Settings(), tmp_path)) as early:
        made = early.take()
    assert made.extractor.space == load_manifest().pack(Settings().models.pack).space
    made.close()


def test_whoever_takes_them_waits_and_owns_them(monkeypatch: pytest.MonkeyPatch) -> None:
    made = silent()
    go_on = loads(monkeypatch, made)
    with EarlyNetworks(lambda: NOTHING_LOADED) as early:
        threading.Timer(0.05, go_on.set).start()
        assert early.take() is made
    assert not any(finder.closed for finder in made.finders)  # type: ignore[attr-defined]


def test_nobody_takes_them_twice(monkeypatch: pytest.MonkeyPatch) -> None:
    loads(monkeypatch, silent()).set()
    with EarlyNetworks(lambda: NOTHING_LOADED) as early:
        early.take()
        with pytest.raises(RuntimeError, match="twice"):
            early.take()


def test_a_run_that_ends_early_waits_for_them_and_closes_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = silent()
    go_on = loads(monkeypatch, made)
    with EarlyNetworks(lambda: NOTHING_LOADED):
        threading.Timer(0.05, go_on.set).start()
    assert all(finder.closed for finder in made.finders)  # type: ignore[attr-defined]
    assert "loading" not in {thread.name for thread in threading.enumerate()}


@pytest.mark.weights
def test_a_file_that_cannot_be_loaded_is_told_to_whoever_takes_them(tmp_path: Path) -> None:
    loaded = verified_weights(Settings(), tmp_path)
    (tmp_path / "broken").write_bytes(b"no network")
    files = dict.fromkeys(loaded.files, tmp_path / "broken")
    with (
        EarlyNetworks(lambda: Weights(loaded.pack, files)) as early,
        pytest.raises(ModelError),
    ):
        early.take()


def test_nothing_is_loaded_that_is_not_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    def load(_loaded: Weights) -> Networks:
        pytest.fail("loaded before it was verified")

    def verify() -> Weights:
        raise ModelError("The model file is altered.", "Install it again.")

    monkeypatch.setattr(networks, "load_networks", load)
    with EarlyNetworks(verify) as early:
        for ask in (early.weights, early.take):
            with pytest.raises(ModelError, match="altered"):
                ask()


def test_the_pack_is_known_while_its_networks_are_loading(monkeypatch: pytest.MonkeyPatch) -> None:
    go_on = loads(monkeypatch, silent())
    with EarlyNetworks(lambda: NOTHING_LOADED) as early:
        assert early.weights() is NOTHING_LOADED
        go_on.set()
