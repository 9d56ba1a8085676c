"""Amazon Rekognition: region, credentials, clock, collections, spending, metrics, AWS's opt-out."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from kiosk.domain.errors import LintelError
from kiosk.domain.finding import Finding, Health

if TYPE_CHECKING:
    from config.settings import Settings
    from kiosk.cloud.collections import GenerationRecords
    from kiosk.cloud.outbox.port import Outbox
    from kiosk.cloud.ports import FaceService

NAME = "rekognition"
SECONDS = 5.0
NEARLY = 0.8
"""Of what may be spent."""
NOTED_SKEW_SECONDS = 60.0
"""A clock that is so far off does not run with a time service."""
_OPT_OUT = "AISERVICES_OPT_OUT_POLICY"
_NO_POLICY = "EffectivePolicyNotFoundException"
_MAY_KEEP = "AWS may keep what it is sent to improve its services"
_UNKNOWN = "it is not known whether AWS may keep what it is sent to improve its services"
_LOOK = (
    "Have the organisation's admin attach an AI services opt-out policy, and see that this"
    " account's effective policy says `optOut` for rekognition."
)


def cloud(home: Path, settings: Settings) -> Iterator[Finding]:
    """Check what a kiosk needs of Rekognition; nothing where the settings do not use it.

    Collections are asked what they hold, which AWS does not bill; nothing else is sent.
    """
    if not settings.cloud.used:
        return
    try:
        from kiosk.wiring.cloud.client import cloud_faces
        from kiosk.wiring.cloud.kept import kept_for_cloud
    except ModuleNotFoundError as error:
        said = f"the extra cloud is not installed: {error.name} is missing"
        yield Finding(NAME, Health.BAD, said, "Run `make setup EXTRA=cloud`.")
        return
    from kiosk.cloud.generations import FactGenerations
    from kiosk.store.home import Home

    yield from _region(settings)
    yield from _safely(lambda: _metrics(home, settings))
    yield from _safely(lambda: _spending(home, settings))
    if not Home(home).cloud.exists():
        said = "this kiosk has kept nothing for the cloud yet"
        yield Finding(NAME, Health.WARN, said, "Run `kiosk cloud init`.")
        return
    with ExitStack() as stack:
        kept = stack.enter_context(kept_for_cloud(settings, Home(home)))
        faces, records = cloud_faces(settings.cloud, home), FactGenerations(kept.metadata)
        yield from _safely(lambda: _collections(settings, faces, records))
        yield from _safely(lambda: _clock(settings, records))
        yield from _safely(lambda: _left(kept.outboxes.own))
    yield from _safely(lambda: _opt_out(settings))


def _safely(look: Callable[[], Iterator[Finding]]) -> Iterator[Finding]:
    """What cannot be asked is a finding; the rest is looked at all the same."""
    try:
        yield from look()
    except LintelError as error:
        yield Finding(NAME, Health.BAD, error.problem, error.remedy)


def _region(settings: Settings) -> Iterator[Finding]:
    cloud = settings.cloud
    if cloud.asks_a_peer:
        said = f"a server on this machine answers instead of AWS: {cloud.endpoint}"
        yield Finding(NAME, Health.WARN, said, "For a real door, remove cloud.endpoint.")
        return
    where = f"{cloud.mode.value} in {cloud.region}, over TLS 1.2 or newer"
    yield Finding(NAME, Health.OK, f"{where}, FIPS endpoints" if cloud.fips else where)
    if not cloud.allowed_regions:
        said = "cloud.allowed_regions does not say where faces may be processed"
        remedy = f'Write allowed_regions = ["{cloud.region}"] if that is agreed.'
        yield Finding(NAME, Health.WARN, said, remedy)


def _spending(home: Path, settings: Settings) -> Iterator[Finding]:
    from kiosk.wiring.cloud.client import spending_of

    limit = settings.cloud.monthly_limit
    if not limit:
        yield Finding(NAME, Health.BAD, "cloud.monthly_limit is 0: nothing is sent", "Raise it.")
        return
    from kiosk.store.home import Home

    if not Home(home).cloud_spending.exists():
        yield Finding(NAME, Health.OK, f"nothing of {limit:g} is spent yet")
        return
    spent = spending_of(settings.cloud, home).spent()
    said = f"{spent.cost:g} of {limit:g} are spent in {spent.month}"
    remedy = "Raise cloud.monthly_limit, or wait for the next month."
    if spent.share >= NEARLY:
        health = Health.BAD if spent.stopped else Health.WARN
        yield Finding(NAME, health, said, remedy)
    else:
        yield Finding(NAME, Health.OK, said)


def _collections(
    settings: Settings, faces: FaceService, records: GenerationRecords
) -> Iterator[Finding]:
    """Credentials, clock, line, models and fill: all of it shows in what the collections say."""
    from kiosk.cloud.collections import checked_facts
    from kiosk.domain.cloud.faces import MOST_FACES
    from kiosk.domain.cloud.planning import ALARM_FILL
    from kiosk.domain.cloud.shards import ShardedCollections

    generation = records.read().in_force
    if generation is None:
        said = "no collections are in force: nobody can be searched"
        yield Finding(NAME, Health.BAD, said, "Run `kiosk cloud init`.")
        return
    thresholds = settings.cloud.thresholds
    if generation.model not in thresholds:
        said = f"cloud.thresholds names no similarity for face model {generation.model}"
        remedy = "It releases no door: measure one for this model, and write it there."
        yield Finding(NAME, Health.BAD, said, remedy)
    collections = ShardedCollections(settings.cloud.collection, generation)
    names = collections.names
    facts = [checked_facts(faces, collections, name, seconds=SECONDS) for name in names]
    share = max(each.faces for each in facts) / MOST_FACES
    said = f"{len(facts)} collections of face model {generation.model}; the fullest {share:.0%}"
    if share >= ALARM_FILL:
        remedy = "Fill a new generation with more shards: `kiosk cloud reindex --shards N`."
        yield Finding(NAME, Health.WARN, said, remedy)
    else:
        yield Finding(NAME, Health.OK, said)


def _clock(settings: Settings, records: GenerationRecords) -> Iterator[Finding]:
    """This machine's clock beside the service's, by the header `Date` of an answer or refusal."""
    from kiosk.aws.faults import FaultKind
    from kiosk.aws.wire import AwsAnswer, AwsWire
    from kiosk.cloud.client.refusals import MOST_SKEW_SECONDS
    from kiosk.domain.cloud.operations import Operation
    from kiosk.domain.cloud.shards import ShardedCollections
    from kiosk.wiring.cloud.client import access_of

    generation = records.read().in_force
    if generation is None:
        return
    name = ShardedCollections(settings.cloud.collection, generation).names[0]
    wire = AwsWire("rekognition", access_of(settings.cloud))
    said = wire.ask(Operation.DESCRIBE_COLLECTION.value, {"CollectionId": name}, SECONDS)
    wire.close()
    if said.ahead is None:
        if isinstance(said, AwsAnswer) or said.kind is FaultKind.ANSWERED:
            remedy = "Compare this machine's clock by hand."
            yield Finding(NAME, Health.WARN, "Rekognition does not tell its time", remedy)
        return
    off = abs(said.ahead)
    if off < NOTED_SKEW_SECONDS:
        yield Finding(NAME, Health.OK, "this machine's clock and Rekognition's agree")
        return
    side = "ahead of" if said.ahead > 0 else "behind"
    found = f"this machine's clock is {off:.0f} seconds {side} Rekognition's"
    remedy = "Set it, and keep it with a time service: AWS refuses everything from 300 seconds on."
    yield Finding(NAME, Health.BAD if off > MOST_SKEW_SECONDS else Health.WARN, found, remedy)


def _metrics(home: Path, settings: Settings) -> Iterator[Finding]:
    """If the metrics can be read where the settings say, and by whom."""
    if settings.cloud.metrics_address is None:
        return
    from config.service_url import is_loopback
    from kiosk.cloud.monitoring.prometheus import listens, try_to_listen
    from kiosk.store.home import Home
    from kiosk.store.instance_lock import is_kept

    where, address = f"cloud.metrics {settings.cloud.metrics}", settings.cloud.metrics_address
    if not is_loopback(f"http://{settings.cloud.metrics}"):
        said = f"whoever reaches {where} reads the metrics: there is no password"
        remedy = "Listen on 127.0.0.1, or see to it that only Prometheus reaches that port."
        yield Finding(NAME, Health.WARN, said, remedy)
    if not is_kept(Home(home)):
        try:
            try_to_listen(*address)
        except LintelError as error:  # a kiosk runs without its metrics
            yield Finding(NAME, Health.WARN, error.problem, error.remedy)
        else:
            yield Finding(NAME, Health.OK, f"a kiosk can listen on {where}")
    elif listens(*address):
        yield Finding(NAME, Health.OK, f"metrics are read at {where}")
    else:
        said = f"the kiosk that runs does not listen on {where}"
        yield Finding(NAME, Health.WARN, said, "Start it again; it says what it cannot listen on.")


def _left(outbox: Outbox) -> Iterator[Finding]:
    dead, waiting = len(outbox.dead()), outbox.waiting()
    if dead:
        said = f"{dead} pieces of work were given up, {waiting} wait"
        yield Finding(NAME, Health.WARN, said, "Look at them: `kiosk cloud dlq list`.")
    else:
        yield Finding(NAME, Health.OK, f"{waiting} pieces of work wait, none was given up")


def _opt_out(settings: Settings) -> Iterator[Finding]:
    """What the account's effective policy says of AI services (R61)."""
    if settings.cloud.asks_a_peer:
        return
    from kiosk.aws.wire import AwsAnswer, AwsWire
    from kiosk.wiring.cloud.client import access_of

    try:
        wire = AwsWire("organizations", access_of(settings.cloud, "organizations"))
    except LintelError:  # it has one region for all: asked only where that is the collections'
        yield Finding(NAME, Health.WARN, _UNKNOWN, _LOOK)
        return
    answer = wire.ask("DescribeEffectivePolicy", {"PolicyType": _OPT_OUT}, SECONDS)
    wire.close()
    if isinstance(answer, AwsAnswer):
        policy = answer.content.get("EffectivePolicy")
        yield opt_out_of(str(policy.get("PolicyContent")) if isinstance(policy, dict) else "")
    elif answer.code == _NO_POLICY:
        yield Finding(NAME, Health.WARN, _MAY_KEEP, _LOOK)
    else:
        yield Finding(NAME, Health.WARN, _UNKNOWN, _LOOK)


def opt_out_of(policy: str) -> Finding:
    """What an effective policy of AI services says of Rekognition.

    Args:
        policy: as AWS writes it: JSON.
    """
    import json

    said = ""
    try:
        services = json.loads(policy)["services"]
        chosen = services.get("rekognition") or services["default"]
        said = str(chosen["opt_out_policy"])
    except (AttributeError, LookupError, TypeError, ValueError):
        return Finding(NAME, Health.WARN, _UNKNOWN, _LOOK)
    if said == "optOut":
        return Finding(NAME, Health.OK, "AWS may not keep what it is sent to improve its services")
    return Finding(NAME, Health.WARN, _MAY_KEEP, _LOOK)
