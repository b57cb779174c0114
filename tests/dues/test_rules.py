"""DOMAIN section 3 as tables: each row of 3.1, the composition of 3.2, the process of 3.3. Changing the pack changes it."""

import datetime as dt
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from gongjian.desks.dues import rules
from gongjian.ground.policy import folders
from gongjian.ground.policy.dues_schema import Dues

DUES: Dues = folders.read_pack(folders.find("_base"))[0].dues
CONTENT = folders.draft(folders.find("_base")).content["dues"]


def changed(**sections) -> Dues:
    """The base pack's dues with some sections written anew, as a city would."""
    merged = dict(CONTENT)
    for name, values in sections.items():
        merged[name] = {**CONTENT[name], **values} if isinstance(values, dict) else values
    return Dues.model_validate(merged)


def due(yuan: str, category: str = "company", dues: Dues = DUES) -> int:
    """Fen due each month for a base in yuan."""
    item = dues.category(category)
    return rules.monthly(dues, item, {item.components[0].id: rules.fen(Decimal(yuan))}).amount


# DOMAIN 3.1: the bracket's rate applies to the whole base; bounds belong to the lower bracket (以下包括本数)
@pytest.mark.parametrize(
    ("base", "fen"),
    [
        ("2000", 1000), ("3000", 1500), ("3000.01", 3000), ("4000", 4000), ("5000", 5000), ("5000.01", 7500),
        ("8000", 12000), ("10000", 15000), ("10000.01", 20000), ("20000", 40000), ("50000", 100000), ("80000", 100000),
    ],
)  # fmt: skip
@pytest.mark.parametrize(
    "category", ["civil_servant", "agency_worker", "institution", "company", "annual_salary", "village_cadre"]
)
def test_wage_brackets(category, base, fen):
    assert due(base, category) == fen


@pytest.mark.parametrize(("base", "fen"), [("3000", 1500), ("5000", 2500), ("5000.01", 5000), ("6000", 6000)])
def test_retired(base, fen):
    """DOMAIN 3.1 retired: ≤5000 0.5%, >5000 1%, of the basic pension alone."""
    assert due(base, "retired") == fen


@pytest.mark.parametrize(
    ("category", "fen"),
    [
        ("farmer", 20),
        ("student", 20),
        ("postgraduate", 20),
        ("unemployed", 20),
        ("on_relief", 20),
        ("minimum_living", 20),
    ],
)
def test_fixed_amounts(category, fen):
    """DOMAIN 3.1: farmer 0.2–1 yuan (local value inside the range), student, unemployed, relief, 低保 0.2 yuan."""
    assert rules.monthly(DUES, DUES.category(category), {}).amount == fen


def test_the_previous_quarter_of_the_self_employed_is_averaged():
    """DOMAIN 3.1 self-employed: average monthly net income of the previous quarter, same brackets; exact at the bound."""
    item = DUES.category("self_employed")
    assert rules.monthly(DUES, item, {"net_income": 900_000}).amount == 1500
    over = rules.monthly(DUES, item, {"net_income": 900_001})
    assert over.rate == 1
    assert over.base == Fraction(900_001, 3)
    assert rules.span_of(item, "2026-08", DUES) == ("2026-08", "2026-09")
    assert rules.span_of(DUES.category("annual_salary"), "2026-08", DUES) == ("2026-08", "2026-08")
    assert rules.span_of(DUES.category("company"), "2026-08", DUES) == ("2026-08", "2026-12")


def test_what_counts_and_what_is_taken_off():
    """DOMAIN 3.2: tax, insurance, 公积金 and annuity come off; reform subsidies and 奖励性绩效 do not count."""
    item = DUES.category("institution")
    found = rules.monthly(DUES, item, {
        "position_wage": 300_000, "grade_wage": 200_000, "basic_performance": 150_000, "bonus_performance": 900_000,
        "reform_subsidy": 100_000, "income_tax": 10_000, "insurance": 60_000, "housing_fund": 70_000, "annuity": 20_000,
    })  # fmt: skip
    assert found.base == 490_000
    assert found.amount == 4900
    assert any("奖励性绩效工资" in part.title and part.effect == "ignore" for part in found.parts)
    assert "计算基数" in found.why[0]
    assert "整个基数" in found.why[1]
    retired = rules.monthly(DUES, DUES.category("retired"), {"pension": 400_000, "retired_allowance": 300_000})
    assert retired.amount == 2000
    for wrong in ({"position_wage": 100, "income_tax": 100}, {}, {"position_wage": -1}, {"nonsense": 5}):
        with pytest.raises(rules.Wrong):
            rules.monthly(DUES, item, wrong)


def test_rounding_is_a_setting():
    """DOMAIN 3.3.10: half up to 0.01 yuan; the setting for 0.1."""
    assert due("2345.67") == 1173  # 11.72835
    assert due("2345.67", dues=changed(rounding={"to": "0.1"})) == 1170
    assert rules.half_up(Fraction(5, 2), 1) == 3
    assert rules.half_up(Fraction(15), 10) == 20


def test_the_pack_decides_the_table_and_the_postgraduates():
    """DOMAIN 3.1 postgraduates: sources conflict; the pack may put them on brackets."""
    tables = [dict(table) for table in CONTENT["tables"]]
    tables[0] = {**tables[0], "brackets": [{"upto": "3000", "rate": "0.6"}, {"rate": "2"}]}
    assert due("3000", dues=changed(tables=tables)) == 1800
    categories = [
        {**one, "method": "brackets", "table": "wage", "components": [{"id": "stipend", "title": "助学金", "effect": "add"}]}
        if one["id"] == "postgraduate" else one for one in CONTENT["categories"]
    ]  # fmt: skip
    assert due("2000", "postgraduate", changed(categories=categories)) == 1000
    farmers = [{**one, "amount": "2"} if one["id"] == "farmer" else one for one in CONTENT["categories"]]
    with pytest.raises(ValueError, match="not_fitting"):
        changed(categories=farmers)


def test_cap_and_large_dues():
    """DOMAIN 3.3.2: due generally ≤1000 yuan a month; a voluntary payment of 1000 (以上包括本数) is 大额党费."""
    assert rules.monthly(DUES, DUES.category("company"), {"basic_wage": 6_000_000}).capped
    assert due("60000", dues=changed(monthly={"at_most": "0"})) == 120_000
    assert [rules.is_large(amount, DUES) for amount in (99_999, 100_000)] == [False, True]
    assert not rules.is_large(100_000, changed(large={"inclusive": "false"}))


@pytest.mark.parametrize(
    ("ahead", "day", "limit"),
    [("quarter", "2026-11-16", "2026-12"), ("quarter", "2026-12-31", "2026-12"), ("month", "2026-11-16", "2026-11"),
     ("year", "2026-02-01", "2026-12")],
)  # fmt: skip
def test_how_far_ahead(ahead, day, limit):
    """DOMAIN 3.3.3 a quarter at once; 3.3.4 no yearly prepayment unless a pack says so."""
    assert rules.ahead_until(dt.date.fromisoformat(day), ahead) == limit
    assert DUES.paying.ahead == "quarter"


def test_probationary_members_pay_from_the_month_of_admission():
    """DOMAIN 3.1 probationary."""
    joined = dt.date(2026, 6, 30)
    assert rules.first_due_month(joined, DUES) == "2026-06"
    assert rules.first_due_month(joined, changed(monthly={"probationary_from": "next_month"})) == "2026-07"


def test_the_month_of_a_move():
    """DOMAIN 3.3.6: to the branch that holds the relation; the month of a move is a setting (product default)."""
    stays = [rules.Stay(1, dt.date(2020, 1, 1), dt.date(2026, 6, 15)), rules.Stay(2, dt.date(2026, 6, 15), None)]
    found = [
        rules.holder(stays, month, rule)
        for month in ("2026-05", "2026-06", "2026-07")
        for rule in ("first_day", "last_day")
    ]
    assert found == [1, 1, 1, 2, 2, 2]
    moved_on_the_first = [
        rules.Stay(1, dt.date(2020, 1, 1), dt.date(2026, 6, 1)),
        rules.Stay(2, dt.date(2026, 6, 1), None),
    ]
    assert rules.holder(moved_on_the_first, "2026-06", "first_day") == 2
    assert rules.holder([], "2026-06", "first_day") is None


@pytest.mark.parametrize(
    ("unpaid", "run", "finding"),
    [
        (["2026-05", "2026-06", "2026-07", "2026-08", "2026-09", "2026-10"], 6, True),
        (["2026-06", "2026-07", "2026-08", "2026-09", "2026-10"], 5, False),
        (["2026-04", "2026-05", "2026-06", "2026-08", "2026-09", "2026-10"], 3, False),
        (["2026-06", "2026-07", "2026-08", "2026-09", "2026-10", "2026-11"], 5, False),  # this month is not over
        ([], 0, False),
    ],
)
def test_six_consecutive_months(unpaid, run, finding):
    """DOMAIN 3.3.7: six consecutive months; the system only lists them for people."""
    today = dt.date(2026, 11, 16)
    assert len(rules.longest_gap(unpaid, before="2026-11")) == run
    assert rules.needs_finding(unpaid, today=today, dues=DUES) is finding
    if run == 5:
        assert rules.needs_finding(unpaid, today=today, dues=changed(paying={"finding_months": "5"}))


def test_late_payment_and_yearly_assessment():
    """DOMAIN 3.3.3 late ≤6 months (generally: warns); 3.3.1 fixed for the year unless the branch re-assesses (conflict)."""
    day = dt.date(2026, 11, 16)
    assert [rules.older_than(month, day, 6) for month in ("2026-04", "2026-05")] == [True, False]
    assert rules.on_time("2026-10", dt.date(2026, 10, 31))
    assert not rules.on_time("2026-10", dt.date(2026, 11, 1))
    assert rules.may_start(DUES, month="2026-11", today=day, had=True, branch=False)
    assert not rules.may_start(DUES, month="2026-11", today=day, had=True, branch=True)
    by_pay = changed(assessing={"fixed_for": "pay_change"})
    assert not rules.may_start(by_pay, month="2026-11", today=day, had=True, branch=False)
    assert rules.may_start(DUES, month="2028-01", today=day, had=False, branch=True)


def test_uses_are_those_of_the_text():
    """DOMAIN 3.3.8: training, materials, commending, needy members, disaster; nothing else."""
    assert DUES.uses.ids() == ("training", "materials", "commending", "helping", "disaster")
    assert rules.share(12345, 40) == 4938
    assert DUES.remitting.two_persons  # 3.3.9


@pytest.mark.parametrize(
    ("fen", "text"),
    [(123405, "壹仟贰佰叁拾肆元零伍分"), (1500, "壹拾伍元整"), (20, "贰角整"), (5, "伍分"), (10_000_000, "壹拾万元整"),
     (100_010_030, "壹佰万零壹佰元叁角整"), (0, "零元整"), (1_000_000_00_00, "壹亿元整")],
)  # fmt: skip
def test_capitals_of_receipts(fen, text):
    assert rules.capital(fen) == text


# --- properties -------------------------------------------------------------------------------------------------
BASES = st.integers(min_value=1, max_value=20_000_000)


@settings(max_examples=150, deadline=None)
@given(BASES, BASES)
def test_more_pay_never_means_less_dues(one, other):
    """Inside a bracket and over its bound: monotone; and never above the cap."""
    item = DUES.category("company")
    low, high = (rules.monthly(DUES, item, {"basic_wage": base}).amount for base in sorted((one, other)))
    assert 0 <= low <= high <= 100_000


@settings(max_examples=150, deadline=None)
@given(BASES)
def test_the_amount_is_the_rate_of_the_whole_base(base):
    found = rules.monthly(DUES, DUES.category("company"), {"basic_wage": base})
    exact = Fraction(base) * Fraction(found.rate) / 100
    assert found.capped or abs(found.amount - exact) <= Fraction(1, 2)


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(min_value=0, max_value=3_000_000), min_size=3, max_size=3).filter(any))
def test_how_pay_is_split_into_items_does_not_matter(parts):
    item = DUES.category("company")
    split = dict(zip(("basic_wage", "position_wage", "regular_bonus"), parts, strict=True))
    assert rules.monthly(DUES, item, split).amount == rules.monthly(DUES, item, {"basic_wage": sum(parts)}).amount
