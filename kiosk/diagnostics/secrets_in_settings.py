"""Detection of settings that contain a secret instead of naming a file with it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, urlsplit

_SECRET = re.compile(r"pass(word|wd|phrase)?$|pwd$|secret|token|credential|api_?key|^auth$|^key$")
_PUBLIC = ("operators.keys.",)
"""Names that a site chooses itself, and public keys."""


def secrets_of(settings: Mapping[str, object], above: str = "") -> Iterator[str]:
    """The full names of the settings that contain a secret; never its value."""
    for name, value in settings.items():
        whole = f"{above}{name}"
        if isinstance(value, Mapping):
            yield from secrets_of(value, f"{whole}.")
        elif isinstance(value, str) and _is_secret(whole, name.lower(), value):
            yield whole


def _is_secret(whole: str, name: str, value: str) -> bool:
    """True if a setting contains a secret itself; the name of a file is none."""
    if not value or name.endswith("_file") or whole.startswith(_PUBLIC):
        return False
    return bool(_SECRET.search(name)) or _url_holds_one(value)


def _url_holds_one(value: str) -> bool:
    """True if an address contains a password before its host, or a secret in its query."""
    try:
        parts = urlsplit(value)
        password = parts.password
    except ValueError:
        return "@" in value  # not a valid address, and it may well contain a password
    asked = parse_qsl(parts.query, keep_blank_values=False)
    return bool(password) or any(_SECRET.search(name.lower()) for name, _ in asked)
