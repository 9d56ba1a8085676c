"""Every bound at its limit and past it, and the rules between settings."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import pytest
from described import descriptions
from pydantic import BaseModel, ValidationError
from pydantic.fields import FieldInfo

from config.sections.enrolment import EnrolmentSettings
from config.sections.vision.match import MatchSettings
from config.settings import PROFILES, Settings, load
from kiosk.domain.access.policy import AccessPolicy
from kiosk.domain.vision.template import SpaceId

SMALL = 1e-6
CLOUD: dict[str, object] = {"mode": "cloud", "region": "eu-west-1"}
SECTIONS: dict[str, type[BaseModel]] = {
    name: field.annotation
    for name, field in Settings.model_fields.items()
    if isinstance(field.annotation, type) and issubclass(field.annotation, BaseModel)
}


def bounds_of(field: FieldInfo) -> list[tuple[str, float]]:
    """(kind, limit) of a setting: ge, gt, le, lt."""
    kinds = ("ge", "gt", "le", "lt")
    return [(k, getattr(b, k)) for b in field.metadata for k in kinds if hasattr(b, k)]


def limits() -> list[tuple[str, str, float, bool]]:
    """(section, key, value, allowed) at and just past every declared bound."""
    found = []
    for section, model in SECTIONS.items():
        for key, field in model.model_fields.items():
            step = 1 if field.annotation is int else SMALL
            for kind, limit in bounds_of(field):
                inwards = step if kind in {"ge", "gt"} else -step
                at, past = (limit, limit - inwards) if "e" in kind else (limit + inwards, limit)
                found += [(section, key, at, True), (section, key, past, False)]
    return found


def mistakes(values: dict[str, dict[str, object]]) -> list[tuple[object, ...]]:
    """Where the settings are refused."""
    try:
        Settings(**values)  # type: ignore[arg-type] # what a file would hold
    except ValidationError as error:
        return [mistake["loc"] for mistake in error.errors()]
    return []


@pytest.mark.parametrize(("section", "key", "value", "allowed"), limits())
def test_bound(section: str, key: str, value: float, *, allowed: bool) -> None:
    """At the limit the setting itself is fine, whatever others say; past it, it is refused."""
    assert ((section, key) in mistakes({section: {key: value}})) is not allowed


def test_every_number_is_bounded_on_both_sides() -> None:
    unbounded = [
        f"{section}.{key}"
        for section, model in SECTIONS.items()
        for key, field in model.model_fields.items()
        if field.annotation in {int, float} and len(bounds_of(field)) != 2
    ]
    assert unbounded == []


@pytest.mark.parametrize(
    ("key", "loosest", "looser"),
    [
        pytest.param("quality.max_yaw", 45.0, 45.1, id="R2"),
        pytest.param("quality.min_pitch", -30.0, -30.1, id="R3 down"),
        pytest.param("quality.max_pitch", 45.0, 45.1, id="R3 up"),
        pytest.param("quality.min_sharpness", 15.0, 14.9, id="R4"),
        pytest.param("quality.min_brightness", 15.0, 14.9, id="R5"),
        pytest.param("quality.min_size_px", 50.0, 49.9, id="R8"),
        pytest.param("pad.threshold", 0.4, 0.39, id="R48"),
        pytest.param("match.target_fpir", 0.01, 0.011, id="target"),
        pytest.param("access.probes_required", 5, 4, id="one frame never decides"),
        pytest.param("access.span_seconds", 0.2, 0.19, id="nor a moment"),
        pytest.param("door.max_age_seconds", 11.0, 11.1, id="stale evidence"),
        pytest.param("camera.stall_seconds", 2.0, 2.1, id="noticed within 2 s"),
        pytest.param("camera.frozen_seconds", 2.0, 2.1, id="frozen within 2 s"),
        pytest.param("camera.black_seconds", 2.0, 2.1, id="black within 2 s"),
    ],
)
def test_no_setting_goes_below_the_law(key: str, loosest: float, looser: float) -> None:
    """R2 to R8, R48: bounds can be tightened, not loosened past the founding documents."""
    section, _, name = key.partition(".")
    assert mistakes({section: {name: loosest}}) == []
    assert mistakes({section: {name: looser}}) == [(section, name)]


def test_one_frame_never_carries_the_proof_of_life() -> None:
    """One frame as alive as can be, and all others lifeless, stay below the loosest threshold."""
    least_life = dict(bounds_of(SECTIONS["pad"].model_fields["threshold"]))["ge"]
    fewest = dict(bounds_of(SECTIONS["access"].model_fields["probes_required"]))["ge"]
    assert least_life * fewest > 1.0


CROSSED: list[tuple[dict[str, dict[str, object]], tuple[str, ...]]] = [
    ({"access": {"span_seconds": 3.5, "refusal_span_seconds": 3.5}}, ("access",)),
    ({"access": {"refusal_span_seconds": 3.5}}, ("access",)),
    ({"access": {"window_seconds": 8.0}}, ("access",)),
    ({"access": {"refusal_probes": 9}}, ("access",)),
    ({"access": {"span_seconds": 1.6}}, ("access",)),
    ({"access": {"refusal_probes": 120}}, ()),
    ({"camera": {"fps": 5}, "access": {"refusal_probes": 16}}, ()),
    ({"door": {"release_seconds": 61.0, "max_release_seconds": 60.0}}, ("door", "release_seconds")),
    ({"door": {"release_seconds": 10.0, "max_release_seconds": 9.0}}, ("door",)),
    ({"door": {"longer_seconds": 61.0}}, ("door",)),
    ({"door": {"renew_seconds": 60.0, "max_release_seconds": 59.0}}, ("door",)),
    ({"door": {"held_warning_seconds": 31.0}}, ("door",)),
    ({"door": {"fail_mode": "secure", "lock": "maglock"}}, ("door",)),
    ({"door": {"fail_mode": "safe", "lock": "motor"}}, ("door",)),
    ({"door": {"driver": "modbus", "fail_mode": "secure", "lock": "strike"}}, ("door",)),
    ({"door": {"max_age_seconds": 3.0}}, ()),
    ({"access": {"window_seconds": 4.0}}, ()),
    ({"enrolment": {"min_references": 7}}, ("enrolment",)),
    ({"lane": {"notice_face": 0.3}}, ("lane",)),
    ({"lane": {"min_face": 0.7}}, ("lane",)),
    ({"lane": {"height": 0.95, "centre_y": 0.53}}, ("lane",)),
    ({"lane": {"centre_x": 0.33}}, ("lane",)),
    ({"lane": {"centre_x": 0.67}}, ("lane",)),
    ({"lane": {"centre_y": 0.44}}, ("lane",)),
    ({"pad": {"attack_threshold": 0.41}}, ("pad",)),
    ({"quality": {"min_brightness": 90.0}}, ("quality",)),
    ({"cloud": {**CLOUD, "answer_seconds": 2.1}}, ()),
    ({"cloud": CLOUD, "access": {"span_seconds": 0.6}}, ()),
    ({"cloud": CLOUD, "access": {"window_seconds": 2.9}}, ()),
]

TOGETHER: list[dict[str, dict[str, object]]] = [
    {"access": {"span_seconds": 3.0, "refusal_span_seconds": 3.0}},
    {"access": {"window_seconds": 7.9}, "door": {"max_age_seconds": 8.0}},
    {"door": {"max_age_seconds": 3.1}},
    {"access": {"refusal_probes": 10}},
    {"access": {"refusal_probes": 90}},
    {
        "door": {
            "release_seconds": 10.0,
            "longer_seconds": 10.0,
            "renew_seconds": 10.0,
            "max_release_seconds": 10.0,
        }
    },
    {"door": {"fail_mode": "safe", "lock": "maglock"}},
    {"door": {"held_warning_seconds": 30.0}},
    {"enrolment": {"min_references": 6}},
    {"enrolment": {"duplicate_threshold": 0.95}, "match": {"floor": 0.0}},
    {"lane": {"notice_face": 0.21}},
    {"lane": {"height": 1.0}},
    {"lane": {"centre_x": 0.3375, "centre_y": 0.45}},
    {"lane": {"centre_x": 0.2, "centre_y": 0.75, "height": 0.5}},
    {"pad": {"attack_threshold": 0.4}},
    {"quality": {"min_brightness": 89.9}},
    {"camera": {"fps": 5}},
    {"cloud": CLOUD},
    {"cloud": {"answer_seconds": 3.0}},
    {
        "cloud": {**CLOUD, "answer_seconds": 3.0},
        "access": {"window_seconds": 4.0},
        "door": {"max_age_seconds": 4.1},
    },
]


@pytest.mark.parametrize(("values", "where"), CROSSED)
def test_settings_that_do_not_fit_together(
    values: dict[str, dict[str, object]], where: tuple[str, ...]
) -> None:
    assert mistakes(values) == [where]


@pytest.mark.parametrize("values", TOGETHER)
def test_settings_that_just_fit_together(values: dict[str, dict[str, object]]) -> None:
    assert mistakes(values) == []


@pytest.mark.parametrize("section", SECTIONS)
def test_settings_never_change(section: str) -> None:
    settings = Settings()
    with pytest.raises(ValidationError, match="frozen"):
        setattr(settings, section, None)
    with pytest.raises(ValidationError, match="frozen"):
        setattr(getattr(settings, section), next(iter(SECTIONS[section].model_fields)), 1)


@pytest.mark.parametrize("section", SECTIONS)
def test_every_setting_says_what_it_is(section: str) -> None:
    undescribed = [name for name, text in descriptions(SECTIONS[section]).items() if not text]
    assert undescribed == []


@pytest.mark.parametrize("profile", sorted(PROFILES.glob("*.toml")), ids=lambda path: path.stem)
def test_profiles_are_settings(profile: Path, tmp_path: Path) -> None:
    assert load(tmp_path, profile) != Settings()


def test_the_machine_is_given_every_number_of_its_policy() -> None:
    settings = Settings()
    policy = settings.access_policy(SpaceId("test/1"), 0.625)
    assert (policy.space, policy.decision_threshold) == ("test/1", 0.625)
    assert policy.pad_threshold == settings.pad.threshold
    assert policy.attack_threshold == settings.pad.attack_threshold
    assert policy.margin == settings.match.margin
    taken = {field.name for field in fields(AccessPolicy)} & set(SECTIONS["access"].model_fields)
    assert taken == set(SECTIONS["access"].model_fields)
    assert all(getattr(policy, name) == getattr(settings.access, name) for name in taken)


def test_the_domain_is_given_what_was_set() -> None:
    settings = Settings()
    bounds = settings.quality.bounds()
    assert all(getattr(bounds, key) == value for key, value in settings.quality)
    lane = settings.lane.lane()
    assert all(
        getattr(lane, field.name) == getattr(settings.lane, field.name) for field in fields(lane)
    )
    assert settings.lane.tracking().min_overlap == settings.lane.track_overlap
    assert settings.lane.tracking().max_gap_seconds == settings.lane.track_gap_seconds
    rules = settings.door.rules()
    assert all(
        getattr(rules, field.name) == getattr(settings.door, field.name) for field in fields(rules)
    )
    match = Settings(match=MatchSettings(site_shift=0.125)).match_policy()
    assert (match.target_fpir, match.floor) == (settings.match.target_fpir, settings.match.floor)
    assert (match.margin, match.shift) == (settings.match.margin, 0.125)
    assert match.tries == settings.access.failures_allowed
    enrolment = settings.enrolment.policy(0.75, same_person=0.5, door=0.6)
    assert enrolment.pad_threshold == 0.75
    assert all(
        getattr(enrolment, name) == getattr(settings.enrolment, name)
        for name in ("max_references", "min_references")
    )


@pytest.mark.parametrize("same_person", [0.25, 0.5])
@pytest.mark.parametrize("door", [0.5, 0.75])
def test_an_enrolment_is_never_judged_looser_than_the_models_and_the_door(
    same_person: float, door: float
) -> None:
    """Whoever the door would take for somebody enrolled is noticed when they enrol."""
    own = EnrolmentSettings(same_person_threshold=0.375, duplicate_threshold=0.625)
    policy = own.policy(0.4, same_person, door)
    assert policy.same_person_threshold == max(same_person, 0.375)
    assert policy.duplicate_threshold == min(door, 0.625)
    unset = EnrolmentSettings().policy(0.4, same_person, door)
    assert (unset.same_person_threshold, unset.duplicate_threshold) == (same_person, door)


@pytest.mark.parametrize("path", ["anchor", "./a/anchor", "/media/../home/anchor", "/", ""])
def test_an_anchor_is_named_by_its_whole_path(path: str) -> None:
    assert ("journal", "anchor_file") in mistakes({"journal": {"anchor_file": path}})
    assert mistakes({"journal": {"anchor_file": "/media/stick/anchor.json"}}) == []
