"""What an installer sees of Amazon Rekognition."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import TYPE_CHECKING

from kiosk.domain.errors import LintelError

if TYPE_CHECKING:
    from config.settings import Settings
    from kiosk.store.home import Home
    from kiosk.ui.installer import CloudNow


def cloud_part(settings: Settings, home: Home) -> Callable[[], CloudNow] | None:
    """Tells how it stands with Rekognition now; None where the settings do not use it.

    Args:
        settings: all settings.
        home: the kiosk's.

    Raises:
        SettingsError: Rekognition is not offered in that region.
    """
    cloud = settings.cloud
    if not cloud.used:
        return None
    from kiosk.ui.installer import CloudNow
    from kiosk.wiring.cloud.client import spending_of
    from kiosk.wiring.cloud.shared import shared_watchers

    watchers, spending = shared_watchers(cloud, home.path), spending_of(cloud, home.path)

    def now() -> CloudNow:
        standing, share = watchers.standing, None
        with suppress(LintelError):
            spent = spending.spent()
            share = spent.cost / spent.limit if spent.limit else 1.0
        answered, gone = standing.answered_at, standing.gone_since
        return CloudNow(
            cloud.mode.value,
            None if answered is None else answered.astimezone(),
            None if gone is None else gone.astimezone(),
            share,
        )

    return now
