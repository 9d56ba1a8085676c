"""What botocore's exceptions mean, as values; of what a server says, only error codes are kept."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from enum import Enum, auto
from http.client import HTTPException
from typing import Any, Final

from botocore import exceptions as theirs
from botocore.exceptions import ClientError
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError, NameResolutionError

from kiosk.domain.errors import LintelError

FAULTS: Final = (
    theirs.BotoCoreError,
    ClientError,
    ResponseParserError,
    HTTPError,
    HTTPException,
    OSError,
    ValueError,
)
"""What botocore raises, and its libraries through it: a header may be no number."""


class FaultKind(Enum):
    """What went wrong on the way to a service."""

    CREDENTIALS = auto()
    """There are none, or their source failed."""
    CERTIFICATE = auto()
    TIMEOUT = auto()
    NAME = auto()
    """The host's name does not resolve."""
    CONNECTION = auto()
    BROKEN = auto()
    """The connection broke."""
    LENGTH = auto()
    """The answer is of another length than announced."""
    NONSENSE = auto()
    """The answer cannot be read."""
    REQUEST = auto()
    """The request was not sent: botocore finds it wrong."""
    ANSWERED = auto()
    """The service answers with an error."""


@dataclass(frozen=True, slots=True)
class AwsFault:
    """A fault.

    Attributes:
        kind: what went wrong.
        status: the answer's HTTP status; 0 for none.
        code: the service's name of the error, if it looks like one.
        operation: that was refused; another one than asked where credentials are fetched.
        request_id: AWS's id of the request.
        ahead: seconds by which this machine's clock is ahead of the service's, if it told its time.
        no_face: whether the service says that a picture shows no face.
        stale: whether it says that a signature is of another time.
    """

    kind: FaultKind
    status: int = 0
    code: str = ""
    operation: str = ""
    request_id: str | None = None
    ahead: float | None = None
    no_face: bool = False
    stale: bool = False


_KINDS: Final = (
    (
        (
            theirs.NoCredentialsError,
            theirs.PartialCredentialsError,
            theirs.CredentialRetrievalError,
            theirs.MetadataRetrievalError,
            theirs.ProfileNotFound,
            theirs.ConfigParseError,
            theirs.ConfigNotFound,
            theirs.InfiniteLoopConfigError,
            theirs.InvalidConfigError,
            theirs.RefreshWithMFAUnsupportedError,
            theirs.SSOError,
            theirs.TokenRetrievalError,
            theirs.UnauthorizedSSOTokenError,
        ),
        FaultKind.CREDENTIALS,
    ),
    (theirs.ParamValidationError, FaultKind.REQUEST),
    (theirs.SSLError, FaultKind.CERTIFICATE),
    ((theirs.ConnectTimeoutError, theirs.ReadTimeoutError, TimeoutError), FaultKind.TIMEOUT),
    ((theirs.ConnectionError, theirs.ConnectionClosedError), FaultKind.CONNECTION),
    (theirs.IncompleteReadError, FaultKind.LENGTH),
    ((theirs.HTTPClientError, HTTPError, OSError), FaultKind.BROKEN),
)
_NO_FACE: Final = "no faces in the image"
_STALE: Final = ("Signature expired", "Signature not yet current")
_SKEW_HEADER = "date"


def fault_of(error: Exception) -> AwsFault:
    """What an exception of botocore's means, or of whatever gives it credentials."""
    if isinstance(error, ClientError):
        return _answered(error)
    if isinstance(error, LintelError):
        return AwsFault(FaultKind.REQUEST)
    if _unresolved(error):
        return AwsFault(FaultKind.NAME)
    kinds = [kind for classes, kind in _KINDS if isinstance(error, classes)]
    return AwsFault(next(iter(kinds), FaultKind.NONSENSE))


def status_of(error: ClientError) -> int:
    """The HTTP status of a server's refusal."""
    return int(metadata_of(error.response).get("HTTPStatusCode", 0))


def code_of(error: ClientError) -> str:
    """The server's name of the error, if it looks like one."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    return code if re.fullmatch(r"[A-Za-z.]{1,80}", code) else ""


def metadata_of(answer: Mapping[str, Any]) -> dict[str, Any]:
    """What botocore says of an answer."""
    return dict(answer.get("ResponseMetadata", {}))


def request_id_of(answer: Mapping[str, Any]) -> str | None:
    """AWS's id of a request, if its answer has one that looks like one."""
    found = str(metadata_of(answer).get("RequestId", ""))
    return found if re.fullmatch(r"[A-Za-z0-9-]{1,64}", found) else None


def ahead_of(answer: Mapping[str, Any]) -> float | None:
    """Seconds by which this machine's clock is ahead of the service's, if it tells its time."""
    try:
        theirs_now = parsedate_to_datetime(metadata_of(answer)["HTTPHeaders"][_SKEW_HEADER])
        return (datetime.now(UTC) - theirs_now).total_seconds()
    except (KeyError, ValueError, TypeError, OverflowError):
        return None


def _answered(error: ClientError) -> AwsFault:
    said = str(error.response.get("Error", {}).get("Message", ""))
    return AwsFault(
        FaultKind.ANSWERED,
        status_of(error),
        code_of(error),
        str(error.operation_name),
        request_id_of(error.response),
        ahead_of(error.response),
        no_face=_NO_FACE in said,
        stale=any(each in said for each in _STALE),
    )


def _unresolved(error: Exception) -> bool:
    inner = getattr(error, "kwargs", {}).get("error")
    return isinstance(inner, NameResolutionError)
