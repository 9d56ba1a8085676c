"""Pages of a list. A page's token names the last item of the page before."""

from __future__ import annotations

import base64
import binascii
from collections.abc import Sequence
from typing import Any

from kiosk.cloud.peer.refusals import bad_token


def page(
    names: Sequence[str], given: dict[str, Any], most: int
) -> tuple[Sequence[str], dict[str, str]]:
    """The names of the page that is asked for, and the token of the next one, if there is one.

    An item that was added or removed between two pages moves no other item: names are sorted.

    Raises:
        PeerRefusal: the token is none of this list's.
    """
    ranked = sorted(names)
    if (token := given.get("NextToken")) is not None:
        after = _name(token)
        ranked = [each for each in ranked if each > after]
    size = min(given.get("MaxResults") or most, most)
    shown = ranked[:size]
    more = {"NextToken": _token(shown[-1])} if len(ranked) > size else {}
    return shown, more


def _token(name: str) -> str:
    return base64.urlsafe_b64encode(b"after:" + name.encode()).decode()


def _name(token: str) -> str:
    try:
        said = base64.b64decode(token.encode(), b"-_", validate=True).decode()
    except (binascii.Error, ValueError):
        raise bad_token() from None
    if not said.startswith("after:"):
        raise bad_token()
    return said.removeprefix("after:")
