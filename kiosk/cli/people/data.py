"""`kiosk people data`: what "My data" shows a person at the kiosk, for whoever answers them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption
from kiosk.cli.people.common import SubjectArgument, kept_home, show_record

if TYPE_CHECKING:
    from datetime import date

    from kiosk.domain.vision.template import SubjectId
    from kiosk.store.home import Home
    from kiosk.store.secrets.keys import KeySource


def data(
    subject: SubjectArgument,
    *,
    home: HomeOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Show what is kept about a subject: since when, until when, where, and for which doors."""
    from kiosk.people.my_data import data_of
    from kiosk.people.reading import person_of
    from kiosk.store.people.subjects import subject_id
    from kiosk.store.secrets.keys import FileKey, kiosk_id
    from kiosk.wiring.rollout.settings import settings_of

    known = subject_id(subject)
    kept = kept_home(home, None)
    days = settings_of(kept.path, config).retention.unused_days
    person, key = person_of(kept, known), FileKey(kept)
    record = data_of(person, kiosk_id(key), _last_use(kept, key, known), days)
    if json:
        print_json(record)
    else:
        show_record({**record, **{f"consent {n}": it for n, it in record["consent"].items()}})
    return 0


def _last_use(home: Home, key: KeySource, subject: SubjectId) -> date | None:
    """The last day on which they were let in: as it is stored, or from the journal, if later."""
    from kiosk.store.journal.verification import walk
    from kiosk.store.people.last_use import LastUseFile, LastUses
    from kiosk.store.secrets.keys import Purpose

    uses = LastUses()
    for place in walk(home, key.derive(Purpose.JOURNAL_HEAD)):
        uses.follow(place.entry.entry)
    known = (LastUseFile(home, key).load().get(subject), uses.days.get(subject))
    return max((day for day in known if day is not None), default=None)
