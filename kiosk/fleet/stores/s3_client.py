"""The wire to an S3 server and AWS's other services, and what its faults mean.

The only module that knows boto3.

No byte goes to an address that the settings do not name: proxies, endpoints of the environment and
the cloud's metadata service are left out. botocore's own chain finds the credentials; no error
contains them, nor more of a server's words than the name of an error.
"""

from __future__ import annotations

import functools
import os
import re
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPException
from typing import Any, Final, Protocol, cast

import boto3
import botocore.session
from botocore import exceptions as theirs
from botocore.config import Config
from botocore.exceptions import ClientError
from botocore.loaders import Loader
from botocore.parsers import ResponseParserError
from urllib3.exceptions import HTTPError

from kiosk.domain.errors import BadInput, FleetRefused, FleetStoreUnreachable, LintelError

__all__ = [
    "ClientError",
    "S3Body",
    "S3Client",
    "connect",
    "connect_kms",
    "is_conflict",
    "is_missing",
    "no_sense",
    "service",
    "status_of",
    "translated",
    "was_repeated",
]

_ATTEMPTS = 2
KMS_SECONDS = (5.0, 20.0)
"""For a connection to the service that holds keys, and for its answer."""
_REGION = "us-east-1"
"""Region that requests are signed for, unless the environment names one."""
_NO_BUCKET = "NoSuchBucket"
_METADATA = "AWS_EC2_METADATA_DISABLED"
_PASSING: Final = {
    HTTPStatus.REQUEST_TIMEOUT,
    HTTPStatus.CONFLICT,
    HTTPStatus.TOO_EARLY,
    HTTPStatus.TOO_MANY_REQUESTS,
}
"""States of an answer below 500 that may pass."""
_KEYS_MISSING: Final = (
    theirs.NoCredentialsError,
    theirs.PartialCredentialsError,
    theirs.CredentialRetrievalError,
    theirs.ProfileNotFound,
    theirs.ConfigParseError,
)
_FAULTS: Final = (
    theirs.BotoCoreError,
    ClientError,
    ResponseParserError,
    HTTPError,
    HTTPException,
    OSError,
    ValueError,
)
"""What botocore raises, and its libraries through it: a header may be no number."""
_REASONS: Final = (
    (theirs.SSLError, "its certificate is not trusted"),
    ((theirs.ConnectTimeoutError, theirs.ReadTimeoutError, TimeoutError), "no answer in time"),
    ((theirs.ConnectionError, theirs.ConnectionClosedError), "no connection"),
    (theirs.IncompleteReadError, "an answer of another length than announced"),
    ((theirs.HTTPClientError, HTTPError, OSError), "the connection broke"),
)


class S3Body(Protocol):
    """The body of an answer."""

    def read(self, amt: int) -> bytes:
        """At most so many bytes; none at the end, if it has the announced length."""
        ...

    def close(self) -> None:
        """Let the connection go."""
        ...


class S3Client(Protocol):
    """The part of boto3's client that is used here."""

    meta: Any

    def get_object(self, **details: object) -> dict[str, Any]:
        """Ask for an object."""
        ...

    def put_object(self, **details: object) -> dict[str, Any]:
        """Send an object."""
        ...

    def list_objects_v2(self, **details: object) -> dict[str, Any]:
        """Ask for a page of names."""
        ...

    def delete_object(self, **details: object) -> dict[str, Any]:
        """Have an object removed."""
        ...

    def close(self) -> None:
        """Let the connections go."""
        ...


@contextmanager
def translated(shown: str, what: str = "the fleet's store") -> Iterator[None]:
    """Turn every fault of the wire into an error of ours.

    Args:
        shown: the store's name in errors.
        what: what has that name.

    Raises:
        BadInput: there are no credentials.
        FleetRefused: the server refuses the request.
        FleetStoreUnreachable: it does not answer, or its answer makes no sense.
    """
    try:
        yield
    except _FAULTS as error:
        raise _fault(error, f"{what} {shown}") from None  # theirs quotes what a server says


def _fault(error: Exception, shown: str) -> LintelError:
    if isinstance(error, _KEYS_MISSING):
        return BadInput(
            f"There are no credentials for {shown}.",
            "Give AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile of the AWS tools,"
            " to the user of this program.",
        )
    if isinstance(error, ClientError):
        return _answered(status_of(error), _code(error), shown)
    reasons = [said for kinds, said in _REASONS if isinstance(error, kinds)]
    return _unreachable(next(iter(reasons), "an answer that makes no sense"), shown)


def _answered(status: int, code: str, shown: str) -> LintelError:
    said = f"{status} {code}".rstrip()
    if code == _NO_BUCKET:
        return _unreachable("there is no such bucket", shown)
    if status >= HTTPStatus.INTERNAL_SERVER_ERROR or status in _PASSING:
        return _unreachable(f"it answers {said}", shown)
    return FleetRefused(
        f"{_begun(shown)} refuses a request: {said}.",
        "Check its address, the access key and what that key may do, and this machine's clock.",
    )


def _unreachable(why: str, shown: str) -> FleetStoreUnreachable:
    return FleetStoreUnreachable(
        f"{_begun(shown)} cannot be used: {why}.",
        "Check the network, the address, and the server.",
    )


def _begun(shown: str) -> str:
    """A name at the beginning of a sentence."""
    return shown[:1].upper() + shown[1:]


def connect(
    endpoint: str | None, keys: tuple[str, str] | None, seconds: tuple[float, float]
) -> S3Client:
    """A client of boto3; raises what botocore raises.

    Args:
        endpoint: the server's URL; None is the cloud of the environment's region.
        keys: access key and secret key; None leaves them to botocore's own chain.
        seconds: how long to wait for a connection, and for each part of an answer.
    """
    return cast("S3Client", service("s3", endpoint, keys, seconds))


def connect_kms(endpoint: str | None) -> Any:  # noqa: ANN401 - boto3 makes its classes as it runs
    """A client of boto3 for the service that holds keys; raises what botocore raises."""
    return service("kms", endpoint, None, KMS_SECONDS)


def service(
    name: str,
    endpoint: str | None,
    keys: tuple[str, str] | None,
    seconds: tuple[float, float],
    region: str | None = None,
) -> Any:  # noqa: ANN401 - boto3 makes its clients as it runs; whoever asks knows their methods
    """A client of boto3 for a service of AWS; raises what botocore raises.

    Args:
        name: of the service.
        endpoint: the server's URL; None is the cloud of the region.
        keys: access key and secret key; None leaves them to botocore's own chain.
        seconds: how long to wait for a connection, and for each part of an answer.
        region: that requests are signed for; None is the environment's.
    """
    session = botocore.session.get_session()
    session.register_component("data_loader", _loader())
    if _METADATA not in os.environ:
        session.get_component("credential_provider").remove("iam-role")
    access_key, secret_key = keys or (None, None)
    return boto3.session.Session(botocore_session=session).client(
        name,
        endpoint_url=endpoint,
        region_name=region or session.get_config_variable("region") or _REGION,
        aws_access_key_id=access_key,
        aws_secret_access_key=secret_key,
        config=_config(endpoint, *seconds),
    )


@functools.cache
def _loader() -> Loader:
    """The description of the API, which takes longest to read, once for all clients."""
    return Loader()


def _config(endpoint: str | None, connect_seconds: float, read_seconds: float) -> Config:
    """Settings of botocore that the environment cannot override."""
    style = "auto" if endpoint is None else "path"
    return Config(
        connect_timeout=connect_seconds,
        read_timeout=read_seconds,
        retries={"mode": "standard", "total_max_attempts": _ATTEMPTS},
        proxies={},
        defaults_mode="legacy",  # another one may ask the metadata service for a region
        ignore_configured_endpoint_urls=True,
        request_checksum_calculation="when_required",  # readers verify; few servers know them
        response_checksum_validation="when_required",
        s3={"addressing_style": style, "payload_signing_enabled": True},
    )


def status_of(error: ClientError) -> int:
    """The HTTP status of a server's refusal."""
    return int(_metadata(error).get("HTTPStatusCode", 0))


def is_missing(error: ClientError) -> bool:
    """True if there is no such object, in a bucket that there is."""
    return status_of(error) == HTTPStatus.NOT_FOUND and _code(error) != _NO_BUCKET


def is_conflict(error: ClientError) -> bool:
    """True if a condition of writing was not met."""
    return status_of(error) in {HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED}


def was_repeated(error: ClientError) -> bool:
    """True if an attempt before the refused one may have done its work."""
    return bool(_metadata(error).get("RetryAttempts"))


def no_sense() -> HTTPException:
    """The fault of an answer that contradicts itself."""
    return HTTPException("an answer that makes no sense")


def _metadata(error: ClientError) -> dict[str, Any]:
    return dict(error.response.get("ResponseMetadata", {}))


def _code(error: ClientError) -> str:
    """The server's name of the error, if it looks like one."""
    code = str(error.response.get("Error", {}).get("Code", ""))
    return code if re.fullmatch(r"[A-Za-z]{1,40}", code) else ""
