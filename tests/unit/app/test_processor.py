"""A processor that the libraries cannot run on is told of; every other one is not."""

from __future__ import annotations

from pathlib import Path

import pytest

from kiosk import processor

# The flags of real processors, as the kernel lists them, shortened to those that matter.
CORE_2 = "fpu sse sse2 ht syscall nx lm pni ssse3 cx16 lahf_lm"  # 2006
ATOM_D525 = "fpu sse sse2 ht syscall nx lm pni ssse3 cx16 movbe lahf_lm"  # 2010
ATOM_E3825 = "fpu sse sse2 ht syscall nx lm pni ssse3 cx16 sse4_1 sse4_2 movbe popcnt lahf_lm"
"""Of 2013: without AVX."""
N100 = f"{ATOM_E3825} aes xsave avx avx2 fma"


def listed(folder: Path, flags: str) -> Path:
    """A kernel's list of two processors."""
    file = folder / "cpuinfo"
    each = "processor\t: {}\nvendor_id\t: GenuineIntel\nflags\t\t: {}\nbugs\t\t: spectre_v1\n\n"
    file.write_text(each.format(0, flags) + each.format(1, flags))
    return file


@pytest.mark.parametrize("flags", [ATOM_E3825, N100])
def test_a_processor_of_today_lacks_nothing_with_or_without_avx(tmp_path: Path, flags: str) -> None:
    assert processor.lacking(listed(tmp_path, flags)) == []


@pytest.mark.parametrize("flags", [CORE_2, ATOM_D525])
def test_what_an_old_processor_lacks_is_named(tmp_path: Path, flags: str) -> None:
    assert processor.lacking(listed(tmp_path, flags)) == ["SSE4.1", "SSE4.2", "POPCNT"]


@pytest.mark.parametrize("flag", [*processor.NEEDED])
def test_each_feature_counts_by_itself(tmp_path: Path, flag: str) -> None:
    without = " ".join(each for each in N100.split() if each != flag)
    assert processor.lacking(listed(tmp_path, without)) == [processor.NEEDED[flag]]


def test_a_flag_is_a_whole_word(tmp_path: Path) -> None:
    """`avx512_vpopcntdq` is not `popcnt`."""
    flags = N100.replace("popcnt", "avx512_vpopcntdq")
    assert processor.lacking(listed(tmp_path, flags)) == ["POPCNT"]


def test_an_unknown_processor_may_try(tmp_path: Path) -> None:
    nothing = tmp_path / "none"
    other = tmp_path / "other"
    other.write_text("processor\t: 0\nFeatures\t: fp asimd\n")
    assert processor.lacking(nothing) == processor.lacking(other) == []


def test_the_flags_of_another_kind_of_processor_are_not_judged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(processor, "CPUINFO", listed(tmp_path, CORE_2))
    for machine, told in (("x86_64", True), ("aarch64", False)):
        monkeypatch.setattr("os.uname", lambda m=machine: type("uname", (), {"machine": m}))
        assert (processor.problem() is not None) is told


def test_the_processor_of_this_machine_is_good() -> None:
    assert processor.problem() is None
