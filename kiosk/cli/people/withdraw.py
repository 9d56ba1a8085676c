"""`kiosk people withdraw`: erase a person at their own wish; the receipt is theirs."""

from __future__ import annotations

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption
from kiosk.cli.people.common import SubjectArgument, kept_home, tell_of_cloud


def withdraw(
    subject: SubjectArgument,
    *,
    home: HomeOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Erase a subject who takes their consent back, at once; print the number of the receipt."""
    from kiosk.people.receipts import withdraw as take_back
    from kiosk.people.service import PeopleService
    from kiosk.store.open_home import OpenHome
    from kiosk.store.people.subjects import subject_id
    from kiosk.wiring.enrolment import fleet_ties

    known = subject_id(subject)
    kept = kept_home(home, config, changes=True)
    with OpenHome.open(kept.path) as open_home:
        fleet = fleet_ties(open_home)
        tell = None if fleet is None else fleet.withdrawn
        receipt = take_back(open_home, PeopleService(open_home), known, tell)
    if json:
        print_json({"receipt": receipt.number})
        return 0
    at = receipt.at.isoformat(timespec="seconds")
    print(
        f"{known} is erased: {receipt.references} references, at {at}. The number of the receipt "
        f"is {receipt.number}: hand it over, it is kept nowhere else. Anybody can check it with "
        "`kiosk audit receipt`."
    )
    tell_of_cloud(kept, known)
    return 0
