"""What lies on a disk today must open in ten years: the format, read with nothing of ours.

It is also the proof that each record is bound to its own place: no other place opens it.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import numpy as np
import pytest
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from kept_files import ask, lines
from kept_samples import AGREED, ANNA, BORIS, SPACE, entry, template

from kiosk.store.home import Home
from kiosk.store.open_home import OpenHome

Opener = Callable[..., bytes]


@pytest.fixture
def home(tmp_path: Path) -> Home:
    with OpenHome.open(tmp_path / "home") as open_home:
        open_home.references.enrol(ANNA, [template(1)], AGREED, "Anna")
        open_home.journal.append(entry(1))
        return open_home.home


def _derived(home: Home, label: str) -> bytes:
    """RFC 5869 with an empty salt, one block."""
    extracted = hmac.digest(b"\x00" * 32, home.key.read_bytes(), "sha256")
    return hmac.digest(extracted, f"lintel/1/{label}".encode() + b"\x01", "sha256")


def _open(key: bytes, sealed: object, *place: str) -> bytes:
    assert isinstance(sealed, bytes)
    where = "\x00".join(("lintel/1", *place)).encode()
    return AESGCM(key).decrypt(sealed[:12], sealed[12:], where)


def _refuses_other_places(key: bytes, sealed: object, right: tuple[str, ...]) -> None:
    """Every single part of the place counts."""
    for at in range(len(right)):
        for wrong in ((*right[:at], "other", *right[at + 1 :]), right[:at] + right[at + 1 :]):
            with pytest.raises(InvalidTag):
                _open(key, sealed, *wrong)


def test_a_template_opens_with_its_subjects_key_in_its_own_place(home: Home) -> None:
    ((wrapped, profile),) = ask(home.references, "SELECT wrapped_key, profile FROM subjects")
    ((record, subject, space, sealed),) = ask(home.references, "SELECT * FROM refs")
    assert (subject, space) == (ANNA, SPACE)
    master = _derived(home, "references")
    data_key = _open(master, wrapped, "key", ANNA, "tied")
    _refuses_other_places(master, wrapped, ("key", ANNA, "tied"))
    assert json.loads(_open(data_key, profile, "profile", ANNA)) | {"enrolled_at": ""} == {
        "given_name": "Anna",
        "consent_text": AGREED.text,
        "consent_sha256": sha256(AGREED.text.encode()).hexdigest(),
        "consent_at": "2026-05-04T09:00:00+00:00",
        "enrolled_at": "",
    }
    _refuses_other_places(data_key, profile, ("profile", ANNA))
    place = ("template", str(record), ANNA, SPACE)
    vector = np.frombuffer(_open(data_key, sealed, *place), "<f4")
    np.testing.assert_array_equal(vector, template(1).vector)
    _refuses_other_places(data_key, sealed, place)


def test_each_subject_has_a_key_of_their_own(home: Home) -> None:
    with OpenHome.open(home.path) as open_home:
        open_home.references.enrol(BORIS, [template(2)], AGREED)
    rows = ask(home.references, "SELECT subject, wrapped_key FROM subjects")
    master = _derived(home, "references")
    keys = {_open(master, wrapped, "key", str(subject), "tied") for subject, wrapped in rows}
    assert len(keys) == 2
    assert all(len(key) == 32 for key in keys)


def test_the_head_is_an_hmac_over_all_that_it_says(home: Home) -> None:
    head = json.loads(home.head.read_bytes())
    last = json.loads(lines(home.journal)[-1])
    assert (head["number"], head["hash"]) == (2, last["hash"])
    assert head["size"] == home.journal.stat().st_size
    seal = head.pop("seal")
    said = "lintel/2/journal-head/" + json.dumps(head, sort_keys=True, separators=(",", ":"))
    key = _derived(home, "journal-head")
    assert seal == hmac.digest(key, said.encode(), "sha256").hex()


def test_the_head_says_what_the_database_adds_up_to(home: Home) -> None:
    """The sum of an HMAC of each record, modulo 2**256, behind the generation."""
    key = _derived(home, "roll")
    total = 0
    for table, query in (
        ("facts", "SELECT name, value FROM facts WHERE name = 'check'"),
        ("subjects", "SELECT subject, wrapped_key, profile FROM subjects"),
        ("refs", "SELECT id, subject, space, template FROM refs"),
    ):
        for row in ask(home.references, query):
            parts = [each if isinstance(each, bytes) else str(each).encode() for each in row]
            lengths = ",".join(str(len(each)) for each in parts)
            text = f"{table}:{lengths}:".encode() + b"".join(parts)
            total += int.from_bytes(hmac.digest(key, text, "sha256"), "big")
    (state,) = json.loads(home.head.read_bytes())["kept"]["references.db"]
    assert state == f"1.{total % 2**256:064x}"


def test_the_chain_can_be_checked_with_a_hash_and_a_json_reader(home: Home) -> None:
    previous = "0" * 64
    for number, line in enumerate(lines(home.journal), 1):
        raw = json.loads(line)
        said = [number, previous, raw["at_utc"], raw["event"], raw["details"]]
        text = json.dumps(said, sort_keys=True, separators=(",", ":"))
        previous = sha256(text.encode()).hexdigest()
        assert (raw["number"], raw["hash"]) == (number, previous)
