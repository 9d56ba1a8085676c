"""Amazon Rekognition as the settings say, with the limits that the whole process shares."""

from __future__ import annotations

from pathlib import Path

from config.sections.cloud import CloudSettings
from kiosk.aws.access import METADATA_SOURCES, AwsAccess, offered
from kiosk.aws.wire import AwsWire
from kiosk.cloud.client.attempts import TimedAttempts
from kiosk.cloud.client.calling import Caller, CallParts, RealTiming
from kiosk.cloud.client.limits import CallLimits
from kiosk.cloud.client.observing import CallObserver, Unobserved
from kiosk.cloud.client.rekognition import RekognitionFaces
from kiosk.cloud.client.spending import Spending
from kiosk.domain.errors import SettingsError
from kiosk.store.home import Home

SERVICE = "rekognition"
AT_ONCE = 16
"""Calls under way at once, those included that nobody waits for any more."""


def cloud_faces(
    settings: CloudSettings, home: Path, observer: CallObserver | None = None
) -> RekognitionFaces:
    """Rekognition over boto3. One for a process: quotas and circuits are its own.

    Nothing is sent until the first call.

    Args:
        settings: the section `cloud`.
        home: the kiosk's home, where spending is counted.
        observer: hears of every call.

    Raises:
        SettingsError: there is no region, or Rekognition is not offered in it.
    """
    caller = Caller(call_parts(settings, home, observer))
    return RekognitionFaces(caller, settings.search)


def call_parts(
    settings: CloudSettings, home: Path, observer: CallObserver | None = None
) -> CallParts:
    """What calls are made with; see `cloud_faces`."""
    timing = RealTiming()
    return CallParts(
        wire=AwsWire(SERVICE, access_of(settings)),
        limits=CallLimits(settings.tps, timing),
        attempts=TimedAttempts(AT_ONCE),
        spending=spending_of(settings, home),
        observer=observer or Unobserved(),
        timing=timing,
        read_seconds=settings.read_seconds,
    )


def spending_of(settings: CloudSettings, home: Path) -> Spending:
    """The count of what is spent, in a home."""
    return Spending(Home(home).cloud_spending, settings.monthly_limit, settings.price)


def access_of(settings: CloudSettings, service: str = SERVICE) -> AwsAccess:
    """How a service of AWS is reached: address, proxy and authority come from the settings alone.

    Args:
        settings: the section `cloud`.
        service: which; the endpoint of the settings is Rekognition's alone.

    Raises:
        SettingsError: there is no region, or the service is not offered in it.
    """
    if settings.region is None:
        raise SettingsError(
            "cloud.region is not set.", "Name the AWS region of the collections, as `eu-west-1`."
        )
    endpoint = settings.endpoint if service == SERVICE else None
    if endpoint is None and not offered(service, settings.region, fips=settings.fips):
        where = "with FIPS endpoints " if settings.fips else ""
        raise SettingsError(
            f"The service {service} is not offered {where}in cloud.region {settings.region},"
            " as far as this version of boto3 knows.",
            "Name a region where it is, or the endpoint's URL in cloud.endpoint.",
        )
    return AwsAccess(
        region=settings.region,
        endpoint=endpoint,
        proxy=settings.proxy,
        ca_file=settings.ca_file,
        fips=settings.fips,
        seconds=(settings.connect_seconds, settings.read_seconds),
        connections=AT_ONCE,
        left_out=() if settings.instance_metadata else METADATA_SOURCES,
    )
