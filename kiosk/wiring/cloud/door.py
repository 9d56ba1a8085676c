"""Amazon Rekognition beside the kiosk's own matcher, at the door."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from contextlib import ExitStack, suppress
from typing import TYPE_CHECKING

from config.settings import Settings
from hardware.camera.still import jpeg_of
from kiosk.domain.access.policy import AccessPolicy
from kiosk.domain.access.states import State
from kiosk.domain.errors import LibraryMissing, StoreError
from kiosk.domain.people.enrolled import Person
from kiosk.domain.vision.template import SubjectId
from kiosk.pipeline.identification.asking import CloudParts
from kiosk.pipeline.identification.cloud import CloudIdentification
from kiosk.pipeline.identification.runs import RunIdentification
from kiosk.store.home import Home

if TYPE_CHECKING:
    from kiosk.cloud.matching import CollectionSearch

Beside = Callable[[RunIdentification], CloudIdentification]
"""Puts a service beside the kiosk's own matcher; called in the thread that uses the result."""
Look = Callable[[], tuple[State, AccessPolicy]]
"""Where the access session stands, and the policy in force."""


def cloud_search(
    settings: Settings, home: Home, people: Callable[[], Mapping[SubjectId, Person]]
) -> CollectionSearch | None:
    """What asks Rekognition whose a face is; None where the settings do not use it.

    Raises:
        LibraryMissing: the extra `cloud` is not installed.
        SettingsError: Rekognition, or where the metadata is, is not offered in that region.
        StoreError: the key of people's ids, or the metadata, cannot be used.
    """
    if not settings.cloud.used:
        return None
    try:
        from kiosk.wiring.cloud.kept import kept_for_cloud
        from kiosk.wiring.cloud.shared import door_faces
    except ModuleNotFoundError as error:
        what = f"Matching in the cloud (cloud.mode = {settings.cloud.mode.value})"
        raise LibraryMissing(what, error.name, "cloud", for_door=False) from error
    from kiosk.cloud.collections import CollectionsInForce
    from kiosk.cloud.generations import FactGenerations
    from kiosk.cloud.matching import CollectionSearch, SearchTerms

    cloud, open_until_the_end = settings.cloud, ExitStack()
    kept = open_until_the_end.enter_context(kept_for_cloud(settings, home))
    faces, records = door_faces(cloud, home.path), FactGenerations(kept.metadata)
    search = CollectionSearch(
        faces,
        CollectionsInForce(faces, records, cloud.collection, time.monotonic),
        kept.ids,
        people,
        SearchTerms(cloud.sent_threshold, cloud.partial),
        end=open_until_the_end.close,
    )
    search.prepare()
    return search


def cloud_beside(
    settings: Settings,
    search: CollectionSearch | None,
    people: Callable[[], Mapping[SubjectId, Person]],
    look: Look,
) -> Beside | None:
    """Puts that search beside the kiosk's own matcher; None where there is none."""
    if search is None:
        return None

    def agreed(subject: SubjectId) -> bool:
        with suppress(StoreError):  # then nobody is known to have agreed
            person = people().get(subject)
            return person is not None and person.cloud
        return False

    def beside(local: RunIdentification) -> CloudIdentification:
        parts = CloudParts(search, look, agreed, jpeg_of, settings.cloud.answer_seconds)
        return CloudIdentification(local, parts)

    return beside
