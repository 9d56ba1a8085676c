"""The wire to an S3 server and AWS's other services, and what its faults mean.

How the services are reached is in `kiosk.aws`; region, certificates and the metadata service are
those of the environment. botocore's own chain finds the credentials; no error contains them, nor
more of a server's words than the name of an error.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from http import HTTPStatus
from http.client import HTTPException
from typing import Any, Final, Protocol, cast

from botocore.exceptions import ClientError

from kiosk.aws.access import METADATA_SOURCES, AwsAccess, client, environment_region
from kiosk.aws.faults import FAULTS, FaultKind, code_of, fault_of, metadata_of, status_of
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
_OF_THE_ENVIRONMENT: Final = frozenset(
    {
        "ca_bundle",
        "ec2_metadata_service_endpoint",
        "ec2_metadata_service_endpoint_mode",
        "ec2_metadata_v1_disabled",
        "imds_use_ipv6",
        "metadata_service_num_attempts",
        "metadata_service_timeout",
        "use_fips_endpoint",
    }
)
_REASONS: Final = {
    FaultKind.CERTIFICATE: "its certificate is not trusted",
    FaultKind.TIMEOUT: "no answer in time",
    FaultKind.NAME: "no connection",
    FaultKind.CONNECTION: "no connection",
    FaultKind.BROKEN: "the connection broke",
    FaultKind.LENGTH: "an answer of another length than announced",
}


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
    except FAULTS as error:
        raise _fault(error, f"{what} {shown}") from None  # theirs quotes what a server says


def _fault(error: Exception, shown: str) -> LintelError:
    fault = fault_of(error)
    if fault.kind is FaultKind.CREDENTIALS:
        return BadInput(
            f"There are no credentials for {shown}.",
            "Give AWS_ACCESS_KEY_ID and AWS_SECRET_ACCESS_KEY, or a profile of the AWS tools,"
            " to the user of this program.",
        )
    if fault.kind is FaultKind.ANSWERED:
        return _answered(fault.status, fault.code, shown)
    return _unreachable(_REASONS.get(fault.kind, "an answer that makes no sense"), shown)


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
    style = "auto" if endpoint is None else "path"
    return client(
        name,
        AwsAccess(
            region or environment_region() or _REGION,
            endpoint,
            seconds=seconds,
            attempts=_ATTEMPTS,
            keys=keys,
            left_out=() if _METADATA in os.environ else METADATA_SOURCES[:1],
            from_environment=_OF_THE_ENVIRONMENT,
            more={"s3": {"addressing_style": style, "payload_signing_enabled": True}},
        ),
    )


def is_missing(error: ClientError) -> bool:
    """True if there is no such object, in a bucket that there is."""
    return status_of(error) == HTTPStatus.NOT_FOUND and code_of(error) != _NO_BUCKET


def is_conflict(error: ClientError) -> bool:
    """True if a condition of writing was not met."""
    return status_of(error) in {HTTPStatus.CONFLICT, HTTPStatus.PRECONDITION_FAILED}


def was_repeated(error: ClientError) -> bool:
    """True if an attempt before the refused one may have done its work."""
    return bool(metadata_of(error.response).get("RetryAttempts"))


def no_sense() -> HTTPException:
    """The fault of an answer that contradicts itself."""
    return HTTPException("an answer that makes no sense")
