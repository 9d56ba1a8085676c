"""Invitations: the right to enrol once, as a code that is held up to the camera."""

from __future__ import annotations

from enum import Enum


class InvitationRefusal(Enum):
    """The reason why a code is no invitation here and now."""

    USED = "code_used"
    EXPIRED = "code_expired"
    ELSEWHERE = "code_elsewhere"
    """It is of another site."""
    UNREADABLE = "code_unreadable"
    """It is no invitation, was altered, or is not known here."""
    WAIT = "code_wait"
    """Too many codes were tried; nothing is judged for a while."""
