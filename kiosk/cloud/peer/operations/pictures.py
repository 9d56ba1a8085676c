"""Operations on pictures alone."""

from __future__ import annotations

from typing import Any

from kiosk.cloud.peer.account import PeerAccount, PeerRequest, no_face
from kiosk.cloud.peer.operations.details import CONFIDENCE, best, box, compared, detail
from kiosk.cloud.peer.operations.quality import NONE, refused
from kiosk.cloud.peer.sight import SeenFace

COMPARED_FROM = 80.0
"""SimilarityThreshold where none is given."""
_TEXT_MODEL = "3.0"
_MOST_FACES = 100


def detect_faces(account: PeerAccount, asked: PeerRequest) -> dict[str, Any]:
    """The faces in a picture."""
    wanted = asked.given.get("Attributes", ())
    faces = account.seen(asked).faces[:_MOST_FACES]
    return {"FaceDetails": [detail(face, wanted) for face in faces]}


def compare_faces(account: PeerAccount, asked: PeerRequest) -> dict[str, Any]:
    """The source's largest face with every face of the target."""
    level = asked.given.get("QualityFilter", NONE)
    threshold = asked.given.get("SimilarityThreshold", COMPARED_FROM)
    source = account.largest(asked, "SourceImage")
    target = account.seen(asked, "TargetImage").faces
    if refused(source, level) or not target:
        raise no_face()
    scale = account.scales.of(account.model)
    scored = [
        (scale.similarity(float(source.vector @ face.vector)), face)
        for face in target
        if not refused(face, level)
    ]
    found = best(asked, scored, threshold, len(scored))
    matched = [face for _, face in found]
    others = [face for _, face in scored if not any(face is each for each in matched)]
    return {
        "SourceImageFace": {"BoundingBox": box(source.box), "Confidence": CONFIDENCE},
        "FaceMatches": [_match(similarity, face) for similarity, face in found],
        "UnmatchedFaces": [compared(face) for face in others],
    }


def detect_text(account: PeerAccount, asked: PeerRequest) -> dict[str, Any]:
    """The lines of text in a picture."""
    lines = account.texts(asked)
    return {
        "TextDetections": [
            {
                "DetectedText": line.text,
                "Type": "LINE",
                "Id": number,
                "Confidence": line.confidence,
                **({} if line.box is None else {"Geometry": {"BoundingBox": box(line.box)}}),
            }
            for number, line in enumerate(lines)
        ],
        "TextModelVersion": _TEXT_MODEL,
    }


def _match(similarity: float, face: SeenFace) -> dict[str, Any]:
    return {"Similarity": similarity, "Face": compared(face)}
