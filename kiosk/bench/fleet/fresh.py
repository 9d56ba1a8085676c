"""A kiosk that meets its fleet for the first time, and then polls while there is nothing new."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from kiosk.fleet.stores.port import Traffic
from kiosk.pipeline.gallery.beside_vision import beside_vision
from kiosk.pipeline.memory import peak_rss_mb
from kiosk.store.open_home import OpenHome
from kiosk.wiring.fleet import fleet_updater
from kiosk.wiring.vision import gallery_feed

if TYPE_CHECKING:
    from kiosk.bench.parts import Bench

IDLE_POLLS = 5


def fresh(bench: Bench) -> dict[str, Any]:
    """The first sync of a kiosk until its gallery is ready, and what idle polls cost after it."""
    with (
        OpenHome.open(bench.home) as open_home,
        fleet_updater(open_home, bench.settings) as (updater, traffic),
    ):
        before = peak_rss_mb()
        with beside_vision():  # as a kiosk that runs
            first = _cost(traffic, updater.sync)
        gallery = _cost(traffic, lambda: gallery_feed(bench.settings, bench.loaded.pack, open_home))
        peak, references = peak_rss_mb(), len(open_home.references)
        polls = [_cost(traffic, updater.sync) for _ in range(IDLE_POLLS)]
    return {
        "references": references,
        "ready_seconds": round(first["seconds"] + gallery["seconds"], 3),
        "sync": first,
        "gallery_seconds": gallery["seconds"],
        "memory": {"before_mb": round(before, 1), "peak_mb": round(peak, 1)},
        "idle_poll": {name: statistics.median(each[name] for each in polls) for name in polls[0]},
    }


def _cost(traffic: Traffic, work: Callable[[], object]) -> dict[str, float]:
    """What some work takes: seconds, of the processor too, bytes received, and requests."""
    received, requests = traffic.bytes, traffic.requests
    began, spent = time.perf_counter(), time.process_time()
    work()
    return {
        "seconds": round(time.perf_counter() - began, 4),
        "processor_seconds": round(time.process_time() - spent, 4),
        "bytes": traffic.bytes - received,
        "requests": traffic.requests - requests,
    }
