"""`kiosk people show`: what is stored about one person."""

from __future__ import annotations

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption
from kiosk.cli.people.common import SubjectArgument, kept_home, show_record, warn_of_other_space


def show(
    subject: SubjectArgument,
    *,
    home: HomeOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Show what is stored about a subject, except the templates, PINs and badges themselves."""
    from kiosk.people.reading import person_of
    from kiosk.people.records import record
    from kiosk.store.people.subjects import subject_id

    kept = kept_home(home, config)
    stored = record(person_of(kept, subject_id(subject)))
    warn_of_other_space(kept, config)
    if json:
        print_json(stored)
    else:
        show_record(stored)
    return 0
