"""Errors of network cameras, each with a remedy; without login and query."""

from __future__ import annotations

from hardware.camera.network.address import CREDENTIALS, Address
from kiosk.domain.errors import CameraLost

CA_FILE = "camera.ca_file"
REMEDY = "Check the address, the network and the camera's power."


def lost(address: Address, what: str, remedy: str = REMEDY) -> CameraLost:
    """The error, naming the camera by its address."""
    return CameraLost(f"The camera {address} {what}.", remedy)


def no_answer(address: Address) -> CameraLost:
    """The error for no answer, or none in the expected protocol."""
    return lost(address, "cannot be opened: it does not answer")


def unverified(address: Address, why: str) -> CameraLost:
    """The error for an untrusted certificate; another device may be in the camera's place."""
    return lost(
        address,
        f"has a certificate that is not accepted: {why}",
        f"Check that it is the right camera; name in {CA_FILE} who vouches for it, and write the "
        "address with the name that stands in its certificate.",
    )


def redirected(address: Address) -> CameraLost:
    """The error for a redirect; the kiosk connects only to addresses in the settings."""
    return lost(
        address,
        "cannot be opened: it points to another address, and is not followed",
        "Write the address itself, if it is the camera's.",
    )


def unknown_login(address: Address) -> CameraLost:
    """The error for a refused user name or password."""
    return lost(
        address,
        "cannot be opened: it refuses the login",
        f"Put the camera's user and password into a file and name it in {CREDENTIALS}.",
    )


def refused(address: Address, status: str) -> CameraLost:
    """The error for any other status."""
    return lost(address, f"cannot be opened: it answers {status}", "Check the path of the address.")
