"""The peer of Rekognition, which a module's tests share; it sees with the real models."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from real_kiosk import FilmedModels
from rekognition_peer import PeerInTest, seeing_peer, seen_before


@pytest.fixture(scope="module")
def peer(models: FilmedModels, tmp_path_factory: pytest.TempPathFactory) -> Iterator[PeerInTest]:
    """The peer, with its credentials in the environment."""
    with (
        seeing_peer(models.loaded, seen_before(tmp_path_factory), keep_pictures=True) as peer,
        pytest.MonkeyPatch.context() as patch,
    ):
        for name, value in peer.environment.items():
            patch.setenv(name, value)
        yield peer


@pytest.fixture
def mended(peer: PeerInTest) -> Iterator[None]:
    """Whatever a test does to the peer ends with the test."""
    yield
    peer.mend()
