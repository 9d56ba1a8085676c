"""A simulated 08:30 at an office of 2,000: calls, bucket, fallbacks and cost, for each mode."""

from __future__ import annotations

import argparse
from dataclasses import fields

from kiosk.cloud.day import CloudTerms, Morning, MorningReport, percentile, simulated
from kiosk.domain.cloud.modes import CloudMode

QUOTAS = (1.0, 5.0, 50.0)
DOORS = (2, 4, 12)
MIDDLE, MOST = 0.5, 0.95


def main() -> None:
    """Print a line for each mode, number of doors, and quota."""
    options = argparse.ArgumentParser()
    for field in fields(Morning):
        name = f"--{field.name.replace('_', '-')}"
        options.add_argument(name, type=type(field.default), default=field.default)
    options.add_argument("--quota", type=float, action="append")
    options.add_argument("--door-counts", type=int, nargs="+", default=DOORS)
    options.add_argument("--shards", type=int, default=1)
    options.add_argument("--price", type=float, default=1.0)
    options.add_argument("--limit", type=float, default=3.0)
    given = vars(options.parse_args())
    quotas, counts = given.pop("quota") or QUOTAS, given.pop("door_counts")
    terms = {name: given.pop(name) for name in ("shards", "price", "limit")}
    print(
        "| mode | doors | quota | asked | calls | wanted | sent | held | fallback | queue | cost |"
    )
    print("|---|" + "---|" * 10)
    for mode in CloudMode:
        for doors in counts:
            for quota in quotas if mode is not CloudMode.LOCAL else quotas[-1:]:
                morning = Morning(**{**given, "doors": doors})
                print(
                    line(doors, quota, mode, simulated(morning, CloudTerms(mode, quota, **terms)))
                )


def line(doors: int, quota: float, mode: CloudMode, report: MorningReport) -> str:
    """A line of the table."""
    cells = (
        f"`{mode.value}`",
        f"{doors}",
        f"{quota:g}" if report.asked else "",
        f"{report.asked:,}",
        f"{report.calls:,}",
        f"{report.wanted}",
        f"{report.sent}",
        f"{percentile(report.held, MOST):.2f} / {percentile(report.held, 1.0):.2f}",
        f"{report.fallbacks:,}",
        f"{percentile(report.queued, MIDDLE):,.0f} / {percentile(report.queued, MOST):,.0f}",
        f"{report.cost:.3f}",
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    main()
