"""What must not become a reference, and what `kiosk enrol` says about it."""

from __future__ import annotations

import struct
import zlib
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

import evaluation_data
import numpy as np
import pytest
from filmed_people import STRIP_PX
from kept_home import NAME, Kept, furnish, rows
from kept_samples import ANNA
from kiosk_process import Ended, kiosk
from video_files import numbered

from hardware.camera.codec import cv2
from kiosk.domain.vision.frame import Pixels
from kiosk.domain.vision.quality import Defect
from models.loading import photograph_finder

pytestmark = pytest.mark.weights

CONSENT = "I agree to form 3 of May"


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return furnish(tmp_path / "home")


def enrol(
    home: Path, *images: Path, subject: str = "s-2001", consent: str = CONSENT, more: str = "--json"
) -> Ended:
    arguments = ("--home", home, "--subject", subject, "--consent", consent, more)
    return kiosk("enrol", *arguments, *images)


def written(path: Path, pixels: Pixels) -> Path:
    assert cv2.imwrite(str(path), pixels)
    return path


def nobody(tmp_path: Path) -> Path:
    """A picture without a face."""
    return written(tmp_path / "nobody.png", numbered(3, 640, 480))


def said_no(ended: Ended, image: Path, reason: str) -> None:
    """Refused (3), for that reason, in the promised form."""
    ended.refused(3, "s-2001", "every picture was refused")
    assert ended.said == {
        "subject": "s-2001",
        "references": 0,
        "refused": [{"image": str(image), "reason": reason}],
    }


# -- the picture ---------------------------------------------------------------------------------


def test_a_file_that_is_no_picture(home: Path, tmp_path: Path) -> None:
    before, notes = Kept.of(home), tmp_path / "notes.jpg"
    notes.write_text("this is no picture", encoding="utf-8")
    said_no(enrol(home, notes), notes, "not_an_image")
    assert before.added_to()


def test_a_picture_that_was_cut_off(home: Path, tmp_path: Path) -> None:
    before, torn = Kept.of(home), nobody(tmp_path)
    torn.write_bytes(torn.read_bytes()[:50])
    said_no(enrol(home, torn), torn, "not_an_image")
    assert before.added_to()


def test_an_empty_file(home: Path, tmp_path: Path) -> None:
    before, empty = Kept.of(home), tmp_path / "empty.jpg"
    empty.touch()
    said_no(enrol(home, empty), empty, "not_an_image")
    assert before.added_to()


def test_a_file_that_is_too_large(home: Path, tmp_path: Path) -> None:
    """Its bytes are counted before they are read: a sparse file of a terabyte costs nothing."""
    before, huge = Kept.of(home), tmp_path / "huge.jpg"
    with huge.open("wb") as file:
        file.truncate(10**12)
    said_no(enrol(home, huge), huge, "not_an_image")
    assert before.added_to()


def test_plain_words_say_what_is_wrong_with_a_file(home: Path, tmp_path: Path) -> None:
    huge, torn = tmp_path / "huge.jpg", tmp_path / "torn.jpg"
    with huge.open("wb") as file:
        file.truncate(10**12)
    torn.write_bytes(b"\xff\xd8\xff\xe0")
    ended = enrol(home, huge, torn, more="--different-person")
    ended.refused(3, "s-2001")
    assert f"{huge} is too large" in ended.out
    assert "enrolment.max_image_bytes" in ended.out
    assert f"{torn} is not a picture that can be read" in ended.out


def test_a_small_file_that_unpacks_to_gigabytes(home: Path, tmp_path: Path) -> None:
    before, bomb = Kept.of(home), tmp_path / "bomb.png"
    bomb.write_bytes(_bomb(60_000))
    said_no(enrol(home, bomb), bomb, "not_an_image")
    assert before.added_to()


def _bomb(side: int) -> bytes:
    """A PNG whose header promises so many grey pixels to a side, each row as small as can be."""
    header = struct.pack(">IIBBBBB", side, side, 8, 0, 0, 0, 0)
    rows = zlib.compressobj()
    packed = b"".join(rows.compress(bytes(side + 1)) for _ in range(200)) + rows.flush()
    chunks = ((b"IHDR", header), (b"IDAT", packed), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        for kind, data in chunks
    )


def test_a_picture_without_a_face(home: Path, tmp_path: Path) -> None:
    before, picture = Kept.of(home), nobody(tmp_path)
    said_no(enrol(home, picture), picture, "no_face")
    assert before.added_to()


@pytest.mark.data
@pytest.mark.parametrize("around", [0.98, 1.1, 1.3, 1.45])
def test_a_face_that_fills_its_picture_is_no_attack(
    home: Path, tmp_path: Path, around: float
) -> None:
    """And one that fills it wholly is not said to be none."""
    pixels = evaluation_data.picture(evaluation_data.for_enrolment(evaluation_data.people()[0])[0])
    loaded = evaluation_data.pack()
    with closing(photograph_finder(loaded.pack, loaded.files)) as finder:
        (face,) = finder.find(evaluation_data.frame_of(pixels))
    (x, y), box = face.box.centre, face.box
    left, right = int(x - box.width * around / 2), int(x + box.width * around / 2)
    top, bottom = int(y - box.height * around / 2), int(y + box.height * around / 2)
    tight = written(tmp_path / "tight.png", pixels[max(top, 0) : bottom, max(left, 0) : right])
    said_no(enrol(home, tight), tight, "too_little_around_the_face")


def test_a_folder_without_pictures(home: Path, tmp_path: Path) -> None:
    before, folder = Kept.of(home), tmp_path / "album"
    folder.mkdir()
    enrol(home, folder).refused(2, str(folder), "holds no pictures")
    assert before.untouched()


def test_a_path_that_does_not_exist(home: Path, tmp_path: Path) -> None:
    before, missing = Kept.of(home), tmp_path / "missing.jpg"
    enrol(home, nobody(tmp_path), missing).refused(2, str(missing))
    assert before.untouched()


# -- the people in it ----------------------------------------------------------------------------


@pytest.fixture(scope="module")
def three(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Three people in one picture."""
    evaluation_data.data("webcam")
    heads = [
        _head(evaluation_data.picture(evaluation_data.for_enrolment(person)[0]))
        for person in evaluation_data.people()[:3]
    ]
    return written(tmp_path_factory.mktemp("album") / "three.png", np.hstack(heads))


def _head(pixels: Pixels) -> Pixels:
    middle = pixels.shape[1] // 2
    return pixels[:, middle - STRIP_PX // 2 : middle + STRIP_PX // 2]


@pytest.mark.data
def test_a_picture_with_three_faces(home: Path, three: Path) -> None:
    """R10."""
    before = Kept.of(home)
    said_no(enrol(home, three), three, "several_faces")
    assert before.added_to()


@pytest.mark.data
def test_a_print_makes_no_reference(home: Path) -> None:
    """R1, R48: the same gates as at the door."""
    before, person = Kept.of(home), evaluation_data.people()[0]
    paper = next(iter(evaluation_data.recordings("print", person).values()))[:3]
    ended = enrol(home, *paper)
    assert ended.code == 3
    assert ended.said["references"] == 0
    assert len(ended.said["refused"]) == len(paper)
    assert {entry["reason"] for entry in ended.said["refused"]} <= {
        "presentation_attack",
        *(defect.value for defect in Defect),
    }
    assert before.added_to()


@pytest.mark.data
def test_bad_pictures_do_not_spoil_good_ones(home: Path, three: Path, tmp_path: Path) -> None:
    good = evaluation_data.for_enrolment(evaluation_data.people()[0])[0]
    bad = nobody(tmp_path)
    ended = enrol(home, bad, good, three)
    assert ended.code == 1
    assert "Some pictures were refused" in ended.err
    assert ended.said["references"] == 1
    assert ended.said["refused"] == [
        {"image": str(bad), "reason": "no_face"},
        {"image": str(three), "reason": "several_faces"},
    ]


@pytest.mark.data
def test_somebody_who_is_enrolled_already_under_another_id(home: Path) -> None:
    """R27: stops for a person to decide; the JSON does not name whom they resemble."""
    pictures = evaluation_data.for_enrolment(evaluation_data.people()[0])
    assert enrol(home, *pictures, subject="s-3001").code == 0
    before = Kept.of(home)
    ended = enrol(home, *pictures, subject="s-3002")
    assert ended.code == 3
    assert {entry["reason"] for entry in ended.said["refused"]} == {"already_enrolled"}
    assert "s-3001" not in ended.out
    assert before.added_to()
    assert enrol(home, *pictures, subject="s-3002", more="--different-person").code == 0


@pytest.mark.data
def test_two_people_under_one_id(home: Path) -> None:
    first, second = (evaluation_data.for_enrolment(p)[0] for p in evaluation_data.people()[:2])
    before = Kept.of(home)
    ended = enrol(home, first, second)
    assert ended.code == 3
    assert {entry["reason"] for entry in ended.said["refused"]} == {"another_person"}
    assert before.added_to()


# -- the words -----------------------------------------------------------------------------------


def test_a_subject_who_is_enrolled_already(home: Path, tmp_path: Path) -> None:
    before = Kept.of(home)
    ended = enrol(home, nobody(tmp_path), subject=ANNA)
    ended.refused(2, ANNA, f"kiosk people erase {ANNA} --yes")
    assert NAME not in ended.err
    assert rows(home) == before.stored
    assert before.added_to()


def test_what_a_folder_holds_beside_photographs_is_named(home: Path, tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    (folder / "older").mkdir(parents=True)
    nobody(folder).rename(folder / "1.PNG")
    for name in ("2.HEIC", "3.avif", "notes.txt"):
        (folder / name).touch()
    ended = enrol(home, folder)
    assert ended.code == 3
    assert ended.said["refused"] == [
        {"image": str(folder / "1.PNG"), "reason": "no_face"},
        *(
            {"image": str(folder / name), "reason": "passed_over"}
            for name in ("2.HEIC", "3.avif", "notes.txt", "older")
        ),
    ]
    plain = enrol(home, folder, more="--different-person").out
    assert f"passed over {folder / '2.HEIC'}: HEIC pictures are not read" in plain
    assert f"passed over {folder / 'older'}: a folder within the folder" in plain


@pytest.mark.parametrize("consent", ["", " ", "\n\t "])
def test_a_blank_consent(home: Path, tmp_path: Path, consent: str) -> None:
    """R73: no consent, no template."""
    before = Kept.of(home)
    enrol(home, nobody(tmp_path), consent=consent).refused(2, "consent is empty")
    assert before.untouched()


BAD_IDS: Sequence[str] = ("", " ", "ann@example.org", "Ann Example", "-x", "a/b", "ä", "x" * 65)


@pytest.mark.parametrize("name", ["x" * 61, "two\nlines"])
def test_a_given_name_that_cannot_be_one(home: Path, tmp_path: Path, name: str) -> None:
    before = Kept.of(home)
    enrol(home, nobody(tmp_path), more=f"--given-name={name}").refused(2, "given name")
    assert before.untouched()


@pytest.mark.parametrize("subject", BAD_IDS)
def test_an_id_that_cannot_be_one(home: Path, tmp_path: Path, subject: str) -> None:
    """R28, R69: no name, no e-mail address."""
    before = Kept.of(home)
    ended = enrol(home, nobody(tmp_path), subject=subject)
    ended.refused(2, "cannot be a subject's id")
    assert before.added_to()


def test_a_command_without_its_options_is_wrong_use(home: Path, tmp_path: Path) -> None:
    before = Kept.of(home)
    ended = kiosk("enrol", "--home", home, nobody(tmp_path))
    assert ended.code == 2
    assert "--subject" in ended.err
    assert "Traceback" not in ended.err
    assert before.untouched()
