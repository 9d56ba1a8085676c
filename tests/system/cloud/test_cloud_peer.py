"""`kiosk cloud peer` as an admin starts it, and a client of AWS's own library beside it."""

from __future__ import annotations

import signal
from pathlib import Path
from typing import Any

import boto3
import extra_packages
import pytest
import runtime_environment
from botocore.exceptions import ClientError
from evaluation_data import pack
from kiosk_process import Running, environment, kiosk

from kiosk.bench.person import PORTRAITS
from kiosk.domain.errors import ModelError
from models.packs.installed import load_manifest, shared_directory, verified

pytestmark = pytest.mark.weights

C = {"CollectionId": "c-1"}


def portrait() -> bytes:
    """A public-domain portrait; skips the test where it is not installed."""
    pack()
    try:
        files = verified(load_manifest().pack(PORTRAITS), shared_directory())
    except ModelError as error:
        pytest.skip(str(error))
    return next(path for path in files.values() if path.suffix == ".jpg").read_bytes()


def client(said: dict[str, Any]) -> Any:  # noqa: ANN401 - boto3 makes its classes as it runs
    given = said["environment"]
    return boto3.client(
        "rekognition",
        endpoint_url=said["settings"]["cloud"]["endpoint"],
        region_name=said["settings"]["cloud"]["region"],
        aws_access_key_id=given["AWS_ACCESS_KEY_ID"],
        aws_secret_access_key=given["AWS_SECRET_ACCESS_KEY"],
    )


def test_it_says_what_is_to_be_installed(runtime: Path, tmp_path: Path) -> None:
    plain = {name: value for name, value in environment().items() if name != "PYTHONPATH"}
    command = (str(runtime), "-P", "-m", "kiosk")
    home = plain | {"KIOSK_HOME": str(tmp_path)}
    ended = kiosk("cloud", "peer", command=command, env=home)
    ended.refused(2, "The loopback peer needs botocore", "`make setup EXTRA=cloud`")


@pytest.mark.long
def test_the_extra_is_all_that_it_needs(tmp_path: Path) -> None:
    pack()
    locked = extra_packages.LOCK.read_text("utf-8")
    extra = extra_packages.pins(extra_packages.picked(locked, extra_packages.asked("cloud")))
    lock = runtime_environment.names(runtime_environment.LOCK.read_text("utf-8"))
    python = runtime_environment.make(tmp_path / "environment", lock | set(extra))
    plain = {name: value for name, value in environment().items() if name != "PYTHONPATH"}
    command, env = (str(python), "-P", "-m", "kiosk"), plain | {"KIOSK_HOME": str(tmp_path)}
    with Running("cloud", "peer", "--json", command=command, env=env) as running:
        aws = client(running.wait_for("ready"))
        assert len(aws.detect_faces(Image={"Bytes": portrait()})["FaceDetails"]) == 1
        assert running.end(signal.SIGINT).code == 0


def test_it_compares_faces_and_knows_them_again(tmp_path: Path) -> None:
    picture = {"Bytes": portrait()}
    words = ("cloud", "peer", "--json", "--keep", tmp_path / "kept", "--model-version", "6.0")
    env = environment(KIOSK_HOME=str(tmp_path / "home"))
    with Running(*words, env=env) as running:
        aws = client(running.wait_for("ready"))
        assert aws.create_collection(**C)["FaceModelVersion"] == "6.0"
        made = aws.index_faces(**C, Image=picture, ExternalImageId="p-7", QualityFilter="AUTO")
        assert len(made["FaceRecords"]) == 1
        assert running.end(signal.SIGINT).code == 0
    with Running(*words, "--latency", "50", "--tps", "5", env=env) as running:
        said = running.wait_for("ready")
        assert said["environment"]["AWS_ACCESS_KEY_ID"].startswith("AKIAPEER")
        (match,) = client(said).search_faces_by_image(**C, Image=picture)["FaceMatches"]
        assert match["Face"]["ExternalImageId"] == "p-7"
        assert match["Similarity"] > 99.9
        assert running.end().code == 0


def test_a_full_disk_costs_the_change_that_did_not_fit_and_no_other(tmp_path: Path) -> None:
    pack()
    words = ("cloud", "peer", "--json", "--keep", tmp_path / "kept")
    env = environment(KIOSK_HOME=str(tmp_path / "home"))
    with Running(*words, env=env) as running:
        aws = client(running.wait_for("ready"))
        aws.create_collection(**C)
        size = (tmp_path / "kept" / "collections.jsonl").stat().st_size
        running.fill_disk(size + 10)
        with pytest.raises(ClientError, match="InternalServerError"):
            aws.create_collection(CollectionId="c-2")
        assert aws.list_collections()["CollectionIds"] == ["c-1"]
        ended = running.end()
        assert ended.code == 5
        assert "The peer was wrong" in ended.err
    with Running(*words, env=env) as running:
        aws = client(running.wait_for("ready"))
        assert aws.list_collections()["CollectionIds"] == ["c-1"]
        aws.create_collection(CollectionId="c-3")
        running.end(signal.SIGKILL)
    with Running(*words, env=env) as running:
        aws = client(running.wait_for("ready"))
        assert aws.list_collections()["CollectionIds"] == ["c-1", "c-3"]
        assert running.end().code == 0


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("--model-version", "1.0"), ("no face model 1.0",)),
        (("--keep", "/dev/null"), ("/dev/null cannot be used",)),
        (("--port", "80000"), ()),
        (("--tps", "0"), ()),
        (("--latency", "-1"), ()),
    ],
)
def test_bad_input_is_refused(
    words: tuple[str, ...], says: tuple[str, ...], tmp_path: Path
) -> None:
    pack()
    env = environment(KIOSK_HOME=str(tmp_path / "home"))
    ended = kiosk("cloud", "peer", *words, env=env)
    assert ended.code == 2
    assert "Traceback" not in ended.err
    assert all(each in ended.err for each in says), ended.err
    assert not (tmp_path / "home").exists()
