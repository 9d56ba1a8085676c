"""What a policy of IAM depends on in the settings."""

from __future__ import annotations

from urllib.parse import urlsplit

from config.sections.cloud import CloudSettings
from kiosk.cloud.monitoring.metrics import NAMESPACE
from kiosk.cloud.policies import PolicyScope, partition_of
from kiosk.domain.errors import SettingsError


def policy_scope(settings: CloudSettings, account: str) -> PolicyScope:
    """Where policies for these settings hold.

    Args:
        settings: the section `cloud`.
        account: twelve digits.

    Raises:
        SettingsError: there is no region.
    """
    if settings.region is None:
        raise SettingsError(
            "cloud.region is not set.", "Name the AWS region of the collections, as `eu-west-1`."
        )
    kind, _, table = settings.metadata.partition(":")
    queues = (settings.queue, settings.dead_letters)
    return PolicyScope(
        partition=partition_of(settings.region),
        region=settings.region,
        account=account,
        collection=settings.collection,
        search=settings.search,
        table=table if kind == "dynamodb" else None,
        queues=tuple(urlsplit(url).path.rpartition("/")[2] for url in queues if url),
        metrics=NAMESPACE if settings.cloudwatch else None,
    )
