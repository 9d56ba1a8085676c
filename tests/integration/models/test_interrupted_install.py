"""`kiosk models install` ended from outside, in the middle of a real download."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import models_driver
import pytest
import tls_peer
from model_samples import manifest_toml, noise, tree
from tiny_packages import npm_registry

BODY = noise(300_000)
ROOT = Path(__file__).parents[3]


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("tls", "models", "home", "tmp"):
        (tmp_path / name).mkdir()
    return tmp_path


def start(folder: Path, sources: str, **environment: str) -> subprocess.Popen[str]:
    manifest = folder / "manifest.toml"
    manifest.write_text(manifest_toml(BODY, sources))
    command = (sys.executable, models_driver.__file__, str(manifest), "models", "install", "sample")
    return subprocess.Popen(
        (*command, "--into", str(folder / "models"), "--home", str(folder / "home")),
        env=os.environ
        | {
            "PYTHONPATH": str(ROOT),
            "SSL_CERT_FILE": str(folder / "tls" / "peer.pem"),
            "TMPDIR": str(folder / "tmp"),
            "no_proxy": "*",
        }
        | environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        text=True,
    )


@pytest.fixture
def peer(folder: Path) -> Iterator[tls_peer.Peer]:
    behaviours = (tls_peer.holding(150_000), tls_peer.whole)
    with tls_peer.serving(BODY, folder / "tls", *behaviours) as running:
        yield running


def https(peer: tls_peer.Peer) -> str:
    return f'{{ kind = "https", url = "{peer.url}" }}'


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGINT])
def test_a_stop_in_mid_download_leaves_nothing(
    folder: Path, peer: tls_peer.Peer, number: signal.Signals
) -> None:
    with start(folder, https(peer)) as process:
        assert peer.held.wait(60)
        process.send_signal(number)
        _, said = process.communicate(timeout=60)
    assert process.returncode == {signal.SIGINT: 130}.get(number, 128 + number)
    assert "Traceback" not in said
    assert list((folder / "models").iterdir()) == []
    assert tree(folder / "tmp") == {}


def test_a_stop_ends_the_package_client_too(folder: Path) -> None:
    if shutil.which("npm") is None:
        pytest.skip("npm is not installed")
    source = '{ kind = "npm", package = "tiny", version = "1.0.0", member = "package/weights.bin" }'
    with npm_registry() as registry:
        registry.add("tiny", "1.0.0", {"package/weights.bin": BODY})
        registry.hold = True
        with start(folder, source, npm_config_registry=registry.url) as process:
            assert registry.held.wait(60)
            process.terminate()
            process.communicate(timeout=60)
        assert registry.gone.wait(60)
    assert process.returncode == 128 + signal.SIGTERM
    assert list((folder / "models").iterdir()) == []
    assert list((folder / "tmp").iterdir()) == []


def test_an_installation_that_was_killed_is_continued(folder: Path, peer: tls_peer.Peer) -> None:
    hidden = folder / "models" / "sample" / ".weights.bin.part"
    with start(folder, https(peer)) as process:
        assert peer.held.wait(60)
        while not hidden.exists() or hidden.stat().st_size == 0:  # the bytes are on their way
            assert process.poll() is None
        process.kill()
        process.communicate(timeout=60)
    kept = hidden.stat().st_size
    with start(folder, https(peer)) as process:
        _, said = process.communicate(timeout=60)
    assert process.returncode == 0, said
    assert peer.ranges == [None, f"bytes={kept}-"]
    assert tree(folder / "models") == {"sample/weights.bin": BODY}
