"""Rewritten networks against their originals: the same results, from the runtimes themselves."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping, Sequence
from contextlib import closing
from pathlib import Path

import evaluation_data
import numpy as np
import onnx_samples
import pytest
from numpy.typing import NDArray
from onnx_samples import Array, node

from kiosk.domain.vision.frame import Pixels
from models.alignment import aligned, grown_crop
from models.embedding import Network, prepared
from models.loading import photograph_finder
from models.packs.installed import load_manifest, verified, weights_directory
from models.packs.manifest import Engine, ModelInput, Pack, PackFile
from models.rewriting.rewrites import rewritten
from models.runtimes import litert, network, onnx

DIFFERS = {
    "face_recognition_sface_2021dec.tflite": 2e-5,
    "fr_liveness.tflite": 1e-5,
    "MobileFaceNet-prelu.tflite": 0.0,
}
"""The most that outputs differ from the original's; above 1, relative to the largest of them."""
Values = NDArray[np.float32]


def both_ways(data: bytes, folder: Path) -> tuple[Network, Network]:
    """A small ONNX network by onnxruntime, and rewritten by LiteRT."""
    original, made = folder / "small.onnx", folder / "small.tflite"
    original.write_bytes(data)
    made.write_bytes(rewritten("onnx-to-tflite", data, original.name))
    return onnx(original), litert(made)


def random(seed: int) -> Callable[..., Values]:
    generator = np.random.default_rng(seed)
    return lambda *shape: generator.normal(size=shape).astype(np.float32)


@pytest.mark.parametrize(
    ("kernel", "group", "strides", "pads"),
    [
        ((5, 4, 1, 1), 1, (1, 1), (0, 0, 0, 0)),
        ((5, 4, 3, 3), 1, (1, 1), (1, 1, 1, 1)),
        ((5, 4, 3, 3), 1, (2, 2), (1, 1, 1, 1)),
        ((5, 4, 3, 3), 1, (2, 2), (0, 0, 0, 0)),
        ((5, 4, 5, 3), 1, (1, 1), (2, 1, 2, 1)),
        ((5, 4, 3, 3), 1, (1, 1), (0, 1, 2, 1)),
        ((5, 4, 2, 2), 1, (1, 1), (1, 1, 1, 1)),
        ((4, 1, 3, 3), 4, (1, 1), (1, 1, 1, 1)),
        ((4, 1, 3, 3), 4, (2, 2), (1, 1, 1, 1)),
        ((8, 1, 3, 3), 4, (1, 1), (1, 1, 1, 1)),
        ((4, 1, 9, 8), 4, (1, 1), (0, 0, 0, 0)),
    ],
)
@pytest.mark.parametrize("with_bias", [True, False])
def test_convolutions(
    kernel: tuple[int, int, int, int],
    group: int,
    strides: tuple[int, int],
    pads: tuple[int, int, int, int],
    with_bias: bool,  # noqa: FBT001 - same
    tmp_path: Path,
) -> None:
    values = random(3)
    constants = {"k": values(*kernel)} | ({"b": values(kernel[0])} if with_bias else {})
    attributes = {"group": group, "strides": strides, "pads": pads, "kernel_shape": kernel[2:]}
    step = node("Conv", ["input", *constants], "output", **attributes)
    high = (9 + pads[0] + pads[2] - kernel[2]) // strides[0] + 1
    wide = (8 + pads[1] + pads[3] - kernel[3]) // strides[1] + 1
    data = onnx_samples.model([step], constants, (1, 4, 9, 8), (1, kernel[0], high, wide))
    expected, made = both_ways(data, tmp_path)
    batch = values(3, 4, 9, 8)
    result = made(np.ascontiguousarray(batch.transpose(0, 2, 3, 1))).transpose(0, 3, 1, 2)
    assert result.shape == (3, kernel[0], high, wide)
    assert np.abs(result - expected(batch)).max() < 1e-5


def test_every_other_node(tmp_path: Path) -> None:
    """Squeeze and excitation, a residual, and a classifier with a batch normalisation."""
    values = random(4)
    constants: Mapping[str, Array] = {
        "slope": values(4, 1, 1),
        "squeeze": values(2, 4, 1, 1),
        "excite": values(4, 2, 1, 1),
        "whole": values(4, 1, 6, 6),
        "first": values(4, 3),
        "gamma": values(3),
        "beta": values(3),
        "mean": values(3),
        "variance": np.abs(values(3)),
        "second": values(3, 2),
        "target": np.array([1, -1], np.int64),
    }
    nodes = [
        node("PRelu", ["input", "slope"], "active"),
        node("GlobalAveragePool", ["active"], "pooled"),
        node("Conv", ["pooled", "squeeze"], "squeezed"),
        node("Relu", ["squeezed"], "relu"),
        node("Conv", ["relu", "excite"], "excited"),
        node("Sigmoid", ["excited"], "factor"),
        node("Mul", ["factor", "active"], "scaled"),
        node("Add", ["scaled", "input"], "added"),
        node("Conv", ["added", "whole"], "cell", group=4),
        node("Reshape", ["cell", "target"], "flat"),
        node("MatMul", ["flat", "first"], "dense"),
        node(
            "BatchNormalization",
            ["dense", "gamma", "beta", "mean", "variance"],
            "normal",
            epsilon=1e-3,
        ),
        node("MatMul", ["normal", "second"], "output"),
    ]
    data = onnx_samples.model(nodes, constants, (1, 4, 6, 6), (1, 2))
    expected, made = both_ways(data, tmp_path)
    batch = values(2, 4, 6, 6)
    result = made(np.ascontiguousarray(batch.transpose(0, 2, 3, 1)))
    assert np.abs(result).max() > 0.1
    assert np.abs(result - expected(batch)).max() < 1e-5 * np.abs(result).max()


PARAMETERS = ("gamma", "beta", "mean", "variance")


@pytest.mark.parametrize("used_twice", [False, True])
def test_what_sface_has(used_twice: bool, tmp_path: Path) -> None:  # noqa: FBT001 - same
    """Weights in blocks of eight bits, of which the last is shorter, and the way from pixels."""
    nodes = [
        *(_dequantising("k", axis=1, size=12), _dequantising("w", axis=1, size=32)),
        _dequantising("b", axis=0, size=4),
        node("Reshape", ["k_floats", "k_shape"], "kernel"),
        node("Sub", ["input", "middle"], "centred"),
        node("Mul", ["centred", "scale"], "scaled"),
        node("Conv", ["scaled", "kernel"], "convolved", pads=(1, 1, 1, 1), kernel_shape=(3, 3)),
        node("BatchNormalization", ["convolved", *PARAMETERS], "normal", epsilon=1e-3),
        *([node("Add", ["normal", "convolved"], "sum")] if used_twice else []),
        node("PRelu", ["sum" if used_twice else "normal", "slope"], "active"),
        node("BatchNormalization", ["active", *PARAMETERS], "again", epsilon=2e-5),
        node("Dropout", ["again", "ratio"], "dropped"),
        node("Flatten", ["dropped"], "flat"),
        node("Gemm", ["flat", "w_floats", "b_floats"], "output", alpha=1.0, beta=1.0, transB=1),
    ]
    data = onnx_samples.model(nodes, _constants_of_sface(), (1, 3, 6, 6), (1, 7), operators=21)
    expected, made = both_ways(data, tmp_path)
    batch = np.random.default_rng(7).integers(0, 256, (2, 3, 6, 6)).astype(np.float32)
    result = made(np.ascontiguousarray(batch.transpose(0, 2, 3, 1)))
    assert np.abs(result).max() > 0.1
    assert np.abs(result - expected(batch)).max() < 1e-5 * np.abs(result).max()


def _constants_of_sface() -> Mapping[str, Array]:
    values, generator = random(6), np.random.default_rng(6)
    return {
        "middle": np.array([127.5], np.float32),
        "scale": np.array([1 / 128], np.float32),
        "k_quantised": generator.integers(-128, 128, (5, 27)).astype(np.int8),
        "k_scales": np.abs(values(5, 3)) / 100,
        "k_zeros": generator.integers(-9, 9, (5, 3)).astype(np.int8),
        "k_shape": np.array([5, 3, 3, 3], np.int64),
        **{name: np.abs(values(5)) for name in PARAMETERS},
        "slope": values(5, 1, 1),
        "ratio": np.array(0.5, np.float32),
        "w_quantised": generator.integers(-128, 128, (7, 180)).astype(np.int8),
        "w_scales": np.abs(values(7, 6)) / 100,
        "w_zeros": np.zeros((7, 6), np.int8),
        "b_quantised": generator.integers(-128, 128, 7).astype(np.int8),
        "b_scales": np.abs(values(2)),
        "b_zeros": np.zeros(2, np.int8),
    }


def _dequantising(name: str, axis: int, size: int) -> bytes:
    parts = [f"{name}_{part}" for part in ("quantised", "scales", "zeros")]
    return node("DequantizeLinear", parts, f"{name}_floats", axis=axis, block_size=size)


# -- the shipped networks ------------------------------------------------------------------------

REWRITTEN = [
    (pack, file)
    for pack in load_manifest().packs.values()
    for file in pack.files
    if file.rewrite is not None and file.pack == pack.name
]
NAMES = [f"{pack.name}-{file.name}" for pack, file in REWRITTEN]


def folder_of(pack: Pack) -> Path:
    """Where the pack is installed; skips the test if it is not."""
    directory = weights_directory(None, Path("nowhere"), pack)
    if not (directory / pack.name).is_dir():
        pytest.skip(f"The model pack {pack.name} is not installed in {directory}.")
    return directory


def loaded(pack: Pack, role: str, engine: Engine) -> tuple[Network, ModelInput]:
    """The network of a role as that engine runs it."""
    chosen = pack.for_engine(engine)
    file = chosen.file(role)
    assert file.input is not None
    path = verified(chosen, folder_of(pack))[role]
    return network(file.runtime, path, file.input), file.input


@pytest.mark.weights
@pytest.mark.parametrize(("pack", "file"), REWRITTEN, ids=NAMES)
def test_rewriting_gives_the_bytes_of_the_pin(pack: Pack, file: PackFile) -> None:
    original = folder_of(pack) / pack.name / file.made_from
    assert file.rewrite is not None
    data = rewritten(file.rewrite, original.read_bytes(), original.name)
    size, digest = len(data), hashlib.sha256(data).hexdigest()
    assert (size, digest) == (file.bytes, file.sha256)


@pytest.mark.weights
@pytest.mark.parametrize(("pack", "file"), REWRITTEN, ids=NAMES)
def test_random_input_has_the_same_result(pack: Pack, file: PackFile) -> None:
    (original, before), (made, after) = (
        loaded(pack, file.role, "reference"),
        loaded(pack, file.role, "litert"),
    )
    generator = np.random.default_rng(5)
    for _ in range(5):
        crop = generator.integers(0, 256, (before.height, before.width, 3), np.uint8)
        assert _difference(crop, original, before, made, after) <= DIFFERS[file.name]


@pytest.mark.data
@pytest.mark.weights
@pytest.mark.parametrize(("pack", "file"), REWRITTEN, ids=NAMES)
def test_real_faces_have_the_same_result(
    pack: Pack, file: PackFile, crops: Mapping[str, Sequence[Pixels]]
) -> None:
    (original, before), (made, after) = (
        loaded(pack, file.role, "reference"),
        loaded(pack, file.role, "litert"),
    )
    assert len(crops[file.role]) >= 10
    for crop in crops[file.role]:
        assert _difference(crop, original, before, made, after) <= DIFFERS[file.name]


def _difference(
    crop: Pixels, original: Network, before: ModelInput, made: Network, after: ModelInput
) -> float:
    """The largest difference; of outputs above 1, relative to the largest of them."""
    expected = original(prepared(crop, before))
    result = made(prepared(crop, after))
    assert result.shape == expected.shape
    return float(np.abs(result - expected).max() / max(1.0, np.abs(expected).max()))


@pytest.fixture(scope="module")
def crops() -> Mapping[str, Sequence[Pixels]]:
    """What the networks see of everybody at the webcam, and of their prints."""
    people = evaluation_data.people()
    paths = [evaluation_data.for_enrolment(person)[2] for person in people]
    for person in people[:5]:
        paths += [frames[0] for frames in evaluation_data.recordings("print", person).values()][:2]
    attack = load_manifest().pack("standard").file("attack").input
    assert attack is not None
    found: dict[str, list[Pixels]] = {"attack": [], "embedding": []}
    default = evaluation_data.pack()
    with closing(photograph_finder(default.pack, default.files)) as finder:
        for path in paths:
            pixels = evaluation_data.picture(path)
            for face in finder.find(evaluation_data.frame_of(pixels))[:1]:
                crop = grown_crop(pixels, face.box, attack.grow, attack.width)
                found["attack"].append(crop)
                found["embedding"].append(aligned(pixels, face.mesh))
    return found
