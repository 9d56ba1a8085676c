"""Where this machine is in its networks, as the machine itself knows it: nobody is asked."""

from __future__ import annotations

from PyQt6.QtNetwork import QAbstractSocket, QHostAddress, QNetworkInterface


def addresses() -> list[str]:
    """Its addresses that others can reach, those of version 4 first; none without a network."""
    found = [
        (_version(each), each.toString())
        for each in QNetworkInterface.allAddresses()
        if not each.isLoopback() and not each.isLinkLocal()
    ]
    return [text for _, text in sorted(found)]


def _version(address: QHostAddress) -> int:
    four = QAbstractSocket.NetworkLayerProtocol.IPv4Protocol
    return 4 if address.protocol() == four else 6
