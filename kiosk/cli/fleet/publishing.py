"""`kiosk fleet publish`: put in order what was said, and sign that it is fresh."""

from __future__ import annotations

import sys
import time
from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import TYPE_CHECKING, Annotated

import typer

from kiosk.cli.common import JsonOption
from kiosk.cli.fleet.common import (
    DryRunOption,
    KeysOption,
    PassphraseOption,
    StoreOption,
    fleet_session,
)
from kiosk.cli.fleet.reports.cleaning import DailyCleaning
from kiosk.cli.passed_over import shown
from kiosk.domain.errors import BadInput, FleetStoreUnreachable

if TYPE_CHECKING:
    from kiosk.cli.fleet.common import FleetSession
    from kiosk.fleet.publisher import Publication

EVERY_SECONDS, SIGN_SECONDS = 2.0, 300.0


def publish(
    store: StoreOption,
    keys: KeysOption,
    watch: Annotated[bool, typer.Option("--watch", help="Go on publishing until ended.")] = False,
    every: Annotated[
        float, typer.Option(min=0.2, help="Seconds between looks, with --watch.")
    ] = EVERY_SECONDS,
    sign_every: Annotated[
        float,
        typer.Option(
            min=0.0,
            max=3600.0,
            help="Seconds until it signs anew that nothing is new, with --watch.",
        ),
    ] = SIGN_SECONDS,
    urgent: Annotated[
        str | None,
        typer.Option(
            help="Where to say that something new is published: mqtts://HOST:PORT/TOPIC, "
            "sqs:QUEUE_URL or sns:ARN; otherwise fleet.urgent of the settings."
        ),
    ] = None,
    leftover_days: Annotated[
        int, typer.Option(min=7, help="Days for which requests and what failed a check are kept.")
    ] = 30,
    journal_days: Annotated[
        int, typer.Option(min=30, help="Days for which devices' journals are kept.")
    ] = 180,
    receipt_days: Annotated[
        int, typer.Option(min=180, help="Days for which receipts of dropped devices are kept.")
    ] = 1825,
    passphrase_file: PassphraseOption = None,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> int:
    """Publish once, or go on. What fails a check is set aside in the store and named here.

    Once a day, what is over its time goes from the store. With --watch, settings are held back
    from kiosks that have them not yet, where those that have do worse.
    """
    from kiosk.fleet.reporting.seen import SEEN
    from kiosk.fleet.rollout.holding import nothing_halts
    from kiosk.fleet.rollout.judging import RolloutWatch
    from kiosk.store.home import now_utc

    if watch and dry_run:
        raise BadInput("--watch goes on publishing, and --dry-run publishes nothing.", "Drop one.")
    keeps = timedelta(seconds=sign_every if watch else 0)
    rollouts = RolloutWatch(keys / SEEN, time.monotonic, now_utc)
    halting = rollouts if watch else nothing_halts
    cleaning = DailyCleaning(store, keys, leftover_days, journal_days, receipt_days)
    with fleet_session(store, keys, passphrase_file, dry_run=dry_run, urgent=urgent) as session:
        admin = session.admin
        while True:
            try:
                due = cleaning.is_due()
                done = admin.publish(keeps, compact=due, halting=halting)
                if due and done is not None:
                    cleaning.run(session.store if dry_run else None)
            except FleetStoreUnreachable as error:
                if not watch:
                    raise
                print(error.problem, file=sys.stderr)
            else:
                if done is None:
                    raise BadInput(
                        f"There is no publisher's key in {keys}.", "Publish where that key lies."
                    )
                if not watch or done.published or done.review or done.halted:
                    _print(done, session, rollouts.reasons, json=json)
            if not watch:
                return 0
            time.sleep(every)


def _print(
    done: Publication,
    session: FleetSession,
    reasons: Mapping[str, Sequence[str]],
    *,
    json: bool,
) -> None:
    said = {"version": done.version, "published": done.published, "review": done.review}
    if done.halted:
        said["halted"] = done.halted
    added = ", ".join(f"{scope}: {count}" for scope, count in done.published.items())
    told = f"Version {done.version} is published. New statements: {added or 'none'}."
    session.tell(said, told, json=json)
    for line in () if json else done.review:
        print(f"For review: {shown(line)}", file=sys.stderr)
    for scope, number in done.halted.items():
        why = " ".join(reasons.get(scope, ()))
        print(f"Settings {number} are held back in {scope}. {shown(why)}", file=sys.stderr)
