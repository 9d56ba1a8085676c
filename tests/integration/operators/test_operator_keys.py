"""Operators' keys: real Ed25519, kept to their owner, and never shown."""

from __future__ import annotations

import base64
import stat
from dataclasses import replace
from pathlib import Path

import pytest
from operator_desk import OperatorDesk

from hardware.operators.keys import Signer, make_key, verifier
from kiosk.domain.errors import BadInput, SettingsError
from kiosk.domain.operators.encoding import sealed, signed_text
from kiosk.domain.operators.orders import Verb


def test_a_key_is_its_owners_alone_and_never_replaced(tmp_path: Path) -> None:
    path = tmp_path / "anna.key"
    public = make_key(path)
    assert len(base64.b64decode(public, validate=True)) == 32
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    held = path.read_bytes()
    with pytest.raises(BadInput, match="cannot be made"):
        make_key(path)
    assert path.read_bytes() == held


def test_a_key_is_not_made_through_somebody_elses_link(tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere")
    with pytest.raises(BadInput):
        make_key(tmp_path / "link")
    assert not (tmp_path / "elsewhere").exists()


def test_a_signature_is_of_one_operator_and_one_text(tmp_path: Path) -> None:
    anna, boris = tmp_path / "anna", tmp_path / "boris"
    verify = verifier({"anna": make_key(anna), "boris": make_key(boris)})
    office = OperatorDesk(tmp_path)
    text = signed_text(office.order().fields())
    signature = Signer(anna)._key.sign(text)
    assert verify("anna", text, signature)
    assert not verify("boris", text, signature)
    assert not verify("carol", text, signature)
    assert not verify("anna", text + b" ", signature)
    assert not verify("anna", text, signature[:-1])
    assert not verify("anna", text, bytes(64))
    assert not verify("anna", text, b"")


def test_an_order_goes_from_key_to_desk(tmp_path: Path) -> None:
    office = OperatorDesk(tmp_path)
    order = office.order(Verb.SECURE)
    assert b'"done"' in office.hear(office.signer.seal(order))
    changed = replace(office.order(Verb.SECURE), verb=Verb.RELEASE)
    signature = office.signer._key.sign(signed_text(office.order(Verb.SECURE).fields()))
    assert b'"bad_signature"' in office.hear(sealed(changed, signature))
    assert office.obeyed == [order]


def test_a_private_key_that_others_can_read_is_not_used(tmp_path: Path) -> None:
    path = tmp_path / "anna.key"
    make_key(path)
    path.chmod(0o640)
    with pytest.raises(BadInput, match="can be used by others"):
        Signer(path)


@pytest.mark.parametrize("held", [b"", b"not a key", b"-----BEGIN PRIVATE KEY-----\nAAAA\n"])
def test_a_file_without_a_key_is_named(tmp_path: Path, held: bytes) -> None:
    path = tmp_path / "key"
    path.touch(0o600)
    path.write_bytes(held)
    with pytest.raises(BadInput, match="key"):
        Signer(path)


@pytest.mark.parametrize("text", ["", "AAAA", "=" * 44, "\u00e9" * 44, "A" * 43])
def test_a_public_key_that_is_none_is_named(text: str) -> None:
    with pytest.raises(SettingsError, match=r"operators\.keys\.anna"):
        verifier({"anna": text})


def test_no_key_shows_itself(tmp_path: Path) -> None:
    office = OperatorDesk(tmp_path)
    body = "".join(office.key.read_text().splitlines()[1:-1])
    assert body not in repr(office.signer)
