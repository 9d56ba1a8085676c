"""The peer's quotas: one second's worth at once, then as fast as they say."""

from __future__ import annotations

from kiosk.cloud.peer.quotas import ALL, PeerQuotas


class Clock:
    now = 0.0

    def __call__(self) -> float:
        return self.now


def taken(quotas: PeerQuotas, operation: str, times: int) -> int:
    return sum(quotas.take(operation) for _ in range(times))


def test_a_second_s_worth_then_the_rate() -> None:
    clock = Clock()
    quotas = PeerQuotas({"IndexFaces": 50.0}, clock)
    assert taken(quotas, "IndexFaces", 60) == 50
    clock.now = 0.1
    assert taken(quotas, "IndexFaces", 60) == 5
    clock.now = 100.0
    assert taken(quotas, "IndexFaces", 60) == 50
    assert taken(quotas, "ListFaces", 1000) == 1000


def test_every_operation_has_a_bucket_of_its_own() -> None:
    quotas = PeerQuotas({ALL: 5.0, "IndexFaces": 1.0}, Clock())
    assert taken(quotas, "ListFaces", 9) == taken(quotas, "ListUsers", 9) == 5
    assert taken(quotas, "IndexFaces", 9) == 1


def test_a_quota_of_zero_lets_nothing_through_and_none_everything() -> None:
    quotas = PeerQuotas({ALL: 5.0}, Clock())
    quotas.set("IndexFaces", 0.0)
    assert not quotas.take("IndexFaces")
    quotas.set(ALL, None)
    assert taken(quotas, "ListFaces", 99) == 99


def test_quotas_that_are_lifted_let_everything_through() -> None:
    quotas = PeerQuotas({ALL: 0.0, "IndexFaces": 0.0}, Clock())
    quotas.lift()
    assert taken(quotas, "ListFaces", 99) == taken(quotas, "IndexFaces", 99) == 99


def test_a_quota_below_one_still_lets_a_call_through_in_its_time() -> None:
    clock = Clock()
    quotas = PeerQuotas({ALL: 0.5}, clock)
    assert taken(quotas, "ListFaces", 3) == 1
    clock.now = 1.9
    assert taken(quotas, "ListFaces", 3) == 0
    clock.now = 2.0
    assert taken(quotas, "ListFaces", 3) == 1
