"""What the tests of this room share: a meeting at 09:30 today, brought as far as a test wants it."""

import datetime as dt
from zoneinfo import ZoneInfo

import pytest

from gongjian.desks.activities import actions, rules
from gongjian.ground.kernel import clock as kernel_clock

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str) -> dt.datetime:
    """A time of Shanghai."""
    return dt.datetime.fromisoformat(text).replace(tzinfo=SHANGHAI)


def code_of(activity, moment=None) -> str:
    """The token that the organiser's screen shows at a moment."""
    return rules.token_of(activity.secret, rules.step_of((moment or kernel_clock.now()).timestamp(), 30))


@pytest.fixture
def make(clock, city, cast):
    """`make("open", kind="theme_day")`: an activity of the branch, planned by its secretary, in that state."""

    def build(state: str = "planned", *, kind: str = "theme_day", org=None, by=None, starts_at=None, **fields):
        by = by or cast.secretary.actor
        activity = actions.plan(
            org=org or city.branch, kind=kind, by=by, starts_at=starts_at or at("2026-11-16 09:10"), **fields
        )
        if state == "planned":
            return activity
        if state == "cancelled":
            return actions.cancel(activity=activity, by=by, reason="下雨")
        actions.notify(activity=activity, by=by)
        if state == "notified":
            return activity
        clock.set(activity.starts_at + dt.timedelta(minutes=5))
        actions.open_check_in(activity=activity, by=by)
        if state == "open":
            return activity
        actions.check_in_many(activity=activity, by=by, people=[cast.secretary.person.pk, cast.member.person.pk])
        clock.set(activity.ends_at)
        actions.hold(activity=activity, by=by)
        if state == "held":
            return activity
        actions.record_minutes(activity=activity, by=by, text="学习了文件。")
        if state == "recorded":
            return activity
        return actions.sign_off(activity=activity, by=by)

    def built(*args, **fields):
        activity = build(*args, **fields)
        activity.refresh_from_db()
        return activity

    return built
