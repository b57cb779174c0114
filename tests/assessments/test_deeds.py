"""An assessment from its opening to the day it lapses, with every turn it may take."""

import datetime as dt

import pytest
from django.db import transaction

from gongjian.appraisal.assessments import actions, evidence
from gongjian.appraisal.assessments import queries as asked
from gongjian.appraisal.assessments.actions import Given
from gongjian.appraisal.assessments.models import Assessment, ItemResult, Mark, Visit
from gongjian.ground import policy
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.errors import Forbidden, Invalid, NotFound, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records import facts
from gongjian.records.facts.models import Fact
from gongjian.records.notices.models import Notice
from gongjian.records.places import actions as places
from tests.assessments.conftest import BRANCHES, CENTRES, ESTATES, scores

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 16)


def test_an_estate_from_opening_to_lapsing(clock, city, cast, ground, queries):
    street, secretary = cast.street.actor, cast.secretary.actor
    with pytest.raises(Forbidden):  # 被考评的组织、它的社区都不能考评：清单要求街道以上
        actions.open_many(standard=ESTATES, subjects=[ground.covered], by=cast.community.actor)
    with queries(16):
        assert actions.open_many(standard=ESTATES, subjects=[ground.covered, ground.bare], by=street) == 2
    assert actions.open_many(standard=ESTATES, subjects=[ground.covered, ground.bare], by=street) == 0
    one = Assessment.objects.get(place=ground.covered)
    assert (one.org, one.state) == (city.branch, "self")
    assert Assessment.objects.get(place=ground.bare).org == city.community  # nobody covers it: its community answers
    assert Notice.objects.filter(person=cast.secretary.person, kind="assessment").count() == 1

    # 自评：可以先存，交出时要全
    with pytest.raises(Forbidden):
        actions.save_self(assessment=one, given={}, by=cast.auditor.actor)
    actions.save_self(assessment=one, given={"room": Given(8)}, by=secretary)
    with pytest.raises(Refused, match="还有 7 条没有评"):
        actions.save_self(assessment=one, given={"room": Given(8)}, by=secretary, hand_in=True)
    with pytest.raises(Invalid, match="选其中一档"):
        actions.save_self(assessment=one, given={"room": Given(7)}, by=secretary)
    with pytest.raises(Invalid, match="没有人工评分的条目"):
        actions.save_self(assessment=one, given={"covered": Given(12)}, by=secretary)
    actions.save_self(assessment=one, given=scores(ESTATES), by=secretary, hand_in=True)
    actions.return_self(assessment=one, reason="三张清单没有写清楚", by=street)
    actions.save_self(assessment=one, given=scores(ESTATES), by=secretary, hand_in=True)

    # 走访：同一次走访交两次只算一次，两个人不一致时都留着
    with pytest.raises(Refused, match="没有人评"):
        actions.assess(assessment=one, by=street)
    seen = {"assessment": one, "visited_on": DAY, "offline": True}
    first = actions.hand_in_visit(**seen, key="visit-0001", given=scores(ESTATES, room=4), by=street)
    again = actions.hand_in_visit(**seen, key="visit-0001", given=scores(ESTATES), by=street)
    assert (first.new, again.new, again.visit) == (True, False, first.visit)
    assert Mark.objects.get(visit=first.visit, item="room").points == 4
    other = actions.hand_in_visit(
        **seen, key="visit-0002", given={"room": Given(8, "二楼有活动室")}, by=cast.district.actor
    )
    assert other.conflicts == ["有开展活动的场所"]
    with pytest.raises(Refused, match="编号是另一次走访"):
        actions.hand_in_visit(**seen, key="visit-0002", given=scores(ESTATES), by=street)
    for wrong in (cast.secretary, cast.outsider, cast.member):
        with pytest.raises(NotFound):
            actions.hand_in_visit(**seen, key="visit-0009", given=scores(ESTATES), by=wrong.actor)
    with pytest.raises(Refused, match="请先商定：有开展活动的场所"):
        actions.assess(assessment=one, by=street)
    with pytest.raises(Refused, match="不能退回自评"):
        actions.return_self(assessment=one, reason="再看看", by=street)
    actions.settle(assessment=one, item="room", points=8, note="看过照片，二楼活动室在用", by=street)

    # 评定：记录里有的由系统核。六个月里没有志愿服务，少 8 分
    actions.assess(assessment=one, by=street)
    one.refresh_from_db()
    assert (one.state, one.points, one.full, one.percent, one.band) == ("assessed", 92, 100, 92, "met")
    result = ItemResult.objects.get(assessment=one, item="volunteers")
    assert (result.points, result.source, result.evidence["value"], result.evidence["needed"]) == (0, "records", 0, 2)
    with pytest.raises(Refused, match="不能评定"):
        actions.assess(assessment=one, by=street)
    actions.reopen(assessment=one, reason="公开栏再看一次", by=street)
    actions.assess(assessment=one, by=street)

    # 告知、异议、答复
    actions.tell(assessment=one, by=street)
    one.refresh_from_db()
    assert one.object_until == dt.date(2026, 11, 23)  # 五个工作日
    actions.object_to(assessment=one, text="志愿服务由社区统一组织，没有记在支部", by=secretary)
    actions.answer(assessment=one, text="情况属实，请补记后重新核查", upheld=True, by=street)
    with transaction.atomic():
        for number in (1, 2):
            facts.record(
                "activity.signed_off", by=SYSTEM, at=clock.now - dt.timedelta(days=20 * number), org=city.branch.pk,
                obj=Ref.of("activity", number), data={"activity_kind": "volunteer_service"}, source=f"volunteer:{number}",
            )  # fmt: skip
    actions.assess(assessment=one, by=street)
    actions.tell(assessment=one, by=street)
    actions.object_to(assessment=one, text="还想再问一问评分标准", by=secretary)
    actions.answer(assessment=one, text="评分标准在清单里，维持结果", upheld=False, by=street)
    one.refresh_from_db()
    assert (one.state, one.percent, one.recheck_on) == ("final", 100, dt.date(2027, 11, 16))
    told = Fact.objects.get(kind="assessment.concluded")
    assert told.org == city.branch.pk
    assert told.data == {
        "standard": ESTATES, "place": ground.covered.pk, "earned": 100, "full": 100, "percent": 100, "band": "met",
        "recheck_on": "2027-11-16", "lapses_on": "2028-05-16",
    }  # fmt: skip
    assert len(ItemResult.objects.get(assessment=one, item="volunteers").evidence["facts"]) == 2

    # 复查：新结果生效，旧的失效；没有复查的到期失效
    clock.set("2027-11-20 09:00")
    two = actions.open_one(standard=ESTATES, subject=ground.covered, by=cast.street.actor)
    assert actions.open_one(standard=ESTATES, subject=ground.covered, by=cast.street.actor).pk == two.pk
    actions.save_self(assessment=two, given=scores(ESTATES), by=cast.secretary.actor, hand_in=True)
    actions.hand_in_visit(
        assessment=two, key="visit-0003", given=scores(ESTATES, money=0), visited_on=dt.date(2027, 11, 20),
        by=cast.street.actor,
    )  # fmt: skip
    actions.assess(assessment=two, by=cast.street.actor)
    actions.tell(assessment=two, by=cast.street.actor)
    assert actions.daily() == (0, 0, 0)
    clock.set("2027-11-30 09:00")
    assert actions.daily() == (1, 0, 0)
    assert actions.daily() == (0, 0, 0)
    one.refresh_from_db()
    assert (one.state, one.lapse_how) == ("lapsed", "replaced")
    clock.set("2028-06-01 09:00")
    assert actions.daily() == (0, 0, 0)
    clock.set("2029-06-01 09:00")
    assert actions.daily() == (0, 1, 0)
    two.refresh_from_db()
    assert (two.state, two.lapse_how) == ("lapsed", "overdue")


def test_records_are_read_for_a_branch_and_a_centre(clock, city, cast, ground, queries):
    at = clock.now
    with transaction.atomic():
        for month, kind in (("2026-08", "fell_short"), ("2026-09", "fell_short"), ("2026-09", "made_good")):
            facts.record(
                f"standing.{kind}", by=SYSTEM, at=at - dt.timedelta(days=40), org=city.branch.pk,
                source=f"{kind}:{month}", data={"duty": "theme_day_monthly", "period": month},
            )  # fmt: skip
        lessons = [
            facts.record(
                "activity.signed_off", by=SYSTEM, at=at - dt.timedelta(days=30 * n), org=city.branch.pk,
                source=f"lesson:{n}", data={"activity_kind": "party_lesson"},
            )
            for n in range(4)
        ]  # fmt: skip
        facts.record("talk.withdrawn", by=SYSTEM, org=city.branch.pk, corrects=lessons[0].pk, source="taken back")
    pack = policy.current()
    entry = asked.entry_named(BRANCHES)
    with queries(5):  # 全市也是这几条语句
        everyone = evidence.bodies(entry, pack, asked.subjects_of(entry))
        looked = evidence.look(entry, pack, everyone, DAY)
    here = {item: found[city.branch.pk] for item, found in looked.items()}
    assert len(everyone) == 4
    assert {item: found.met for item, found in here.items()} == {
        "formal": True, "size": True, "committee": True, "term": True, "secretary": True, "assembly": True,
        "theme_day": True, "lesson": True, "talks": False,
    }  # fmt: skip
    assert (here["theme_day"].value, here["lesson"].value) == (1, 3)  # 补开的不算缺，更正掉的不算次数
    assert looked["committee"][city.sister.pk].met is None  # 三名正式党员，不设支委会
    named = evidence.look(entry, pack, everyone[:1], DAY, naming=True)["lesson"][everyone[0].key]
    assert len(named.facts) in (0, 3)

    centres = asked.entry_named(CENTRES)
    found = evidence.look(centres, pack, evidence.bodies(centres, pack, asked.subjects_of(centres)), DAY)
    assert found["covered"][ground.centre.pk].met is False
    assert found["area"][ground.centre.pk][:3] == (True, 120, 120)  # 四百户，每百户 30 平方米


def test_results_are_revoked_cancelled_and_end_with_their_subject(clock, city, cast, ground):
    street = cast.street.actor
    centre = actions.open_one(standard=CENTRES, subject=ground.centre, by=street)
    assert centre.state == "visiting"  # 这份清单不要求自评
    with pytest.raises(Refused, match="不要求自评"):
        actions.return_self(assessment=centre, reason="重来", by=street)
    with pytest.raises(Invalid, match="走访日期"):
        actions.hand_in_visit(
            assessment=centre, key="visit-1001", given=scores(CENTRES), visited_on=DAY + dt.timedelta(1), by=street
        )
    actions.hand_in_visit(assessment=centre, key="visit-1001", given=scores(CENTRES), visited_on=DAY, by=street)
    actions.assess(assessment=centre, by=street)
    actions.tell(assessment=centre, by=street)
    with pytest.raises(Refused, match="不能再交回走访"):
        actions.hand_in_visit(assessment=centre, key="visit-1002", given=scores(CENTRES), visited_on=DAY, by=street)
    actions.accept(assessment=centre, by=cast.community.actor)
    centre.refresh_from_db()
    assert (centre.state, centre.percent, centre.band) == ("final", 85, "met")  # 没有党组织管理，少 15 分
    actions.revoke(assessment=centre, reason="面积登记有误", by=street)
    branch = actions.open_one(standard=BRANCHES, subject=city.branch, by=cast.community.actor)
    actions.cancel(assessment=branch, reason="年底统一进行", by=cast.community.actor)
    with pytest.raises(Invalid, match="不在这份清单的范围内"):
        actions.open_one(standard=BRANCHES, subject=city.community, by=cast.city.actor)
    for who in (cast.outsider, cast.neighbour):
        with pytest.raises(NotFound):
            actions.cancel(assessment=branch, reason="不该看得到", by=who.actor)
    bare = actions.open_one(standard=ESTATES, subject=ground.bare, by=street)
    places.end(place=ground.bare, by=SYSTEM, on=DAY, reason="拆迁")
    assert actions.daily() == (0, 0, 1)
    bare.refresh_from_db()
    assert (bare.state, Visit.objects.count()) == ("cancelled", 1)
