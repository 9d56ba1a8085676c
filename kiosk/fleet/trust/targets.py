"""Metadata and targets on their way to the store.

A target is written under its hash, so that what metadata names never changes.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TypeVar

from securesystemslib.signer import Signer
from tuf.api.metadata import Metadata, Root, Snapshot, TargetFile, Targets, Timestamp

from kiosk.fleet.stores.port import ANYTHING, ObjectStore
from kiosk.fleet.trust import layout

RoleT = TypeVar("RoleT", Root, Timestamp, Snapshot, Targets)


def put_target(store: ObjectStore, path: str, data: bytes) -> TargetFile:
    """Write a target under its hash; returns what metadata says of it."""
    info = TargetFile.from_data(path, data, ["sha256"])
    store.put(layout.target_name(path, info.hashes["sha256"]), data, expected=ANYTHING)
    return info


def signed_by(role: RoleT, signers: Sequence[Signer]) -> bytes:
    """A role's metadata with the signatures of these keys."""
    metadata = Metadata(role)
    for signer in signers:
        metadata.sign(signer, append=True)
    return metadata.to_bytes()
