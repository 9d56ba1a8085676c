"""The manifest that is shipped: what it pins, and what a broken one would do."""

from __future__ import annotations

import tomllib
from collections.abc import Callable
from dataclasses import replace
from importlib import resources
from typing import Any

import pytest

from config.settings import Settings
from kiosk.domain.access.policy import Form, MatchPolicy, capacity, decision_threshold
from kiosk.domain.errors import ModelError
from kiosk.domain.vision.template import SpaceId
from models.packs.installed import load_manifest
from models.packs.origins import HttpsSource, NpmSource, PypiSource
from models.packs.parsing import parse

Tables = dict[str, Any]


def shipped_tables() -> Tables:
    text = resources.files("models").joinpath("manifest.toml").read_text(encoding="utf-8")
    return tomllib.loads(text)


def test_the_default_pack_has_its_three_roles_and_their_pins() -> None:
    pack = load_manifest().pack("standard")
    originals = pack.for_engine("reference")
    pins = {file.role: (file.name, file.bytes, file.sha256[:8]) for file in originals.files}
    assert pins == {
        "landmarks": ("face_landmarker.task", 3758596, "64184e22"),
        "embedding": ("face_recognition_sface_2021dec_int8bq.onnx", 10667852, "fb143eea"),
        "attack": ("fr_liveness.onnx", 1886811, "afa783b7"),
    }


def test_every_engine_has_one_file_for_each_role() -> None:
    pack = load_manifest().pack("standard")
    names = {file.role: file.name for file in pack.for_engine("litert").files}
    assert names == {
        "landmarks": "face_landmarker.task",
        "embedding": "face_recognition_sface_2021dec.tflite",
        "attack": "fr_liveness.tflite",
    }
    assert len(pack.files) == 5
    light = load_manifest().pack("light")
    assert light.file("embedding", "litert").name == "MobileFaceNet-prelu.tflite"
    assert light.file("attack", "litert") == pack.file("attack", "litert")
    assert load_manifest().packs_of(light.space) == ["light"]
    assert pack.file("attack").name == "fr_liveness.onnx"
    assert pack.file("attack", "reference").name == "fr_liveness.onnx"
    assert pack.file("attack", "litert").name == "fr_liveness.tflite"
    assert pack.for_engine("litert").file("attack").name == "fr_liveness.tflite"
    assert pack.for_engine("litert").calibration(Form.MEAN) == pack.calibration(Form.MEAN)


def test_a_rewritten_file_has_all_else_of_its_original() -> None:
    pack = load_manifest().pack("standard")
    original, made = pack.file("attack", "reference"), pack.file("attack", "litert")
    assert (made.made_from, made.rewrite, made.sources) == (original.name, "onnx-to-tflite", ())
    assert (made.pack, made.licence, made.classes) == (original.pack, original.licence, 3)
    assert original.input is not None
    assert made.input == replace(original.input, layout="NHWC")
    assert (original.runtime, made.runtime) == ("onnxruntime", "litert")


def test_the_default_pack_needs_nothing_but_package_clients() -> None:
    for file in load_manifest().pack("standard").for_engine("reference").files:
        assert any(isinstance(source, PypiSource | NpmSource) for source in file.sources)


def test_an_address_is_tried_before_package_clients() -> None:
    kinds = [type(s) for s in load_manifest().pack("standard").file("landmarks").sources]
    assert kinds == [HttpsSource, PypiSource]


def test_the_default_calibration_can_be_used_by_the_policy() -> None:
    calibration = load_manifest().pack("standard").calibration(Form.SINGLE)
    assert calibration.space == "sface-128/1"
    assert {1e-4: 0.4287, 1e-7: 0.5573}.items() <= {
        p.fmr: p.score for p in calibration.points
    }.items()
    assert decision_threshold(calibration, 1, MatchPolicy(1e-6, 0.0, 0.0)) == pytest.approx(0.5159)
    assert decision_threshold(calibration, 1, MatchPolicy(1e-3, 0.0, 0.0)) == calibration.floor


def test_the_pack_that_was_the_default_goes_on_as_light() -> None:
    """Homes whose references it made need it."""
    pack = load_manifest().pack("light").for_engine("reference")
    assert {file.role: (file.pack, file.sha256[:8]) for file in pack.files} == {
        "embedding": ("light", "d8ba40c0"),
        "landmarks": ("standard", "64184e22"),
        "attack": ("standard", "afa783b7"),
    }
    assert pack.space == "mobilefacenet-192/1"
    assert pack.calibration(Form.SINGLE).floor == 0.62


@pytest.mark.parametrize("space", ["sface-128/1", "mobilefacenet-192/1"])
def test_a_space_names_the_packs_that_make_it(space: SpaceId) -> None:
    manifest = load_manifest()
    (name,) = manifest.packs_of(space)
    assert manifest.pack(name).space == space
    assert list(manifest.packs_of(SpaceId("nobodys/1"))) == []


def test_a_pack_of_an_earlier_version_names_the_one_that_took_its_place() -> None:
    with pytest.raises(ModelError, match=r"opencv-sface.*standard took its place") as caught:
        load_manifest().pack("opencv-sface")
    assert 'models.pack = "standard"' in caught.value.remedy


def test_every_pack_has_all_that_the_pipeline_needs_but_the_portraits() -> None:
    for pack in load_manifest().packs.values():
        roles = {file.role for file in pack.files}
        assert {"landmarks", "embedding", "attack"} <= roles or pack.name == "demo-portraits"


def test_a_borrowed_file_lies_in_its_own_packs_folder() -> None:
    pack = load_manifest().pack("insightface-buffalo_l")
    assert {file.role: file.pack for file in pack.files} == {
        "detection": "insightface-buffalo_l",
        "embedding": "insightface-buffalo_l",
        "landmarks": "standard",
        "attack": "standard",
    }


def test_weights_for_research_only_are_never_downloaded() -> None:
    packs = [pack for pack in load_manifest().packs.values() if not pack.commercial_use]
    assert {pack.name for pack in packs} == {"insightface-buffalo_l", "insightface-buffalo_s"}
    own = [file for pack in packs for file in pack.files if file.pack == pack.name]
    assert own
    assert all(file.sources == () for file in own)


def test_every_embedding_has_a_space_of_its_own() -> None:
    packs = [p for p in load_manifest().packs.values() if p.name != "demo-portraits"]
    assert len({pack.space for pack in packs}) == len(packs)


def test_an_unknown_pack_is_refused_with_the_known_ones() -> None:
    with pytest.raises(ModelError, match=r"no model pack 'nobody'.*standard"):
        load_manifest().pack("nobody")


def test_a_pack_without_a_role_says_so() -> None:
    with pytest.raises(ModelError, match="demo-portraits has no file for embedding"):
        _ = load_manifest().pack("demo-portraits").calibration(Form.SINGLE)


def _first(tables: Tables) -> Tables:
    file: Tables = tables["packs"]["standard"]["files"][1]
    return file


def _attack(tables: Tables) -> Tables:
    file: Tables = tables["packs"]["standard"]["files"][2]
    return file


def _made(tables: Tables) -> Tables:
    table: Tables = _attack(tables)["rewritten"]
    return table


BREAKAGES: dict[str, Callable[[Tables], object]] = {
    "another schema": lambda t: t.update(schema=2),
    "no schema": lambda t: t.pop("schema"),
    "an unknown key of a pack": lambda t: t["packs"]["standard"].update(colour="red"),
    "an unknown key of a file": lambda t: _first(t).update(md5="x"),
    "an unknown key of an input": lambda t: _first(t)["input"].update(gamma=2.2),
    "an unknown kind of source": lambda t: _first(t)["sources"][0].update(kind="ftp"),
    "a calibration from nowhere": lambda t: _first(t).pop("provenance"),
    "a provenance of nothing": lambda t: _first(t).pop("calibration"),
    "a provenance without its date": lambda t: _first(t)["provenance"].update(date="in May"),
    "a provenance that counts nothing": lambda t: _first(t)["provenance"].update(non_mated=0),
    "a provenance without its limits": lambda t: _first(t)["provenance"].update(not_covered=""),
    "means that score lower": lambda t: _first(t)["provenance"].update(mean_shift=-0.01),
    "an unknown key of a provenance": lambda t: _first(t)["provenance"].update(author="x"),
    "a missing pin": lambda t: _first(t).pop("sha256"),
    "a short pin": lambda t: _first(t).update(sha256="d8ba40"),
    "a pin in capitals": lambda t: _first(t).update(sha256="D" * 64),
    "no size": lambda t: _first(t).update(bytes=0),
    "a path for a name": lambda t: _first(t).update(name="../MobileFaceNet.tflite"),
    "a hidden name": lambda t: _first(t).update(name=".MobileFaceNet.tflite"),
    "a role twice": lambda t: _first(t).update(role="attack", space=None, dimensions=0),
    "an embedding without a space": lambda t: _first(t).pop("space"),
    "a restricted licence that nobody is asked about": lambda t: t["packs"]["standard"].update(
        commercial_use=False
    ),
    "an unknown base": lambda t: t["packs"]["standard"].update(base="nobody"),
    "an unknown colour order": lambda t: _first(t)["input"].update(colour="GRB"),
    "an unknown layout": lambda t: _first(t)["input"].update(layout="CHWN"),
    "an unknown crop": lambda t: _first(t)["input"].update(crop="loose"),
    "a scale of nothing": lambda t: _first(t)["input"].update(scale=0.0),
    "a crop grown without being a box": lambda t: _first(t)["input"].update(grow=2.7),
    "a box that is not grown": lambda t: _attack(t)["input"].pop("grow"),
    "grey for another crop": lambda t: _first(t)["input"].update(grey=True),
    "an even patch": lambda t: _attack(t)["input"]["denoise"].update(patch_px=4),
    "a patch wider than its window": lambda t: _attack(t)["input"]["denoise"].update(patch_px=11),
    "denoising by nothing": lambda t: _attack(t)["input"]["denoise"].update(per_noise=0.0),
    "an unknown key of denoise": lambda t: _attack(t)["input"]["denoise"].update(median=3),
    "a pack replaced by none": lambda t: t["replaced"].update(older="nobody"),
    "replaced by more than a name": lambda t: t.update(replaced=["standard"]),
    "an unknown key of a rewritten file": lambda t: _made(t).update(role="attack"),
    "sources of a rewritten file": lambda t: _made(t).update(sources=[]),
    "no rewrite": lambda t: _made(t).pop("rewrite"),
    "an unknown rewrite": lambda t: _made(t).update(rewrite="faster"),
    "no layout of a rewritten file": lambda t: _made(t).pop("layout"),
    "an unknown layout of a rewritten file": lambda t: _made(t).update(layout="CHWN"),
    "no pin of a rewritten file": lambda t: _made(t).pop("sha256"),
    "a short pin of a rewritten file": lambda t: _made(t).update(sha256="b463e5"),
    "no runtime of a rewritten file": lambda t: _made(t).pop("runtime"),
    "a rewritten file in place of its original": lambda t: _made(t).update(name="fr_liveness.onnx"),
    "a rewritten file that is not executed": lambda t: _attack(t).pop("input"),
    "an original beside the rewritten file": lambda t: _first(t).update(made_from="x"),
    "an option for a package": lambda t: _first(t)["sources"][0].update(package="--registry=x"),
    "a range for a version": lambda t: _first(t)["sources"][0].update(version="^1"),
    "plain http": lambda t: _first(t).update(sources=[{"kind": "https", "url": "http://a/b"}]),
}


@pytest.mark.parametrize("breakage", BREAKAGES)
def test_a_manifest_that_is_not_understood_is_refused(breakage: str) -> None:
    tables = shipped_tables()
    BREAKAGES[breakage](tables)
    with pytest.raises(ModelError, match="manifest of the model packs is broken"):
        parse(tables)


def test_an_operating_point_is_added_by_one_line() -> None:
    tables = shipped_tables()
    _first(tables)["calibration"].append({"fmr": 1e-8, "score": 0.75})
    points = parse(tables).pack("standard").calibration(Form.SINGLE).points
    assert (points[-1].fmr, points[-1].score) == (1e-8, 0.75)


@pytest.mark.parametrize("name", ["standard", "light"])
def test_means_have_a_calibration_of_their_own(name: str) -> None:
    """Averaging raises scores: the same rate asks for more."""
    pack = load_manifest().pack(name)
    provenance = pack.file("embedding").provenance
    assert provenance is not None
    single, mean = (pack.calibration(form) for form in (Form.SINGLE, Form.MEAN))
    assert 0.0 < provenance.mean_shift < 0.1
    assert (single.space, single.floor) == (mean.space, mean.floor)
    for one, other in zip(single.points, mean.points, strict=True):
        assert other.fmr == one.fmr
        assert other.score == pytest.approx(one.score + provenance.mean_shift)


@pytest.mark.parametrize("form", Form)
@pytest.mark.parametrize(("people", "references"), [(2_000, 5), (10_000, 1)])
def test_a_large_gallery_has_a_threshold_at_the_default_target(
    form: Form, people: int, references: int
) -> None:
    calibration = load_manifest().pack("standard").calibration(form)
    policy = Settings().match_policy()
    assert capacity(calibration, policy) >= people * references
    threshold = decision_threshold(calibration, people * references, policy)
    assert calibration.points[-2].score < threshold <= calibration.points[-1].score
