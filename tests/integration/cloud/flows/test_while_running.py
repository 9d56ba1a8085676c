"""A kiosk that runs does what is left to do in the cloud: wired as `kiosk run` wires it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import cast

import pytest
from kept_samples import AGREED, template
from rekognition_peer import PeerInTest, peer

from config.sections.cloud import CloudSettings
from config.settings import Settings
from kiosk.app.reporter import Reporter
from kiosk.app.whole_run import Mode, _in_the_cloud
from kiosk.cloud.flows.hooks import CloudRegistrar
from kiosk.cloud.generations import FactGenerations
from kiosk.cloud.ids import CloudIds, make_key
from kiosk.domain.cloud.faces import ModelVersion
from kiosk.domain.cloud.modes import CloudMode
from kiosk.domain.cloud.pictures import FacePicture
from kiosk.domain.cloud.shards import Generation, Generations, ShardedCollections
from kiosk.domain.people.consent import Consent
from kiosk.domain.vision.template import SubjectId
from kiosk.people.elsewhere.port import ElsewhereRequest, ElsewhereVerdict
from kiosk.people.service import PeopleService
from kiosk.store.open_home import OpenHome
from kiosk.wiring.cloud.kept import kept_for_cloud
from kiosk.wiring.vision import Weights

ANNA = SubjectId("s-1001")
GENERATION = Generation(1, 1, ModelVersion("7.0"))
NAME = ShardedCollections("lintel", GENERATION).names[0]
PATIENCE_SECONDS = 120.0
NO_WEIGHTS = cast("Weights", None)
"""Nobody here has a photograph in which a face is looked for."""


def test_who_enrols_is_registered_and_who_is_erased_is_deleted(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with peer() as there, OpenHome.open(tmp_path / "home") as open_home:
        for name, value in there.environment.items():
            monkeypatch.setenv(name, value)
        settings = Settings(
            cloud=CloudSettings(mode=CloudMode.BOTH_AGREE, **there.settings())  # type: ignore[arg-type]
        )
        _make_collections(there, settings, open_home)
        agreed = Consent(AGREED.text, AGREED.given_at, cloud=True)
        with _in_the_cloud(
            settings, open_home, NO_WEIGHTS, Mode.LIVE, Reporter(json=True)
        ) as elsewhere:
            assert isinstance(elsewhere, CloudRegistrar)
            picture = FacePicture(there.faces.of("anna"), 160, 160)
            asked = ElsewhereRequest(ANNA, agreed, (picture,))
            assert elsewhere.judge(asked).verdict in {ElsewhereVerdict.FITS, ElsewhereVerdict.LATER}
            open_home.references.enrol(ANNA, [template(1)], agreed, None)
            elsewhere.kept(ANNA)
            _until(there, faces=1)
            PeopleService(open_home).erase(ANNA)
            _until(there, faces=0)
        said = open_home.home.journal.read_text()
        assert '"registration"' in said
        assert '"withdrawal"' in said


@pytest.mark.parametrize("mode", [Mode.REPLAY, Mode.LIVE])
def test_without_the_cloud_nothing_of_it_is_begun(tmp_path: Path, mode: Mode) -> None:
    used = CloudSettings(mode=CloudMode.CLOUD, region="eu-west-1")
    settings = Settings(cloud=used if mode is Mode.REPLAY else CloudSettings())
    with (
        OpenHome.open(tmp_path / "home") as open_home,
        _in_the_cloud(settings, open_home, NO_WEIGHTS, mode, Reporter(json=True)) as elsewhere,
    ):
        assert elsewhere is None
        assert not open_home.home.cloud.exists()


def _make_collections(there: PeerInTest, settings: Settings, open_home: OpenHome) -> None:
    make_key(open_home.home.cloud_ids)
    there.client().create_collection(CollectionId=NAME)
    with kept_for_cloud(settings, open_home.home) as kept:
        record = Generations(1, GENERATION, last_number=1)
        assert FactGenerations(kept.metadata).replace(Generations(), record)
        assert isinstance(kept.ids, CloudIds)


def _until(there: PeerInTest, *, faces: int) -> None:
    """Wait until the collection holds so many faces, each of a user."""
    client, ends = there.client(), time.monotonic() + PATIENCE_SECONDS
    while True:
        held = client.list_faces(CollectionId=NAME)["Faces"]
        users = client.list_users(CollectionId=NAME)["Users"]
        if len(held) == len(users) == faces and all("UserId" in face for face in held):
            return
        assert time.monotonic() < ends, (held, users)
        time.sleep(0.1)
