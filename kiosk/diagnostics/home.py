"""The stored data of a kiosk: home, key, references, the journal's end, the admin PIN.

The checks create nothing, not even a missing home.
"""

from __future__ import annotations

import os
import stat
import tomllib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.domain.finding import Finding, Health
from kiosk.domain.remedies import NextStep, Remedy

if TYPE_CHECKING:
    from config.settings import Settings
    from kiosk.store.secrets.keys import FileKey

OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH
OTHERS_READ = stat.S_IRGRP | stat.S_IROTH
BACKUP_DAYS = 35
"""A backup that is older is too old: whoever has enrolled since would be lost."""
OTHERS = stat.S_IRWXG | stat.S_IRWXO


def home(path: Path, config: Path | None) -> Iterator[Finding]:
    """Check the owner of the home, and the access of other users to it and its files."""
    if not path.exists():
        remedy = Remedy(
            "Make a new home; the kiosk's start makes one too, and so does enrolling somebody. Or "
            "choose another.",
            NextStep.MAKE_HOME,
        )
        yield Finding("home", Health.WARN, f"there is no {path} yet", remedy)
        return
    found = [*_folder(path), *_files(path, config)]
    yield from found or [Finding("home", Health.OK, f"{path} is its owner's alone")]


def _folder(path: Path) -> Iterator[Finding]:
    status = path.stat()
    if status.st_uid != os.geteuid():
        remedy = "Run the doctor, and the kiosk, as the user to whom it belongs."
        yield Finding("home", Health.BAD, f"{path} belongs to another user", remedy)
    if status.st_mode & OTHERS:
        health = Health.BAD if status.st_mode & OTHERS_WRITE else Health.WARN
        yield Finding("home", health, f"others may enter {path}", f"Run `chmod 700 {path}`.")


def _files(path: Path, config: Path | None) -> Iterator[Finding]:
    """Settings may be readable if they hold no secret; files written by the kiosk may not."""
    settings = config or path / "config.toml"
    yield from _told_secrets(settings)
    kept = sorted(each for each in path.iterdir() if each.is_file() and each != settings)
    for each, mask in [(settings, OTHERS_WRITE), *((each, OTHERS) for each in kept)]:
        mode = each.stat().st_mode if each.exists() else 0
        if mode & mask:
            may = "change" if mode & OTHERS_WRITE else "read"
            health = Health.BAD if mode & OTHERS_WRITE else Health.WARN
            remedy = f"Run `chmod 600 {each}`."
            yield Finding("home", health, f"others may {may} {each}", remedy)


def _told_secrets(settings: Path) -> Iterator[Finding]:
    """A warning for each secret in a settings file that other users may read."""
    from kiosk.diagnostics.secrets_in_settings import secrets_of

    try:
        mode, text = settings.stat().st_mode, settings.read_text(encoding="utf-8-sig")
        held = secrets_of(tomllib.loads(text)) if mode & OTHERS_READ else []
    except (OSError, ValueError, RecursionError):
        return  # reported by the check of the settings
    for name in held:
        told = f"others may read {settings}, and {name} holds a secret"
        remedy = f"Run `chmod 600 {settings}`, and take another secret: this one may be known."
        yield Finding("home", Health.WARN, told, remedy)


def key(path: Path) -> Iterator[Finding]:
    """Check that the key exists, is accessible to its owner only, and decrypts the stored data.

    Raises:
        StoreError: it does not.
    """
    from kiosk.store.home import Home
    from kiosk.store.open_home import references_of
    from kiosk.store.secrets.keys import MAKE_KEY, FileKey, Purpose, kiosk_id

    kept = Home(path)
    if not kept.has_key and not (kept.references.exists() or kept.journal.exists()):
        yield Finding("key", Health.WARN, "there is none yet", MAKE_KEY)
        return
    FileKey(kept).derive(Purpose.REFERENCES)
    with references_of(kept) as references:
        people = len(references.people()) if references else 0
    yield _where_the_key_is(FileKey(kept), people)
    yield Finding("kiosk", Health.OK, f"its id is {kiosk_id(FileKey(kept))}, in every order")
    if not people:
        remedy = Remedy("Enrol somebody.", NextStep.ENROL)
        yield Finding("people", Health.WARN, "nobody is enrolled", remedy)


def _where_the_key_is(file: FileKey, people: int) -> Finding:
    from kiosk.store.secrets.credential import USUAL_NAME, offered

    opens = f"opens what is kept; people enrolled: {people}"
    if file.credential is not None:
        return Finding("key", Health.OK, f"{opens}; sealed with the credential {file.credential}")
    if offered():
        remedy = Remedy(
            "Make a new one that is sealed with it.", NextStep.SEAL_KEY, name=USUAL_NAME
        )
        told = f"{opens}; it lies in a file, though there is the credential {USUAL_NAME}"
        return Finding("key", Health.WARN, told, remedy)
    return Finding("key", Health.OK, f"{opens}; it lies in a file of the home")


def backup(path: Path, now: datetime) -> Iterator[Finding]:
    """Check when a backup was made last; no row where a fleet has everybody, or nobody is enrolled.

    Raises:
        StoreError: that cannot be determined.
    """
    from kiosk.store.home import Home
    from kiosk.store.open_home import references_of
    from kiosk.store.people.members import Members
    from kiosk.store.secrets.keys import FileKey
    from kiosk.store.whole.backup import last_backup
    from kiosk.store.whole.copies import copies_of

    kept = Home(path)
    remedy = Remedy("Make one, and keep it elsewhere.", NextStep.MAKE_BACKUP)
    for copy in copies_of(kept.references):
        if copy.suffix == ".aside":
            told = f"a damaged database was put aside ({copy.name}); a new one began"
            again = Remedy("Restore whom the kiosk alone had.", NextStep.RESTORE_BACKUP)
            yield Finding("backup", Health.WARN, told, again)
    with references_of(kept) as references:
        if references is None or not Members(references).others():
            return
    said = last_backup(kept, FileKey(kept)).load()
    if said is None:
        yield Finding("backup", Health.WARN, "none was made yet", remedy)
        return
    days = max(0, (now - datetime.fromisoformat(said["at"])).days)
    told = f"made {days} days ago" if days else "made less than a day ago"
    health = Health.WARN if days > BACKUP_DAYS else Health.OK
    yield Finding("backup", health, told, remedy if health is Health.WARN else "")


def room(path: Path, settings: Settings) -> Iterator[Finding]:
    """Check how many more references fit before some people are not recognised.

    Raises:
        StoreError: the references cannot be read.
        SpaceMismatch: people were enrolled with other models than those of the settings.
        PolicyError: the model pack in the settings allows no decision at all.
    """
    from kiosk.domain.access.policy import MAKE_ROOM, GalleryRoom, capacity
    from kiosk.enrolment.capacity import scarcity
    from kiosk.store.home import Home
    from kiosk.store.open_home import references_of
    from kiosk.wiring.spaces import refuse_other_space
    from kiosk.wiring.vision import FORM
    from models.packs.installed import load_manifest

    pack = load_manifest().pack(settings.models.pack)
    with references_of(Home(path)) as references:
        refuse_other_space(references, pack)
        stored = len(references.subjects()) if references else 0
    now = GalleryRoom(stored, capacity(pack.calibration(FORM), settings.match_policy()))
    if now.references > now.most:
        over = f"{now.references:,} people are enrolled, and {now.most:,} can be compared"
        problem = f"{over}: people who were enrolled last are not recognised"
        yield Finding("room", Health.BAD, problem, MAKE_ROOM)
    elif said := scarcity(now):
        yield Finding("room", Health.WARN, f"{said[0].lower()}{said[1:].rstrip('.')}", MAKE_ROOM)
    else:
        text = f"people enrolled: {now.references:,} of at most {now.most:,}"
        yield Finding("room", Health.OK, text)


def journal(path: Path) -> Iterator[Finding]:
    """Check that the journal ends as it was sealed, and that the stored data belongs to it.

    `kiosk audit verify` checks the whole journal.

    Raises:
        JournalTampered: it does not.
        StoreReplaced: a file is an older copy, or missing.
        StoreError: the key is unusable.
    """
    from kiosk.store.home import Home
    from kiosk.store.journal.verification import latest
    from kiosk.store.kept import check
    from kiosk.store.secrets.keys import FileKey, Purpose

    kept = Home(path)
    if not (kept.journal.exists() or kept.references.exists()):
        return
    check(kept, FileKey(kept))
    last = latest(kept, FileKey(kept).derive(Purpose.JOURNAL_HEAD), 1)
    when = f"; last entry {last[-1].entry.at_utc[:16].replace('T', ' ')} UTC" if last else ""
    yield Finding("journal", Health.OK, f"ends as it was sealed{when}")


def anchor(path: Path, settings: Settings) -> Iterator[Finding]:
    """Check that the journal continues from its anchor outside the home; no row if none is set.

    Raises:
        StoreReplaced: the home is an older copy, or the anchor is not this kiosk's.
        JournalTampered: the journal does not verify.
        StoreError: the key is unusable.
    """
    from kiosk.diagnostics.anchor import file_of, looked_at
    from kiosk.store.home import Home

    kept = Home(path)
    if settings.journal.anchor_file is None or not kept.head.exists():
        return
    file = file_of(settings, kept)
    if file is None:
        return
    folder = file.path.parent
    if absent := looked_at(file):
        remedy = "Put the media in, and look whose its folder is; a kiosk that runs writes it."
        yield Finding("anchor", Health.WARN, absent.rstrip("."), remedy)
    elif not os.access(folder, os.W_OK | os.X_OK):
        remedy = "Mount the media so that the kiosk's user may write there."
        yield Finding("anchor", Health.WARN, f"{folder} cannot be written", remedy)
    elif folder.stat().st_dev == path.stat().st_dev:
        remedy = "Name a file on other media: whoever puts back a copy of one puts back both."
        yield Finding("anchor", Health.WARN, f"{file.path} lies where the home lies", remedy)
    else:
        yield Finding("anchor", Health.OK, "the journal goes on from what is kept outside")


def admin_pin(path: Path) -> Iterator[Finding]:
    """Check that an admin PIN is set, without which nobody can open the installer's page.

    Raises:
        StoreError: that cannot be determined.
    """
    from kiosk.store.home import Home
    from kiosk.store.secrets.admin_pin import AdminPin
    from kiosk.store.secrets.keys import FileKey

    kept = Home(path)
    if kept.has_key and AdminPin(kept, FileKey(kept)).is_set():
        yield Finding("admin PIN", Health.OK, "set")
        return
    remedy = Remedy(
        "Set one; until then the installer's page lets nobody in.", NextStep.SET_ADMIN_PIN
    )
    yield Finding("admin PIN", Health.WARN, "not set", remedy)
