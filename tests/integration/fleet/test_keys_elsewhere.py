"""Admins whose signing keys lie in a token with PKCS#11, or in AWS's KMS."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import boto3
import pytest
from botocore.config import Config
from click.testing import Result
from cryptography.hazmat.primitives.asymmetric.ec import ECDSA
from cryptography.hazmat.primitives.asymmetric.padding import MGF1, PSS
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPrivateKey
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.hashes import SHA256
from moto.kms import utils
from moto.server import ThreadedMotoServer
from small_fleet import HARBOUR, SmallFleet, person
from typer.testing import CliRunner

from kiosk.cli import app
from kiosk.domain.errors import BadInput, StoreKeyError
from kiosk.fleet.trust.elsewhere import MODULE, KeyElsewhere
from kiosk.fleet.trust.keyring import Keyring

LIBRARY = Path("/usr/lib/softhsm/libsofthsm2.so")
PIN, LABEL = "471180", "lintel"
ABSENT = "softhsm2 is not installed: see tools/system-packages"
no_token = pytest.mark.skipif(shutil.which("softhsm2-util") is None, reason=ABSENT)


@pytest.fixture
def fleet(tmp_path: Path) -> Iterator[SmallFleet]:
    with SmallFleet(tmp_path / "fleet") as made:
        made.told(person("anna"))
        yield made


def run(*words: str | Path) -> Result:
    return CliRunner().invoke(app, [str(word) for word in words])


def made(folder: Path, uri: str, *more: str | Path) -> dict[str, str]:
    ended = run("fleet", "keys", "make", "--keys", folder, "--uri", uri, *more, "--json")
    assert ended.exit_code == 0, ended.output
    said: dict[str, str] = json.loads(ended.stdout)
    return said


def signs_with_others(fleet: SmallFleet, folder: Path, public: str) -> None:
    """An admin whose key lies elsewhere comes; with another one they say something."""
    where = ("--store", f"folder:{fleet.store.path}", "--keys")
    ended = run("fleet", "keys", "add", "--public", public, *where, fleet.keys.folder)
    assert ended.exit_code == 0, ended.output
    shutil.copy(fleet.keys.folder / "root.json", folder / "root.json")
    ended = run("people", "suspend", "anna", *where, folder, "--json")
    assert ended.exit_code == 0, ended.output
    left = json.loads(ended.stdout)
    assert (left["signed"], left["missing"]) == (["admin-4"], 1)
    ended = run("fleet", "sign", left["pending"], "--yes", *where, fleet.keys.folder)
    assert ended.exit_code == 0, ended.output
    kiosk = fleet.kiosk("front", HARBOUR)
    fleet.admins().publish()
    kiosk.sync()
    assert kiosk.open_home.references.show(person("anna").subject).profile.rules.suspended


# -- PKCS#11 -------------------------------------------------------------------------------------


@pytest.fixture(scope="session")
def token(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A token with a key; the library keeps the folder that it sees first in a process."""
    pkcs11 = pytest.importorskip("pkcs11")
    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder / 'tokens'}\n")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SOFTHSM2_CONF", str(folder / "softhsm2.conf"))
        patch.setenv(MODULE, "")
        words = ("softhsm2-util", "--init-token", "--free", "--label", LABEL)
        pins = ("--pin", PIN, "--so-pin", PIN)
        subprocess.run((*words, *pins), check=True, capture_output=True)
        found = pkcs11.lib(str(LIBRARY)).get_token(token_label=LABEL)
        with found.open(user_pin=PIN, rw=True) as session:
            parameters = session.create_domain_parameters(
                pkcs11.KeyType.EC,
                {
                    pkcs11.Attribute.EC_PARAMS: pkcs11.util.ec.encode_named_curve_parameters(
                        "secp256r1"
                    )
                },
                local=True,
            )
            parameters.generate_keypair(
                mechanism=pkcs11.Mechanism.EC_KEY_PAIR_GEN, id=b"\x02", store=True, label="admin"
            )
        yield f"hsm:2?label={LABEL}&module={LIBRARY}"


@pytest.fixture
def pin(tmp_path: Path) -> Path:
    (tmp_path / "pin").write_text(f"{PIN}\n", encoding="utf-8")
    return tmp_path / "pin"


@no_token
def test_an_admin_signs_with_a_token(
    fleet: SmallFleet, token: str, pin: Path, tmp_path: Path
) -> None:
    own = tmp_path / "own"
    said = made(own, token, "--pin-file", pin)
    signs_with_others(fleet, own, said["public"])
    key = (own / "admin-new.key").read_text(encoding="utf-8")
    content = json.loads(bytes.fromhex(json.loads(key)["keys"]))
    assert content["signing"] == ""


@no_token
def test_a_passphrase_seals_the_pin_too(token: str, pin: Path, tmp_path: Path) -> None:
    phrase = tmp_path / "phrase"
    phrase.write_text("a long walk\n", encoding="utf-8")
    made(tmp_path / "own", token, "--pin-file", pin, "--passphrase-file", phrase)
    file = (tmp_path / "own" / "admin-new.key").read_bytes()
    assert PIN.encode().hex().encode() not in file
    with pytest.raises(StoreKeyError, match="has a passphrase"):
        Keyring(tmp_path / "own").admins  # noqa: B018 - reading them is what is tried
    (admin,) = Keyring(tmp_path / "own", b"a long walk").admins
    admin.signer.public_key.verify_signature(admin.signer.sign(b"data"), b"data")
    assert PIN not in repr(admin) + repr(KeyElsewhere("hsm:2", admin.signer.public_key, PIN))


@no_token
@pytest.mark.parametrize(
    ("change", "secret"),
    [(lambda it: it, "000000"), (lambda it: it.replace("lintel", "other"), PIN)],
    ids=["another PIN", "no such token"],
)
def test_a_token_that_does_not_sign(token: str, change: object, secret: str) -> None:
    assert callable(change)
    known = KeyElsewhere.named(token, PIN)
    broken = KeyElsewhere(change(token), known.public, secret)
    with pytest.raises(StoreKeyError, match="The key hsm:2 cannot be used") as told:
        broken.signer.sign(b"data")
    assert secret not in str(told.value)


@no_token
def test_a_key_that_the_token_does_not_have(token: str, tmp_path: Path) -> None:
    ended = run(
        "fleet", "keys", "make", "--keys", tmp_path / "own", "--uri", token.replace("2", "7", 1)
    )
    assert (ended.exit_code, "cannot be used" in ended.output) == (4, True), ended.output
    assert not (tmp_path / "own").exists()


# -- KMS -----------------------------------------------------------------------------------------


def signed_digest(key: utils.AbstractPrivateKey, digest: bytes, _: str) -> bytes:
    """What AWS signs of a digest. Moto takes it for the message itself: it says so in its code."""
    private, hashed = key.private_key, Prehashed(SHA256())  # type: ignore[attr-defined] # moto has no types
    if isinstance(private, RSAPrivateKey):
        made = private.sign(digest, PSS(MGF1(SHA256()), PSS.DIGEST_LENGTH), hashed)
    else:
        made = private.sign(digest, ECDSA(hashed))
    return bytes(made)


@pytest.fixture(scope="module")
def service() -> Iterator[str]:
    """The endpoint of a KMS, with credentials in the environment."""
    server = ThreadedMotoServer("127.0.0.1", 0, verbose=False)
    server.start()
    _, port = server.get_host_and_port()
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "ANYKEY")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "any-secret")
        patch.setattr(utils.ECDSAPrivateKey, "sign", signed_digest)
        patch.setattr(utils.RSAPrivateKey, "sign", signed_digest)
        yield f"http://127.0.0.1:{port}"
    server.stop()
    if server._server is not None:
        server._server.server_close()


def drawn(service: str, kind: str, usage: str = "SIGN_VERIFY") -> str:
    """The id of a new key in the service."""
    config = Config(proxies={}, retries={"mode": "standard", "total_max_attempts": 1})
    client = boto3.client("kms", endpoint_url=service, region_name="us-east-1", config=config)
    try:
        answer = client.create_key(KeyUsage=usage, KeySpec=kind)
    finally:
        client.close()
    return str(answer["KeyMetadata"]["KeyId"])


@pytest.mark.parametrize("kind", ["ECC_NIST_P256", "RSA_2048"])
def test_an_admin_signs_in_a_service(
    fleet: SmallFleet, service: str, tmp_path: Path, kind: str
) -> None:
    own = tmp_path / "own"
    said = made(own, f"awskms:{drawn(service, kind)}?endpoint={service}")
    signs_with_others(fleet, own, said["public"])


def test_a_service_that_does_not_answer_or_has_no_such_key(service: str, tmp_path: Path) -> None:
    for uri in (f"awskms:none?endpoint={service}", "awskms:none?endpoint=http://127.0.0.1:9"):
        ended = run("fleet", "keys", "make", "--keys", tmp_path / "own", "--uri", uri)
        assert (ended.exit_code, "awskms:none cannot be used" in ended.output) == (4, True)
    assert not (tmp_path / "own").exists()


# -- names ---------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "uri",
    [
        "",
        "x",
        "file:admin.key",
        "hsm:two",
        "hsm:2?pin-value=1",
        "awskms:",
        "awskms:k?region=x",
        "hsm:²",
        "http://[",
    ],
)
def test_names_that_are_of_no_key(uri: str) -> None:
    before = os.environ.get(MODULE)
    with pytest.raises(BadInput, match="names no key"):
        KeyElsewhere.named(uri, None)
    assert os.environ.get(MODULE) == before
