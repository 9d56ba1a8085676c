"""What a camera says over RTSP is passed on only as it was understood."""

from __future__ import annotations

import pytest

from hardware.camera.network.rtsp_answers import MOST_HEAD_BYTES, Answers, NotUnderstood, Redirected

OK = b"RTSP/1.0 200 OK\r\nCSeq: 1\r\n\r\n"


def test_an_answer_is_passed_on() -> None:
    answers = Answers()
    assert answers.take(OK) == OK
    assert answers.status == 200


@pytest.mark.parametrize("size", [1, 2, 7, 1000])
def test_answers_bodies_and_frames_in_pieces_of_any_size(size: int) -> None:
    whole = b"RTSP/1.0 200 OK\r\nContent-Length: 5\r\n\r\n$v=0\n$\x00\x00\x04RTSP" + OK
    answers = Answers()
    pieces = [whole[i : i + size] for i in range(0, len(whole), size)]
    assert b"".join(answers.take(piece) for piece in pieces) == whole


@pytest.mark.parametrize("status", range(300, 310))
def test_a_redirection_ends_it(status: int) -> None:
    with pytest.raises(Redirected):
        Answers().take(f"RTSP/1.0 {status} Found\r\nLocation: rtsp://x/\r\n\r\n".encode())


def test_a_camera_that_asks_to_go_elsewhere_ends_it() -> None:
    with pytest.raises(Redirected):
        Answers().take(b"REDIRECT rtsp://x/ RTSP/1.0\r\nLocation: rtsp://x/\r\n\r\n")


def test_a_location_is_never_passed_on() -> None:
    said = b"RTSP/1.0 200 OK\r\nLOCATION:rtsp://x/\r\nCSeq:1\r\n\r\n"
    assert Answers().take(said) == OK


def test_a_redirection_within_a_frame_is_a_picture() -> None:
    hidden = b"RTSP/1.0 302 Found\r\n\r\n"
    frame = b"$\x00" + len(hidden).to_bytes(2, "big") + hidden
    assert Answers().take(frame) == frame


@pytest.mark.parametrize(
    "said",
    [
        b"RTSP/1.0 200 OK\nCSeq: 1\n\nRTSP/1.0 302 Found\r\nLocation: rtsp://x/\r\n\r\n",
        b"RTSP/1.0 200 OK\r\n$\x00\x00\x01x: 1\r\n\r\n",
        b"RTSP/1.0 200 OK\r\n folded: 1\r\n\r\n",
        b"RTSP/1.0 0302 Found\r\n\r\n",
        b"RTSP/1.0  302 Found\r\n\r\n",
        b"RTSP/2.0 302 Found\r\n\r\n",
        b"HTTP/1.1 302 Found\r\n\r\n",
        b"\r\n\r\nRTSP/1.0 302 Found\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: 5\r\nContent-Length: 9\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: -5\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nContent-Length: 99999999\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nX: " + b"x" * 4000 + b"\r\n\r\n",
        b"RTSP/1.0 200 OK\r\nX: a\x00b\r\n\r\n",
        b"x" * (MOST_HEAD_BYTES + 1),
    ],
    ids=range(14),
)
def test_what_ffmpeg_might_take_for_something_else_ends_it(said: bytes) -> None:
    with pytest.raises(NotUnderstood):
        Answers().take(said)
