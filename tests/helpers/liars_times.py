"""When a door is open, and what is remembered of comings and goings."""

from __future__ import annotations

from liars import lies

MUTANTS = [
    *lies(
        "people/calendar",
        ("calendar", "calendar_jumps"),
        ("a moment needs no zone", "if self.local.utcoffset() is None:", "if False:"),
        (
            "a window's last moment is after it",
            "return self.begins <= wall < self.ends",
            "return self.begins <= wall <= self.ends",
        ),
        (
            "a window's first moment is before it",
            "return self.begins <= wall < self.ends",
            "return self.begins < wall < self.ends",
        ),
        (
            "no window goes over midnight",
            "last = day if self.begin < self.end else day + DAY",
            "last = day",
        ),
        (
            "a whole day is none",
            "last = day if self.begin < self.end else day + DAY",
            "last = day if self.begin <= self.end else day + DAY",
        ),
        (
            "nights end at midnight",
            "days = (day - DAY, day)",
            "days = (day,)",
        ),
        (
            "nights begin a day late",
            "days = (day - DAY, day)",
            "days = (day - DAY,)",
        ),
        ("exceptions do not count", "if day in self.exceptions:", "if False:"),
        ("holidays do not count", "if day in self.holidays:", "if False:"),
        (
            "holidays are weekdays",
            "return self.holiday_windows",
            "return self.windows",
        ),
        (
            "an empty exception is none",
            "if day in self.exceptions:",
            "if self.exceptions.get(day):",
        ),
        (
            "every day is every other",
            "if day.isoweekday() in window.days)",
            "if window.days)",
        ),
        ("the week begins on Sunday", "day.isoweekday() in", "day.weekday() in"),
        (
            "always is closed on holidays",
            'ALWAYS = Schedule("always", WHOLE_DAYS, WHOLE_DAYS)',
            'ALWAYS = Schedule("always", WHOLE_DAYS)',
        ),
        (
            "any edge is a change",
            "if schedule.is_open(turn) is not is_open), None)",
            "), None)",
        ),
        ("the first to open is the last", "return min((turn for", "return max((turn for"),
        (
            "the wall says which comes first",
            "key=datetime.timestamp, default=None",
            "default=None",
        ),
        (
            "windows that touch share time",
            "return after < one.ends - one.begins or",
            "return after <= one.ends - one.begins or",
        ),
        (
            "a window that began first shares nothing",
            " or before < two.ends - two.begins",
            "",
        ),
        (
            "a window that began later shares nothing",
            "return after < one.ends - one.begins or before",
            "return before",
        ),
        (
            "a week ends on Sunday for good",
            "after = (two.begins - one.begins) % WEEK",
            "after = abs(two.begins - one.begins)",
        ),
        ("the horizon is nearer", ".date() <= last:", ".date() < last:"),
        ("the last edge of a day comes next", "edge = min(", "edge = max("),
        (
            "days have one edge",
            "for edge in (span.begins, span.ends)",
            "for edge in (span.begins,)",
        ),
        ("the clock never jumps", "return turn if turn.utcoffset()", "return turn if True or turn"),
        (
            "the clock jumps at once",
            "for n in count(1))",
            "for n in count(60))",
        ),
        (
            "a jump is as late as it was asked for",
            ".replace(second=0, microsecond=0)",
            "",
        ),
        (
            "the way to an edge is as long as the wall says",
            "(local.astimezone(UTC) + (edge - wall)).astimezone(local.tzinfo)",
            "local + (edge - wall)",
        ),
    ),
    *lies(
        "people/presence",
        ("presence",),
        (
            "nobody is ever forgotten",
            "return since is not None and not _is_forgotten(since, now, memory)",
            "return since is not None",
        ),
        (
            "whoever came in is not inside",
            "return since is not None and not _is_forgotten(since, now, memory)",
            "return since is not None and _is_forgotten(since, now, memory)",
        ),
        (
            "a cool-down never ends",
            "return last is not None and _is_warm(last, now, memory)",
            "return last is not None",
        ),
        (
            "once opened, open for good",
            "return opened is not None and _day(opened, memory) == _day(now, memory)",
            "return opened is not None",
        ),
        (
            "a day that lies ahead is open",
            "_day(opened, memory) == _day(now, memory)",
            "_day(opened, memory) >= _day(now, memory)",
        ),
        ("whoever leaves stays", "inside.pop(subject, None)", "inside.get(subject, None)"),
        (
            "whoever leaves comes in",
            "memory.passback is not Passback.OFF and memory.direction is Direction.IN",
            "memory.passback is not Passback.OFF",
        ),
        (
            "comings are kept that nobody asks for",
            "memory.passback is not Passback.OFF and memory.direction is Direction.IN",
            "memory.direction is Direction.IN",
        ),
        (
            "passings are kept that nobody asks for",
            "if memory.cool_down_seconds > 0.0:",
            "if True:",
        ),
        (
            "stays are kept that are over",
            "presence.inside.items() if not _is_forgotten(m, now, memory)}",
            "presence.inside.items()}",
        ),
        (
            "passings are kept that are over",
            "presence.passed_at.items() if _is_warm(m, now, memory)}",
            "presence.passed_at.items()}",
        ),
        (
            "a reset of all closes the day",
            "return Presence(opened=presence.opened)",
            "return Presence()",
        ),
        ("a reset of one is of all", "if subject is None:", "if True:"),
        (
            "a reset forgets the others",
            "presence.inside.items() if s != subject}",
            "presence.inside.items() if s == subject}",
        ),
        (
            "a reset keeps the cool-down",
            "passed_at={s: m for s, m in presence.passed_at.items() if s != subject},",
            "",
        ),
        ("0 hours are over at once", "if hours > 0.0 and", "if"),
        (
            "hours end a moment late",
            "now.at - since.at >= hours * HOUR_SECONDS",
            "now.at - since.at > hours * HOUR_SECONDS",
        ),
        (
            "hours are those of the wall",
            "now.at - since.at >= hours",
            "(now.local - since.local).total_seconds() >= hours",
        ),
        ("every day forgets", "return memory.reset_daily and", "return"),
        ("no day forgets", "return memory.reset_daily and", "return False and"),
        (
            "a day that goes back forgets",
            "_day(since, memory) < _day(now, memory)",
            "_day(since, memory) != _day(now, memory)",
        ),
        ("no cool-down is one", "return cool_down > 0.0 and now.at", "return now.at"),
        (
            "a cool-down ends a moment late",
            "now.at - last.at < cool_down",
            "now.at - last.at <= cool_down",
        ),
        (
            "a day begins a moment late",
            "wall.time() >= memory.day_begins",
            "wall.time() > memory.day_begins",
        ),
        (
            "days begin at midnight",
            "if wall.time() >= memory.day_begins else wall.date() - DAY",
            "",
        ),
        ("what lies ahead is believed", "max(ago, 0.0)", "ago"),
        (
            "time stood still while the kiosk was off",
            "Instant(now.at - max(ago, 0.0))",
            "now.at",
        ),
        (
            "a stay is read by the wall",
            "(now.local.astimezone(UTC) - then)",
            "(now.local - then.astimezone(now.local.tzinfo))",
        ),
        (
            "days are those of UTC after a restart",
            "local = then.astimezone(now.local.tzinfo)",
            "local = then",
        ),
        (
            "anything else is passed over",
            "            not rest\n",
            "            rest is not None\n",
        ),
        ("it says who is inside", "<{len(self.inside)} hidden", "<{list(self.inside)} hidden"),
    ),
]
