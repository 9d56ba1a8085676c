"""What is kept for the cloud, by the settings: ids, metadata, and what is left to do."""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass

from config.settings import Settings
from kiosk.aws.wire import AwsWire
from kiosk.cloud.database import CloudDatabase
from kiosk.cloud.flows.service import Outboxes
from kiosk.cloud.ids import CloudIds
from kiosk.cloud.metadata.port import Metadata
from kiosk.cloud.metadata.sqlite import SqliteMetadata
from kiosk.cloud.outbox.local import LocalOutbox
from kiosk.store.home import Home
from kiosk.wiring.cloud.client import access_of


@dataclass(frozen=True, slots=True)
class KeptForCloud:
    """What is kept for the cloud: where, and by which ids.

    Attributes:
        ids: makes people's ids.
        metadata: who has which faces.
        outboxes: what is left to do.
        own: facts of this kiosk alone.
    """

    ids: CloudIds
    metadata: Metadata
    outboxes: Outboxes
    own: Metadata


@contextmanager
def kept_for_cloud(settings: Settings, home: Home) -> Iterator[KeptForCloud]:
    """What is kept for the cloud, by the settings.

    Raises:
        StoreKeyError: the key of people's ids cannot be used.
        StoreError: the kiosk's own database cannot be used.
        SettingsError: DynamoDB or SQS is not offered in the region.
    """
    cloud = settings.cloud
    ids = CloudIds.read(cloud.id_key_file or home.cloud_ids)
    with ExitStack() as stack:
        database = stack.enter_context(CloudDatabase(home.cloud, ids))
        own = LocalOutbox(database, time.time)
        metadata: Metadata = (local := SqliteMetadata(database))
        if cloud.metadata != "sqlite":
            from kiosk.cloud.metadata.dynamodb import DynamoMetadata

            wire = _wire(settings, "dynamodb", stack)
            metadata = DynamoMetadata(wire, cloud.metadata.removeprefix("dynamodb:"))
        outboxes = Outboxes(own, own)
        if cloud.queue is not None and cloud.dead_letters is not None:
            from kiosk.cloud.outbox.sqs import SqsOutbox

            wire = _wire(settings, "sqs", stack)
            outboxes = Outboxes(own, SqsOutbox(wire, cloud.queue, cloud.dead_letters))
        yield KeptForCloud(ids, metadata, outboxes, local)


def _wire(settings: Settings, service: str, stack: ExitStack) -> AwsWire:
    wire = AwsWire(service, access_of(settings.cloud, service))
    stack.callback(wire.close)
    return wire
