"""Whether somebody else could change what we rely on, by its status. No file here."""

from __future__ import annotations

from collections.abc import Iterable
from typing import NamedTuple

ROOT = 0
_OTHERS_WRITE = 0o022
_STICKY = 0o1000


class OwnedPath(NamedTuple):
    """A file or folder, as far as it matters here.

    Attributes:
        name: as a person knows it.
        uid: whose it is.
        mode: with the kind of file.
    """

    name: str
    uid: int
    mode: int


class PathWeakness(NamedTuple):
    """What is wrong, without a full stop, and what to do."""

    text: str
    remedy: str


def weakness(place: OwnedPath | None, above: Iterable[OwnedPath], me: int) -> PathWeakness | None:
    """Why a place is not ours alone to change; None if it is.

    Args:
        place: what is relied on; None while it is not there.
        above: every folder above it, up to the root.
        me: the user who relies on it.

    Returns:
        The first weakness: another user's, or writable by others. In a folder above that is sticky,
        such as /tmp, others may make files of their own, and cannot touch ours.
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
