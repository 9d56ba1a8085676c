"""The record of the generations of collections, as a fact of the metadata."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

from kiosk.cloud.metadata.port import Metadata, MetadataChanged
from kiosk.domain.cloud.faces import ModelVersion
from kiosk.domain.cloud.shards import Building, Generation, Generations, Retired
from kiosk.domain.errors import CloudRefused

FACT = "generations"
FORMAT = 1


class FactGenerations:
    """Keeps the record with the metadata, for all who share it; see `GenerationRecords`.

    Args:
        metadata: of the site.
    """

    def __init__(self, metadata: Metadata) -> None:
        self._metadata = metadata

    def read(self) -> Generations:
        """The record; one of revision 0 if there is none."""
        return _decoded(self._metadata.fact(FACT).text)

    def replace(self, old: Generations, new: Generations) -> bool:
        """Write a record; False if another than `old` is there by now, and nothing is written."""
        fact = self._metadata.fact(FACT)
        if _decoded(fact.text) != old:
            return False
        try:
            self._metadata.set_fact(FACT, _encoded(new), fact)
        except MetadataChanged:
            return False
        return True


def _encoded(record: Generations) -> str:
    said: dict[str, Any] = {
        "format": FORMAT,
        "revision": record.revision,
        "last_number": record.last_number,
        "retired": [{**_said(it.generation), "since": it.since} for it in record.retired],
    }
    if record.in_force is not None:
        said["in_force"] = _said(record.in_force)
    if (held := record.building) is not None:
        said["building"] = {**_said(held.generation), "owner": held.owner, "until": held.until}
    return json.dumps(said, separators=(",", ":"))


def _said(generation: Generation) -> dict[str, Any]:
    return {
        "number": generation.number,
        "shards": generation.shards,
        "model": generation.model,
    }


def _decoded(text: str) -> Generations:
    if not text:
        return Generations()
    try:
        return _record(json.loads(text))
    except (KeyError, TypeError, ValueError) as error:
        raise CloudRefused(
            "What the metadata says of the collections cannot be read, or is of a newer program.",
            "Use the newest program at every kiosk of the site; if all are, restore the metadata.",
        ) from error


def _record(said: Mapping[str, Any]) -> Generations:
    if said["format"] != FORMAT:
        raise ValueError(said["format"])
    return Generations(
        int(said["revision"]),
        _generation(said["in_force"]) if "in_force" in said else None,
        _building(said["building"]) if "building" in said else None,
        tuple(Retired(_generation(it), float(it["since"])) for it in said["retired"]),
        int(said["last_number"]),
    )


def _generation(said: Mapping[str, Any]) -> Generation:
    return Generation(int(said["number"]), int(said["shards"]), ModelVersion(str(said["model"])))


def _building(said: Mapping[str, Any]) -> Building:
    return Building(_generation(said), str(said["owner"]), float(said["until"]))
