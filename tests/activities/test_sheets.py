"""Past activities from a file: every problem by row and column, all or nothing, the same file twice changes nothing."""

import pytest

from gongjian.desks.activities import actions, queries, sheets
from gongjian.desks.activities.models import Activity, Attendance
from gongjian.ground.kernel.errors import NotFound, Refused
from gongjian.ground.sheets import read, write_xlsx
from gongjian.records.facts.models import Fact
from tests.activities.conftest import at

pytestmark = pytest.mark.django_db


def rows(city, *changes):
    """Rows as a file brings them: written to Excel and read again."""
    plain = {
        "org_code": city.branch.code, "kind": "主题党日", "on": at("2026-10-14 00:00").date(), "title": "10月主题党日",
        "expected": 9, "present": 3, "people": "张伟、刘洋",
    }  # fmt: skip
    reading = read(write_xlsx(sheets.SHEET, [plain | change for change in changes or ({},)]), sheets.SHEET)
    assert reading.ok, reading.problems
    return reading.rows


def test_a_file_goes_in_once(clock, city, cast):
    by = cast.secretary.actor
    found = rows(city, {}, {"kind": "党课", "title": "三季度党课", "people": "", "hour": "9:30", "minutes": 45})
    assert sheets.check(found, by=by) == []
    assert tuple(sheets.apply(found, by=by, batch="b1")) == (2, 0, 0)
    activity = Activity.objects.get(kind="theme_day")
    assert (activity.state, activity.expected_count, activity.present_count) == ("signed_off", 9, 3)
    signed = Fact.objects.get(kind="activity.signed_off", object_id=str(activity.pk))
    assert signed.at == at("2026-10-14 15:00")
    assert (signed.data["present"], signed.data["batch"]) == (3, "b1")
    assert Fact.objects.filter(kind="activity.attended", data__method="import").count() == 2
    before = Fact.objects.count()
    assert tuple(sheets.apply(rows(city), by=by, batch="b2")) == (0, 0, 1)
    assert (Activity.objects.count(), Fact.objects.count()) == (2, before)
    assert "2026-10" not in queries.periods_to_make_good(city.branch, "theme_day", at("2026-11-16 00:00").date())


@pytest.mark.parametrize(
    ("change", "column", "message"),
    [
        ({"org_code": "NONE"}, "组织代码", "没有这个组织"),
        ({"org_code": "T013"}, "组织代码", "不在您可以签字"),  # the other district's branch
        ({"kind": "开会"}, "类型", "没有这种活动"),
        ({"kind": "联席会议"}, "类型", "不能举办"),
        ({"on": at("2026-11-16 00:00").date()}, "日期", "今天以前"),
        ({"on": at("2014-01-01 00:00").date(), "people": ""}, "日期", "还没有成立"),
        ({"hour": "25:99"}, "开始时间", "15:00"),
        ({"present": 10}, "实到", "多于应到"),
        ({"present": 1}, "参加人", "多于实到"),
        ({"people": "张伟、查无此人"}, "参加人", "当天不是这个组织的党员"),
        ({"people": "孙涛"}, "参加人", "当天不是这个组织的党员"),  # of the sister branch
        ({"counts_for": "2026-10"}, "补哪一期", "已经结束的一期"),
        ({"counts_for": "2026Q2"}, "补哪一期", "周期一致"),
    ],
)
def test_every_problem_is_named(clock, city, cast, change, column, message):
    found = sheets.check(rows(city, change), by=cast.secretary.actor)
    assert [(problem.column, message in problem.message) for problem in found] == [(column, True)]
    with pytest.raises(Refused):
        sheets.apply(
            rows(city, {"title": "好的一行"}, change | {"title": "坏的一行"}), by=cast.secretary.actor, batch="b"
        )
    assert not Activity.objects.exists()


def test_two_of_one_name_need_a_number(clock, city, cast):
    from gongjian.records.people import actions as people

    twin = people.register(by=cast.system, org=city.branch, name="张伟", identity="11010519491231002X")
    people.admit(
        person=twin, org=city.branch, by=cast.system, kind="probationary", joined_on=at("2020-01-01 00:00").date()
    )
    by = cast.secretary.actor
    assert "有 2 人叫" in sheets.check(rows(city), by=by)[0].message
    sheets.apply(rows(city, {"people": "11010519491231002x、刘洋"}), by=by, batch="b")
    assert Attendance.objects.filter(person=twin, status="present").count() == 1


def test_what_was_entered_by_hand_is_not_imported_again(make, city, cast, clock):
    make("signed_off")
    clock.set("2026-11-20 09:00")
    found = sheets.check(rows(city, {"on": at("2026-11-16 00:00").date()}), by=cast.secretary.actor)
    assert "已有同类活动" in found[0].message


def test_an_import_is_taken_back_by_new_facts(clock, city, cast):
    by = cast.secretary.actor
    sheets.apply(rows(city), by=by, batch="b1")
    before = list(Fact.objects.values_list("pk", flat=True))
    assert sheets.undo("b1", by=by).created == 1
    new = Fact.objects.exclude(pk__in=before)
    assert sorted(new.values_list("kind", flat=True)) == ["activity.attendance_withdrawn"] * 2 + ["activity.cancelled"]
    assert not new.filter(corrects__isnull=True).exists()
    assert Activity.objects.get().state == "cancelled"
    with pytest.raises(NotFound):
        sheets.undo("b1", by=by)
    assert sheets.apply(rows(city), by=by, batch="b2").created == 1  # a mended file may come again


def test_no_taking_back_after_a_correction(clock, city, cast):
    by = cast.secretary.actor
    sheets.apply(rows(city), by=by, batch="b1")
    actions.correct_attendance(
        activity=Activity.objects.get(), person=cast.member.person.pk, present=False, reason="没来", by=by
    )
    assert Activity.objects.get().present_count == 2
    with pytest.raises(Refused, match="更正过"):
        sheets.undo("b1", by=by)


def test_exports_know_who_asks(clock, city, cast):
    sheets.apply(rows(city), by=cast.secretary.actor, batch="b1")
    assert next(sheets.export(cast.secretary.actor, {}))["people"] == "刘洋、张伟"
    assert next(sheets.export(cast.member.actor, {}))["people"] == ""
    assert list(sheets.export(cast.outsider.actor, {})) == []
    assert len(list(sheets.export(cast.city.actor, {"org": str(city.community.pk)}))) == 1
