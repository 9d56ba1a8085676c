"""`kiosk audit receipt`: look the number of a receipt up in the journal; names no subject."""

from __future__ import annotations

import sys
from typing import Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.audit.commands import journal_home, seal_key, unchecked
from kiosk.cli.common import HomeOption, JsonOption
from kiosk.domain.errors import JournalTampered, Refused

NumberArgument = Annotated[str, typer.Argument(help="The number, in any spelling.")]


def receipt(number: NumberArgument, *, home: HomeOption = None, json: JsonOption = False) -> int:
    """Check the receipt of a withdrawal: when it was, and that it was carried out.

    Exit 3 if the journal does not have it, or does not verify.
    """
    from kiosk.people.receipts import find_receipt

    kept = journal_home(home)
    key, why = seal_key(kept)
    try:
        found, entries = find_receipt(kept, key, number)
    except JournalTampered as error:
        if json:
            print_json({"found": False, "verified": False, "problem": error.problem})
        raise
    verified = {"verified": True, "entries": entries, "seal_checked": key is not None}
    if found is None:
        if json:
            print_json({"found": False, **verified})
            return Refused.exit_code
        raise Refused(
            "The journal has no such receipt.", "Compare the number with the one on the receipt."
        )
    if json:
        print_json({"found": True, "at": found.at_utc, "erased": found.erased, **verified})
        return 0
    what = "and the references were erased" if found.erased else "but the erasure is not completed"
    print(f"The receipt is genuine: consent was withdrawn at {found.at_utc}, {what}.")
    print(f"The journal verifies up to its end, entry {entries}.")
    if key is None:
        print(unchecked(why), file=sys.stderr)
    return 0
