"""`kiosk people candidates`: whom a photograph might show, for a person to look at (R18)."""

from __future__ import annotations

import os
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.app.console import print_json
from kiosk.cli.common import ConfigOption, HomeOption, JsonOption
from kiosk.cli.passed_over import shown
from kiosk.cli.people.common import kept_home
from kiosk.domain.errors import BadInput, Refused
from kiosk.people.candidates.resembling import LEAST_RARITY, MOST_RARITY, MOST_SHOWN

if TYPE_CHECKING:
    from collections.abc import Sequence

    from config.settings import Settings
    from kiosk.domain.people.enrolment import Sample
    from kiosk.people.candidates.resembling import Lookalike
    from kiosk.wiring.vision import Weights

NOTE = (
    "This identifies nobody and opens no door: different people are as alike as this. Look for "
    "yourself, and let nothing follow from the list alone."
)
PhotoArgument = Annotated[Path, typer.Argument(help="A photograph of one person.")]
OneInOption = Annotated[
    int,
    typer.Option(
        "--one-in",
        min=LEAST_RARITY,
        max=MOST_RARITY,
        help="The bar: of so many pairs of different people, at most one is as alike.",
    ),
]
CountOption = Annotated[
    int, typer.Option("--count", min=1, max=MOST_SHOWN, help="The most people on the list.")
]


def candidates(
    photo: PhotoArgument,
    *,
    one_in: OneInOption = LEAST_RARITY,
    count: CountOption = 5,
    home: HomeOption = None,
    config: ConfigOption = None,
    json: JsonOption = False,
) -> int:
    """List who is enrolled and resembles a photograph: no identification, and on this device only.

    The photograph is read and never copied, and nothing is sent anywhere. The journal has that the
    list was asked for.
    """
    from kiosk.people.candidates.listing import listed
    from kiosk.store.open_home import OpenHome
    from kiosk.wiring.rollout.settings import settings_of
    from kiosk.wiring.spaces import refuse_other_space
    from kiosk.wiring.vision import FORM, verified_weights

    kept = kept_home(home, None, changes=True)
    if not photo.is_file():  # a pipe would be waited for
        raise BadInput(f"{shown(str(photo))} is no file.", "Give one photograph.")
    settings = settings_of(kept.path, config)
    loaded = verified_weights(settings, kept.path)
    probe = _face(settings, loaded, photo).template
    with OpenHome.open(kept.path) as open_home:
        refuse_other_space(open_home.references, loaded.pack)
        scale = loaded.pack.calibration(FORM)
        found = listed(open_home, probe, scale, one_in=one_in, count=count, user=os.getuid())
    if json:
        print_json({"candidates": [_record(each) for each in found], "note": NOTE})
    else:
        _show(found, one_in)
    return 0


def _face(settings: Settings, loaded: Weights, photo: Path) -> Sample:
    """The one face of a photograph, by the gates of an enrolment.

    Raises:
        Refused: it shows nobody, or several people, or one not well enough.
    """
    from kiosk.domain.people.enrolment import RefusedSample
    from kiosk.wiring.vision import load_enroller

    with closing(load_enroller(settings, loaded)) as enroller:
        seen = enroller.sample(photo)
    if isinstance(seen, RefusedSample):
        why = seen.detail or seen.reason.value.replace("_", " ")
        raise Refused(
            f"Nobody was looked for: {shown(why)}.",
            "Give a picture of one person alone, head and shoulders, in even light.",
        )
    return seen


def _record(found: Lookalike) -> dict[str, object]:
    return {"might_be": found.might_be, "one_in": found.one_in}


def _show(found: Sequence[Lookalike], one_in: int) -> None:
    for each in found:
        print(
            f"{each.might_be}: at most one pair of different people in {each.one_in:,} is as alike."
        )
    if not found:
        print(f"Nobody who is enrolled resembles it by the bar of one in {one_in:,}.")
    print(NOTE)
