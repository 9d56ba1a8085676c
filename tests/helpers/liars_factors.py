"""A second factor that is not theirs: PINs, duress PINs and badges that pass for another's."""

from __future__ import annotations

from liars import lies

MUTANTS = lies(
    "access/factors",
    ("factors",),
    ("any PIN is right", "return same and _is_number(typed)", "return _is_number(typed)"),
    ("zero bytes do not count", "return same and _is_number(typed)", "return same"),
    ("a PIN is kept as it is", "return hashlib.scrypt(", "return _bytes(text) or hashlib.scrypt("),
    ("PINs are not salted", "_bytes(text), salt=salt, n=", 'b"" + _bytes(text), salt=b"", n='),
    ("guessing is cheap", "salt=salt, n=rounds, r=8", "salt=salt, n=2, r=8"),
    (
        "nobody's PIN can be typed",
        'digest=b"")',
        'digest=hashlib.scrypt(b"4711", salt=bytes(16), n=PIN_ROUNDS, r=8, p=1, dklen=32))',
    ),
    ("the alarm stays silent for good", "return PinVerdict.DURESS", "return PinVerdict.RIGHT"),
    ("whoever is forced is not let in", "return PinVerdict.DURESS", "return PinVerdict.WRONG"),
    ("a wrong PIN lets in", "PinVerdict.RIGHT if right else", "PinVerdict.RIGHT if True else"),
    ("every PIN raises the alarm", "        if duress:\n", "        if duress or right:\n"),
    (
        "time tells who has a duress PIN",
        "duress = (self.duress or NOBODYS_PIN).matches(typed)",
        "duress = self.duress is not None and self.duress.matches(typed)",
    ),
    (
        "time tells the PIN from the duress PIN",
        "matches(typed)\n        duress",
        "matches(typed)\n        if right: return PinVerdict.RIGHT\n        duress",
    ),
    (
        "a PIN is asked of somebody without one",
        "if factor is Factor.PIN and self.pin is None:",
        "if False:",
    ),
    (
        "a badge is asked of somebody without one",
        "if factor in BY_BADGE and self.badge is None:",
        "if factor is Factor.BADGE and self.badge is None:",
    ),
    (
        "verification takes no badge",
        "BY_BADGE = frozenset({Factor.BADGE, Factor.VERIFY})",
        "BY_BADGE = frozenset({Factor.BADGE})",
    ),
    ("the duress PIN becomes the PIN", "_refuse_same(self.duress, text)", "pass"),
    ("the PIN becomes the duress PIN", "_refuse_same(self.pin, text)", "pass"),
    (
        "a new PIN takes the duress PIN along",
        "return replace(self, pin=pin)",
        "return replace(self, pin=pin, duress=None)",
    ),
    ("a PIN that is asked for can go", "if self.required is Factor.PIN:", "if False:"),
    ("a duress PIN stays alone", "pin=None, duress=None", "pin=None"),
    ("no digits make a PIN too", "if not (_is_number(text) and len(text) in digits):", "if False:"),
    ("three digits do", "PIN_DIGITS = range(4, 13)", "PIN_DIGITS = range(3, 13)"),
    ("an installer's four do", "PIN_DIGITS = range(6, 13)", "PIN_DIGITS = range(4, 13)"),
    ("1234 is a PIN", "if len(steps) == 1 or len(set(text))", "if len(set(text))"),
    ("7890 is a PIN", "(int(after) - int(before)) % 10", "(int(after) - int(before))"),
    ("1212 is a PIN", "_FEWEST_DIFFERENT = 3", "_FEWEST_DIFFERENT = 2"),
    (
        "any text is a badge",
        "if not hmac.compare_digest(_bytes(text), _bytes(ours)):",
        "if False:",
    ),
    (
        "a badge may say more",
        "if not hmac.compare_digest(_bytes(text), _bytes(ours)):",
        "if not text.startswith(ours):",
    ),
    (
        "any home makes badges",
        "hmac.digest(key, _bytes(said)",
        'hmac.digest(b"key", _bytes(said)',
    ),
    (
        "a badge's code leaves the serial out",
        "digest(key, _bytes(said)",
        "digest(key, _bytes(subject)",
    ),
    ("a short code does", "_CODE_CHARACTERS = 32", "_CODE_CHARACTERS = 2"),
    (
        "a revoked badge is valid",
        "return subject if serial_of(subject) == serial else None",
        "return subject if serial_of(subject) is not None else None",
    ),
    (
        "a badge of nobody is valid",
        "return subject if serial_of(subject) == serial else None",
        "return subject if serial_of(subject) in (serial, None) else None",
    ),
    ("the key may be asked for any length", "text[:BADGE_CHARACTERS]", "text"),
    ("a PIN is printed", 'return "Pin(<hidden>)"', "return str(self.digest)"),
    ("a serial is printed", 'return "Factors(<hidden>)"', "return str(self.badge)"),
)
