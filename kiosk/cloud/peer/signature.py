"""AWS Signature Version 4, checked: who signed a request, and whether it is what they signed."""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from kiosk.cloud.peer.refusals import PeerRefusal

MOST_SKEW = timedelta(minutes=5)
SERVICE = "rekognition"
_SCHEME = re.compile(
    r"AWS4-HMAC-SHA256 Credential=(?P<key>[A-Z0-9]+)/(?P<day>[0-9]{8})/(?P<region>[a-z0-9-]+)"
    r"/(?P<service>[a-z]+)/aws4_request, ?SignedHeaders=(?P<headers>[a-z0-9;-]+), ?"
    r"Signature=(?P<signature>[0-9a-f]{64})"
)
_NEEDED = {"host", "x-amz-date", "x-amz-target"}
_PREFIX = "x-amz-"
"""Of headers that mean something to AWS: each that comes has to be signed."""


@dataclass(frozen=True, slots=True)
class PeerKey:
    """An access key that the peer knows; made up, and good for nothing else.

    Attributes:
        access_key: its name.
        secret: what requests are signed with.
        user: the name that an error says.
        token: of a session; None for a key without an end.
        expires: when the session ends; None for never.
        policies: IAM policies, as JSON describes them; None allows everything.
    """

    access_key: str
    secret: str = field(repr=False)
    user: str = "kiosk"
    token: str | None = field(default=None, repr=False)
    expires: datetime | None = None
    policies: tuple[Mapping[str, Any], ...] | None = None


def new_key(
    user: str = "kiosk",
    policies: tuple[Mapping[str, Any], ...] | None = None,
    expires: datetime | None = None,
) -> PeerKey:
    """A new access key; with an end, it is that of a session."""
    name = "".join(secrets.choice("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567") for _ in range(12))
    kind = "AKIA" if expires is None else "ASIA"
    token = None if expires is None else secrets.token_urlsafe(48)
    return PeerKey(f"{kind}PEER{name}", secrets.token_urlsafe(30), user, token, expires, policies)


def signer(
    keys: Mapping[str, PeerKey],
    headers: Mapping[str, str],
    body: bytes,
    region: str,
    now: datetime,
) -> PeerKey:
    """The key that a request was signed with.

    Args:
        keys: that are known, by their names.
        headers: of the request, by lower-case names.
        body: of the request.
        region: of the peer.
        now: aware.

    Raises:
        PeerRefusal: as AWS refuses it.
    """
    said = headers.get("authorization")
    if said is None:
        raise PeerRefusal("MissingAuthenticationTokenException", "Missing Authentication Token")
    parts = _SCHEME.fullmatch(said)
    stamp = headers.get("x-amz-date", "")
    if parts is None or not re.fullmatch(r"[0-9]{8}T[0-9]{6}Z", stamp):
        raise PeerRefusal("IncompleteSignatureException", "The Authorization header is no SigV4")
    key = keys.get(parts["key"])
    if key is None:
        raise _unknown()
    _refuse_scope(parts, stamp, region)
    _refuse_skew(stamp, now)
    signed = set(parts["headers"].split(";"))
    needed = _NEEDED | {name for name in headers if name.startswith(_PREFIX)}
    if not needed <= signed <= set(headers):
        raise _mismatch()
    announced = headers.get("x-amz-content-sha256")  # botocore would take it for the body's
    if announced is not None and announced != hashlib.sha256(body).hexdigest():
        raise _mismatch()
    if not hmac.compare_digest(_expected(key, headers, signed, body, region), parts["signature"]):
        raise _mismatch()
    _refuse_token(key, headers.get("x-amz-security-token"), now)
    return key


def _expected(
    key: PeerKey, headers: Mapping[str, str], signed: set[str], body: bytes, region: str
) -> str:
    """The signature that the request has to have."""
    request = AWSRequest(
        method="POST",
        url=f"http://{headers['host']}/",
        data=body,
        headers={name: headers[name] for name in sorted(signed)},
    )
    request.context["timestamp"] = headers["x-amz-date"]
    auth = SigV4Auth(Credentials(key.access_key, key.secret), SERVICE, region)
    said = auth.string_to_sign(request, auth.canonical_request(request))
    return str(auth.signature(said, request))


def _refuse_scope(parts: re.Match[str], stamp: str, region: str) -> None:
    if parts["region"] != region:
        raise PeerRefusal(
            "InvalidSignatureException", "Credential should be scoped to a valid region."
        )
    if parts["service"] != SERVICE:
        raise PeerRefusal(
            "InvalidSignatureException",
            f"Credential should be scoped to correct service: '{SERVICE}'.",
        )
    if parts["day"] != stamp[:8]:
        raise PeerRefusal(
            "InvalidSignatureException", "Date in Credential scope does not match X-Amz-Date."
        )


def _refuse_skew(stamp: str, now: datetime) -> None:
    try:
        signed = datetime.strptime(stamp, "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    except ValueError:
        raise PeerRefusal("IncompleteSignatureException", "X-Amz-Date is no date") from None
    said = f"{now:%Y%m%dT%H%M%SZ}"
    if signed < now - MOST_SKEW:
        raise PeerRefusal(
            "InvalidSignatureException",
            f"Signature expired: {stamp} is now earlier than {said} - 5 min.",
        )
    if signed > now + MOST_SKEW:
        raise PeerRefusal(
            "InvalidSignatureException",
            f"Signature not yet current: {stamp} is still later than {said} + 5 min.",
        )


def _refuse_token(key: PeerKey, token: str | None, now: datetime) -> None:
    if key.token is None and token is None:
        return
    if key.token is None or token is None or not hmac.compare_digest(key.token, token):
        raise _unknown()
    if key.expires is not None and now >= key.expires:
        raise PeerRefusal(
            "ExpiredTokenException", "The security token included in the request is expired"
        )


def _unknown() -> PeerRefusal:
    return PeerRefusal(
        "UnrecognizedClientException", "The security token included in the request is invalid."
    )


def _mismatch() -> PeerRefusal:
    return PeerRefusal(
        "InvalidSignatureException",
        "The request signature we calculated does not match the signature you provided.",
    )
