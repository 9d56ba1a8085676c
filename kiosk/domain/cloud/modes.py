"""The ways in which the kiosk's own matcher and Amazon Rekognition decide together."""

from __future__ import annotations

from enum import Enum


class CloudMode(Enum):
    """Who decides whom a face belongs to. Quality and attack detection are always the kiosk's."""

    LOCAL = "local"
    """The kiosk alone; nothing is ever sent."""
    CLOUD = "cloud"
    """Rekognition alone; the kiosk's own templates prove one unbroken person."""
    LOCAL_THEN_CLOUD = "local-then-cloud"
    """The kiosk where it is clear; Rekognition where two people are too close to each other."""
    BOTH_AGREE = "both-agree"
    """Both have to name the same person."""


class WhenGone(Enum):
    """What happens to somebody about whom Rekognition gives no answer in time."""

    REFUSE = "refuse"
    """They are refused, and shown the other way in."""
    SECOND_FACTOR = "second_factor"
    """The kiosk's own matcher decides, and they need a badge or a PIN besides."""
    LOCAL = "local"
    """The kiosk's own matcher decides."""


class Searched(Enum):
    """What a search compares the face with."""

    USERS = "users"
    """The user vector, which Rekognition makes of all faces of a person."""
    FACES = "faces"
    """Each face by itself."""


class DocumentReading(Enum):
    """Which service reads a document to propose what is filled into a form."""

    OFF = "off"
    """None: no picture of a document is ever sent."""
    REKOGNITION = "rekognition"
    TEXTRACT = "textract"


class PartialAnswer(Enum):
    """What an answer is worth that some of the collections did not give."""

    REFUSE = "refuse"
    ACCEPT = "accept"
