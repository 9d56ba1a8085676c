"""What the decision rests on: thresholds, comparison, quality, lane, tracks."""

from __future__ import annotations

from liars import lies

MUTANTS = [
    *lies(
        "access/policy",
        ("policy",),
        ("the gallery's size is no matter", "/ max(references, 1)", "/ 1"),
        ("no floor", "max(policy.floor, float(", "max(-1.0, float("),
        (
            "beyond the calibration is guessed",
            "return fmr >= points[0].fmr * (1.0 - ROUNDING)",
            "return True",
        ),
        (
            "the last point is out of reach",
            "return fmr >= points[0].fmr * (1.0 - ROUNDING)",
            "return fmr > points[0].fmr * (1.0 + ROUNDING)",
        ),
        (
            "a threshold where none is known",
            "if not _measured(fmr, points):",
            "if False:",
        ),
        (
            "there is room for whoever comes",
            "while most and not _measured(_false_match_rate(most, policy), points):",
            "while False:",
        ),
        (
            "nobody is warned before it is full",
            "self.references >= SCARCE_SHARE * self.most",
            "self.references > self.most",
        ),
        (
            "scores that contradict are taken",
            "a.fmr < b.fmr and a.score > b.score",
            "a.fmr < b.fmr",
        ),
        (
            "rates that contradict are taken",
            "a.fmr < b.fmr and a.score > b.score",
            "a.score > b.score",
        ),
        ("unknown scores are taken", "and math.isfinite(point.score)", ""),
        ("rates that are none are taken", "0.0 < point.fmr < 1.0 and", ""),
        (
            "a target that is none is taken",
            "if not 0.0 < target < 1.0:",
            "if target >= 1.0 or target <= 0.0:",
        ),
        ("scores follow the rate, not its logarithm", "[math.log(point.fmr) for", "[point.fmr for"),
    ),
    *lies(
        "vision/comparison",
        ("comparison",),
        (
            "the second is the same person again",
            "others = np.where(self.owners == self.owners[int(scores.argmax())], -np.inf, scores)",
            "others = np.where(np.arange(len(scores)) == scores.argmax(), -np.inf, scores)",
        ),
        ("probes of any space", "if probe.space != self.space:", "if False:"),
        ("references of any space", "if reference.template.space != space:", "if False:"),
        ("a margin where there is no second", 'return float("inf")', "return 0.0"),
        (
            "the margin is the best score",
            "return self.candidates[0].score - self.candidates[1].score",
            "return self.candidates[0].score",
        ),
        ("the first of the gallery is the best", "row = int(scores.argmax())", "row = 0"),
        ("one too many is compared", "if total > most:", "if total > most + 1:"),
        ("half a person is compared", "total += count", "total += 1"),
        ("a full gallery leaves somebody out", "if total > most:", "if total >= most:"),
        ("templates of any length", "if template.vector.size != dimensions:", "if False:"),
    ),
    *lies(
        "vision/quality",
        ("quality",),
        (
            "turned left is straight",
            "abs(measures.yaw) <= bounds.max_yaw",
            "measures.yaw <= bounds.max_yaw",
        ),
        (
            "up and down are mixed up",
            "measures.pitch >= bounds.min_pitch",
            "-measures.pitch >= bounds.min_pitch",
        ),
        (
            "50 pixels are enough",
            "measures.size_px > bounds.min_size_px",
            "measures.size_px >= bounds.min_size_px",
        ),
        (
            "a sharpness of 15 is enough",
            "measures.sharpness > bounds.min_sharpness",
            "measures.sharpness >= bounds.min_sharpness",
        ),
        (
            "a brightness of 15 is enough",
            "measures.brightness > bounds.min_brightness",
            "measures.brightness >= bounds.min_brightness",
        ),
        (
            "blown out is bright",
            "        and measures.overexposed <= bounds.max_overexposed,",
            "        ,",
        ),
        ("noise is light", "measures.noise <= bounds.max_noise", "True"),
        ("closed eyes are open", "measures.eyes_closed <= bounds.max_eyes_closed", "True"),
        ("sunglasses are glasses", "measures.sunglasses <= bounds.max_sunglasses", "True"),
        (
            "a mask that was not measured is none",
            "measures.mask <= bounds.max_mask",
            "not measures.mask > bounds.max_mask",
        ),
        (
            "any defect will do first",
            "tuple(defect for defect in Defect if defect in broken)",
            "tuple(sorted(broken, key=lambda d: d.value))",
        ),
    ),
    *lies(
        "vision/lane",
        ("lane",),
        (
            "the viewer is not mirrored",
            "return Defect.OFF_RIGHT if across < 0 else Defect.OFF_LEFT",
            "return Defect.OFF_LEFT if across < 0 else Defect.OFF_RIGHT",
        ),
        (
            "up is down",
            "return Defect.OFF_DOWN if down > 0 else Defect.OFF_UP",
            "return Defect.OFF_UP if down > 0 else Defect.OFF_DOWN",
        ),
        ("bystanders are asked in", "if size < lane.notice_face:", "if False:"),
        ("who is too far counts", "if size < lane.min_face:", "if False:"),
        ("half a face inside is inside", "INSIDE_SHARE = 0.9", "INSIDE_SHARE = 0.5"),
        ("half a face inside blocks nothing", "BLOCKING_SHARE = 0.1", "BLOCKING_SHARE = 0.6"),
        ("who reaches in is there", "present=share >= PRESENT_SHARE", "present=blocks"),
        (
            "who is too large is sent to and fro",
            "if not oval.holds(box, INSIDE_SHARE):",
            "if False:",
        ),
        (
            "who stands before the camera blocks nothing",
            "reaches or size > lane.max_face",
            "reaches",
        ),
        (
            "a face blocks the lane wherever it is",
            "share >= BLOCKING_SHARE and size",
            "size",
        ),
        (
            "the middle of the lane is the middle of the picture",
            "(self.centre_x * width,",
            "(0.5 * width,",
        ),
        (
            "the lane follows the camera's shape",
            "self.height * min(width, height)",
            "self.height * height",
        ),
    ),
    *lies(
        "vision/oval",
        ("lane",),
        ("the lane is a box", "np.clip(1.0 - across**2, 0.0, None)", "(across**2 <= 1.0)"),
        ("a box that has no height is inside", 'float("nan")', "1.0"),
        ("the lane is a circle", "height * PROPORTION / 2", "height / 2"),
    ),
    *lies(
        "vision/tracking",
        ("tracking",),
        (
            "numbers are used again",
            "return Tracks(known, next_id), tuple(tracked)",
            "return Tracks(known, self.next_id), tuple(tracked)",
        ),
        ("two faces are one", "and track not in matched.values()", ""),
        ("no least overlap", "overlap >= least and ", ""),
        ("the first pair wins", "        reverse=True,\n", ""),
        ("who was long gone comes back", "if at - t.seen_at <= policy.max_gap_seconds", ""),
        (
            "who is missed once is forgotten",
            "known = tuple(t for t in fresh if t.id not in seen) + tuple(",
            "known = tuple(",
        ),
    ),
    *lies(
        "vision/face",
        ("tracking",),
        (
            "boxes far apart overlap",
            "if across <= 0 or down <= 0:",
            "if across <= 0 and down <= 0:",
        ),
        (
            "what both boxes share counts twice",
            "return shared / (self.area + other.area - shared)",
            "return shared / (self.area + other.area)",
        ),
    ),
    *lies(
        "vision/template",
        ("values",),
        ("any vector is a template", "if not abs(length - 1.0) <= UNIT_TOLERANCE:", "if False:"),
        (
            "a vector of no numbers is a template",
            "if not abs(length - 1.0) <= UNIT_TOLERANCE:",
            "if abs(length - 1.0) > UNIT_TOLERANCE:",
        ),
        ("a template shows its numbers", "<{self.vector.size} hidden numbers>", "<{self.vector}>"),
    ),
    *lies(
        "vision/template",
        ("subject_ids",),
        ("subjects of no letter", "fits = 0 < len(text) <=", "fits = len(text) <="),
        ("subjects of any length", "0 < len(text) <= MOST_SUBJECT_CHARACTERS", "0 < len(text)"),
        (
            "subjects are shorter",
            "0 < len(text) <= MOST_SUBJECT_CHARACTERS",
            "0 < len(text) < MOST_SUBJECT_CHARACTERS",
        ),
        ("subjects in any script", "and text.isascii() and", "and"),
        ("subjects begin with anything", "and text[0].isalnum()", ""),
        ("subjects of any mark", 'mark.isalnum() or mark in "._:-"', "True"),
        ("subjects without marks", 'mark.isalnum() or mark in "._:-"', "mark.isalnum()"),
    ),
]
