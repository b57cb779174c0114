"""Series: set once, changed for what is to come, ended without touching what was held."""

import datetime as dt

import pytest

from gongjian.desks.activities import actions
from gongjian.desks.activities.models import Activity, Series
from gongjian.desks.activities.patterns import Pattern
from gongjian.ground.kernel import clock as kernel_clock
from gongjian.ground.kernel.errors import Forbidden, Invalid, NotFound, Refused
from gongjian.records.facts.models import Fact
from gongjian.records.notices.models import Notice
from tests.activities.conftest import at

pytestmark = pytest.mark.django_db
SECOND_FRIDAY = Pattern("weekday_of_month", 1, 5, 2)
D = dt.date.fromisoformat


@pytest.fixture
def set_up(clock, city, cast):
    """A theme day on every second Friday of the month until May."""

    def build(**fields):
        return actions.set_series(**{
            "org": city.branch, "kind": "theme_day", "pattern": SECOND_FRIDAY, "starts_on": D("2026-11-17"),
            "until": D("2027-05-31"), "hour": dt.time(15), "place": "会议室", "by": cast.secretary.actor, **fields,
        })  # fmt: skip

    return build


def days(series) -> list[str]:
    found = Activity.objects.filter(series=series).exclude(state="cancelled").order_by("starts_at")
    return [kernel_clock.day_of(activity.starts_at).isoformat() for activity in found]


def test_set_once(set_up, city, cast):
    series = set_up(source="form:1")
    assert days(series)[:3] == ["2026-12-11", "2027-01-08", "2027-02-12"]
    assert len(days(series)) == 6
    assert set_up(source="form:1").pk == series.pk
    assert actions.generate(series=series, by=cast.secretary.actor) == 0
    first = Activity.objects.filter(series=series).order_by("starts_at").first()
    assert (first.title, first.state, first.place) == ("12月主题党日", "planned", "会议室")
    assert Fact.objects.filter(kind="activity.planned").count() == 6
    assert Fact.objects.get(kind="activity.series_set").data["pattern"] == "每月第二个周五"


def test_a_meeting_called_off_does_not_come_back(set_up, cast):
    series = set_up()
    gone = Activity.objects.filter(series=series).order_by("starts_at").first()
    actions.cancel(activity=gone, reason="撞上大扫除", by=cast.secretary.actor)
    assert actions.generate(series=series, by=cast.secretary.actor) == 0
    assert len(days(series)) == 5


def test_a_day_whose_place_is_taken_is_left_out(set_up, make):
    make(starts_at=at("2026-12-11 15:30"), kind="party_lesson", place="会议室")
    assert days(set_up())[0] == "2027-01-08"


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"kind": "heart_to_heart"}, "kind"), ({"kind": "joint_meeting"}, "kind"), ({"until": D("2026-11-16")}, "until"),
        ({"until": D("2026-11-20")}, "until"), ({"until": D("2029-01-01")}, "until"), ({"minutes": 5}, "minutes"),
        ({"pattern": Pattern("weekly", 0)}, "every"), ({"pattern": Pattern("daily")}, "form"),
    ],
)  # fmt: skip
def test_a_series_that_cannot_be(set_up, fields, field):
    with pytest.raises(Invalid) as refusal:
        set_up(**fields)
    assert refusal.value.field == field
    assert not Series.objects.exists()


def test_the_pack_bounds_a_series(set_up, pack, monkeypatch):
    from gongjian.ground import policy

    small = pack.model_copy(update={"planning": pack.planning.model_copy(update={"series_at_most": 5})})
    monkeypatch.setattr(policy, "current", lambda: small, raising=False)
    with pytest.raises(Invalid, match="最多 5 次"):
        set_up()


def test_who_may(set_up, city, cast):
    for who in (cast.member, cast.outsider, cast.neighbour):
        with pytest.raises(Forbidden):
            set_up(by=who.actor)
    series = set_up()
    with pytest.raises(NotFound):
        actions.get_series(cast.outsider.actor, series.pk)
    with pytest.raises(Forbidden):
        actions.end_series(series=series, reason="试试", by=cast.member.actor)


def change(series, cast, **fields):
    return actions.change_series(**{
        "series": series, "by": cast.secretary.actor, "title": "", "hour": dt.time(19, 30), "minutes": 60, "place": "会议室",
        "agenda": ["学习"], **fields,
    })  # fmt: skip


def test_all_or_this_and_following(set_up, cast):
    series = set_up()
    rows = list(Activity.objects.filter(series=series).order_by("starts_at"))
    actions.reschedule(activity=rows[2], starts_at=at("2027-02-09 15:00"), by=cast.secretary.actor)  # one by itself
    assert change(series, cast, first=rows[1].series_on) == 4
    hours = [
        row.starts_at.astimezone(kernel_clock.SHANGHAI).hour
        for row in Activity.objects.filter(series=series).order_by("series_on")
    ]
    assert hours == [15, 19, 15, 19, 19, 19]
    assert change(series, cast, hour=dt.time(16)) == 5
    assert Fact.objects.filter(kind="activity.series_changed").count() == 2


def test_those_who_were_told_are_told_again_with_the_reason(set_up, cast):
    series = set_up()
    first = Activity.objects.filter(series=series).order_by("starts_at").first()
    actions.notify(activity=first, by=cast.secretary.actor)
    with pytest.raises(Invalid, match="原因"):
        change(series, cast)
    assert change(series, cast, reason="冬季作息") == 6
    assert "冬季作息" in Notice.objects.get(person=cast.member.person, title__startswith="【改期】").body


def test_ending_leaves_what_was_held(set_up, make, cast, clock):
    series = set_up()
    held = Activity.objects.filter(series=series).order_by("starts_at").first()
    clock.set(held.starts_at)
    actions.open_check_in(activity=held, by=cast.secretary.actor)
    assert actions.end_series(series=series, reason="换人负责", by=cast.secretary.actor) == 5
    held.refresh_from_db()
    assert held.state == "open"
    assert days(series) == ["2026-12-11"]
    with pytest.raises(Refused):
        actions.end_series(series=series, reason="换人负责", by=cast.secretary.actor)
    assert actions.generate(series=series, by=cast.secretary.actor) == 0


def test_another_pattern_from_a_day_on(set_up, cast):
    series = set_up()
    other = actions.repeat_otherwise(
        series=series, pattern=Pattern("day_of_month", 1, day=15), first=D("2027-02-01"), until=D("2027-04-30"),
        by=cast.secretary.actor, reason="改到十五号",
    )  # fmt: skip
    assert days(series) == ["2026-12-11", "2027-01-08"]
    assert days(other) == ["2027-02-15", "2027-03-15", "2027-04-15"]


def test_the_pages(clock, city, cast, queries):
    client = cast.secretary.client
    assert "还没有系列活动" in client.get("/activities/series/").content.decode()
    values = {
        "kind": "theme_day", "title": "", "form": "weekday_of_month", "every": "1", "weekday": "5", "nth": "2", "on_day": "1",
        "on_days_off": "next", "starts_on": "2026-11-17", "until": "2027-05-31", "hour": "15:00", "minutes": "90",
        "place": "会议室", "agenda": "", "key": "abc",
    }  # fmt: skip
    with queries(40):
        look = client.post("/activities/series/new/", values | {"then": "look"}).content.decode()
    assert "2026-12-11" in look
    assert not Series.objects.exists()
    for _twice in range(2):
        assert client.post("/activities/series/new/", values | {"then": "save"}).status_code == 302
    series = Series.objects.get()
    here = f"/activities/series/{series.pk}/"
    with queries(15):
        assert "每月第二个周五" in client.get(here).content.decode()
    assert "还有 6 次" in client.get("/activities/series/").content.decode()
    client.post(
        f"{here}change/", {"hour": "19:00", "minutes": "60", "place": "会议室", "agenda": "学习", "first": "2027-01-08"}
    )
    assert Activity.objects.filter(starts_at=at("2027-01-08 19:00")).exists()
    client.post(
        f"{here}otherwise/", values | {"first": "2027-03-01", "form": "day_of_month", "on_day": "20", "reason": "调整"}
    )
    assert Series.objects.count() == 2
    other = Series.objects.latest("pk")
    client.post(f"/activities/series/{other.pk}/end/", {"reason": "不开了"})
    assert days(other) == []
    for address in (here, f"{here}change/", f"{here}end/", f"{here}otherwise/"):
        assert cast.outsider.client.get(address).status_code in (403, 404)
    assert cast.member.client.get(f"{here}change/").status_code == 403
