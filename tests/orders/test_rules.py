"""The rules of orders as tables: masking, likeness, proposals, the sample, rates. Numbers by orders.yaml (DOMAIN 6.4)."""

import datetime as dt

import pytest

from gongjian.desks.orders import rules
from gongjian.desks.orders.rules import HIDDEN, Candidate


@pytest.mark.parametrize(
    ("text", "masked", "what"),
    [
        ("打13912345678找我", f"打{HIDDEN}找我", ("phone",)),
        ("电话 139-1234-5678。", f"电话 {HIDDEN}。", ("phone",)),
        ("１３９１２３４５６７８", HIDDEN, ("phone",)),
        ("座机0773-2800001", f"座机{HIDDEN}", ("phone",)),
        ("身份证450399199001011234", f"身份证{HIDDEN}", ("identity",)),
        ("写信到 a.b@example.com 吧", f"写信到 {HIDDEN} 吧", ("mail",)),
        ("加微信abc_12345", f"加微信{HIDDEN}", ("account",)),
        ("我QQ号12345678", f"我QQ{HIDDEN}", ("account",)),
        ("3号楼2单元1302，路灯坏了20多天", "3号楼2单元1302，路灯坏了20多天", ()),
        ("拨打110或者12345", "拨打110或者12345", ()),
        ("编号1391234567800是设备号", "编号1391234567800是设备号", ()),
    ],
)
def test_contacts_are_hidden(text, masked, what):
    assert rules.mask_contacts(text) == (masked, what)


def test_likeness():
    lamp = "三号楼门口的路灯坏了，晚上很黑"
    assert rules.likeness(lamp, lamp) == 100
    assert rules.likeness(lamp, "三号楼门前路灯坏了") >= 45
    assert rules.likeness(lamp, "孩子四年级数学想请人辅导") < 20
    assert rules.likeness("", lamp) == 0
    others = [(1, "门禁打不开"), (2, "三号楼路灯不亮，路灯坏了"), (3, lamp)]
    assert rules.alike(lamp, others, 45) == [3, 2]


def test_proposals_have_reasons_and_leave_nobody_out():
    day = dt.date(2026, 11, 1)
    old = Candidate("person", 1, "做过三次", same_kind=3, last_on=day, load=0)
    busy = Candidate("person", 2, "做过三次很忙", same_kind=3, last_on=day, load=4)
    near = Candidate("organisation", 3, "负责这里", covers=True)
    new = Candidate("organisation", 4, "没做过")
    assert rules.suggested([new, busy, near, old], 4) == [old, near, new, busy]
    later = old._replace(ident=5, last_on=day + dt.timedelta(days=1))
    assert rules.suggested([old, later]) == [later, old]


def test_the_sample_is_chosen_by_nobody():
    numbers = [f"261116-{n:05d}" for n in range(2000)]
    chosen = [number for number in numbers if rules.called_back(number, 20)]
    assert 0.17 < len(chosen) / len(numbers) < 0.23
    assert chosen == [number for number in numbers if rules.called_back(number, 20)]
    assert not any(rules.called_back(number, 0) for number in numbers)
    assert all(rules.called_back(number, 100) for number in numbers)


@pytest.mark.parametrize(("part", "whole", "shown"), [(0, 0, None), (0, 3, 0), (1, 2, 50), (2, 3, 67), (199, 200, 100)])
def test_rates(part, whole, shown):
    assert rules.rate(part, whole) == shown


@pytest.mark.parametrize(
    ("stars", "solved", "times", "again"),
    [(1, True, 0, True), (2, True, 0, False), (5, False, 0, True), (1, False, 2, False), (None, False, 1, True), (None, True, 0, False)],
)  # fmt: skip
def test_what_brings_an_order_back(stars, solved, times, again):
    assert rules.reopens(stars, solved, below=1, times=times, at_most=2) is again


@pytest.mark.parametrize(
    ("name", "word"),
    [
        ("榕荫社区大党委", "榕荫社区"),
        ("柳岸街道党工委", "柳岸街道"),
        ("河湾村党总支", "河湾村"),
        ("榕荫社区", "榕荫社区"),
        ("党委", "党委"),
    ],
)
def test_ground_as_residents_say_it(name, word):
    assert rules.place_word(name) == word
