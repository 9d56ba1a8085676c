"""The scopes that stay as they were published: what is published of them cannot be verified.

The timestamp names them, so that each attempt looks at them again until they verify.
"""

from __future__ import annotations

from collections.abc import Sequence

from tuf.api.metadata import Timestamp

STOPPED = "x-lintel-stopped"
"""The field of the timestamp."""


def stopped_in(stamp: Timestamp | None) -> Sequence[str]:
    """The scopes that a timestamp names; whatever else is said there names none."""
    said = [] if stamp is None else stamp.unrecognized_fields.get(STOPPED, [])
    if not isinstance(said, list):
        return []
    return [scope for scope in said if isinstance(scope, str)]
