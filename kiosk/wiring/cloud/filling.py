"""Collections filled from a CSV file and photographs: those in force, or a new generation's."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from kiosk.cloud.jobs.batch import BatchGates, IndexBatch
from kiosk.cloud.jobs.building import GenerationBuilder
from kiosk.cloud.jobs.indexing import BatchIndexing, JobClock, looked
from kiosk.cloud.jobs.outcome import IndexReport
from kiosk.cloud.jobs.progress import JobProgress
from kiosk.cloud.jobs.resembling import ResemblanceSearch
from kiosk.domain.cloud.faces import LEAST_RELEASE, CloudId, ModelVersion
from kiosk.domain.cloud.shards import ShardedCollections
from kiosk.domain.errors import CloudRefused, SettingsError
from kiosk.domain.people.batch import BatchPerson
from kiosk.domain.remedies import NextStep, Remedy
from kiosk.wiring.cloud.jobs import CloudAdmin
from kiosk.wiring.cloud.shared import shared_spending

GENERATION = "generation of collections"
BLOCK = 32
"""Calls that a batch counts at once: at 45 a second, the disk is waited for about every second."""


@dataclass(frozen=True)
class FillOrder:
    """What is to be filled in, and how.

    Attributes:
        people: of the batch.
        gates: what decides locally.
        binding: what an unfinished job depends on.
        resume: True to go on with an unfinished job.
        dry_run: True to look only.
        threads: calls at once.
        seen: called with the number of photographs that were looked at.
    """

    people: Sequence[BatchPerson]
    gates: BatchGates
    binding: Mapping[str, str]
    resume: bool
    dry_run: bool
    threads: int
    seen: Callable[[int], None]


@dataclass(frozen=True)
class RenewalOrder:
    """How a new generation is made.

    Attributes:
        shards: how many collections.
        model: that they have to belong to; None for whatever AWS makes now.
        leave_out: True to switch although people of the old generation are not in the new one.
    """

    shards: int
    model: ModelVersion | None
    leave_out: bool


@dataclass(frozen=True)
class Renewal:
    """What came of a new generation.

    Attributes:
        report: of its filling.
        collections: its collections; None where it was only looked.
        missing: people of the old generation who are not in the new one.
        switched: True if it is in force now.
    """

    report: IndexReport
    collections: ShardedCollections | None
    missing: Sequence[CloudId]
    switched: bool


def indexed(admin: CloudAdmin, order: FillOrder) -> IndexReport:
    """Fill the collections in force.

    Raises:
        CloudRefused: there are none, the service refuses, or the settings do not know the model.
        BadInput: another job is unfinished or running.
        StoreError: the kiosk's own files cannot be used.
    """
    current = admin.records.read().in_force
    if current is None:
        raise CloudRefused(
            "No collections of faces are in force.",
            Remedy("Make them first.", NextStep.MAKE_CLOUD),
        )
    collections = ShardedCollections(admin.settings.cloud.collection, current)
    refuse_unknown(admin, collections.model)
    report = _filled(admin, order, collections, lambda: None)
    if report.complete and not order.dry_run:
        admin.open_home.home.cloud_progress.unlink(missing_ok=True)
    return report


def renewed(admin: CloudAdmin, order: FillOrder, renewal: RenewalOrder) -> Renewal:
    """Fill a new generation of collections beside the one in force, and put it in force.

    Raises:
        CloudRefused: another job makes one, or the new collections belong to another model.
        BadInput: another job is unfinished or running.
        StoreError: the kiosk's own files cannot be used.
    """
    if order.dry_run:
        report = looked(IndexBatch(order.people, order.gates), order.seen)
        return Renewal(report, None, (), switched=False)
    builder = GenerationBuilder(admin.building, admin.owner)
    collections = builder.begin(renewal.shards, renewal.model)
    refuse_unknown(admin, collections.model)
    report = _filled(admin, order, collections, builder.stay)
    before = builder.in_force()
    missing = builder.missing(collections, before)
    ready = report.complete and (renewal.leave_out or not missing)
    if ready:
        builder.switch()
        missing = builder.missing(collections, before)  # a kiosk may have registered one until now
        admin.open_home.home.cloud_progress.unlink(missing_ok=True)
    return Renewal(report, collections, missing, ready)


def refuse_unknown(admin: CloudAdmin, model: ModelVersion) -> None:
    """Raises SettingsError: the settings know no similarity for a face model (R46)."""
    if model not in admin.settings.cloud.thresholds:
        raise SettingsError(
            f"cloud.thresholds has no similarity for face model {model}.",
            "Measure which similarity your people need with it, and add it: until then these"
            " collections release no door.",
        )


def _filled(
    admin: CloudAdmin,
    order: FillOrder,
    collections: ShardedCollections,
    alive: Callable[[], None],
) -> IndexReport:
    if order.dry_run:
        return looked(IndexBatch(order.people, order.gates), order.seen)
    parts = admin.placing(collections)
    job = BatchIndexing(parts, order.threads, _CLOCK)
    batch = IndexBatch(order.people, order.gates)
    binding = {**order.binding, GENERATION: collections.names[0]}
    path = admin.open_home.home.cloud_progress
    spending = shared_spending(admin.settings.cloud, admin.open_home.home.path)
    with (
        JobProgress(path, binding, resume=order.resume) as progress,
        spending.in_blocks(BLOCK),
    ):
        report = job.run(batch, progress, order.seen, alive)
        threshold = max(LEAST_RELEASE, admin.settings.cloud.threshold)
        ResemblanceSearch(parts, threshold, order.threads).run(batch, progress, report, alive)
    return report


_CLOCK = JobClock(time.monotonic, time.sleep)
