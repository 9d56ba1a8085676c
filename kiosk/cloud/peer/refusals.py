"""The errors of the peer, by AWS's names."""

from __future__ import annotations

from http import HTTPStatus


class PeerRefusal(Exception):
    """An error that the peer answers with.

    Args:
        code: AWS's name of it.
        message: in the words of an error of AWS's.
        status: HTTP's.
    """

    def __init__(
        self, code: str, message: str, status: HTTPStatus = HTTPStatus.BAD_REQUEST
    ) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.status = status


def invalid(message: str = "Request has invalid parameters") -> PeerRefusal:
    """A parameter that is not allowed."""
    return PeerRefusal("InvalidParameterException", message)


def no_collection(name: str) -> PeerRefusal:
    """There is no such collection."""
    return PeerRefusal("ResourceNotFoundException", f"The collection id: {name} does not exist")


def no_user(name: str) -> PeerRefusal:
    """There is no such user."""
    return PeerRefusal("ResourceNotFoundException", f"The user id: {name} does not exist")


def bad_token() -> PeerRefusal:
    """A page that there is not."""
    return PeerRefusal("InvalidPaginationTokenException", "Invalid pagination token")


def internal() -> PeerRefusal:
    """A fault of the service."""
    return PeerRefusal(
        "InternalServerError", "Internal server error", HTTPStatus.INTERNAL_SERVER_ERROR
    )
