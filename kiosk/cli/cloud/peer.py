"""`kiosk cloud peer`: a server on this machine that answers as Rekognition does."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption, expanded, known_home

if TYPE_CHECKING:
    from kiosk.cloud.peer.server import RekognitionPeer

INTERNAL = 5
"""The exit code after an answer that AWS would not have given."""


def peer(
    port: Annotated[
        int, typer.Option(help="Of 127.0.0.1; 0 for a free one.", min=0, max=65535)
    ] = 0,
    keep: Annotated[
        Path | None,
        typer.Option(help="A folder for its collections, templates unencrypted; none: in memory."),
    ] = None,
    model_version: Annotated[
        str, typer.Option(help="Face model of new collections: 7.0, 6.0 or 5.0.")
    ] = "7.0",
    tps: Annotated[
        float | None, typer.Option(help="Calls a second of each operation.", min=0.001)
    ] = None,
    latency: Annotated[
        int, typer.Option(help="Milliseconds that each answer takes at least.", min=0, max=60_000)
    ] = 0,
    home: HomeOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """Answer as Amazon Rekognition does, on this machine alone, until Ctrl-C.

    To try everything without an account. It compares faces with this kiosk's own models, and its
    credentials are made up anew at each start.
    """
    from config.settings import load
    from kiosk.app.signals import Signals
    from kiosk.wiring.cloud.peer import PeerTerms, opened_peer

    place = known_home(home)
    folder = None if keep is None else expanded(keep)
    terms = PeerTerms(port, folder, model_version, tps, latency / 1000)
    with Signals() as signals, opened_peer(load(place, config), place, terms) as server:
        signals.call(server.stop)
        if json:
            print_json(_said(server))
        else:
            print(_text(server), flush=True)
        server.serve()
        wrong = server.recording.violations
    for each in wrong:
        print(f"kiosk: The peer was wrong: {each}", file=sys.stderr)
    return INTERNAL if wrong else 0


def _said(server: RekognitionPeer) -> dict[str, object]:
    return {
        "event": "ready",
        "endpoint": server.endpoint,
        "region": server.region,
        "model_version": server.account.model,
        "settings": {"cloud": {"endpoint": server.endpoint, "region": server.region}},
        "environment": _environment(server),
    }


def _environment(server: RekognitionPeer) -> dict[str, str]:
    return {
        "AWS_ACCESS_KEY_ID": server.key.access_key,
        "AWS_SECRET_ACCESS_KEY": server.key.secret,
    }


def _text(server: RekognitionPeer) -> str:
    exports = "\n".join(f"export {name}={value}" for name, value in _environment(server).items())
    return (
        f"The loopback peer answers at {server.endpoint} until Ctrl-C.\n\n"
        "In the kiosk's config.toml:\n\n"
        f'[cloud]\nregion = "{server.region}"\nendpoint = "{server.endpoint}"\n\n'
        "In the environment of the kiosk's commands (made up, and of use here alone):\n\n"
        f"{exports}"
    )
