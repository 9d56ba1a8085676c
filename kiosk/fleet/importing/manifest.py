"""The manifest of an import: each photograph with its hash, and the reference that it became.

It holds no name of a person and no template, and reconciles one to one with the references made.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping, Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from kiosk.domain.errors import BadInput
from kiosk.domain.people.batch import BatchResult
from kiosk.domain.vision.template import SpaceId
from kiosk.store.home import replace_whole

FORMAT = 1
_REMEDY = "Name a file in a folder of yours with --manifest."


def manifest_of(
    scope: str,
    space: SpaceId,
    roster: tuple[str, str],
    at: datetime,
    results: Sequence[BatchResult],
) -> Mapping[str, Any]:
    """The content of a manifest.

    Args:
        scope: where the people were brought.
        space: of the references.
        roster: the name of the CSV file, and the hash of its content.
        at: when, UTC.
        results: what became of each person.
    """
    name, digest = roster
    photographs = [
        {
            "photo": image.photograph.name,
            "sha256": image.photograph.sha256,
            "subject": result.subject,
            **(
                {"reference": image.reference}
                if image.reference is not None
                else {"refused": image.photograph.refused}
            ),
        }
        for result in results
        for image in result.images
    ]
    return {
        "format": FORMAT,
        "scope": scope,
        "space": space,
        "csv": {"name": name, "sha256": digest},
        "made_at": at.isoformat(),
        "photographs": photographs,
    }


def refuse_unwritable(path: Path) -> None:
    """Raises BadInput: a manifest cannot be written there."""
    folder = path.parent
    if path.is_dir() or not folder.is_dir() or not os.access(folder, os.W_OK | os.X_OK):
        raise BadInput(f"The manifest {path} cannot be written.", _REMEDY)


def write_manifest(path: Path, manifest: Mapping[str, Any]) -> None:
    """Write a manifest in place of an older one; whole or not at all.

    Raises:
        BadInput: it cannot be written.
    """
    try:
        replace_whole(path, (json.dumps(manifest, indent=1) + "\n").encode())
    except OSError as error:
        why = os.strerror(error.errno or 0)
        raise BadInput(f"The manifest {path} cannot be written: {why}.", _REMEDY) from error
