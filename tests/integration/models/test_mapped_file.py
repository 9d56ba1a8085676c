"""The memory of a network's file is given back once LiteRT has its weights."""

from __future__ import annotations

import mmap
from pathlib import Path

import numpy as np
import pytest

import models.mapped_file
from models.mapped_file import release_pages
from models.rewriting.graph import Convolution, Graph, Kind, Padding
from models.rewriting.tflite_writer import packed
from models.runtimes import litert

CHANNELS = 512
SMAPS = Path("/proc/self/smaps")
KILOBYTES = 1024


def kept_of(file: Path) -> int | None:
    """Kilobytes of a file's mapping that are in memory; None if it is not mapped."""
    lines = iter(SMAPS.read_text(encoding="utf-8").splitlines())
    sizes = [
        int(next(line for line in lines if line.startswith("Rss:")).split()[1])
        for line in lines
        if line.endswith(f" {file}")
    ]
    return sum(sizes) if sizes else None


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    """A network that multiplies the sum of its channels by three, in a megabyte of weights."""
    graph = Graph()
    shape = (1, 1, 1, CHANNELS)
    graph.input = graph.add_tensor("input", shape)
    kernel = graph.add_constant("kernel", np.full((CHANNELS, 1, 1, CHANNELS), 3.0, np.float32))
    bias = graph.add_constant("bias", np.zeros(CHANNELS, np.float32))
    options = Convolution(Padding.VALID, (1, 1))
    inputs = (graph.input, kernel, bias)
    graph.output = graph.add_operator(Kind.CONV_2D, inputs, "output", shape, options)
    file = tmp_path / "a network.tflite"
    file.write_bytes(packed(graph, ""))
    return file


def test_a_loaded_network_does_not_keep_its_file_in_memory(weights: Path) -> None:
    run = litert(weights)
    assert kept_of(weights) == 0
    assert np.all(run(np.ones((1, 1, 1, CHANNELS), np.float32)) == 3 * CHANNELS)


def test_pages_come_back_from_the_file(weights: Path) -> None:
    with weights.open("rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as mapped:
        before = mapped[:]
        assert kept_of(weights) == -(-len(before) // KILOBYTES // 4) * 4
        release_pages(weights)
        assert kept_of(weights) == 0
        assert mapped[:] == before


def test_what_was_written_to_is_left_alone(weights: Path) -> None:
    """A private copy that was written to exists nowhere else."""
    with weights.open("r+b") as file, mmap.mmap(file.fileno(), 0, mmap.MAP_PRIVATE) as mapped:
        mapped[:3] = b"new"
        release_pages(weights)
        assert mapped[:3] == b"new"


def test_another_file_is_left_alone(weights: Path) -> None:
    other = weights.with_name("network.tflite")
    other.write_bytes(weights.read_bytes())
    with other.open("rb") as file, mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ) as mapped:
        assert mapped[:]
        before = kept_of(other)
        release_pages(weights)
        assert kept_of(other) == before
        assert before


def test_a_system_that_does_not_tell_its_mappings(
    weights: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setattr(models.mapped_file, "MAPS", tmp_path / "absent")
    run = litert(weights)
    assert kept_of(weights)
    assert np.all(run(np.ones((1, 1, 1, CHANNELS), np.float32)) == 3 * CHANNELS)
