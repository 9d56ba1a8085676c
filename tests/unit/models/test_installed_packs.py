"""Weights as they lie on a disk: used only if every byte is the pinned one."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path

import pytest

from kiosk.app.console import with_command
from kiosk.domain.errors import ModelError
from models.packs.installed import (
    InstalledPack,
    Pack,
    PackFile,
    State,
    inspect,
    shared_directory,
    verified,
    weights_directory,
)

CONTENTS = {"landmarks": b"five hundred points" * 9, "attack": b"bona fide or not" * 7}


def sample_pack(name: str = "sample") -> Pack:
    files = tuple(
        PackFile(
            pack=name,
            role=role,
            name=f"{role}.bin",
            bytes=len(data),
            sha256=hashlib.sha256(data).hexdigest(),
            licence="CC0-1.0",
            sources=(),
        )
        for role, data in CONTENTS.items()
    )
    return Pack(name, "Sample", "CC0-1.0", True, "", files)  # noqa: FBT003 - a value's field


@pytest.fixture
def installed(tmp_path: Path) -> Path:
    (tmp_path / "sample").mkdir()
    for role, data in CONTENTS.items():
        (tmp_path / "sample" / f"{role}.bin").write_bytes(data)
    return tmp_path


def test_right_files_are_handed_out_by_role(installed: Path) -> None:
    assert verified(sample_pack(), installed) == {
        "landmarks": installed / "sample" / "landmarks.bin",
        "attack": installed / "sample" / "attack.bin",
    }


def test_missing_file(installed: Path) -> None:
    path = installed / "sample" / "attack.bin"
    path.unlink()
    with pytest.raises(ModelError) as caught:
        verified(sample_pack(), installed)
    assert caught.value.problem == f"The model file {path} is missing."
    command = f"Run `kiosk models install sample --into {installed}`."
    assert with_command(caught.value.remedy).endswith(f"{installed}. {command}")


def test_the_remedy_for_the_shared_folder_is_short() -> None:
    with pytest.raises(ModelError) as caught:
        verified(sample_pack("nowhere"), shared_directory())
    assert with_command(caught.value.remedy) == (
        "Install the model pack nowhere. Run `kiosk models install nowhere`."
    )


def test_what_lies_there_is_told_by_its_hash(installed: Path) -> None:
    (installed / "sample" / "attack.bin").write_bytes(b"short")
    (installed / "sample" / "landmarks.bin").write_bytes(b"long" * 99)
    landmarks, attack = inspect(sample_pack(), installed)
    assert landmarks.sha256 is None
    assert attack.sha256 == hashlib.sha256(b"short").hexdigest()


def test_truncated_file(installed: Path) -> None:
    path = installed / "sample" / "landmarks.bin"
    path.write_bytes(CONTENTS["landmarks"][:-1])
    with pytest.raises(ModelError, match="is truncated: 170 bytes instead of 171"):
        verified(sample_pack(), installed)


def test_file_with_one_more_byte(installed: Path) -> None:
    path = installed / "sample" / "landmarks.bin"
    path.write_bytes(CONTENTS["landmarks"] + b"\0")
    with pytest.raises(ModelError, match="is altered: 172 bytes instead of 171"):
        verified(sample_pack(), installed)


def test_file_with_one_bit_changed(installed: Path) -> None:
    path = installed / "sample" / "attack.bin"
    data = bytearray(CONTENTS["attack"])
    data[50] ^= 1
    path.write_bytes(data)
    with pytest.raises(ModelError, match=r"attack\.bin is altered: its SHA-256 differs"):
        verified(sample_pack(), installed)


def test_folder_in_the_place_of_a_file(installed: Path) -> None:
    path = installed / "sample" / "attack.bin"
    path.unlink()
    path.mkdir()
    assert [state.state for state in inspect(sample_pack(), installed)] == [
        State.OK,
        State.ALTERED,
    ]


def test_no_folder_at_all(tmp_path: Path) -> None:
    assert {s.state for s in inspect(sample_pack(), tmp_path / "nowhere")} == {State.MISSING}


def test_what_is_said_of_a_pack_in_a_folder(installed: Path) -> None:
    def found() -> InstalledPack:
        return InstalledPack.in_folder(sample_pack(), installed)

    assert (found().condition, found().good) == ("yes", True)
    landmarks, attack = (installed / "sample" / f"{role}.bin" for role in CONTENTS)
    attack.unlink()
    assert (found().condition, found().good) == ("incomplete", False)
    landmarks.write_bytes(b"other bytes")
    assert (found().condition, found().good) == ("damaged", False)
    landmarks.unlink()
    assert (found().condition, found().good) == ("no", False)


def test_an_explicit_folder_wins(tmp_path: Path) -> None:
    (tmp_path / "home" / "models" / "sample").mkdir(parents=True)
    explicit = tmp_path / "elsewhere"
    assert weights_directory(explicit, tmp_path / "home", sample_pack()) == explicit


def test_the_home_is_taken_if_the_pack_lies_there(tmp_path: Path) -> None:
    (tmp_path / "models" / "sample").mkdir(parents=True)
    assert weights_directory(None, tmp_path, sample_pack()) == tmp_path / "models"
    assert weights_directory(None, tmp_path, sample_pack("other")) == shared_directory()


def test_the_shared_folder_belongs_to_the_installation(tmp_path: Path) -> None:
    shared = weights_directory(None, tmp_path, sample_pack())
    assert shared == Path(sys.prefix) / "share" / "lintel" / "models"
