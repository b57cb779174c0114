"""A crowd at one meeting, for tests about crashes and load: `python -m tests.journeys.crowd prepare 2000`.

Runs in a process of its own with the production settings, because the database is the one of a real server, not the
tests'. Each command prints one JSON value.
"""

import datetime as dt
import json
import os
import sys
import time
from collections import Counter

SEATS = 50  # members of each branch: 党章 asks for a general branch only above that


def prepare(people: int) -> dict:
    """A community with branches of fifty, a meeting of all of them with its check-in open, and everyone logged in."""
    from django.core.management import call_command
    from django.db import transaction

    from gongjian.desks.activities import actions
    from gongjian.ground import policy
    from gongjian.ground.kernel import clock
    from gongjian.ground.kernel.actor import SYSTEM
    from gongjian.records.orgs import actions as orgs
    from gongjian.records.people import actions as persons

    call_command("migrate", verbosity=0, interactive=False)
    pack = policy.current()

    def found(number: int, name: str, kind: str, parent=None):
        described = pack.org_kind(kind)
        return orgs.found(
            by=SYSTEM, code=f"C{number:04d}", name=name, kind=kind, level=described.level, parent=parent,
            on=dt.date(2015, 6, 1),
        )  # fmt: skip

    with transaction.atomic():
        home = None
        for number, (name, kind) in enumerate(
            (("云山市委", "city_committee"), ("东湖区委", "district_committee"), ("柳岸街道大工委", "street_committee"),
             ("榕荫社区大党委", "community_committee"))
        ):  # fmt: skip
            home = found(number, name, kind, home)
        branches = [found(100 + n, f"榕荫第{n + 1}党支部", "branch", home) for n in range(people // SEATS)]
        chair = persons.register(by=SYSTEM, org=home, name="梁社")
        persons.appoint(person=chair, org=home, post="secretary", by=SYSTEM, on=dt.date(2024, 3, 1))
        members = _members(branches)
        sessions = _log_in([chair.pk, *members])
    from gongjian.records.access.queries import actor_of_person

    by, now = actor_of_person(chair), clock.now()
    activity = actions.plan(org=home, kind="theme_day", starts_at=now - dt.timedelta(minutes=5), by=by)
    actions.open_check_in(activity=activity, by=by)
    return {
        "activity": activity.pk, "organiser": sessions.pop(chair.pk),
        "members": [{"person": person, "session": sessions[person]} for person in members],
    }  # fmt: skip


def _members(branches: list) -> list[int]:
    """Fifty members to each branch, with the facts that their admission would have left."""
    from gongjian.ground.kernel import clock
    from gongjian.ground.kernel.actor import SYSTEM
    from gongjian.ground.kernel.ref import Ref
    from gongjian.records import facts
    from gongjian.records.people.models import Membership, Person

    joined = dt.date(2016, 7, 1)
    people = Person.objects.bulk_create(
        Person(name=f"党员{branch.pk}之{n}", registered_at=clock.now()) for branch in branches for n in range(SEATS)
    )
    memberships = Membership.objects.bulk_create(
        Membership(person=person, org=branches[number // SEATS], kind="formal", joined_on=joined,
                   formal_on=joined + dt.timedelta(days=365), starts_on=joined)
        for number, person in enumerate(people)
    )  # fmt: skip
    facts.record_many(
        [
            {"kind": "member.admitted", "person": row.person_id, "org": row.org_id, "obj": Ref.of("membership", row.pk),
             "data": {"kind": "formal", "joined_on": joined.isoformat()}}
            for row in memberships
        ],
        by=SYSTEM,
    )  # fmt: skip
    return [person.pk for person in people]


def _log_in(people: list[int]) -> dict[int, str]:
    """An account and a session for each person, as the log-in page would have left them; session keys by person."""
    from importlib import import_module

    from allauth.usersessions.models import UserSession
    from django.conf import settings
    from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
    from django.contrib.auth.hashers import make_password
    from django.contrib.sessions.models import Session

    from gongjian.ground.kernel import clock
    from gongjian.records.access.models import User

    password = make_password(None)
    users = User.objects.bulk_create(
        User(username=f"p{person}", person_id=person, password=password, password_changed_at=clock.now())
        for person in people
    )
    store = import_module(settings.SESSION_ENGINE).SessionStore()
    rows = [
        Session(
            session_key=f"{user.pk:032d}",
            session_data=store.encode(
                {
                    SESSION_KEY: str(user.pk), HASH_SESSION_KEY: user.get_session_auth_hash(),
                    BACKEND_SESSION_KEY: settings.AUTHENTICATION_BACKENDS[-1],
                }
            ),
            expire_date=clock.now() + dt.timedelta(days=1),
        )
        for user in users
    ]  # fmt: skip
    Session.objects.bulk_create(rows)
    UserSession.objects.bulk_create(
        UserSession(user=user, ip="127.0.0.1", session_key=row.session_key)
        for user, row in zip(users, rows, strict=True)
    )
    return {user.person_id: row.session_key for user, row in zip(users, rows, strict=True)}


def settle(seconds: float) -> dict[str, int]:
    """Wait until those whose work it is have delivered everything; what is still behind (nothing: all zero)."""
    from gongjian.engines import relay
    from gongjian.records.facts.models import Pending

    deadline = time.monotonic() + seconds
    while True:
        behind = {**relay.lag(), "unnumbered": Pending.objects.count()}
        if not any(behind.values()) or time.monotonic() > deadline:
            return behind
        time.sleep(0.2)


def look(activity: int) -> dict:
    """Who is there, by the list and by the facts, and what everyone has earned."""
    from gongjian.desks.activities.models import Attendance
    from gongjian.records.facts.models import Fact

    facts = Fact.objects.filter(kind="activity.attended", object_kind="activity", object_id=str(activity))
    told = Counter(facts.values_list("person", flat=True))
    return {
        "present": sorted(
            Attendance.objects.filter(activity=activity, status="present").values_list("person", flat=True)
        ),
        "rounds": sorted(set(Attendance.objects.filter(activity=activity, status="present").values_list("rounds", flat=True))),
        "facts": sorted(told), "told_twice": sorted(person for person, count in told.items() if count > 1),
        "points": points(),
    }  # fmt: skip


def points() -> dict:
    """All that was folded from facts about points, without the rows' own numbers; and what the ledger sums to."""
    from gongjian.appraisal.points.models import Bucket, Entry, Histogram, Score, Used
    from gongjian.engines.ledger import queries
    from gongjian.engines.ledger.models import Account, Book

    def rows(model) -> list:
        fields = [
            field.attname for field in model._meta.concrete_fields if not field.primary_key or field.attname != "id"
        ]
        return sorted(json.loads(json.dumps(list(model.objects.values_list(*fields)), default=str)), key=str)

    book = Book.objects.get(unit="points", closed_at__isnull=True)
    accounts = dict(Account.objects.filter(book=book).values_list("pk", "owner_id"))
    kinds = dict(Account.objects.filter(book=book).values_list("pk", "owner_kind"))
    held: Counter = Counter()
    for account, balance in queries.balances(accounts).items():
        if kinds[account] == "person":
            held[str(accounts[account])] += balance
    return {
        "folded": {model.__name__: rows(model) for model in (Entry, Score, Histogram, Bucket, Used)},
        "ledger": dict(sorted(held.items())), "total": queries.total(book),
    }  # fmt: skip


def replay() -> dict:
    """What points come out as when they are folded anew from the first fact."""
    from gongjian.engines import relay

    relay.replay("points")
    return points()


def seal() -> int:
    """Seal what has been recorded; how many facts lie under the seal."""
    from gongjian.records.facts import seal as seals

    made = seals.seal()
    return made.count if made else 0


COMMANDS = {
    "prepare": lambda text: prepare(int(text)), "settle": lambda text: settle(float(text)),
    "look": lambda text: look(int(text)), "replay": lambda: replay(), "seal": lambda: seal(),
}  # fmt: skip

if __name__ == "__main__":
    os.environ["DJANGO_SETTINGS_MODULE"] = "gongjian.config.settings"
    import django

    django.setup()
    json.dump(COMMANDS[sys.argv[1]](*sys.argv[2:]), sys.stdout, ensure_ascii=False)
