"""A row of the metadata as JSON."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kiosk.domain.cloud.faces import CloudId, FaceId, ModelVersion
from kiosk.domain.cloud.flows import CloudFlow, FlowIntent, FlowStep, PersonFaces

FORMAT = 1


def encode(row: PersonFaces) -> str:
    """What is kept of a row beside person, collection and revision; no default is said."""
    said: dict[str, Any] = {"format": FORMAT, "faces": list(row.faces)}
    others = {"model": row.model, "consent": row.consent, "owner": row.owner}
    said |= {name: value for name, value in others.items() if value}
    if row.duplicate_of is not None:
        said["duplicate_of"] = row.duplicate_of
    if row.since:
        said["since"] = row.since
    if row.intent is not None:
        said["intent"] = _intent_said(row.intent)
    return json.dumps(said, separators=(",", ":"))


def decode(person: CloudId, collection: str, revision: int, text: str) -> PersonFaces:
    """The row that `encode` has made text of.

    Raises:
        KeyError, TypeError, ValueError: it is something else, or newer than this program.
    """
    said = json.loads(text)
    if said["format"] != FORMAT:
        raise ValueError(said["format"])
    model, duplicate = said.get("model"), said.get("duplicate_of")
    return PersonFaces(
        person,
        collection,
        _faces(said["faces"]),
        None if model is None else ModelVersion(str(model)),
        str(said.get("consent", "")),
        str(said.get("owner", "")),
        None if duplicate is None else CloudId(str(duplicate)),
        _intent(said["intent"]) if "intent" in said else None,
        revision,
        float(said.get("since", 0.0)),
    )


def _intent_said(intent: FlowIntent) -> dict[str, Any]:
    adding = {"adding": True} if intent.adding else {}
    since = {"since": intent.since} if intent.since else {}
    return (
        adding
        | since
        | {
            "flow": intent.flow.value,
            "step": intent.step.value,
            "token": intent.token,
            "pictures": intent.pictures,
            "added": list(intent.added),
            "removed": list(intent.removed),
            "undoing": intent.undoing,
            "at": intent.at,
        }
    )


def _intent(said: Mapping[str, Any]) -> FlowIntent:
    return FlowIntent(
        CloudFlow(said["flow"]),
        FlowStep(said["step"]),
        str(said["token"]),
        int(said["pictures"]),
        _faces(said["added"]),
        _faces(said["removed"]),
        said["undoing"] is True,
        float(said["at"]),
        said.get("adding") is True,
        float(said.get("since", 0.0)),
    )


def _faces(said: list[object]) -> tuple[FaceId, ...]:
    return tuple(FaceId(str(face)) for face in said)
