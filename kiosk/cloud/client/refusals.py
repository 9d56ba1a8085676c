"""What faults of Rekognition mean: which may pass, which count against it, and what is said."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

from kiosk.aws.faults import AwsFault, FaultKind
from kiosk.cloud.client.observing import Outcome
from kiosk.domain.cloud.operations import Operation
from kiosk.domain.errors import CloudRefused, CloudUnavailable, LintelError

THROTTLED: Final = {
    "ThrottlingException",
    "ProvisionedThroughputExceededException",
    "Throttling",
    "TooManyRequestsException",
    "RequestLimitExceeded",
}
NOT_FOUND, EXISTS = "ResourceNotFoundException", "ResourceAlreadyExistsException"
CONFLICT: Final = "ConflictException"
INVALID: Final = "InvalidParameterException"
MOST_SKEW_SECONDS: Final = 240.0
"""AWS refuses signatures that are 300 seconds off."""

_FAILED: Final = {
    "InternalServerError",
    "InternalServerException",
    "InternalFailure",
    "ServiceUnavailable",
    "ServiceUnavailableException",
}
_QUOTA: Final = {"ServiceQuotaExceededException", "LimitExceededException"}
_EXPIRED: Final = {"ExpiredTokenException", "ExpiredToken"}
_CLOCK: Final = {"RequestExpired", "RequestTimeTooSkewed", "RequestInTheFuture"}
_KEYS: Final = {
    "UnrecognizedClientException",
    "InvalidClientTokenId",
    "InvalidSignatureException",
    "SignatureDoesNotMatch",
    "IncompleteSignature",
    "IncompleteSignatureException",
    "MissingAuthenticationToken",
    "MissingAuthenticationTokenException",
}
_DENIED: Final = {"AccessDeniedException", "AccessDenied"}
_PASSING: Final = {HTTPStatus.REQUEST_TIMEOUT, HTTPStatus.TOO_EARLY}
_OUTCOMES: Final = {
    FaultKind.TIMEOUT: Outcome.LATE,
    FaultKind.NAME: Outcome.UNREACHABLE,
    FaultKind.CONNECTION: Outcome.UNREACHABLE,
    FaultKind.BROKEN: Outcome.UNREACHABLE,
    FaultKind.LENGTH: Outcome.UNREACHABLE,
    FaultKind.NONSENSE: Outcome.FAILED,
}
"""Of faults without an answer; every other one is a refusal."""
_REASONS: Final = {
    FaultKind.TIMEOUT: "no answer in time",
    FaultKind.NAME: "its name does not resolve",
    FaultKind.CONNECTION: "no connection",
    FaultKind.BROKEN: "the connection broke",
    FaultKind.LENGTH: "an answer of another length than announced",
    FaultKind.NONSENSE: "an answer that cannot be read",
}
_NETWORK: Final = "Check the network, cloud.region, and cloud.endpoint and cloud.proxy if set."
_POLICY: Final = "Give its credentials the policy of their role."


def outcome_of(fault: AwsFault) -> Outcome:
    """How an attempt ended."""
    if fault.kind is not FaultKind.ANSWERED:
        return _OUTCOMES.get(fault.kind, Outcome.REFUSED)
    if is_throttled(fault):
        return Outcome.THROTTLED
    theirs = fault.status >= HTTPStatus.INTERNAL_SERVER_ERROR or fault.code in _FAILED
    passing = theirs or fault.status in _PASSING
    return Outcome.FAILED if passing else Outcome.REFUSED


def is_throttled(fault: AwsFault) -> bool:
    """True if the service says that it is asked too often."""
    return fault.code in THROTTLED or fault.status == HTTPStatus.TOO_MANY_REQUESTS


def may_pass(fault: AwsFault) -> bool:
    """True if the same request may be answered a moment later."""
    return outcome_of(fault) is not Outcome.REFUSED or fault.code == CONFLICT


def counts_against(fault: AwsFault) -> bool:
    """True if the service, or the way to it, is at fault."""
    return outcome_of(fault) in {Outcome.LATE, Outcome.UNREACHABLE, Outcome.FAILED}


def reason_of(fault: AwsFault) -> str:
    """Why there is no answer, in a few words."""
    return _REASONS.get(fault.kind) or f"it answers {_said(fault)}"


def error_of(fault: AwsFault, operation: Operation, collection: str | None) -> LintelError:
    """What a fault is to whoever called.

    Args:
        fault: of the last attempt.
        operation: what was called.
        collection: the one it was about.
    """
    if fault.kind is FaultKind.ANSWERED:
        return _answered(fault, operation, collection)
    if fault.kind is FaultKind.CERTIFICATE:
        return CloudRefused(
            f"Rekognition's certificate is not trusted, or its TLS is too old ({operation.value}).",
            "Check cloud.endpoint and cloud.proxy; name their authority in cloud.ca_file.",
        )
    if fault.kind is FaultKind.CREDENTIALS:
        return CloudRefused(
            "There are no credentials for Rekognition, or their source fails.",
            "Give the user of this program a profile of the AWS tools, or what AWS's standard chain"
            " finds; nothing asks the machine's metadata service unless cloud.instance_metadata"
            " is set.",
        )
    if fault.kind is FaultKind.REQUEST:
        return CloudRefused(
            f"The request {operation.value} was not sent: its values or this machine's"
            " configuration of AWS are not accepted.",
            "Check the profile of the AWS tools and the settings of cloud.",
        )
    return unavailable(f"{_REASONS[fault.kind]} ({operation.value})", _NETWORK)


def unavailable(why: str, remedy: str = "It may pass by itself.") -> CloudUnavailable:
    """Rekognition gives no answer now."""
    return CloudUnavailable(f"Rekognition gives no answer now: {why}.", remedy)


def senseless(operation: Operation, what: str) -> CloudRefused:
    """An answer that makes no sense, and is not used."""
    return CloudRefused(
        f"Rekognition's answer to {operation.value} makes no sense: {what}.",
        "It is not used. See whether cloud.endpoint and cloud.proxy are what they should be.",
    )


def _answered(fault: AwsFault, operation: Operation, collection: str | None) -> LintelError:
    if is_throttled(fault):
        return unavailable(
            f"{operation.value} is asked too often",
            f"Lower {operation.value} in cloud.tps, or ask AWS for a higher quota.",
        )
    if outcome_of(fault) is Outcome.FAILED:
        return unavailable(f"{operation.value} is answered with {_said(fault)}")
    if fault.code in _QUOTA:
        return unavailable(
            f"a quota of the account is used up ({operation.value})",
            "Ask AWS for a higher quota, or remove what is not needed.",
        )
    if fault.code == CONFLICT:
        return unavailable(f"the same user is being changed ({operation.value})")
    return _refused(fault, operation, collection)


def _refused(fault: AwsFault, operation: Operation, collection: str | None) -> CloudRefused:
    named = operation.value
    credentials = fault.code in _KEYS | _EXPIRED | _CLOCK
    if credentials and fault.ahead is not None and abs(fault.ahead) > MOST_SKEW_SECONDS:
        side = "ahead of" if fault.ahead > 0 else "behind"
        return CloudRefused(
            f"This machine's clock is {abs(fault.ahead):.0f} seconds {side} AWS's, which"
            f" refuses {named}.",
            "Set the clock, and keep it with a time service.",
        )
    if fault.code in _CLOCK or fault.stale:
        return CloudRefused(
            f"AWS refuses {named}: this machine's clock is wrong.",
            "Set the clock, and keep it with a time service.",
        )
    if fault.code in _EXPIRED:
        return CloudRefused(
            f"The credentials for Rekognition have expired ({named}).",
            "Renew them at their source; the next call uses the new ones.",
        )
    if fault.code in _KEYS:
        return CloudRefused(
            f"AWS does not accept the credentials for Rekognition ({named}).",
            "Check the access key and its secret, and this machine's clock.",
        )
    if fault.code in _DENIED:
        where = f" in the collection {collection}" if collection else ""
        asked = fault.operation or named
        return CloudRefused(f"These credentials may not call {asked}{where}.", _POLICY)
    return _of_input(fault, operation, collection)


def _of_input(fault: AwsFault, operation: Operation, collection: str | None) -> CloudRefused:
    match fault.code:
        case "ResourceNotFoundException" if collection:
            return CloudRefused(
                f"Rekognition has no collection {collection} in this region, or not what"
                f" {operation.value} names in it.",
                "Make the collections, or correct cloud.collection and cloud.region.",
            )
        case "ImageTooLargeException":
            return CloudRefused(
                f"The picture is too large for {operation.value}.",
                "Send one of at most 5 MB and 4096 pixels a side.",
            )
        case "InvalidImageFormatException":
            return CloudRefused(
                f"The picture is none that {operation.value} reads.", "Send a JPEG."
            )
        case "InvalidParameterException" | "ValidationException":
            return CloudRefused(
                f"Rekognition does not accept a value of {operation.value}.",
                "Check the collection's name, the threshold, and the picture: 80 pixels a side or"
                " more, with a face.",
            )
        case "IdempotentParameterMismatchException":
            return CloudRefused(
                f"A token of {operation.value} was used for another request before.",
                "Begin the flow anew.",
            )
        case _:
            return CloudRefused(
                f"Rekognition refuses {operation.value}: {_said(fault)}.",
                "Check cloud.region and cloud.endpoint, and whether the account uses the service.",
            )


def _said(fault: AwsFault) -> str:
    return f"{fault.status} {fault.code}".strip()
