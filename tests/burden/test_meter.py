"""The meter on the small city; loading a pack that breaks its budget; pages for the right persons."""

import datetime as dt
from pathlib import Path

import pytest
from click.testing import CliRunner

from gongjian.ground import policy
from gongjian.ground.policy.cli import pack as pack_command
from gongjian.ground.policy.models import PackVersion
from gongjian.outlets.burden import counting
from gongjian.outlets.burden.models import Asked
from gongjian.records import facts
from gongjian.records.facts.models import Fact
from gongjian.records.notices.actions import tell

pytestmark = pytest.mark.django_db
MONDAY = dt.date(2026, 11, 9)


def asked(cast, city):
    """In the week of 9 November: one planning, two check-ins, one upload, and messages to three persons."""
    when = dt.datetime(2026, 11, 11, 2, tzinfo=dt.UTC)
    secretary, member = cast.secretary.actor, cast.member.actor
    facts.record("activity.planned", by=secretary, at=when, org=city.branch.pk, source="t:1")
    facts.record(
        "activity.attended", by=member, at=when, person=cast.member.person.pk, org=city.branch.pk, source="t:2"
    )
    facts.record(
        "activity.attended", by=member, at=when, person=cast.member.person.pk, org=city.branch.pk, source="t:3"
    )
    facts.record("file.kept", by=secretary, at=when, org=city.branch.pk, source="t:4")
    people = [cast.secretary.person.pk, cast.member.person.pk, cast.colleague.person.pk]
    tell(people=people, kind="activity", title="通知", key="m", at=when)


def test_a_week_is_counted_by_role_and_counting_again_changes_nothing(cast, city, clock, queries):
    asked(cast, city)
    with queries(40):
        counting.count_week(MONDAY)
    rows = sorted(Asked.objects.values_list("week", "role", "what", "code", "count"))
    found = {(role, what, code): count for _week, role, what, code, count in rows}
    assert found["branch_secretary", "people", ""] == 3, "two branches of the community and one of the school"
    assert found["branch_secretary", "message", "activity"] == 1
    assert found["member", "message", "activity"] == 2
    assert found["branch_secretary", "deed", "plan"] == 1
    assert found["branch_secretary", "upload", ""] == 1
    assert found["member", "deed", "attend"] == 2
    counting.count_week(MONDAY)
    assert sorted(Asked.objects.values_list("week", "role", "what", "code", "count")) == rows
    assert counting.count_weeks(dt.date(2026, 11, 16)) == 12, "weeks without anything are looked at again"


def test_pages_for_the_city_and_for_oneself(cast, city, clock, queries):
    asked(cast, city)
    counting.count_week(MONDAY)
    leader = cast.city.client
    with queries(25):
        text = leader.get("/burden/").content.decode()
    assert "安排活动" in text
    assert "国办函〔2026〕12号" in text
    assert "张伟" not in text
    for address in ("deed/attend", "upload/all", "message/activity"):
        answer = leader.get(f"/burden/2026-11-09/{address}/")
        assert answer.status_code == 200
        assert "张伟" not in answer.content.decode()
    for wrong in ("2026-11-10/deed/attend", "2026-11-09/deed/none", "2026-11-09/people/all", "none/deed/attend"):
        assert leader.get(f"/burden/{wrong}/").status_code == 404
    for who in (cast.member, cast.district, cast.outsider):
        assert who.client.get("/burden/").status_code == 403
    clock.set("2026-11-12 10:00")
    with queries(20):
        text = cast.member.client.get("/burden/mine/").content.decode()
    assert "签到" in text
    assert "消息：活动通知" in text
    mine = cast.member.client.get("/api/v1/burden/mine").json()
    assert (mine["messages"], mine["minutes"], mine["uploads"]) == (1, 2, 0)
    mine = cast.secretary.client.get("/api/v1/burden/mine").json()
    assert (mine["messages"], mine["fields"], mine["uploads"]) == (1, 4, 1)
    clock.set("2026-11-16 09:00")
    found = leader.get("/api/v1/burden").json()
    assert {"role": "member", "week": "2026-11-09", "measure": "messages", "each": 0.1, "budget": 7} in found


def test_a_pack_over_its_budget_is_not_loaded_unless_somebody_answers_for_it(cast, tmp_path):
    folder = tmp_path / "testcity"
    folder.mkdir()
    (folder / "pack.yaml").write_text(
        'id: testcity\ntitle: 测试\nversion: "1"\neffective_from: 2026-01-01\nextends: _base\n', encoding="utf-8"
    )
    (folder / "burden.yaml").write_text(
        "burden:\n  budgets:\n    - id: branch_secretary\n      minutes: 15\n", encoding="utf-8"
    )
    run = CliRunner()
    answer = run.invoke(pack_command, ["load", str(folder)])
    assert answer.exit_code != 0
    assert "负担超出预算" in answer.output
    assert "主题党日" in answer.output
    assert not PackVersion.objects.exists()
    with pytest.raises(policy.OverBudget):
        policy.load(Path(folder), approver="邓区", reason="短")
    answer = run.invoke(pack_command, ["load", str(folder), "--approver", "邓区", "--reason", "专项学习月，只此一月"])
    assert answer.exit_code == 0, answer.output
    version = PackVersion.objects.get()
    assert (version.approver, version.approved_because) == ("邓区", "专项学习月，只此一月")
    assert counting.note_approvals() == 1
    assert counting.note_approvals() == 0
    [fact] = Fact.objects.filter(kind="burden.approved")
    assert (fact.data["pack"], fact.data["version"], fact.object_id) == ("testcity", "1", str(version.pk))
    assert "邓区" not in str(fact.data), "the name stands in the version; facts carry no names"
    policy.forget()
