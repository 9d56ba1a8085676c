"""Whose a place is, and who else may write there."""

from __future__ import annotations

import stat

import pytest

from kiosk.domain.ownership import OwnedPath, weakness

ME, OTHER, ROOT = 1000, 1001, 0
FILE, FOLDER = stat.S_IFREG, stat.S_IFDIR
TMP = OwnedPath("/tmp", ROOT, FOLDER | 0o1777)
TOP = OwnedPath("/", ROOT, FOLDER | 0o755)


@pytest.mark.parametrize("uid", [ME, ROOT])
@pytest.mark.parametrize("mode", [0o700, 0o755, 0o600, 0o644])
def test_what_is_ours_or_roots_is_relied_on(uid: int, mode: int) -> None:
    assert weakness(OwnedPath("/srv/me/x", uid, FILE | mode), [TOP], ME) is None


@pytest.mark.parametrize("mode", [0o720, 0o702, 0o666, 0o777])
def test_what_others_may_write_is_not(mode: int) -> None:
    found = weakness(OwnedPath("/srv/me/x", ME, FILE | mode), [TOP], ME)
    assert found is not None
    assert found.remedy == "Run `chmod go-w /srv/me/x`."


def test_what_is_anothers_is_not() -> None:
    found = weakness(OwnedPath("/srv/me/x", OTHER, FILE | 0o600), [TOP], ME)
    assert found == (
        "/srv/me/x belongs to another user",
        "Run as the user to whom it belongs, or give it to this one with `chown`.",
    )


def test_a_folder_above_counts_as_much() -> None:
    mine = OwnedPath("/srv/kiosk", ME, FOLDER | 0o700)
    for above in (
        OwnedPath("/srv", OTHER, FOLDER | 0o755),
        OwnedPath("/srv", ROOT, FOLDER | 0o777),
    ):
        found = weakness(mine, [above, TOP], ME)
        assert found is not None
        assert "/srv" in found.text


def test_below_tmp_only_what_is_ours_counts() -> None:
    """Sticky: others may make files there, and cannot touch ours."""
    assert weakness(OwnedPath("/tmp/x", ME, FOLDER | 0o700), [TMP, TOP], ME) is None
    assert weakness(OwnedPath("/tmp/x", OTHER, FOLDER | 0o755), [TMP, TOP], ME) is not None
    assert weakness(TMP, [TOP], ME) is not None, "a home that is /tmp itself is everybody's"
    theirs = OwnedPath("/theirs", OTHER, FOLDER | 0o1777)
    assert weakness(OwnedPath("/theirs/x", ME, FOLDER | 0o700), [theirs, TOP], ME) is not None


def test_a_sticky_folder_of_our_own_is_as_good_as_roots() -> None:
    ours = OwnedPath("/srv/ours", ME, FOLDER | 0o1777)
    assert weakness(OwnedPath("/srv/ours/x", ME, FOLDER | 0o700), [ours, TOP], ME) is None


def test_what_is_not_there_yet_may_be_made_in_a_sticky_folder_alone() -> None:
    assert weakness(None, [OwnedPath("/srv", ROOT, FOLDER | 0o1777)], ME) is None
    found = weakness(None, [OwnedPath("/srv", ROOT, FOLDER | 0o777)], ME)
    assert found is not None
    assert "/srv" in found.text
