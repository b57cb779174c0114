"""What a check says, and what several visits say together."""

import datetime as dt
from types import SimpleNamespace

import pytest

from gongjian.appraisal.assessments import rules
from gongjian.appraisal.assessments.rules import Body

BODY = Body(
    key=1, org=1, kind="branch", has_members=True, members=20, formal=9, committee=3, groups=0,
    term_ends=dt.date(2027, 3, 1), area=120, households=400,
)  # fmt: skip


@pytest.mark.parametrize(
    ("formal", "members", "measure", "low", "high", "met"),
    [
        (3, 3, "formal_members", 3, None, True),  # 支部工作条例：正式党员3人以上
        (2, 9, "formal_members", 3, None, False),
        (40, 50, "all_members", None, 50, True),  # 一般不超过50人
        (40, 51, "all_members", None, 50, False),
    ],
)
def test_members(formal, members, measure, low, high, met):
    assert rules.members(BODY._replace(formal=formal, members=members), measure, low, high).met is met


@pytest.mark.parametrize(
    ("formal", "seats", "met"), [(6, 0, None), (7, 0, False), (7, 3, True), (6, 3, None)]
)  # 支部工作条例：正式党员7人以上设支委会
def test_committee(formal, seats, met):
    assert rules.committee(BODY._replace(formal=formal, committee=seats), 7).met is met


@pytest.mark.parametrize(
    ("area", "households", "met", "needed"),
    [(120, 400, True, 120), (119, 400, False, 120), (100, 0, True, 100), (121, 401, True, 121), (120, 401, False, 121)],
)  # DOMAIN 6.9：每百户30平方米
def test_area(area, households, met, needed):
    assert rules.area(BODY._replace(area=area, households=households), 100, 30)[:3] == (met, area, needed)


@pytest.mark.parametrize(("day", "met"), [("2027-03-01", True), ("2027-03-02", False)])  # 民法典203条：最后一天算在内
def test_term(day, met):
    assert rules.term(BODY, dt.date.fromisoformat(day)).met is met


def test_term_of_none():
    assert rules.term(BODY._replace(term_ends=None), dt.date(2027, 1, 1)).met is None


@pytest.mark.parametrize(
    ("marks", "points", "conflict"),
    [
        ([], None, False),
        ([("self", 8)], None, False),  # 自评不算数，要有人看过
        ([("self", 8), ("visit", 4)], 4, False),
        ([("visit", 4), ("visit", 4)], 4, False),
        ([("visit", 4), ("visit", 8)], None, True),
        ([("visit", 4), ("visit", 8), ("settled", 8)], 8, False),
        ([("self", 8), ("settled", 0)], 0, False),
    ],
)
def test_judged(marks, points, conflict):
    found = rules.judged(SimpleNamespace(source=source, points=value, note="") for source, value in marks)
    assert (found.points, found.conflict) == (points, conflict)


def test_dimensions_leave_out_what_does_not_apply():
    rows = [("a", 2, 3), ("a", None, 5), ("b", None, 4), ("a", 0, 0)]
    assert rules.by_dimension(rows) == {"a": 66, "b": None}


@pytest.mark.parametrize(("day", "months", "first"), [("2026-11-16", 6, "2026-05-17"), ("2026-03-31", 1, "2026-03-01")])
def test_window(day, months, first):
    assert rules.window(dt.date.fromisoformat(day), months)[0] == dt.date.fromisoformat(first)


@pytest.mark.parametrize(
    ("level", "lowest", "able"), [("city", "street", True), ("street", "street", True), ("community", "street", False)]
)
def test_high_enough(level, lowest, able):
    assert rules.high_enough({"city": 1, "street": 3, "community": 4}, level, lowest) is able
