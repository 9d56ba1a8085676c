"""Remedies that ask for a step which every user interface takes in its own way.

The domain and the adapters name the step. The command line adds its command; the screen shows the
sentence alone.
"""

from __future__ import annotations

from enum import Enum, auto
from typing import Self


class NextStep(Enum):
    """The steps that a remedy can ask for."""

    ACCEPT_CLOCK = auto()
    ACCEPT_STORED = auto()
    CHOOSE_DAYS = auto()
    CHOOSE_HOME = auto()
    CHOOSE_MODEL_FOLDER = auto()
    COMPARE_ENGINES = auto()
    COMPARE_JOURNAL = auto()
    DROP_CARD_NUMBER = auto()
    DROP_FACTOR = auto()
    ENROL = auto()
    ERASE_PERSON = auto()
    GIVE_CARD_NUMBER = auto()
    GIVE_ORDER = auto()
    GIVE_PASSPHRASE = auto()
    INSTALL_DOOR_LIBRARIES = auto()
    INSTALL_EXTRA = auto()
    INSTALL_MODELS = auto()
    INSTALL_MODELS_AGAIN = auto()
    INSTALL_MODELS_FROM = auto()
    INSTALL_MODELS_INTO = auto()
    ISSUE_BADGE = auto()
    LEARN_DOOR_KEY = auto()
    LIST_MODELS = auto()
    LIST_PEOPLE = auto()
    MAKE_BACKUP = auto()
    MAKE_CLOUD = auto()
    MAKE_HOME = auto()
    MAKE_KEY = auto()
    MAKE_OPERATOR_KEY = auto()
    MEASURE_SPEED = auto()
    NAME_GROUP = auto()
    NAME_NEW_FILE = auto()
    RENEW_JOURNAL = auto()
    RESTORE_BACKUP = auto()
    RESTORE_OR_ACCEPT = auto()
    RESTORE_OVER = auto()
    RESUME = auto()
    SEAL_KEY = auto()
    SET_ADMIN_PIN = auto()
    SET_PIN = auto()
    STAND_FOR_CLOCK = auto()
    START_KIOSK = auto()
    VERIFY_MODELS = auto()


class Remedy(str):
    """A sentence that says what to do, with the step that it asks for.

    Args:
        sentence: is complete by itself, and names neither a command nor an option.
        step: the step.
        about: the objects of the step by name, such as `subject`.
    """

    __slots__ = ("about", "step")

    step: NextStep
    about: dict[str, str]

    def __new__(cls, sentence: str, step: NextStep, **about: str) -> Self:
        """Create the sentence with its step."""
        remedy = super().__new__(cls, sentence)
        remedy.step = step
        remedy.about = about
        return remedy

    def __getnewargs_ex__(self) -> tuple[tuple[str, NextStep], dict[str, str]]:
        """The arguments from which a copy is made."""
        return (str(self), self.step), self.about


KEEP_AND_RENEW = Remedy(
    "Copy what verifies; then keep the old journal for an inquiry, and begin a new one.",
    NextStep.RENEW_JOURNAL,
)
"""The remedy for a journal that was changed outside this program."""
