"""A master key under a credential of the system: made so, kept so, and never silently otherwise."""

from __future__ import annotations

import json
import os
import shutil
from pathlib import Path

import pytest
import software_tpm
from kept_files import raw
from kept_samples import AGREED, ANNA, BORIS, SPACE, template
from software_tpm import SoftwareTpm

from kiosk.domain.errors import BadInput, StoreKeyError
from kiosk.store import kept
from kiosk.store.home import Home
from kiosk.store.open_home import OpenHome
from kiosk.store.secrets.credential import check_name
from kiosk.store.secrets.keys import FileKey, Purpose, kiosk_id
from kiosk.store.whole.backup import back_up
from kiosk.store.whole.restore import RestoreTarget, restore
from kiosk.store.whole.rotation import rotate

NAME, NEXT = "lintel-key", "lintel-key-2"
WORDS = b"four words nobody guesses"


@pytest.fixture
def handed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which a service finds its credentials."""
    folder = tmp_path / "credentials"
    folder.mkdir(0o700)
    for name in (NAME, NEXT):
        (folder / name).write_bytes(os.urandom(32))
        (folder / name).chmod(0o400)
    monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
    return folder


@pytest.fixture
def sealed(handed: Path, tmp_path: Path) -> Home:
    """A home that was made by the service."""
    assert handed
    with OpenHome.open(tmp_path / "sealed") as open_home:
        open_home.references.enrol(ANNA, [template(1)], AGREED, "Anna")
        return open_home.home


def _opens(home: Home) -> bool:
    with OpenHome.open(home.path) as open_home:
        found = len(open_home.references.load(SPACE)) > 0
    kept.check(home, FileKey(home))
    return found


def test_a_home_that_the_service_makes_has_a_sealed_key(sealed: Home, handed: Path) -> None:
    assert _opens(sealed)
    assert not sealed.key.exists()
    assert sealed.sealed_key.stat().st_mode & 0o777 == 0o600
    assert FileKey(sealed).credential == NAME
    master = FileKey(sealed).master().master
    assert master not in raw(sealed.path)
    assert master.hex().encode() not in raw(sealed.path)
    assert (handed / NAME).read_bytes() not in raw(sealed.path)


def test_without_the_credential_nothing_opens_and_nothing_is_made(
    sealed: Home, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No plain key appears beside it, and no new home in its place."""
    before = raw(sealed.path)
    monkeypatch.delenv("CREDENTIALS_DIRECTORY")
    with pytest.raises(StoreKeyError, match="was not handed to this program") as caught:
        OpenHome.open(sealed.path)
    assert "service" in caught.value.remedy
    assert raw(sealed.path) == before
    assert not sealed.key.exists()


@pytest.mark.parametrize("content", [b"x" * 32, b"", b"x" * 31, b"x" * 5000])
def test_another_credential_opens_nothing(sealed: Home, handed: Path, content: bytes) -> None:
    right = (handed / NAME).read_bytes()
    (handed / NAME).chmod(0o600)
    (handed / NAME).write_bytes(content)
    with pytest.raises(StoreKeyError):
        OpenHome.open(sealed.path)
    (handed / NAME).write_bytes(right)
    assert _opens(sealed)


def test_a_credential_that_everybody_reads_is_none(sealed: Home, handed: Path) -> None:
    (handed / NAME).chmod(0o444)
    with pytest.raises(StoreKeyError, match="used by others"):
        FileKey(sealed).derive(Purpose.REFERENCES)


def test_a_link_is_no_credential(sealed: Home, handed: Path) -> None:
    (handed / "elsewhere").write_bytes((handed / NAME).read_bytes())
    (handed / NAME).unlink()
    (handed / NAME).symlink_to(handed / "elsewhere")
    with pytest.raises(StoreKeyError, match="cannot be read"):
        FileKey(sealed).derive(Purpose.REFERENCES)


def test_a_plain_key_stays_plain_where_a_credential_appears(home: Home, handed: Path) -> None:
    assert (handed / NAME).exists()
    assert _opens(home)
    assert home.key.exists()
    assert not home.sealed_key.exists()


def test_a_plain_key_beside_a_sealed_one_is_not_taken(home: Home, sealed: Home) -> None:
    shutil.copy2(home.key, sealed.key)
    with pytest.raises(StoreKeyError, match="There are two keys"):
        OpenHome.open(sealed.path)
    sealed.key.unlink()
    assert _opens(sealed)


def test_a_plain_key_in_its_place_opens_nothing(home: Home, sealed: Home) -> None:
    sealed.sealed_key.rename(sealed.path.parent / "aside")
    shutil.copy2(home.key, sealed.key)
    with pytest.raises(Exception, match="not this kiosk's"):
        OpenHome.open(sealed.path)


def test_a_key_without_its_file_is_missed(sealed: Home) -> None:
    sealed.sealed_key.unlink()
    with pytest.raises(StoreKeyError, match="is missing although"):
        OpenHome.open(sealed.path)
    assert not sealed.has_key


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"{}",
        b"[1]",
        b'{"format": 1, "credential": "../../etc/passwd", "sealed": "00"}',
        b'{"format": 1, "credential": "lintel-key", "sealed": "zz"}',
        b'{"format": 1, "credential": "lintel-key", "sealed": "00"}',
        b'{"format": 2, "credential": "lintel-key", "sealed": "00"}',
    ],
)
def test_a_damaged_sealed_key_is_an_error_of_ours(sealed: Home, content: bytes) -> None:
    sealed.sealed_key.write_bytes(content)
    with pytest.raises((StoreKeyError, BadInput)):
        FileKey(sealed).derive(Purpose.REFERENCES)


def test_a_key_sealed_under_another_name_is_refused(sealed: Home, handed: Path) -> None:
    """The name is part of what is sealed."""
    (handed / NEXT).chmod(0o600)
    (handed / NEXT).write_bytes((handed / NAME).read_bytes())
    said = json.loads(sealed.sealed_key.read_bytes())
    sealed.sealed_key.write_bytes(json.dumps(said | {"credential": NEXT}).encode())
    with pytest.raises(StoreKeyError, match="does not open"):
        FileKey(sealed).derive(Purpose.REFERENCES)


@pytest.mark.parametrize("name", ["", "a/b", "..", ".hidden", "a b", "ä", "x" * 65, "a\0b"])
def test_a_name_that_leads_elsewhere_is_refused(name: str) -> None:
    with pytest.raises(BadInput):
        check_name(name)


# -- from one to the other -----------------------------------------------------------------------


def test_a_rotation_moves_the_key_under_a_credential_and_back(home: Home, handed: Path) -> None:
    ident, plain = kiosk_id(FileKey(home)), home.key.read_bytes()
    rotate(home, NAME)
    assert _opens(home)
    assert (home.key.exists(), FileKey(home).credential) == (False, NAME)
    assert FileKey(home).master().master != plain[:32]
    rotate(home, NEXT)
    (handed / NAME).unlink()
    assert _opens(home)
    rotate(home, None)
    assert _opens(home)
    assert (home.sealed_key.exists(), kiosk_id(FileKey(home))) == (False, ident)


def test_a_rotation_to_a_credential_that_is_not_there_changes_nothing(home: Home) -> None:
    before = home.key.read_bytes()
    with pytest.raises(StoreKeyError, match="was not handed"):
        rotate(home, "lintel-key")
    assert home.key.read_bytes() == before
    assert _opens(home)


def test_a_backup_goes_to_another_machine_with_another_credential(
    sealed: Home, handed: Path, tmp_path: Path
) -> None:
    back_up(sealed, tmp_path / "backup", WORDS, lambda content: content)
    (handed / NAME).chmod(0o600)
    (handed / NAME).write_bytes(os.urandom(32))
    new = Home(tmp_path / "new")
    restore(new, tmp_path / "backup", WORDS, lambda content: content)
    assert _opens(new)
    assert (new.key.exists(), FileKey(new).credential) == (False, NAME)
    sealed.sealed_key.unlink()
    done = restore(sealed, tmp_path / "backup", WORDS, lambda content: content, over=True)
    assert done.target is RestoreTarget.KEYLESS
    assert _opens(sealed)


# -- a TPM ---------------------------------------------------------------------------------------


@pytest.mark.skipif(bool(software_tpm.missing()), reason=f"no {software_tpm.missing()} here")
def test_a_key_sealed_to_a_tpm_opens_on_that_machine_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sealed by systemd-creds to a TPM; the disk is carried away, with the credential's file."""
    secret, credential, folder = (tmp_path / each for each in ("secret", "credential", "service"))
    secret.write_bytes(os.urandom(32))
    with SoftwareTpm(tmp_path / "tpm") as tpm:
        tpm.seal(secret, credential, NAME)
        assert secret.read_bytes() not in credential.read_bytes()
        secret.unlink()
        assert tpm.hand_over(credential, folder, NAME)
        monkeypatch.setenv("CREDENTIALS_DIRECTORY", str(folder))
        with OpenHome.open(tmp_path / "home") as open_home:
            open_home.references.enrol(BORIS, [template(3)], AGREED)
            home = open_home.home
        assert FileKey(home).credential == NAME
    shutil.rmtree(folder)
    with SoftwareTpm(tmp_path / "another tpm") as other:
        assert not other.hand_over(credential, folder, NAME)
    with pytest.raises(StoreKeyError, match="was not handed"):
        OpenHome.open(home.path)
    with SoftwareTpm(tmp_path / "tpm") as tpm:  # the same machine after a power cut
        assert tpm.hand_over(credential, folder, NAME)
    assert _opens(home)
