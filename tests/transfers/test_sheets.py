"""The table of a class that leaves: each problem by row and column, the same file twice, taken back."""

import pytest

from gongjian.desks.transfers import actions
from gongjian.desks.transfers.models import Transfer
from gongjian.desks.transfers.sheets import SHEET, TRANSFERS
from gongjian.ground.kernel.errors import Refused
from gongjian.ground.sheets import Row


@pytest.fixture
def rows(city):
    def build(*changes):
        found = []
        for number, change in enumerate(changes, 3):
            values = dict.fromkeys((column.key for column in SHEET.columns), None)
            values |= {
                "org_code": city.branch.code,
                "name": "张伟",
                "to_code": city.other_branch.code,
                "reason": "入学、毕业",
            }
            found.append(Row(number=number, values=values | change))
        return found

    return build


@pytest.mark.parametrize(("change", "column"), [
    ({"org_code": "T999"}, "org_code"), ({"name": "无此人"}, "name"), ({"to_code": "T999"}, "to_code"),
    ({"to_code": None}, "to_code"), ({"outside": "外省某市党委"}, "to_code"), ({"to_code": "T005"}, "to_code"),
    ({"reason": "想走"}, "reason"), ({"dues_until": "2026-13"}, "dues_until"), ({"identity": "450399199005040110"}, "name"),
])  # fmt: skip
def test_each_problem_is_named(clock, city, cast, rows, change, column):
    found = TRANSFERS.check(rows(change), by=cast.secretary.actor)
    assert [problem.key for problem in found] == [column]


def test_others_members_are_not_ones_own(clock, cast, rows):
    assert [problem.key for problem in TRANSFERS.check(rows({}), by=cast.neighbour.actor)] == ["org_code"]


def test_once_twice_and_back(clock, cast, rows):
    file = rows({}, {"name": "刘洋"}, {"name": "黄丽", "to_code": None, "outside": "中共外省海州大学委员会"})
    by = cast.secretary.actor
    assert TRANSFERS.check(file, by=by) == []
    assert TRANSFERS.apply(file, by=by, batch="b1") == (3, 0, 0)
    assert TRANSFERS.apply(file, by=by, batch="b2") == (0, 0, 3)
    exported = list(TRANSFERS.export(by, {}))
    assert {row["name"] for row in exported} == {"张伟", "刘洋", "黄丽"}
    assert set(exported[0]) == {column.key for column in SHEET.columns}
    assert not list(TRANSFERS.export(cast.neighbour.actor, {}))
    assert TRANSFERS.undo("b1", by=by).created == 3
    assert not Transfer.objects.filter(state="agreed").exists()


def test_not_back_once_a_letter_is_written(clock, cast, rows):
    TRANSFERS.apply(rows({}), by=cast.secretary.actor, batch="b1")
    actions.issue(transfer=Transfer.objects.get(), by=cast.street.actor)
    with pytest.raises(Refused, match="往下办"):
        TRANSFERS.undo("b1", by=cast.secretary.actor)
