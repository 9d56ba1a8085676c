"""The last word on people in a scope, whoever has said it: published, or waiting to be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from tuf.api.metadata import Targets

from kiosk.domain.errors import FleetRefused
from kiosk.domain.fleet.history import History, history_of
from kiosk.domain.fleet.statement import ADMINS, is_inviter
from kiosk.domain.vision.template import SubjectId
from kiosk.fleet.log import Authors, published_now, waiting
from kiosk.fleet.records import FleetPerson
from kiosk.fleet.saying import open_record
from kiosk.fleet.scope_file import ScopeFile
from kiosk.fleet.sealing import ScopeKeys
from kiosk.fleet.trust import layout
from kiosk.fleet.trust.verified import VerifiedStore


@dataclass(frozen=True, slots=True)
class LastWord:
    """What was said last of one person in one scope.

    Attributes:
        record: the hash of the record.
        at: when, as its author says, UTC.
        gone: True if it says that they are erased there.
        moved: True if it says that they are in another scope.
    """

    record: str
    at: datetime
    gone: bool = False
    moved: bool = False


def last_words(
    verified: VerifiedStore, targets: Targets, keys: ScopeKeys, subjects: Iterable[SubjectId]
) -> Mapping[SubjectId, LastWord]:
    """The last word on each of these people of whom a scope has ever said anything.

    Args:
        verified: the store.
        targets: what admins have signed last.
        keys: of the scope.
        subjects: the people.

    Raises:
        FleetRefused: what is published cannot be verified.
        FleetStoreUnreachable: the store does not answer.
    """
    authors = Authors(verified, targets)
    known = published_now(verified, targets, keys.scope, authors).file
    history = history_of(keys.scope, (statement for statement, _ in known.statements))
    file = ScopeFile([], dict(known.records))
    for author in _heard(verified, keys.scope):
        for _, said in waiting(verified, authors, keys.scope, author):
            if isinstance(said, ScopeFile):
                _follow(history, file, said)
    tags = {keys.tag(subject): subject for subject in subjects}
    return {tags[tag]: _word(keys, file, history, tag) for tag in history.current if tag in tags}


def _heard(verified: VerifiedStore, scope: str) -> Sequence[str]:
    """Who has handed in something about a scope, in the order in which it is published."""
    names = (name for kind in layout.INBOXES for name in verified.store.names(kind))
    heard = {layout.handed_in(name) for name in names}
    authors = {each[0] for each in heard if each is not None and each[1] == scope}
    return sorted(authors, key=lambda each: (each != ADMINS, not is_inviter(each), each))


def _follow(history: History, file: ScopeFile, said: ScopeFile) -> None:
    """Take what fits; the rest is the publisher's to name."""
    for statement, _ in said.statements:
        if statement.number > history.next_of(statement.author).number:
            try:
                history.follow(statement)
            except FleetRefused:
                return
            file.records.update(said.records)


def _word(keys: ScopeKeys, file: ScopeFile, history: History, tag: str) -> LastWord:
    record, at = history.current[tag], history.changed[tag].at
    try:
        content = open_record(keys, file, tag, record)
    except FleetRefused:
        return LastWord(record, at)
    if isinstance(content, FleetPerson) and content.profile is None:
        return LastWord(record, at, gone=True, moved=content.moved)
    return LastWord(record, at)
