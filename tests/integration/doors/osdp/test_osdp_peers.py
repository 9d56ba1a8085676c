"""The OSDP peers of tests: one whose line is gone ends by itself, however its test ended."""

from __future__ import annotations

import socket

import osdp_device
import osdp_panel_peer
import pytest
from door_rig import eventually


@pytest.mark.parametrize("program", [osdp_device.__file__, osdp_panel_peer.PROGRAM])
def test_a_peer_ends_with_its_line(program: str) -> None:
    device = osdp_device.Device(program)
    ours, theirs = socket.socketpair()
    device.start(theirs, key=None)
    assert not device.ended
    ours.close()
    assert eventually(lambda: device.ended, 60.0)
    device.close()
