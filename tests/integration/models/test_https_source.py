"""Files at an address, from a real TLS server that breaks, lies and dawdles."""

from __future__ import annotations

import socket
from pathlib import Path

import pytest
import tls_peer
from model_samples import noise, pin, tree

from kiosk.domain.errors import ModelError
from models.packs.atomic_file import Partial
from models.packs.https import NetworkTimeouts, download

BODY = noise(300_000)
QUICK = NetworkTimeouts(answer_seconds=10.0, silence_seconds=10.0)


@pytest.fixture(autouse=True)
def trusted(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The peer's certificate is trusted, as a fleet's own authority would be."""
    (tmp_path / "tls").mkdir()
    monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "tls" / "peer.pem"))
    monkeypatch.setenv("no_proxy", "*")
    return tmp_path / "tls"


@pytest.fixture
def place(tmp_path: Path) -> Path:
    (tmp_path / "weights").mkdir()
    return tmp_path / "weights" / "weights.bin"


def fetched(url: str, place: Path, patience: NetworkTimeouts = QUICK) -> None:
    with Partial(pin(BODY), place) as partial:
        download(url, partial, patience)
        partial.commit()


def refused(url: str, place: Path, patience: NetworkTimeouts = QUICK) -> str:
    with pytest.raises(ModelError) as caught:
        fetched(url, place, patience)
    assert tree(place.parent) == {}
    return caught.value.problem


def test_a_whole_file(trusted: Path, place: Path) -> None:
    with tls_peer.serving(BODY, trusted, tls_peer.whole) as peer:
        fetched(peer.url, place)
    assert tree(place.parent) == {"weights.bin": BODY}
    assert peer.ranges == [None]
    assert place.stat().st_mode & 0o777 == 0o644


def test_a_file_whose_size_the_server_does_not_say(trusted: Path, place: Path) -> None:
    with tls_peer.serving(BODY, trusted, tls_peer.without_length) as peer:
        fetched(peer.url, place)
    assert place.read_bytes() == BODY


def test_a_broken_connection_is_continued_where_it_broke(trusted: Path, place: Path) -> None:
    behaviours = (tls_peer.breaking(100_000), tls_peer.breaking(50_000), tls_peer.whole)
    with tls_peer.serving(BODY, trusted, *behaviours) as peer:
        fetched(peer.url, place)
    assert place.read_bytes() == BODY
    assert peer.ranges == [None, "bytes=100000-", "bytes=150000-"]


def test_a_server_that_cannot_continue_is_begun_again(trusted: Path, place: Path) -> None:
    behaviours = (tls_peer.breaking(100_000), tls_peer.without_ranges)
    with tls_peer.serving(BODY, trusted, *behaviours) as peer:
        fetched(peer.url, place)
    assert place.read_bytes() == BODY
    assert peer.ranges == [None, "bytes=100000-"]


def test_a_server_that_always_breaks_is_given_up(trusted: Path, place: Path) -> None:
    with tls_peer.serving(BODY, trusted, tls_peer.breaking(1000)) as peer:
        assert refused(peer.url, place) == "it broke off 4 times"
    assert len(peer.ranges) == 4


def test_a_server_that_continues_elsewhere(trusted: Path, place: Path) -> None:
    behaviours = (tls_peer.breaking(1000), tls_peer.continuing_elsewhere)
    with tls_peer.serving(BODY, trusted, *behaviours) as peer:
        assert "at another place" in refused(peer.url, place)


def test_what_a_power_cut_left_is_continued(trusted: Path, place: Path) -> None:
    place.with_name(".weights.bin.part").write_bytes(BODY[:70_000])
    with tls_peer.serving(BODY, trusted, tls_peer.whole) as peer:
        fetched(peer.url, place)
    assert peer.ranges == ["bytes=70000-"]
    assert tree(place.parent) == {"weights.bin": BODY}


def test_what_was_left_of_another_file_is_thrown_away(trusted: Path, place: Path) -> None:
    place.with_name(".weights.bin.part").write_bytes(noise(70_000, seed=8))
    with tls_peer.serving(BODY, trusted, tls_peer.whole) as peer:
        fetched(peer.url, place)
    assert peer.ranges == ["bytes=70000-", None]
    assert tree(place.parent) == {"weights.bin": BODY}


def test_what_was_left_too_long_is_thrown_away(trusted: Path, place: Path) -> None:
    place.with_name(".weights.bin.part").write_bytes(noise(300_001))
    with tls_peer.serving(BODY, trusted, tls_peer.whole) as peer:
        fetched(peer.url, place)
    assert peer.ranges == [None]


def test_other_bytes_of_the_same_size(trusted: Path, place: Path) -> None:
    with tls_peer.serving(noise(300_000, seed=8), trusted, tls_peer.whole) as peer:
        assert refused(peer.url, place) == "its SHA-256 differs from the pinned one"


def test_a_larger_file_is_not_even_begun(trusted: Path, place: Path) -> None:
    with tls_peer.serving(BODY + b"x", trusted, tls_peer.whole) as peer:
        assert refused(peer.url, place) == "it has 300001 bytes instead of 300000"


def test_a_file_without_end_is_cut_at_its_pinned_size(trusted: Path, place: Path) -> None:
    with tls_peer.serving(BODY * 2, trusted, tls_peer.without_length) as peer:
        assert refused(peer.url, place) == "it has more than the 300000 bytes that are pinned"


def test_a_file_that_is_not_there(trusted: Path, place: Path) -> None:
    with tls_peer.serving(BODY, trusted, tls_peer.answering(404)) as peer:
        assert refused(peer.url, place) == "the server answered 404 Not Found"


def test_a_redirection_is_followed_on_https_only(trusted: Path, place: Path) -> None:
    with tls_peer.serving(BODY, trusted, tls_peer.whole) as peer:
        peer.behaviours[:] = [tls_peer.answering(302, Location=peer.url), tls_peer.whole]
        fetched(peer.url, place)
        place.unlink()
        peer.behaviours[:] = [tls_peer.answering(302, Location="http://127.0.0.1:1/weights.bin")]
        assert refused(peer.url, place) == "the network refused: it redirects away from https"


def test_nobody_listens(place: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port = closed.getsockname()[1]
    reason = refused(f"https://127.0.0.1:{port}/weights.bin", place)
    assert reason == "the network refused: Connection refused"


def test_a_server_without_an_answer_is_left_soon(trusted: Path, place: Path) -> None:
    patience = NetworkTimeouts(answer_seconds=0.3, silence_seconds=10.0)
    with tls_peer.serving(BODY, trusted, tls_peer.silent) as peer:
        reason = refused(peer.url, place, patience)
    assert reason == "the network refused: no answer within 0.3 s"


def test_a_server_that_falls_silent_is_asked_again(trusted: Path, place: Path) -> None:
    patience = NetworkTimeouts(answer_seconds=10.0, silence_seconds=0.3)
    with tls_peer.serving(BODY, trusted, tls_peer.holding(100_000), tls_peer.whole) as peer:
        fetched(peer.url, place, patience)
    assert peer.ranges == [None, "bytes=100000-"]
    assert place.read_bytes() == BODY


def test_a_trickle_is_given_up(trusted: Path, place: Path) -> None:
    patience = NetworkTimeouts(grace_seconds=0.0, least_rate=1e12)
    with tls_peer.serving(BODY, trusted, tls_peer.whole) as peer:
        assert refused(peer.url, place, patience) == "it comes too slowly"


def test_a_server_that_nobody_vouches_for(
    trusted: Path, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with tls_peer.serving(BODY, trusted, tls_peer.whole) as peer:
        monkeypatch.setenv("SSL_CERT_FILE", str(trusted / "nobody.pem"))
        assert "certificate verify failed" in refused(peer.url, place)
    assert peer.ranges == []
