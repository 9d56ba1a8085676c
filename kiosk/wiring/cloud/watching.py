"""What watches Rekognition while a kiosk runs, as the settings say."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager, suppress

from config.sections.cloud import CloudSettings
from kiosk.aws.wire import AwsWire
from kiosk.cloud.monitoring.cloudwatch import CloudWatchSink
from kiosk.cloud.monitoring.decision_counts import DecisionCountFile
from kiosk.cloud.monitoring.prometheus import MetricsServer
from kiosk.cloud.monitoring.watch import CloudWatchers, Watch
from kiosk.cloud.outbox.port import Outbox
from kiosk.domain.errors import LintelError, SettingsError
from kiosk.store.home import Home
from kiosk.store.open_home import OpenHome
from kiosk.wiring.cloud.client import access_of, spending_of


def watchers_of(settings: CloudSettings) -> CloudWatchers:
    """What hears of every call of a process.

    Nothing is sent to CloudWatch where a server on this machine stands for AWS.

    Raises:
        SettingsError: CloudWatch is not offered in the region.
    """
    if not settings.cloudwatch or settings.asks_a_peer:
        return CloudWatchers()
    return CloudWatchers(CloudWatchSink(AwsWire("cloudwatch", access_of(settings, "cloudwatch"))))


@contextmanager
def watched(
    watchers: CloudWatchers,
    settings: CloudSettings,
    open_home: OpenHome,
    outbox: Outbox,
    failed: Callable[[str], None],
) -> Iterator[None]:
    """Metrics are read and sent, and changes written to the journal, meanwhile.

    Metrics that cannot be read where the settings say stop no kiosk.

    Args:
        watchers: what hears of every call.
        settings: the section `cloud`.
        open_home: journal and spending.
        outbox: this kiosk's own.
        failed: told of metrics that nobody can read.
    """

    def look() -> None:
        look_at(watchers, settings, open_home.home, outbox)

    watchers.sample(settings.sample_every)
    for hear in (watchers.counting.hear, watchers.door.hear):
        open_home.recorder.subscribe(hear)
    with ExitStack() as stack:
        stack.enter_context(Watch(watchers, open_home.recorder.note, look))
        if settings.metrics_address is not None:
            try:
                server = MetricsServer(watchers.kept, *settings.metrics_address, look)
            except SettingsError as error:
                failed(str(error))
            else:
                stack.enter_context(server)
        yield


def look_at(watchers: CloudWatchers, settings: CloudSettings, home: Home, outbox: Outbox) -> None:
    """Look at what nobody tells of, and keep what was counted at the door.

    What cannot be read stays as it was.
    """
    watchers.door.keep(DecisionCountFile(home.cloud_spending), settings.mode)
    with suppress(LintelError):
        watchers.counting.spent(spending_of(settings, home.path).spent().share)
    with suppress(LintelError):
        watchers.counting.left_to_do(outbox.waiting(), len(outbox.dead()))
