"""A segment of a device's journal, as it lies in the store: signed, chained, and sealed to admins.

The first line is what the device signs: number, the hash of the segment before, which entries, and
the hash of the rest. The rest is a key, wrapped for each admin, and the entries sealed under it.
"""

from __future__ import annotations

import hashlib
import secrets
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from kiosk.domain.audit import GENESIS, SealedEntry, parse, verify
from kiosk.domain.errors import FleetRefused, JournalTampered
from kiosk.fleet.cards import DeviceKeys, wrapping_id
from kiosk.fleet.device import Device
from kiosk.fleet.reporting.signed import (
    ReportKind,
    read_report,
    require_equal,
    short_word,
    sign_report,
    understood,
    utc_time,
)
from kiosk.fleet.sealing import KEY_BYTES, WrappingKey, wrap_bytes
from kiosk.store.secrets.sealing import place, seal, unseal

MOST_PLAIN = 1_000_000
"""Limit of a segment's entries, in bytes of their lines."""
WRAPPED_BYTES = 32 + 1088 + KEY_BYTES + 16
"""A wrapped key: what X25519 and ML-KEM-768 encapsulate, the key, and the tag."""
MOST_SEGMENT = 2_000_000
"""Limit of a segment's bytes in the store."""


@dataclass(frozen=True, slots=True)
class JournalPlace:
    """A place in a journal.

    Attributes:
        number: of the last entry before it; 0 at the beginning.
        hash: of that entry.
    """

    number: int = 0
    hash: str = GENESIS


@dataclass(frozen=True, slots=True)
class SegmentBefore:
    """The segment that the next one follows.

    Attributes:
        number: its number; 0 for none.
        digest: the hash of what was signed; None for none.
        at: when it was made, UTC; None for none.
    """

    number: int = 0
    digest: str | None = None
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class JournalSegment:
    """A segment whose signature was verified, not opened yet.

    Attributes:
        number: counts from 1 without a gap.
        at: when it was made, by the device's clock, UTC.
        before: the segment that it follows.
        begin: the place before its first entry.
        end: the place after its last entry.
        admins: the ids of the keys for which it was sealed.
        digest: the hash of what was signed.
        body: the wrapped keys, and the sealed entries.
    """

    number: int
    at: datetime
    before: SegmentBefore
    begin: JournalPlace
    end: JournalPlace
    admins: tuple[str, ...]
    digest: str
    body: bytes

    def entries(self, device: str, holders: Iterable[WrappingKey]) -> Sequence[SealedEntry] | None:
        """Its entries; None if none of these admins' keys opens it.

        Raises:
            FleetRefused: what is sealed is not what was signed.
        """
        mine = {wrapping_id(each.public): each for each in holders}
        found = next((i for i, name in enumerate(self.admins) if name in mine), None)
        if found is None:
            return None
        where = _place(device, self.number)
        try:
            wrapped, sealed = _parts(self.body, len(self.admins))
            key = mine[self.admins[found]].open(wrapped[found], where)
            lines = _inflated(unseal(AESGCM(key), sealed, where)).decode("ascii").splitlines()
            first = self.begin.number + 1
            entries = [parse(line, first + n) for n, line in enumerate(lines)]
            verify(entries, self.begin.number, self.begin.hash)
            require_equal(JournalPlace(entries[-1].number, entries[-1].hash), self.end)
        except (IndexError, InvalidTag, JournalTampered, ValueError, zlib.error) as error:
            raise FleetRefused(
                f"Segment {self.number} does not hold the entries that it says.",
                "Look at the device itself.",
            ) from error
        return entries


def make_segment(
    device: Device,
    before: SegmentBefore,
    begin: JournalPlace,
    entries: Sequence[SealedEntry],
    admins: Sequence[bytes],
    at: datetime,
) -> bytes:
    """A segment as it lies in the store.

    Args:
        device: signs it.
        before: the segment that it follows.
        begin: the place before its first entry.
        entries: at least one.
        admins: public keys; at least one.
        at: the time, UTC.
    """
    number, key = before.number + 1, secrets.token_bytes(KEY_BYTES)
    where = _place(device.fingerprint, number)
    lines = "".join(f"{each.line()}\n" for each in entries).encode()
    wrapped = [wrap_bytes(key, each, where) for each in admins]
    body = b"".join((*wrapped, seal(AESGCM(key), zlib.compress(lines, 9), where)))
    said = {
        "number": number,
        "at": at.isoformat(),
        "before": before.digest,
        "before_at": None if before.at is None else before.at.isoformat(),
        "begin": [begin.number, begin.hash],
        "end": [entries[-1].number, entries[-1].hash],
        "admins": [wrapping_id(each) for each in admins],
        "body": hashlib.sha256(body).hexdigest(),
    }
    return sign_report(ReportKind.SEGMENT, device, said) + b"\n" + body


def read_segment(data: bytes, keys: DeviceKeys) -> JournalSegment:
    """A segment, if this device has signed it.

    Raises:
        FleetRefused: it has not, its rest was changed, or this version does not understand it.
    """
    head, _, body = data.partition(b"\n")
    report = read_report(ReportKind.SEGMENT, head, keys)

    def segment(said: Mapping[str, Any]) -> JournalSegment:
        number, before_at = int(said["number"]), said["before_at"]
        digest = None if said["before"] is None else short_word(said["before"])
        at = None if before_at is None else utc_time(before_at)
        if number < 1 or hashlib.sha256(body).hexdigest() != said["body"]:
            raise ValueError(number)
        return JournalSegment(
            number=number,
            at=utc_time(said["at"]),
            before=SegmentBefore(number - 1, digest, at),
            begin=_journal_place(said["begin"]),
            end=_journal_place(said["end"]),
            admins=tuple(map(short_word, said["admins"])),
            digest=report.digest,
            body=body,
        )

    return understood(ReportKind.SEGMENT, report.said, segment)


def _journal_place(said: Sequence[Any]) -> JournalPlace:
    number, digest = said
    return JournalPlace(int(number), short_word(digest))


def _parts(body: bytes, count: int) -> tuple[list[bytes], bytes]:
    """The wrapped keys, each of the same length, and the sealed entries."""
    wrapped = [body[n * WRAPPED_BYTES : (n + 1) * WRAPPED_BYTES] for n in range(count)]
    return wrapped, body[count * WRAPPED_BYTES :]


def _inflated(packed: bytes) -> bytes:
    """Unpacked; raises ValueError if it is longer than a segment may be, or ends early."""
    unpacking = zlib.decompressobj()
    plain = unpacking.decompress(packed, MOST_PLAIN)
    if not unpacking.eof:
        raise ValueError(len(plain))
    return plain


def _place(device: str, number: int) -> bytes:
    return place("fleet journal", device, str(number))
