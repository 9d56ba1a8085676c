"""The shapes of requests and answers, as botocore describes them, and whether values have them.

botocore's own validator looks at types and required members; lengths, patterns and enumerations,
which it leaves to the service, are looked at here. The size of a picture is the account's to judge.
"""

from __future__ import annotations

import base64
import binascii
import functools
import json
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from botocore.loaders import Loader
from botocore.model import ListShape, MapShape, OperationModel, ServiceModel, Shape, StructureShape
from botocore.validate import ParamValidator

from kiosk.cloud.peer.refusals import PeerRefusal

TARGET = "RekognitionService."


@functools.cache
def _description() -> Mapping[str, Any]:
    """Rekognition's API as botocore ships it."""
    described: Mapping[str, Any] = Loader().load_service_model("rekognition", "service-2")
    return described


@functools.cache
def service_model() -> ServiceModel:
    """Botocore's model of Rekognition."""
    return ServiceModel(_description(), "rekognition")


def operation_model(name: str) -> OperationModel:
    """The description of an operation, which there is."""
    return service_model().operation_model(name)


def status_of(code: str) -> HTTPStatus:
    """The HTTP status of an error: 500 for what the API calls a fault, 400 for all others."""
    fault = _description()["shapes"].get(code, {}).get("fault", False)
    return HTTPStatus.INTERNAL_SERVER_ERROR if fault else HTTPStatus.BAD_REQUEST


def parsed(body: bytes, shape: Shape) -> dict[str, Any]:
    """The parameters of a request.

    Raises:
        PeerRefusal: it is no JSON, has members that there are not, or values that are not allowed.
    """
    try:
        said = json.loads(body or b"{}")
    except (ValueError, RecursionError):
        raise PeerRefusal("SerializationException", "The request is no JSON") from None
    if not isinstance(said, dict):
        raise PeerRefusal("SerializationException", "Start of structure expected")
    given: dict[str, Any] = _from_wire(said, shape)
    if wrong := violations(given, shape):
        raise PeerRefusal(
            "ValidationException",
            f"{len(wrong)} validation error{'s' * (len(wrong) > 1)} detected: {'; '.join(wrong)}",
        )
    return given


def as_wire(answer: object) -> bytes:
    """An answer as JSON."""
    return json.dumps(answer, default=_to_wire).encode()


def violations(value: object, shape: Shape) -> list[str]:
    """What is wrong with a value, by the name of each member; never the value itself."""
    report = ParamValidator().validate(value, shape)
    if report.has_errors():
        # The validator's text quotes values; of each error only its kind and its place are told.
        return [f"{place or 'input'}: {kind}" for kind, place, _ in report._errors]  # noqa: SLF001 - the only access
    return list(_limits(value, shape, "input"))


def _limits(value: object, shape: Shape, place: str) -> Iterator[str]:
    if isinstance(shape, StructureShape) and isinstance(value, Mapping):
        for name, inner in value.items():
            yield from _limits(inner, shape.members[name], f"{place}.{name}")
    elif isinstance(shape, ListShape) and isinstance(value, list | tuple):
        yield from _size(len(value), shape, place)
        for inner in value:
            yield from _limits(inner, shape.member, f"{place}[]")
    elif isinstance(shape, MapShape) and isinstance(value, Mapping):
        yield from _size(len(value), shape, place)
    elif isinstance(value, str):
        yield from _size(len(value), shape, place)
        yield from _text(value, shape, place)
    elif isinstance(value, int | float) and not isinstance(value, bool):
        yield from _size(value, shape, place)


def _size(size: float, shape: Shape, place: str) -> Iterator[str]:
    least, most = shape.metadata.get("min"), shape.metadata.get("max")
    if not (least is None or size >= least):
        yield f"{place} must be {least} or more"
    if not (most is None or size <= most):
        yield f"{place} must be {most} or less"


def _text(value: str, shape: Shape, place: str) -> Iterator[str]:
    allowed, pattern = shape.metadata.get("enum"), shape.metadata.get("pattern")
    if allowed and value not in allowed:
        yield f"{place} must be one of {', '.join(allowed)}"
    if pattern and not re.fullmatch(pattern.strip("^$"), value):
        yield f"{place} must satisfy the pattern {pattern}"


def _from_wire(value: Any, shape: Shape) -> Any:  # noqa: ANN401 - JSON
    """A value with its bytes decoded."""
    if isinstance(shape, StructureShape) and isinstance(value, dict):
        return {
            name: _from_wire(inner, shape.members[name]) if name in shape.members else inner
            for name, inner in value.items()
        }
    if isinstance(shape, ListShape) and isinstance(value, list):
        return [_from_wire(inner, shape.member) for inner in value]
    if shape.type_name == "blob" and isinstance(value, str):
        try:
            return base64.b64decode(value, validate=True)
        except (binascii.Error, ValueError):
            raise PeerRefusal("SerializationException", "A blob is not base64") from None
    return value


def _to_wire(value: object) -> object:
    if isinstance(value, datetime):
        return value.timestamp()
    raise TypeError(type(value).__name__)
