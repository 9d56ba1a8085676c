"""This machine's network addresses, read from its own interfaces without network traffic."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from PyQt6.QtNetwork import QHostAddress


def addresses() -> list[str]:
    """The addresses that others can reach, IPv4 first; none without a network."""
    from PyQt6.QtNetwork import QNetworkInterface

    found = [
        (_version(each), each.toString())
        for each in QNetworkInterface.allAddresses()
        if not each.isLoopback() and not each.isLinkLocal()
    ]
    return [text for _, text in sorted(found)]


def _version(address: QHostAddress) -> int:
    from PyQt6.QtNetwork import QAbstractSocket

    four = QAbstractSocket.NetworkLayerProtocol.IPv4Protocol
    return 4 if address.protocol() == four else 6
