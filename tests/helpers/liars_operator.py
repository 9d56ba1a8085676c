"""Orders of an operator that nobody gave, or that were given for another door, or long ago."""

from __future__ import annotations

from liars import lies

MUTANTS = [
    *lies(
        "operators/orders",
        ("operators",),
        (
            "seconds are not signed",
            'arguments["seconds"] = self.seconds',
            'arguments["seconds"] = 5.0',
        ),
        (
            "subjects are not signed",
            'arguments["subject"] = self.subject',
            "pass",
        ),
    ),
    *lies(
        "operators/encoding",
        ("operators",),
        (
            "a bare name is a signature",
            "return HEADING + json.dumps(said",
            'return b"" + json.dumps(said',
        ),
        ("fields may be signed in any order", "sort_keys=True, ", ""),
        ("blanks are signed", 'separators=(",", ":")', 'separators=(", ", ":")'),
        ("any length is read", "if len(sent) <= MOST_BYTES else", "if True else"),
        (
            "the longest is not read",
            "if len(sent) <= MOST_BYTES else",
            "if len(sent) < MOST_BYTES else",
        ),
        ("any encoding is read", "json.loads(sent.decode())", "json.loads(sent)"),
        (
            "more than an order and a signature",
            '"signature": str(digits), **more} if not more:',
            '"signature": str(digits), **more}:',
        ),
        (
            "a signature of any length",
            "if len(digits) == _SIGNATURE_DIGITS else None",
            "if True else None",
        ),
        (
            "nested orders end the kiosk",
            "except (ValueError, RecursionError):",
            "except ValueError:",
        ),
        (
            "garbage ends the kiosk",
            "except (ValueError, RecursionError):",
            "except RecursionError:",
        ),
        ("orders say more", "} if not more and _is_id(ident)", "} if _is_id(ident)"),
        ("any id will do", "if not more and _is_id(ident) and", "if not more and"),
        (
            "any time will do",
            "_is_id(ident) and _are_times(issued_at, expires_at)",
            "_is_id(ident)",
        ),
        ("ids of any length", "len(text) == _ID_DIGITS and set(text)", "set(text)"),
        ("ids of any letters", 'set(text) <= set("0123456789abcdef")', "True"),
        (
            "true is a time",
            "not isinstance(at, bool) and 0 <= at <= _LATEST_MS",
            "0 <= at <= _LATEST_MS",
        ),
        ("times before all time", "0 <= at <= _LATEST_MS", "at <= _LATEST_MS"),
        ("times after all time", "0 <= at <= _LATEST_MS", "0 <= at"),
        (
            "every verb takes seconds",
            'case Verb.RELEASE, {"seconds"',
            'case _, {"seconds"',
        ),
        (
            "every verb takes a subject",
            'case Verb.RESET_PASSBACK, {"subject"',
            'case _, {"subject"',
        ),
        ("true is a number of seconds", "not isinstance(seconds, bool) and 0.0", "0.0"),
        (
            "a release of no time",
            "0.0 < seconds <= max_seconds",
            "0.0 <= seconds <= max_seconds",
        ),
        ("a release for ever", "0.0 < seconds <= max_seconds", "0.0 < seconds"),
        (
            "the longest release is refused",
            "0.0 < seconds <= max_seconds",
            "0.0 < seconds < max_seconds",
        ),
        ("the wrong time is released", "return (float(seconds), None)", "return (60.0, None)"),
        (
            "seconds and more",
            "as seconds, **more} if not more:",
            "as seconds, **more}:",
        ),
        (
            "a subject and more",
            '"subject": str(subject), **more} if not more:',
            '"subject": str(subject), **more}:',
        ),
        (
            "everybody is reset for one",
            "return (None, SubjectId(subject)) if",
            "return (None, None) if",
        ),
        ("any subject will do", "if is_subject_id(subject) else None", "if True else None"),
        (
            "unknown verbs are status",
            "if known.value == verb), None)",
            "if known.value == verb), Verb.STATUS)",
        ),
        ("answers name no order", 'said = {"id": ident,', 'said = {"id": None,'),
    ),
    *lies(
        "operators/judgement",
        ("operators",),
        ("strangers order", "or operator not in rules.operators:", "or False:"),
        (
            "nobody need sign",
            "if not rules.verify(operator, signed_text(said), signature):",
            "if False:",
        ),
        ("another door obeys", "if order.door != rules.door:", "if False:"),
        ("another kiosk obeys", "if order.kiosk != rules.kiosk:", "if False:"),
        ("a doubted clock opens", "and not trusted and order.verb in OPENING", "and False"),
        (
            "orders live for ever",
            "if not 0 < order.expires_at - order.issued_at <= MOST_LIFE_MS:",
            "if not 0 < order.expires_at - order.issued_at:",
        ),
        (
            "orders live no time at all",
            "if not 0 < order.expires_at - order.issued_at <= MOST_LIFE_MS:",
            "if not 0 <= order.expires_at - order.issued_at <= MOST_LIFE_MS:",
        ),
        (
            "orders live a little too short",
            "order.expires_at - order.issued_at <= MOST_LIFE_MS:",
            "order.expires_at - order.issued_at < MOST_LIFE_MS:",
        ),
        (
            "orders come from the future",
            "if order.issued_at > now + MOST_SKEW_MS:",
            "if False:",
        ),
        (
            "clocks must agree to the last millisecond",
            "if order.issued_at > now + MOST_SKEW_MS:",
            "if order.issued_at >= now + MOST_SKEW_MS:",
        ),
        ("expired orders count", "if order.expires_at <= now:", "if False:"),
        (
            "orders count as they expire",
            "if order.expires_at <= now:",
            "if order.expires_at < now:",
        ),
        ("a restart forgives", "if order.issued_at <= memory.floor:", "if False:"),
        (
            "a restart forgives a millisecond",
            "if order.issued_at <= memory.floor:",
            "if order.issued_at < memory.floor:",
        ),
        ("orders count twice", "if (order.operator, order.id) in memory.taken:", "if False:"),
        (
            "nothing is remembered",
            "return order, memory.with_(order)",
            "return order, memory",
        ),
        (
            "what is refused is remembered",
            "return RefusedOrder(reason, operator, order.id), memory",
            "return RefusedOrder(reason, operator, order.id), memory.with_(order)",
        ),
        (
            "ids are everybody's",
            "{**self.taken, (order.operator, order.id): order.issued_at}",
            '{**self.taken, ("boris", order.id): order.issued_at}',
        ),
        (
            "memory has no bound",
            "return OrderRefusal.TOO_MANY if len(memory.taken) >= MOST_REMEMBERED else None",
            "return None",
        ),
        (
            "memory grows past its bound",
            "if len(memory.taken) >= MOST_REMEMBERED else",
            "if len(memory.taken) > MOST_REMEMBERED else",
        ),
        (
            "forgotten is forgiven",
            "return OrderMemory(max([self.floor, *gone]), left)",
            "return OrderMemory(self.floor, left)",
        ),
        ("the floor falls", "max([self.floor, *gone])", "min([self.floor, *gone])"),
        (
            "orders are forgotten too soon",
            "if issued + MOST_LIFE_MS > now}",
            "if issued + MOST_LIFE_MS > now + 1}",
        ),
        (
            "orders are remembered too long",
            "if issued + MOST_LIFE_MS > now}",
            "if issued + MOST_LIFE_MS >= now}",
        ),
        (
            "the floor rises too soon",
            "if issued + MOST_LIFE_MS <= now]",
            "if issued + MOST_LIFE_MS <= now + 1]",
        ),
        (
            "the floor rises too late",
            "if issued + MOST_LIFE_MS <= now]",
            "if issued + MOST_LIFE_MS < now]",
        ),
        ("memory is not looked through", "memory = memory.at(now)", "memory = memory"),
    ),
]
