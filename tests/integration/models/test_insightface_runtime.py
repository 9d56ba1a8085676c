"""InsightFace packs run through their own package, which is an extra and may not be installed."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

import numpy as np
import pytest

from kiosk.app.console import with_command
from kiosk.domain.errors import ModelError
from models.packs.installed import load_manifest
from models.packs.manifest import ModelInput
from models.runtimes import network

GIVEN = ModelInput(112, 112, "RGB", "NCHW", 127.5, 127.5, "arcface-112")
INSTALLED = find_spec("insightface") is not None


@pytest.mark.parametrize("name", ["insightface-buffalo_l", "insightface-buffalo_s"])
def test_the_packs_name_the_extra_and_its_runtime(name: str) -> None:
    pack = load_manifest().pack(name)
    assert pack.extra == "insightface"
    assert not pack.commercial_use
    embedding = pack.file("embedding")
    assert embedding.runtime == "insightface"
    assert embedding.input == GIVEN
    assert embedding.sources == ()


@pytest.mark.skipif(INSTALLED, reason="the insightface extra is installed")
def test_without_the_extra_the_remedy_names_it(tmp_path: Path) -> None:
    with pytest.raises(ModelError) as caught:
        network("insightface", tmp_path / "w600k_r50.onnx", GIVEN)
    assert "make setup EXTRA=insightface" in with_command(caught.value.remedy)


def _tiny(path: Path) -> Path:
    """A network of ArcFace's shape that averages each channel."""
    import onnx  # noqa: PLC0415 - comes with the extra
    from onnx import TensorProto, helper  # noqa: PLC0415 - same

    shape = ["n", 3, 112, 112]
    given = helper.make_tensor_value_info("input.1", TensorProto.FLOAT, shape)
    made = helper.make_tensor_value_info("683", TensorProto.FLOAT, ["n", 3])
    nodes = [
        helper.make_node("GlobalAveragePool", ["input.1"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["683"]),
    ]
    graph = helper.make_graph(nodes, "tiny", [given], [made])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    model.ir_version = 8
    onnx.save(model, str(path))
    return path


@pytest.mark.skipif(not INSTALLED, reason="the insightface extra is not installed")
def test_a_network_runs_as_the_manifest_feeds_it(tmp_path: Path) -> None:
    run = network("insightface", _tiny(tmp_path / "tiny.onnx"), GIVEN)
    batch = np.full((1, 3, 112, 112), 0.25, np.float32)
    assert run(batch) == pytest.approx(np.full((1, 3), 0.25))


@pytest.mark.skipif(not INSTALLED, reason="the insightface extra is not installed")
def test_two_ways_of_feeding_a_network_are_none(tmp_path: Path) -> None:
    other = ModelInput(112, 112, "RGB", "NCHW", 0.0, 1.0, "arcface-112")
    with pytest.raises(ModelError, match="otherwise than its manifest says"):
        network("insightface", _tiny(tmp_path / "tiny.onnx"), other)
