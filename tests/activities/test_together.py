"""Many at once: the common commit is the same deed as one by one, and the fast road the same door as the ordinary view."""

import datetime as dt
from io import BytesIO
from urllib.parse import urlencode

import pytest
from django.contrib.sessions.models import Session
from django.core.signals import request_started
from django.core.wsgi import get_wsgi_application
from django.db import close_old_connections, transaction
from django.test import RequestFactory
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from gongjian.config.express import Express, Waiting, answer
from gongjian.desks.activities import actions, rules, tickets
from gongjian.desks.activities.models import Activity, Attendance
from gongjian.ground.kernel import clock as kernel_clock
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.errors import GongjianError
from gongjian.records.access import actions as access
from gongjian.records.access.models import User
from gongjian.records.access.queries import actor_of_person
from gongjian.records.facts.models import Fact
from tests.activities.conftest import code_of
from tests.cast import Player

pytestmark = pytest.mark.django_db
TOKEN = "t" * 32


@pytest.mark.parametrize(
    ("door", "code", "seen", "after", "told"),
    [
        (True, "right", False, 0, "in"),
        (True, "", True, 0, "in"),
        (True, "right", False, 120, "in"),
        (True, "right", False, 121, "late"),
        (True, "000000", False, 0, "wrong"),
        (True, "", False, 0, "wrong"),
        (True, "０００００１", False, 0, "wrong"),
        (False, "right", True, 0, "shut"),
    ],
)
def test_what_the_door_says(door, code, seen, after, told):
    closes = dt.datetime(2026, 11, 16, 2, 2, tzinfo=dt.UTC)
    moment = closes - dt.timedelta(seconds=120) + dt.timedelta(seconds=after)
    secret = "ab" * 32
    code = rules.token_of(secret, rules.step_of(moment.timestamp(), 30)) if code == "right" else code
    assert rules.knock(rules.Door(door, secret, closes, 30, 15), code, seen, moment) == told


def pictured() -> tuple:
    """Everything that check-ins write, without the rows' own numbers."""
    rows = Attendance.objects.order_by("activity", "person").values_list(
        "activity", "person", "status", "method", "checked_in_at", "rounds", "wrong_codes", "role"
    )
    told = Fact.objects.filter(kind="activity.attended").order_by("source").values_list(
        "source", "at", "by", "person", "org", "object_kind", "object_id", "quantity", "data", "corrects"
    )  # fmt: skip
    return list(rows), list(told)


KNOCKS = st.lists(
    st.tuples(st.integers(0, 2), st.integers(0, 7), st.sampled_from(("right", "000000", "")), st.booleans()),
    min_size=1, max_size=8,
)  # fmt: skip


def test_together_is_the_same_as_one_by_one(make, city, clock, cast):
    """Any handful of knocks, at meetings open, shut and strange: the same rows, facts and answers either way."""
    meetings = [make("open").pk, make("notified", kind="party_lesson").pk, 2**40]
    people = [*city.people["branch"][:6], *city.people["sister"][:1], *city.people["other_branch"][:1]]
    Attendance.objects.filter(activity=meetings[0], person=people[1]).update(wrong_codes=rules.MOST_WRONG_CODES)
    Attendance.objects.filter(activity=meetings[0], person=people[2]).update(excuse_state="approved", status="excused")
    actors = [actor_of_person(person) for person in people]
    secrets = dict(Activity.objects.values_list("pk", "secret"))
    now = kernel_clock.now()
    right = {pk: rules.token_of(secret, rules.step_of(now.timestamp(), 30)) for pk, secret in secrets.items()}

    def single(knock: actions.Knock, actor) -> object:
        try:
            done = actions.check_in(activity_id=knock.activity, by=actor, code=knock.code, seen=knock.seen, at=now)
            return (done.at, done.first)
        except GongjianError as error:
            return (type(error).__name__, str(error.message))

    @settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
    @given(drawn=KNOCKS)
    def play(drawn):
        knocks = [
            actions.Knock(meetings[m], actors[p].person, right.get(meetings[m], "1") if code == "right" else code, seen)
            for m, p, code, seen in drawn
        ]
        who = [actors[p] for _m, p, _code, _seen in drawn]
        pairs = list(zip(knocks, who, strict=True))
        with transaction.atomic():
            done = actions.check_in_together(knocks=knocks, at=now)
            first = [n for n, one in enumerate(done) if one]
            rest = [n for n, one in enumerate(done) if not one]
            told = [(done[n].at, done[n].first) for n in first]
            # None: nothing was done, and the ordinary deed is asked, as the fast road does.
            told += [single(*pairs[n]) for n in rest]
            together = pictured()
            transaction.set_rollback(True)
        with transaction.atomic():
            # All knock in one moment, so who is first is free; one by one in the order that the batch chose.
            assert [single(*pairs[n]) for n in (*first, *rest)] == told
            assert pictured() == together
            transaction.set_rollback(True)

    play()


class Door:
    """The road under test: the common commit in this thread, and the ordinary way counted."""

    def __init__(self) -> None:
        self.express = Express(self._ordinary)
        self.express.together.check_in = self._at_once
        self.django = get_wsgi_application()
        self.ordinary = 0

    def _ordinary(self, environ, start_response):
        self.ordinary += 1
        request_started.disconnect(close_old_connections)  # the test's own connection; Django's client does the same
        try:
            return self.django(environ, start_response)
        finally:
            request_started.connect(close_old_connections)

    @staticmethod
    def _at_once(asked) -> bool:
        waiting = Waiting(asked)
        answer([waiting])
        return waiting.came

    def post(self, path: str, player, form: dict, *, token: str = TOKEN, **environ) -> tuple[int, dict, bytes, bool]:
        """Status, headers, body, and whether it went the ordinary way."""
        request = RequestFactory(headers={"host": "testserver"}).post(path, form | {"csrfmiddlewaretoken": token})
        request.environ.pop("HTTP_COOKIE", None)
        given = request.environ | {"CONTENT_TYPE": "application/x-www-form-urlencoded"}
        body = urlencode(form | {"csrfmiddlewaretoken": token}).encode()
        session = player.client.session.session_key if player else ""
        given |= {
            "wsgi.input": BytesIO(body), "CONTENT_LENGTH": str(len(body)),
            "HTTP_COOKIE": f"sessionid={session}; csrftoken={TOKEN}", **environ,
        }  # fmt: skip
        told, before = [], self.ordinary
        parts = self.express(given, lambda status, headers, *_rest: told.append((int(status[:3]), dict(headers))))
        return (*told[0], b"".join(parts), self.ordinary > before)


def test_the_fast_road_is_the_same_door(make, cast, city, clock):
    """Good check-ins are answered in front of Django; whoever is not simply right meets the ordinary view, unchanged."""
    activity = make("open")
    path = f"/activities/{activity.pk}/check-in/"
    door = Door()
    member, code = cast.member, code_of(activity)

    def facts() -> int:
        return Fact.objects.filter(kind="activity.attended", person=member.person.pk).count()

    # Refusals first, each in the words of the ordinary view.
    status, _headers, body, ordinary = door.post(path, member, {"code": "000000"})
    assert (status, ordinary) == (409, True)
    assert "签到码不对" in body.decode()
    assert Attendance.objects.get(activity=activity, person=member.person).wrong_codes == 1
    assert door.post(path, member, {"code": code}, token="x" * 32)[::3] == (403, True)
    assert door.post(path, member, {"code": code}, HTTP_ORIGIN="https://elsewhere.example")[::3] == (403, True)
    assert door.post(path, member, {"code": code}, HTTP_HOST="elsewhere.example")[::3] == (400, True)
    assert door.post(path, None, {"code": code})[::3] == (302, True)
    assert door.post(path, cast.outsider, {"code": code})[::3] == (404, True)
    User.objects.filter(pk=member.user.pk).update(must_change_password=True)
    status, headers, _body, ordinary = door.post(path, member, {"code": code})
    assert (status, ordinary, headers["Location"]) == (302, True, "/accounts/password/change/")
    User.objects.filter(pk=member.user.pk).update(must_change_password=False, is_active=False)
    assert door.post(path, member, {"code": code})[3] is True
    User.objects.filter(pk=member.user.pk).update(is_active=True)
    assert facts() == 0

    status, headers, body, ordinary = door.post(path, member, {"code": code}, HTTP_ORIGIN="http://testserver")
    assert (status, ordinary, headers["Location"], body) == (302, False, path, b"")
    fact = Fact.objects.get(kind="activity.attended", person=member.person.pk)
    assert (fact.by, fact.data["method"], fact.source) == (
        member.person.pk, "code", f"attend:{activity.pk}:{member.person.pk}:1",
    )  # fmt: skip
    status, usual, _body, ordinary = door.post(path, member, {"code": code})
    assert (status, ordinary, facts()) == (302, True, 1), (
        "again: the same answer, by the ordinary way, and no second fact"
    )
    apart = {"Content-Language", "Vary"}
    assert {k: v for k, v in usual.items() if k not in apart} == {k: v for k, v in headers.items() if k not in apart}

    # The QR code's button carries a ticket instead of digits; it is good for its owner only.
    colleague = cast.colleague
    ticket = tickets.give(activity.pk, colleague.person.pk)
    assert door.post(path, cast.secretary, {"ticket": ticket})[::3] == (409, True)
    if Attendance.objects.filter(activity=activity, person=colleague.person).exists():
        assert door.post(path, colleague, {"ticket": ticket})[::3] == (302, False)

    # A session that was ended holds no longer, at once.
    clock.forward(seconds=1)
    other = city.people["branch"][-1]

    late = Player("late", other, access.open_account(username="late", by=SYSTEM, person=other))
    key = late.client.session.session_key
    kept = Session.objects.get(session_key=key)
    Session.objects.filter(session_key=key).delete()
    assert answer_for(door, path, key, code) is True
    kept.save(force_insert=True)
    User.objects.filter(pk=late.user.pk).update(password="another")
    assert answer_for(door, path, key, code) is True


def answer_for(door: Door, path: str, key: str, code: str) -> bool:
    """Whether the request of a session's key went the ordinary way."""
    return door.post(path, None, {"code": code}, HTTP_COOKIE=f"sessionid={key}; csrftoken={TOKEN}")[3]
