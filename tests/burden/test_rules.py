"""The burden meter's reckoning, and that packs over budget need somebody who answers for it."""

import datetime as dt
from fractions import Fraction

import pytest

from gongjian.ground.policy import burden as estimates
from gongjian.ground.policy import folders
from gongjian.outlets.burden import rules
from gongjian.outlets.burden.forms_asked import FORMS, required_fields

DAY = dt.date(2026, 11, 16)
PACK = folders.read_pack(folders.find("_base"))[0]


def test_counts_become_averages():
    found = rules.sources(
        {("deed", "plan"): 3, ("deed", "gone"): 9, ("message", "activity"): 40, ("upload", ""): 2, ("people", ""): 10},
        {"plan": (4, 5)},
    )
    assert [(one.what, one.code, one.times) for one in found] == [
        ("deed", "plan", 3), ("message", "activity", 40), ("deed", "gone", 9), ("upload", "", 2),
    ]  # fmt: skip
    load = rules.load_of(found, 10)
    assert [load.each(measure) for measure in rules.MEASURES] == [4.0, 1.2, 0.2, 1.5]
    assert rules.load_of(found, 0).each("minutes") == 0.0
    assert rules.weeks_back(DAY, 2) == [dt.date(2026, 11, 2), dt.date(2026, 11, 9)]
    assert rules.weeks_back(dt.date(2026, 11, 22), 1) == [dt.date(2026, 11, 9)]


def test_the_pack_counts_fields_as_the_forms_do():
    """A form that grows a required field fails here until the pack says so, and then the pack's budget decides."""
    deeds = PACK.burden.deeds
    assert set(FORMS) <= set(deeds.ids())
    assert {deed.id: deed.fields for deed in deeds} == {deed.id: required_fields(deed.id) for deed in deeds}


def test_what_the_duties_of_a_pack_ask_in_a_week():
    """47 meetings a year (4+12+12+4+12+1+1+1) ask the secretary for 4 fields each: 188 in 52 weeks."""
    asked = estimates.asked_by_duties(PACK, DAY)
    assert sum(asked["branch_secretary", "fields"].values()) == Fraction(47 * 4, 52)
    assert sum(asked["member", "messages"].values()) == Fraction(47 * 2, 52)
    assert asked["branch_secretary", "minutes"]["theme_day_monthly"] == Fraction(12 * 22, 52)
    assert estimates.breaches(PACK, DAY) == []


@pytest.mark.parametrize(
    ("times", "budget", "broken"),
    [(1, 45, []), (10, 45, []), (80, 45, ["fields", "minutes"]), (1, 3, ["fields"])],
)
def test_where_a_budget_breaks(times, budget, broken):
    duties = [
        duty.model_copy(update={"times": times}) if duty.id == "theme_day_monthly" else duty for duty in PACK.duties
    ]
    budgets = [
        one.model_copy(update={"fields": budget, "messages": 99}) if one.id == "branch_secretary" else one.model_copy(update={"messages": 99, "minutes": 99})
        for one in PACK.burden.budgets
    ]  # fmt: skip
    burden = PACK.burden.model_copy(update={"budgets": tuple(budgets)})
    found = estimates.breaches(PACK.model_copy(update={"duties": type(PACK.duties)(duties), "burden": burden}), DAY)
    assert [one.measure for one in found if one.role == "branch_secretary"] == broken
    if times > 1 and broken:
        assert found[0].most[0] == "theme_day_monthly"
