"""Inference runtimes. Each is imported only if a pack needs it, and has one thread: two cores."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kiosk.domain.errors import ModelError
from kiosk.domain.remedies import NextStep, Remedy
from models.embedding import Batch, Network
from models.mapped_file import release_pages
from models.packs.manifest import ModelInput
from models.runtime_output import hushed


def network(runtime: str, weights: Path, given: ModelInput) -> Network:
    """A network that takes a batch and returns its first output.

    Args:
        runtime: as named in the manifest.
        weights: a verified file.
        given: input preparation, from the manifest.

    Raises:
        ModelError: the runtime is unknown or cannot load the file.
    """
    match runtime:
        case "litert":
            return litert(weights)
        case "onnxruntime":
            return onnx(weights)
        case "opencv":
            return opencv(weights, given.name)
        case "insightface":
            return insightface(weights, given)
        case _:
            raise ModelError(
                f"No runtime called {runtime!r} is known for {weights.name}.",
                "Install a Lintel that knows this pack.",
            )


def litert(weights: Path) -> Network:
    """A TFLite network; it takes a multiple of the batch size that is fixed in the file."""
    interpreter = litert_interpreter(weights.name, model_path=str(weights))
    given = interpreter.get_input_details()[0]
    made = interpreter.get_output_details()[0]["index"]
    release_pages(weights)

    def run(batch: Batch) -> NDArray[np.float32]:
        interpreter.set_tensor(given["index"], batch)
        interpreter.invoke()
        return np.asarray(interpreter.get_tensor(made), np.float32)

    return _in_pieces(run, int(given["shape"][0]))


def litert_interpreter(name: str, **model: str | bytes) -> Any:  # noqa: ANN401 - untyped library
    """An interpreter of a TFLite network, ready to run.

    Args:
        name: of the network, for errors.
        model: ``model_path`` or ``model_content``.

    Raises:
        ModelError: LiteRT cannot load it.
    """
    from ai_edge_litert.interpreter import Interpreter

    try:
        with hushed():
            interpreter = Interpreter(**model, num_threads=1)
            interpreter.allocate_tensors()
    except (RuntimeError, ValueError) as error:
        raise not_understood(name, "LiteRT") from error
    return interpreter


def onnx(weights: Path) -> Network:
    """An ONNX network on the CPU; it takes a multiple of a batch size that is fixed in the file."""
    session = _session(weights)
    given = session.get_inputs()[0]

    def run(batch: Batch) -> NDArray[np.float32]:
        return np.asarray(session.run(None, {given.name: batch})[0], np.float32)

    fixed = given.shape[0]  # a text where any size is taken
    return _in_pieces(run, fixed) if isinstance(fixed, int) else run


def _in_pieces(run: Network, size: int) -> Network:
    """A network that runs a batch in pieces of that size."""

    def each(batch: Batch) -> NDArray[np.float32]:
        pieces = [run(batch[at : at + size]) for at in range(0, len(batch), size)]
        return np.concatenate(pieces)

    return each


def opencv(weights: Path, name: str) -> Network:
    """An ONNX network in OpenCV's own runtime; it takes a batch of any size.

    Args:
        weights: a verified file.
        name: the input that is fed; empty where the network has only one.
    """
    import cv2

    try:
        with hushed():
            network = cv2.dnn.readNetFromONNX(str(weights))
    except cv2.error as error:
        raise not_understood(weights.name, "OpenCV") from error

    def run(batch: Batch) -> NDArray[np.float32]:
        network.setInput(np.ascontiguousarray(batch), name)
        return np.array(network.forward(), np.float32)

    return run


def insightface(weights: Path, given: ModelInput) -> Network:
    """An ArcFace network through the `insightface` package, from its verified file only.

    `FaceAnalysis` and model names are never used: they would download. The package infers the
    normalisation from the network's nodes; if that differs from the manifest, the network is
    refused.
    """
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    try:
        from insightface.model_zoo.arcface_onnx import ArcFaceONNX
    except ImportError as error:
        raise ModelError(
            "This pack needs the insightface package, which is not installed.",
            Remedy(
                "Install that package on this machine, or choose another pack.",
                NextStep.INSTALL_EXTRA,
                extra="insightface",
            ),
        ) from error
    recogniser = ArcFaceONNX(model_file=str(weights), session=_session(weights))
    if (recogniser.input_mean, recogniser.input_std) != (given.mean, given.scale):
        raise ModelError(
            f"insightface would feed {weights.name} otherwise than its manifest says.",
            "Use the version of insightface that this Lintel names, or another pack.",
        )

    def run(batch: Batch) -> NDArray[np.float32]:
        made = recogniser.session.run(recogniser.output_names, {recogniser.input_name: batch})
        return np.asarray(made[0], np.float32)

    return run


def _session(weights: Path) -> Any:  # noqa: ANN401 - onnxruntime ships no types
    """An inference session on the CPU, with one thread and no banner."""
    os.environ["ORT_DISABLE_TELEMETRY"] = "1"
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    try:
        return onnxruntime.InferenceSession(
            str(weights), options, providers=["CPUExecutionProvider"]
        )
    except Exception as error:  # onnxruntime raises classes that it does not export
        raise not_understood(weights.name, "onnxruntime") from error


def not_understood(name: str, runtime: str) -> ModelError:
    """The error for a file that a runtime cannot load."""
    return ModelError(
        f"{name} cannot be loaded by {runtime}.",
        Remedy("Install the model pack again.", NextStep.INSTALL_MODELS_AGAIN),
    )
