"""An hour of office life of a fleet in accelerated time: real kiosks, admins, desks, a publisher.

Every kiosk is a real updater over the real client, with a home of its own; they poll, and people
come and go, in several threads at once. The clock is shared and simulated. Links are cut by a
seeded schedule.
"""

from __future__ import annotations

import heapq
import random
import threading
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Self

from fleet_links import CutLink, SharedClock
from kept_samples import AGREED, SPACE, template
from people_changes import TERMS, by_gates, sample
from small_fleet import DIMENSIONS

from kiosk.domain.access.factors import StepUp
from kiosk.domain.enrolment.invitation import Invitation
from kiosk.domain.errors import FleetStoreUnreachable, SubjectUnknown
from kiosk.domain.people.enrolled import Person
from kiosk.domain.people.rules import PersonRules
from kiosk.domain.vision.template import Reference, ReferenceId, SubjectId
from kiosk.fleet.admin import FleetAdmin
from kiosk.fleet.applying.preparing import TemplateForm
from kiosk.fleet.device import DeviceFile, hand_in
from kiosk.fleet.inviting.card import InviterCard
from kiosk.fleet.inviting.inviter import FleetInviter
from kiosk.fleet.inviting.naming import InviterNaming
from kiosk.fleet.inviting.shared import SharedInvitations
from kiosk.fleet.publisher import Publisher
from kiosk.fleet.records import FleetPerson
from kiosk.fleet.stores.folder import FolderStore
from kiosk.fleet.trust.editing import AdminSigning
from kiosk.fleet.trust.key_file import PrivateKeys
from kiosk.fleet.trust.keyring import Keyring
from kiosk.fleet.updater import FleetUpdater
from kiosk.fleet.uploads.handing_in import KioskPeople
from kiosk.fleet.uploads.withdrawing import mark_withdrawn
from kiosk.people.enrolment import Newcomer
from kiosk.people.invitations import InvitationService, InvitationWish
from kiosk.people.receipts import withdraw
from kiosk.people.service import PeopleService
from kiosk.store.open_home import OpenHome
from kiosk.store.people.badges import Badges
from kiosk.store.people.directory import PeopleDirectory
from kiosk.store.people.person import Profile
from kiosk.store.secrets.keys import FileKey

POLL_SECONDS, JITTER = 30.0, 0.2
PUBLISH_SECONDS = 10.0
SIGNED_EVERY = timedelta(minutes=5)
MOST_ROUNDS = 10
_Act = Callable[[], None]
LOOK_SECONDS = 120.0
"""So often somebody looks whom each kiosk would let in."""
Holding = Mapping[SubjectId, tuple[bool, frozenset[ReferenceId]]]
"""By person: whether they are suspended, and their references."""


@dataclass(frozen=True, slots=True)
class OfficePlan:
    """How large the fleet is, and how much happens.

    Attributes:
        scopes: sites.
        kiosks_each: of each site.
        people_each: of each site, at the beginning.
        minutes: of simulated time.
        changes_a_minute: by admins, in all sites together.
        invited_a_minute: people whom desks invite, in all sites together.
        fresh: for how long a kiosk serves what nobody has signed anew.
        seed: of everything that is drawn.
        threads: that act at the same time.
    """

    scopes: int = 20
    kiosks_each: int = 10
    people_each: int = 1000
    minutes: float = 60.0
    changes_a_minute: float = 2.0
    invited_a_minute: float = 1.0
    fresh: timedelta = timedelta(minutes=12)
    seed: int = 1
    threads: int = 6


@dataclass(slots=True)
class DayToll:
    """What came of it.

    Attributes:
        polls: of all kiosks.
        failed: polls that the store did not answer, or broke off.
        changes: by admins.
        enrolled: people who enrolled themselves.
        withdrawn: people who took their consent back.
        looks: how often it was asked whom a kiosk would let in who was revoked before.
        served: those still let in by face alone, within the limit.
        longest_seconds: the longest that somebody was, from publication.
        stale: of these looks, answers that a second factor is asked for because the link is cut.
        requests: of each kiosk while it was at it, its first sync left out.
        received: bytes, likewise.
        first_requests: of each kiosk's first sync.
        first_received: bytes, likewise.
    """

    polls: int = 0
    failed: int = 0
    changes: int = 0
    enrolled: int = 0
    withdrawn: int = 0
    looks: int = 0
    served: int = 0
    longest_seconds: float = 0.0
    stale: int = 0
    requests: list[int] = field(default_factory=list)
    received: list[int] = field(default_factory=list)
    first_requests: list[int] = field(default_factory=list)
    first_received: list[int] = field(default_factory=list)


class DayKiosk:
    """A kiosk of the fleet, behind a link of its own."""

    def __init__(
        self, home: Path, link: CutLink, store: Path, root: bytes, clock: SharedClock
    ) -> None:
        self.link, self._clock = link, clock
        self.open_home = OpenHome.open(home, clock.utc)
        self._file = DeviceFile(self.open_home.home)
        note = self.open_home.recorder.note
        self.device = self._file.join(f"folder:{store}", root, note)
        hand_in(self.device, FolderStore(store))
        self.kept = KioskPeople.of(self.open_home.references)
        self._updater = FleetUpdater(
            link,
            self.device,
            self.open_home.home.fleet_cache,
            self.kept,
            TemplateForm(SPACE, DIMENSIONS),
            clock.utc,
            note,
            self._file.hear,
        )
        self._badges = Badges(self.open_home.references, FileKey(self.open_home.home))
        self.version = 0

    def sync(self) -> bool:
        """Poll once; False where the store could not be reached."""
        try:
            self.version = self._updater.sync().version
        except FleetStoreUnreachable:
            return False
        return True

    def lets_in(self, subject: SubjectId, fresh: timedelta) -> StepUp | None:
        """What is asked of somebody beside their face; None where they are not let in at all."""
        directory = PeopleDirectory(
            lambda: self._people(subject),
            self._badges,
            lambda: self._file.is_stale(self._clock.utc(), fresh),
        )
        try:
            if directory.rules_of(subject).suspended:
                return None
            return directory.factors_of(subject).step_up
        except SubjectUnknown:
            return None

    def show(self, code: str) -> Invitation | None:
        """Hold up an invitation; None where it cannot be used here, or not yet."""
        shared = SharedInvitations(self.kept.members)
        found = InvitationService(self.open_home, shared).present(code)
        return found if isinstance(found, Invitation) else None

    def enrol(self, invitation: Invitation, seed: int) -> None:
        """Somebody enrols with it."""
        rules = PersonRules(groups=invitation.groups, valid_until=invitation.valid_until)
        who = (invitation.subject, AGREED, invitation.given_name)
        newcomer = Newcomer(*who, rules=rules, invitation=invitation.ident)
        terms = replace(TERMS, most=100_000)
        PeopleService(self.open_home).enrol(newcomer, terms, by_gates([sample(seed)]))

    def take_back(self, subject: SubjectId) -> bool:
        """Somebody takes their consent back; False where they are not known here."""
        members, invitations = self.kept.members, self.kept.invitations
        if members.scope_of(subject) is None:
            return False
        withdraw(
            self.open_home,
            PeopleService(self.open_home),
            subject,
            lambda who, at: mark_withdrawn(members, invitations, who, at),
        )
        return True

    def holding(self) -> Holding:
        """Everybody who is known here."""
        found: dict[SubjectId, set[ReferenceId]] = {}
        for each in self.open_home.references.load(SPACE):
            found.setdefault(each.subject, set()).add(each.id)
        people = self.open_home.references.people()
        return {
            it.subject: (it.profile.rules.suspended, frozenset(found[it.subject])) for it in people
        }

    def _people(self, subject: SubjectId) -> Mapping[SubjectId, Person]:
        with suppress(SubjectUnknown):
            profile = self.open_home.references.show(subject).profile
            with self.open_home.references.reading() as rows:
                awaited = self.kept.invitations.enrolled_for_others(rows)
            managed = subject in awaited or self.kept.members.scope_of(subject) is not None
            return {subject: Person(profile.rules, profile.factors, of_fleet=managed)}
        return {}


@dataclass(slots=True)
class Site:
    """A scope with its kiosks, its desk, and who is in it by what was said."""

    name: str
    kiosks: list[DayKiosk]
    people: dict[SubjectId, FleetPerson]
    revoked: dict[SubjectId, datetime | None] = field(default_factory=dict)
    turn: threading.Lock = field(default_factory=threading.Lock)


@dataclass(slots=True, eq=False)
class _Revocation:
    """Somebody revoked, and not published yet.

    Attributes:
        site: theirs.
        subject: who.
        kiosk: at which they took their consent back; None for what admins say.
        ready: since when the publisher can know, in seconds; None for not yet.
    """

    site: Site
    subject: SubjectId
    kiosk: DayKiosk | None = None
    ready: float | None = None


def _suspended(person: FleetPerson) -> bool:
    return person.profile is not None and person.profile.rules.suspended


def _with(person: FleetPerson, *, suspended: bool) -> FleetPerson:
    assert person.profile is not None
    rules = replace(person.profile.rules, suspended=suspended)
    return replace(person, profile=replace(person.profile, rules=rules))


def _must(fine: bool) -> None:  # noqa: FBT001 - the answer of a sync
    assert fine, "a whole link failed"


class FleetDay:
    """A fleet and its hour. A context manager.

    Args:
        folder: for store, keys and homes.
        plan: how large it is, and how much happens.
    """

    def __init__(self, folder: Path, plan: OfficePlan) -> None:
        self._plan, self._folder, self.toll = plan, folder, DayToll()
        self._chance = random.Random(plan.seed)  # noqa: S311 - chances of a simulation
        self.clock, self._opened = SharedClock(), ExitStack()
        self._store = FolderStore.create(folder / "store")
        self._keys = Keyring.create(folder / "keys", 3, None)
        AdminSigning(self._store, self._keys, self.clock.utc).found(2)
        self._admin = FleetAdmin(self._store, self._keys, self.clock.utc)
        desk = PrivateKeys.draw(opens=False)
        self._desk = FleetInviter(self._store, self._keys.root, desk, self.clock.utc)
        self._faces = 1_000_000
        self._pending: list[_Revocation] = []
        self._due: list[tuple[float, int, _Act]] = []
        self._lock, self._number, self.version = threading.Lock(), 0, 0
        self._at_first: dict[DayKiosk, tuple[int, int]] = {}
        names = [f"site-{n}" for n in range(plan.scopes)]
        for name in names:
            self._admin.add_scope(name, [f"{name} door"])
        card = InviterCard("desk", desk.public_signing, tuple(names))
        InviterNaming(self._store, self._keys, self.clock.utc).name(card)
        self.sites = [self._site(name) for name in names]
        self._publish()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *error: object) -> None:
        self._opened.close()

    # -- before the hour -------------------------------------------------------------------------

    def _site(self, name: str) -> Site:
        people = [self._newcomer(f"{name}.{n}") for n in range(self._plan.people_each)]
        self._admin.say(name, people)
        kiosks = [self._kiosk(f"{name}.kiosk-{n}", name) for n in range(self._plan.kiosks_each)]
        return Site(name, kiosks, {each.subject: each for each in people})

    def _kiosk(self, name: str, scope: str) -> DayKiosk:
        chance = random.Random(f"{self._plan.seed} {name}")  # noqa: S311 - a seeded schedule
        store = FolderStore(self._folder / "store")
        link = CutLink(store, self.clock, chance, self._plan.minutes * 60)
        where = (self._folder / name, link, self._folder / "store")
        kiosk = DayKiosk(*where, self._keys.root, self.clock)
        self._opened.enter_context(kiosk.open_home)
        self._admin.approve(kiosk.device.fingerprint, [scope])
        return kiosk

    def _newcomer(self, name: str, references: int = 2) -> FleetPerson:
        subject = SubjectId(name)
        made = []
        for n in range(references):
            self._faces += 1
            face = template(self._faces)
            made.append(Reference(ReferenceId(f"{name}.{n}"), subject, face))
        return FleetPerson(subject, Profile(name, AGREED, self.clock.utc()), tuple(made))

    # -- the hour --------------------------------------------------------------------------------

    def live(self) -> DayToll:
        """Let the time go by; then all links are whole, and everybody catches up."""
        end = self._plan.minutes * 60
        with ThreadPoolExecutor(self._plan.threads) as pool:
            self._together(pool, [lambda k=k: self._first(k) for k in self._kiosks()])
            self._begin()
            while self._due and self._due[0][0] < end:
                self.clock.seconds = max(self.clock.seconds, self._due[0][0])
                now = []
                while self._due and self._due[0][0] <= self.clock.seconds + 1.0:
                    now.append(heapq.heappop(self._due)[2])
                self._together(pool, now)
            self.clock.seconds = end
            for kiosk, (requests, received) in self._at_first.items():
                self.toll.requests.append(kiosk.link.traffic.requests - requests)
                self.toll.received.append(kiosk.link.traffic.bytes - received)
            self._catch_up(pool)
        return self.toll

    def _kiosks(self) -> list[DayKiosk]:
        return [kiosk for site in self.sites for kiosk in site.kiosks]

    def _first(self, kiosk: DayKiosk) -> None:
        kiosk.link.healed = True
        assert kiosk.sync()
        kiosk.link.healed = False

    def _begin(self) -> None:
        self._at_first = {
            each: (each.link.traffic.requests, each.link.traffic.bytes) for each in self._kiosks()
        }
        for requests, received in self._at_first.values():
            self.toll.first_requests.append(requests)
            self.toll.first_received.append(received)
        for kiosk in self._kiosks():
            self._later(self._draw(0, POLL_SECONDS), lambda k=kiosk: self._poll(k))
        self._later(0.0, self._publisher)
        self._later(LOOK_SECONDS, self._look)
        self._later(self._gap(self._plan.changes_a_minute), self._change)
        self._later(self._gap(self._plan.invited_a_minute), self._invite)

    def _poll(self, kiosk: DayKiosk) -> None:
        with self._lock:  # what is said while it polls is handed in at the next poll
            said = [each for each in self._pending if each.kiosk is kiosk and each.ready is None]
        began, fine = self.clock.seconds, kiosk.sync()
        with self._lock:
            self.toll.polls += 1
            self.toll.failed += not fine
            for each in said if fine else ():
                each.ready = began
        spread = self._draw(1 - JITTER, 1 + JITTER)
        self._later(POLL_SECONDS * spread, lambda: self._poll(kiosk))

    def _publisher(self) -> None:
        self._publish(SIGNED_EVERY)
        self._later(PUBLISH_SECONDS, self._publisher)

    def _publish(self, quiet: timedelta = timedelta()) -> bool:
        """Publish; what was revoked in these scopes counts from now on."""
        signer = self._keys.publisher
        assert signer is not None
        publisher = Publisher(self._store, self._keys.root, signer, self.clock.utc, self._keys.seen)
        done = publisher.publish(quiet)
        assert not done.review, done.review
        with self._lock:
            said = [
                each
                for each in self._pending
                if each.site.name in done.published
                and each.ready is not None
                and each.ready <= self.clock.seconds
            ]
            for each in said:
                self._pending.remove(each)
                if each.subject in each.site.revoked:
                    each.site.revoked[each.subject] = self.clock.utc()
        self.version = done.version
        return bool(done.published)

    def _change(self) -> None:
        """Admins enrol, suspend, resume or erase somebody."""
        self._later(self._gap(self._plan.changes_a_minute), self._change)
        site = self._chance.choice(self.sites)
        with site.turn:
            kind = self._chance.choice(("enrol", "suspend", "suspend", "erase", "erase", "resume"))
            self.toll.changes += 1
            suspended = [
                who for who, each in site.people.items() if each.profile and _suspended(each)
            ]
            free = sorted(site.people.keys() - site.revoked.keys())
            few = len(free) < self._plan.people_each / 2
            if kind == "enrol" or (kind == "resume" and not suspended) or few:
                changed = self._newcomer(f"{site.name}.new-{self.toll.changes}")
            elif kind == "resume":
                changed = _with(site.people[self._chance.choice(suspended)], suspended=False)
            else:
                changed = site.people[self._chance.choice(free)]
                changed = (
                    FleetPerson(changed.subject, None)
                    if kind == "erase"
                    else _with(changed, suspended=True)
                )
            self._admin.say(site.name, [changed])
            self._say_in(site, changed)

    def _say_in(self, site: Site, changed: FleetPerson) -> None:
        who = changed.subject
        with self._lock:
            if changed.profile is None:
                site.people.pop(who)
            else:
                site.people[who] = changed
            if changed.profile is None or _suspended(changed):
                site.revoked[who] = None
                self._pending.append(_Revocation(site, who, ready=self.clock.seconds))
            else:
                site.revoked.pop(who, None)

    def _invite(self) -> None:
        """A desk invites somebody, who comes to some kiosk a little later."""
        self._later(self._gap(self._plan.invited_a_minute), self._invite)
        site = self._chance.choice(self.sites)
        with self._lock:
            self._faces += 1
            face = self._faces
        subject = SubjectId(f"{site.name}.invited-{face}")
        wish = InvitationWish(subject, timedelta(days=1), str(subject))
        issued = self._desk.issue(site.name, wish)
        kiosk = self._chance.choice(site.kiosks)
        self._later(
            self._draw(30, 120), lambda: self._arrive(site, kiosk, issued.code, subject, face)
        )

    def _arrive(
        self, site: Site, kiosk: DayKiosk, code: str, subject: SubjectId, face: int
    ) -> None:
        """Somebody shows their invitation, and enrols; where it is not known yet, later."""
        invitation = kiosk.show(code)
        if invitation is None:
            self._later(POLL_SECONDS, lambda: self._arrive(site, kiosk, code, subject, face))
            return
        kiosk.enrol(invitation, face)
        with self._lock:
            self.toll.enrolled += 1
        if self._draw(0, 1) < 0.5:
            other = self._chance.choice(site.kiosks)
            self._later(self._draw(120, 900), lambda: self._leave(site, other, subject))

    def _leave(self, site: Site, kiosk: DayKiosk, subject: SubjectId) -> None:
        """Somebody takes their consent back at a kiosk; where they are not known yet, later."""
        if not kiosk.take_back(subject):
            self._later(POLL_SECONDS, lambda: self._leave(site, kiosk, subject))
            return
        with self._lock:
            self.toll.withdrawn += 1
            site.revoked[subject] = None
            self._pending.append(_Revocation(site, subject, kiosk))

    def _look(self) -> None:
        """See at each kiosk whether it would let in who was revoked; that ends with the limit."""
        self._later(LOOK_SECONDS, self._look)
        now, limit = self.clock.utc(), self._plan.fresh + timedelta(seconds=2 * PUBLISH_SECONDS)
        for site in self.sites:
            with self._lock:
                revoked = [(who, at) for who, at in site.revoked.items() if at is not None]
            for subject, at in revoked:
                for kiosk in site.kiosks:
                    asked = kiosk.lets_in(subject, self._plan.fresh)
                    self.toll.looks += 1
                    self.toll.stale += asked is StepUp.STALE
                    if asked is not StepUp.NONE or subject not in site.revoked:
                        continue
                    since = (now - at).total_seconds()
                    self.toll.served += 1
                    self.toll.longest_seconds = max(self.toll.longest_seconds, since)
                    assert now - at <= limit, f"{subject} is served after {since:.0f} s"

    # -- after the hour --------------------------------------------------------------------------

    def _catch_up(self, pool: ThreadPoolExecutor) -> None:
        self._due.clear()
        for kiosk in self._kiosks():
            kiosk.link.healed = True
        for _ in range(MOST_ROUNDS):
            self.clock.seconds += POLL_SECONDS
            self._together(pool, [lambda k=k: _must(k.sync()) for k in self._kiosks()])
            changed = self._publish()
            self._together(pool, [lambda k=k: _must(k.sync()) for k in self._kiosks()])
            if not changed:
                break
        assert {kiosk.version for kiosk in self._kiosks()} == {self.version}

    def check_converged(self) -> int:
        """Check that every kiosk holds what its scope says, and nothing else; counts its people."""
        count = 0
        for site in self.sites:
            head = {
                each.subject: (_suspended(each), frozenset(it.id for it in each.references))
                for each in self._admin.people(site.name)
            }
            assert site.people.keys() <= head.keys()
            assert not [who for who in site.revoked if who in head and not head[who][0]]
            for kiosk in site.kiosks:
                assert kiosk.holding().keys() == head.keys()
                assert {w: s for w, (s, _) in kiosk.holding().items()} == {
                    w: s for w, (s, _) in head.items()
                }
            count += len(head)
        return count

    # -- time and chance -------------------------------------------------------------------------

    def _later(self, seconds: float, act: _Act) -> None:
        with self._lock:
            self._number += 1
            heapq.heappush(self._due, (self.clock.seconds + seconds, self._number, act))

    def _together(self, pool: ThreadPoolExecutor, acts: Sequence[_Act]) -> None:
        for done in [pool.submit(act) for act in acts]:
            done.result()

    def _draw(self, least: float, most: float) -> float:
        with self._lock:
            return self._chance.uniform(least, most)

    def _gap(self, a_minute: float) -> float:
        with self._lock:
            return self._chance.expovariate(a_minute / 60)
