"""The alarms that are shipped: a template of CloudFormation."""

from __future__ import annotations

import json
from importlib.resources import files
from typing import Any, Final
from urllib.parse import urlsplit

from kiosk.domain.cloud.modes import Searched
from kiosk.domain.cloud.operations import Operation

NAME: Final = "alarms.json"
_SEARCH: Final = {
    Searched.USERS: Operation.SEARCH_USERS,
    Searched.FACES: Operation.SEARCH_FACES,
}


def template(search: Searched = Searched.USERS, dead_letters: str | None = None) -> dict[str, Any]:
    """The template, with these defaults for its parameters.

    Args:
        search: what a face is compared with.
        dead_letters: URL of the dead-letter queue; None for none.
    """
    page: dict[str, Any] = json.loads((files(__package__) / NAME).read_text(encoding="utf-8"))
    parameters = page["Parameters"]
    parameters["Search"]["Default"] = _SEARCH[search].value
    parameters["DeadLetterQueue"]["Default"] = urlsplit(dead_letters or "").path.rpartition("/")[2]
    return page
