"""The check that no other user can change a path, by its owner and mode. No file access here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

ROOT = 0
_OTHERS_WRITE = 0o022
_STICKY = 0o1000


class OwnedPath(NamedTuple):
    """A file or folder, with the attributes that matter here.

    Attributes:
        name: as shown to a person.
        uid: its owner.
        mode: with the kind of file.
    """

    name: str
    uid: int
    mode: int


class PathWeakness(NamedTuple):
    """The weakness, without a full stop, and the remedy."""

    text: str
    remedy: str


def weakness(place: OwnedPath | None, above: Iterable[OwnedPath], me: int) -> PathWeakness | None:
    """The reason why another user could change a path; None if only we can.

    Args:
        place: the path that is relied on; None if it does not exist.
        above: every folder above it, up to the root.
        me: the user who relies on it.

    Returns:
        The first weakness: owned by another user, or writable by others. In a sticky folder above
        it, such as /tmp, others may make files of their own, but cannot change ours.
    """
    found = None if place is None else _weak(place, me)
    return found or next(filter(None, (_weak_above(each, me) for each in above)), None)


def _weak(place: OwnedPath, me: int) -> PathWeakness | None:
    if place.uid not in {me, ROOT}:
        return PathWeakness(
            f"{place.name} belongs to another user",
            "Run as the user to whom it belongs, or give it to this one with `chown`.",
        )
    if place.mode & _OTHERS_WRITE:
        return PathWeakness(f"others may change {place.name}", f"Run `chmod go-w {place.name}`.")
    return None


def _weak_above(place: OwnedPath, me: int) -> PathWeakness | None:
    sticky = place.mode & _STICKY and place.uid in {me, ROOT}
    return None if sticky else _weak(place, me)
