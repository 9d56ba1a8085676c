"""The data map: a class for each file of a home, and whatever must not lie there (R67)."""

from __future__ import annotations

import os
import re
import socket
from pathlib import Path

import pytest
from readme_commands import README

from config.settings import Settings
from kiosk.diagnostics.data_map.classes import CLASSES, NAMED, STORE, DataClass, class_of
from kiosk.diagnostics.data_map.rows import class_rows, data, named_files
from kiosk.diagnostics.data_map.walking import Trouble, is_picture, walked
from kiosk.domain.finding import Finding, Health
from kiosk.fleet.trust import layout
from kiosk.store.home import Home

PEM = b"-----BEGIN PRIVATE KEY-----\n"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    folder = tmp_path / "home"
    folder.mkdir(mode=0o700)
    put(folder / "journal.jsonl", b'{"number": 1}\n')
    put(folder / "key", bytes(32))
    return folder


def put(path: Path, content: bytes, mode: int = 0o600) -> Path:
    path.parent.mkdir(exist_ok=True, parents=True)
    path.write_bytes(content)
    path.chmod(mode)
    return path


def troubles(home: Path) -> dict[str, Trouble]:
    return {each.name: each.trouble for each in walked(home) if each.trouble is not None}


def rows(home: Path) -> list[Finding]:
    return list(data(home, Settings()))


# -- the classes ---------------------------------------------------------------------------------


def test_every_file_of_a_home_has_a_class() -> None:
    places = [
        getattr(Home(Path()), name)
        for name, kind in vars(Home).items()
        if isinstance(kind, property) and name not in {"sealed", "kept", "made", "has_key"}
    ]
    assert len(places) > 20
    unknown = [str(it) for it in places if not (class_of(str(it)) or class_of(f"{it}/x"))]
    assert unknown == []
    beside = ("references.db-wal", "journal.jsonl.new", "references.db.v3", "cloud.db-shm")
    assert all(class_of(name) for name in (*beside, "models/standard/a.onnx", "fleet-cache/a/b"))
    assert class_of("references.db.bak") is None


def test_the_readme_has_the_same_classes() -> None:
    """Each class is a row there, with the same files; no row is of no class."""
    page = README.read_text(encoding="utf-8")
    section = page.partition("## What is stored about people")[2].partition("\n## ")[0]
    table = [line.strip("|").split("|") for line in section.splitlines() if line.startswith("| ")]
    told = {row[0].strip(): row[2].strip() for row in table[1:]}
    classes = {about: each for each in (*CLASSES, NAMED) for about in each.about}
    assert set(told) == set(classes)
    for about, where in told.items():
        named = re.findall(r"`([^`]+)`", where.partition(";")[0])
        expected = [] if where == "same" else list(classes[about].shown)
        assert sorted(named) == sorted(expected), about


def test_every_beginning_of_a_name_in_a_fleets_store_has_a_class() -> None:
    """But for those that lie below `targets/`."""
    named = {name for each in STORE for name in each.files}
    alone = {each for each in vars(layout).values() if isinstance(each, str) and each[-1:] == "/"}
    assert alone - {layout.SCOPES, layout.INVITERS, layout.ROLLOUTS} == named


# -- what must not lie there ---------------------------------------------------------------------


def test_a_home_in_order_is_good(home: Path) -> None:
    (row,) = rows(home)
    assert row.health is Health.OK
    assert "files: 2, of 2 classes" in row.text
    assert rows(home / "nowhere") == []


@pytest.mark.parametrize(
    "begins",
    [
        b"\xff\xd8\xff\xe0\x00\x10JFIF",
        b"\x89PNG\r\n\x1a\n",
        b"\x00\x00\x00\x20ftypisom",
        b"\x00\x00\x00\x18ftypheic",
        b"RIFF\x00\x00\x00\x00WEBPVP8 ",
        b"RIFF\x00\x00\x00\x00AVI LIST",
        b"GIF89a",
        b"II*\x00",
        b"\x1a\x45\xdf\xa3",
    ],
)
@pytest.mark.parametrize("name", ["face.jpg", "journal.jsonl", "models/x", "exchange/a/attempts"])
def test_a_picture_is_bad_whatever_its_name(home: Path, name: str, begins: bytes) -> None:
    put(home / name, begins + bytes(100))
    first = rows(home)[0]
    assert (first.health, name in first.text) == (Health.BAD, True)
    assert first.remedy


def test_what_only_resembles_a_picture_is_none() -> None:
    others = (b"", b"\xff\xd8", b"PNG", b"TFL3", b"RIFF\0\0\0\0WAVE", b"ftypisom")
    assert not any(map(is_picture, others))


@pytest.mark.parametrize("name", ["id.pem", "errors.log", "journal.jsonl", "workshop/x"])
def test_a_plain_secret_is_bad(home: Path, name: str) -> None:
    put(home / name, b"told\n" + PEM)
    first = rows(home)[0]
    assert (first.health, name in first.text) == (Health.BAD, True)
    assert "BEGIN" not in first.text


def test_a_key_that_the_settings_name_is_none(home: Path) -> None:
    key = put(home / "osdp.key", PEM)
    assert {each.name: each.trouble for each in walked(home, [key])}["osdp.key"] is None
    settings = Settings.model_validate({"cloud": {"id_key_file": key}})
    assert key in named_files(settings)
    assert [row.health for row in data(home, settings)] == [Health.OK]


def test_links_are_not_followed(home: Path, tmp_path: Path) -> None:
    """Neither to a picture, nor to a folder of them, nor in a circle."""
    elsewhere = tmp_path / "elsewhere"
    put(elsewhere / "face.jpg", b"\xff\xd8\xff\xe0")
    (home / "attempts").symlink_to(elsewhere / "face.jpg")
    (home / "fleet-cache").symlink_to(elsewhere)
    (home / "workshop").symlink_to(home)
    expected = dict.fromkeys(("attempts", "fleet-cache", "workshop"), Trouble.LINK)
    assert troubles(home) == expected


def test_settings_may_be_a_link(home: Path, tmp_path: Path) -> None:
    (home / "config.toml").symlink_to(put(tmp_path / "config.toml", b"", 0o644))
    assert troubles(home) == {}


def test_a_home_that_is_reached_by_a_link_is_walked(home: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(home)
    assert len(list(walked(tmp_path / "link"))) == 2


def test_a_pipe_is_not_waited_for(home: Path) -> None:
    os.mkfifo(home / "presence")
    assert troubles(home) == {"presence": Trouble.NO_FILE}


def test_the_socket_of_a_running_kiosk_is_known_and_no_other(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(home)  # a socket's whole path may have 107 characters
    with socket.socket(socket.AF_UNIX) as own, socket.socket(socket.AF_UNIX) as other:
        own.bind("control.sock")
        other.bind("other.sock")
        assert troubles(home) == {"other.sock": Trouble.NO_FILE}


def test_a_hostile_name_moves_no_cursor(home: Path) -> None:
    for number in range(7):
        put(home / f"a\x1b[2J\n{number}", b"")
    (row,) = rows(home)
    assert (row.health, row.text.isprintable()) == (Health.WARN, True)
    assert "and 2 more" in row.text
    put(home / os.fsdecode(b"\xff\xfe"), b"")
    assert rows(home)[0].text.isascii()


def test_what_others_may_open_counts_only_where_they_come_in(home: Path) -> None:
    put(home / "fleet-cache" / "a" / "b", b"{}", 0o644)
    put(home / "config.toml", b"", 0o644)
    (home / "fleet-cache").chmod(0o755)
    (home / "fleet-cache" / "a").chmod(0o755)
    assert troubles(home) == {}
    home.chmod(0o711)
    assert troubles(home) == {"fleet-cache/a/b": Trouble.OTHERS}
    (home / "fleet-cache").chmod(0o700)
    assert troubles(home) == {}


def test_each_class_is_counted_with_its_rights(home: Path) -> None:
    put(home / "references.db", b"SQLite format 3\x00", 0o640)
    put(home / "references.db-wal", b"12345")

    def of(kind: DataClass) -> tuple[int | None, int | None, tuple[str, ...]]:
        (row,) = (each for each in class_rows(list(walked(home))) if each.kind is kind)
        return row.files, row.size, row.modes

    assert of(CLASSES[0]) == (2, 21, ("0600", "0640"))
    assert of(CLASSES[1]) == (0, 0, ())
