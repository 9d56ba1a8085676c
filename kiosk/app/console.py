"""The console: errors for people on standard error, results for programs on standard output."""

from __future__ import annotations

import json
import sys

from kiosk.domain.errors import LintelError
from kiosk.domain.remedies import NextStep, Remedy

COMMANDS = {
    NextStep.ACCEPT_CLOCK: "To accept it, run `kiosk audit accept --clock --yes`.",
    NextStep.ACCEPT_STORED: "To accept it, run `kiosk audit accept --yes`.",
    NextStep.CHOOSE_DAYS: "The options are `--from` and `--until`.",
    NextStep.CHOOSE_HOME: "The option is `--home`.",
    NextStep.CHOOSE_MODEL_FOLDER: "The option is `--into`.",
    NextStep.COMPARE_ENGINES: "Run `kiosk models verify --engines`.",
    NextStep.COMPARE_JOURNAL: "Run `kiosk audit verify`; to accept, `kiosk audit accept --yes`.",
    NextStep.DROP_CARD_NUMBER: "To take it, run `kiosk people allow {subject} --credential none`.",
    NextStep.DROP_FACTOR: "Run `kiosk people allow {subject} --factor none`.",
    NextStep.ENROL: "Run `kiosk enrol`.",
    NextStep.ERASE_PERSON: "To erase them, run `kiosk people erase {subject} --yes`.",
    NextStep.GIVE_CARD_NUMBER: "The option of `kiosk people allow` is `--credential`.",
    NextStep.GIVE_PASSPHRASE: "The option is `--passphrase-file`.",
    NextStep.GIVE_ORDER: "The command for orders is `kiosk operator`.",
    NextStep.INSTALL_DOOR_LIBRARIES: "Run `make setup DOOR={extra}` in the folder of Lintel.",
    NextStep.INSTALL_MODELS: "Run `kiosk models install {pack}`.",
    NextStep.INSTALL_MODELS_AGAIN: "Run `kiosk models install`.",
    NextStep.INSTALL_MODELS_FROM: "Run `kiosk models install {pack} --from DIR`.",
    NextStep.INSTALL_MODELS_INTO: "Run `kiosk models install {pack} --into {directory}`.",
    NextStep.INSTALL_EXTRA: "Run `make setup EXTRA={extra}` in the folder of Lintel.",
    NextStep.ISSUE_BADGE: "Run `kiosk people badge {subject} --out FILE`.",
    NextStep.LEARN_DOOR_KEY: "Run `kiosk door learn-key`.",
    NextStep.LIST_MODELS: "See `kiosk models list`.",
    NextStep.LIST_PEOPLE: "See `kiosk people list`.",
    NextStep.MAKE_BACKUP: "Run `kiosk backup --to FILE`.",
    NextStep.MAKE_CLOUD: "Run `kiosk cloud init`.",
    NextStep.MAKE_HOME: "Run `kiosk init`; the option is `--home`.",
    NextStep.MAKE_KEY: "Run `kiosk init`.",
    NextStep.MAKE_OPERATOR_KEY: (
        "Run `kiosk operator key`, and write what it prints into [operators.keys]."
    ),
    NextStep.MEASURE_SPEED: "Run `kiosk bench`.",
    NextStep.NAME_GROUP: "`--group none` alone takes every group away.",
    NextStep.NAME_NEW_FILE: "The option is `--out`.",
    NextStep.RENEW_JOURNAL: "Run `kiosk audit export`, then `kiosk audit renew`.",
    NextStep.RESTORE_BACKUP: "Run `kiosk restore --from FILE`.",
    NextStep.RESTORE_OR_ACCEPT: (
        "Run `kiosk restore --from FILE --yes`; to accept it, `kiosk audit accept --yes`."
    ),
    NextStep.RESTORE_OVER: "The option is `--yes`.",
    NextStep.RESUME: "The option is `--resume`.",
    NextStep.SEAL_KEY: "Run `kiosk keys rotate --credential {name}`.",
    NextStep.SET_ADMIN_PIN: "Run `kiosk admin pin`.",
    NextStep.SET_PIN: "Run `kiosk people pin {subject}`.",
    NextStep.STAND_FOR_CLOCK: "If it is right, run `kiosk retention run --clock-is-right`.",
    NextStep.START_KIOSK: "Run `kiosk run`, or give another `--home`.",
    NextStep.VERIFY_MODELS: "Run `kiosk models verify`.",
}
"""The command line's way to take each step; names in braces are those of `Remedy.about`."""


def with_command(remedy: str) -> str:
    """The remedy as the command line prints it: its sentence, then the command of its step."""
    if not isinstance(remedy, Remedy):
        return remedy
    return f"{remedy} {COMMANDS[remedy.step].format_map(remedy.about)}"


def print_error(error: LintelError) -> None:
    """Print the problem and its remedy on standard error."""
    print(f"kiosk: {error.problem}", file=sys.stderr)
    if error.remedy:
        print(f"       {with_command(error.remedy)}", file=sys.stderr, flush=True)


def print_json(value: object) -> None:
    """Print one JSON object on one line, and flush it."""
    print(json.dumps(value), flush=True)
