"""The gate heard by several threads at once, as by channels."""

from __future__ import annotations

import json
import threading
from pathlib import Path

import pytest
from operator_desk import OperatorDesk

from kiosk.domain.operators.orders import Order, OrderAnswer, Verb

PATIENCE = 10.0
CHANNELS = 8


class SlowDesk(OperatorDesk):
    """A desk whose releases hang until they may go on."""

    def __init__(self, folder: Path) -> None:
        self.may_go = threading.Event()
        super().__init__(folder)

    def begun(self, count: int) -> bool:
        """Whether so many orders are being obeyed in time."""
        with self.changed:
            return self.changed.wait_for(lambda: len(self.obeyed) == count, PATIENCE)

    def _obey(self, order: Order) -> OrderAnswer:
        answer = super()._obey(order)
        if order.verb is Verb.RELEASE:
            assert self.may_go.wait(PATIENCE)
        return answer


@pytest.fixture
def desk(tmp_path: Path) -> SlowDesk:
    return SlowDesk(tmp_path)


def test_a_release_that_hangs_does_not_hold_up_a_lockdown(desk: SlowDesk) -> None:
    hanging = threading.Thread(target=desk.hear, args=(desk.sealed(Verb.RELEASE),))
    hanging.start()
    assert desk.begun(1)
    assert json.loads(desk.hear(desk.sealed(Verb.LOCKDOWN)))["outcome"] == "done"
    assert hanging.is_alive()
    desk.may_go.set()
    hanging.join(PATIENCE)
    assert not hanging.is_alive()


def test_many_channels_at_once_obey_an_order_once(desk: SlowDesk) -> None:
    order = desk.order()
    sent, together = desk.signer.seal(order), threading.Barrier(CHANNELS)

    def hear() -> None:
        together.wait(PATIENCE)
        desk.hear(sent)

    threads = [threading.Thread(target=hear) for _ in range(CHANNELS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(PATIENCE)
    assert desk.obeyed == [order]
