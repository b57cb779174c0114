"""An order's life by its deeds: each story from the first word to the last, with its facts, clocks and notices."""

import datetime as dt

import pytest

from gongjian.desks.orders import actions, queries
from gongjian.desks.orders.models import Order, Step
from gongjian.engines.deadlines import queries as deadlines
from gongjian.engines.deadlines.models import Deadline
from gongjian.ground.kernel.actor import ANONYMOUS, SYSTEM
from gongjian.ground.kernel.errors import Forbidden, Invalid, NotFound, Refused
from gongjian.records.facts.models import Fact
from gongjian.records.files import queries as files
from gongjian.records.files.actions import Given
from gongjian.records.notices.models import Notice

pytestmark = pytest.mark.django_db


def told(order) -> list[str]:
    return list(
        Fact.objects.filter(object_kind="order", object_id=str(order.pk)).exclude(kind__startswith="file.")
        .order_by("id").values_list("kind", flat=True)
    )  # fmt: skip


def test_from_a_resident_to_a_star(city, cast, ask, again, clock, deliver):
    order, token = ask("路灯坏了，打13912345678找我", answers={"danger": "会"})
    assert order.text.startswith("路灯坏了，打〔已遮住〕找我")
    assert order.said == {"text": "路灯坏了，打13912345678找我", "answers": {"会不会伤到人": "会"}}
    assert "139" not in order.said_sealed + order.contact_sealed
    assert order.contact_masked == "蒋** 139****5678"
    assert queries.by_token(token).pk == order.pk
    assert order.contact_clock.due_at == clock.set("2026-11-17 17:30")
    assert order.clock.due_at == clock.set("2026-11-23 17:30")
    clock.set("2026-11-16 10:00")
    desk, member = cast.community.actor, cast.member.actor
    assert Notice.objects.filter(person=cast.community.person, title__contains=order.number).exists()
    with pytest.raises(Forbidden):
        actions.see_contact(order=again(order), by=member)
    assert actions.see_contact(order=again(order), by=desk)["phone"] == "13912345678"
    actions.see_contact(order=again(order), by=desk)
    actions.contacted(order=again(order), by=desk)
    actions.contacted(order=again(order), by=desk)
    actions.dispatch(order=again(order), org=city.branch, by=desk)
    with pytest.raises(Forbidden):
        actions.accept(order=again(order), by=cast.neighbour.actor)
    actions.accept(order=again(order), by=member)
    actions.accept(order=again(order), by=member)
    assert actions.see_contact(order=again(order), by=member)["where"] == "三号楼一单元门口"
    actions.call_in(order=again(order), person=cast.colleague.person, by=member)
    assert queries.can(again(order), cast.colleague.actor).contact
    with pytest.raises(Invalid):
        actions.finish(order=again(order), note="好", by=member)
    actions.finish(order=again(order), note="换了灯泡，试过了，亮了。", by=member)
    actions.rate(order=again(order), by=ANONYMOUS, token=token, stars=5, solved=True, text="真快！")
    with pytest.raises(Refused):
        actions.rate(order=again(order), by=ANONYMOUS, token=token, stars=1, solved=True)
    assert told(order) == [
        "order.raised", "order.contact_seen", "order.contacted", "order.dispatched", "order.accepted", "order.contact_seen",
        "order.help_called", "order.finished", "order.helped", "order.rated",
    ]  # fmt: skip
    facts = Fact.objects.filter(object_kind="order", object_id=str(order.pk))
    assert facts.get(kind="order.finished").data == {
        "order_kind": "repair",
        "intake": "help",
        "in_time": True,
        "contact_in_time": True,
    }
    assert not [fact for fact in facts if "路灯" in str(fact.data) or "139" in str(fact.data)]
    assert {row.state for row in Deadline.objects.filter(subject_id=order.pk)} == {"met"}
    deliver()
    from gongjian.appraisal.points import queries as points

    assert points.scores_of("person", member.person, ("2026-11",))["2026-11"] == 3, "finished 2, rated well 1"
    assert points.scores_of("person", cast.colleague.person.pk, ("2026-11",))["2026-11"] == 1, "helped"
    clock.forward(days=4)
    assert not queries.can(again(order), member).contact, "name and place disappear after the end"
    assert queries.can(again(order), desk).contact


def test_what_is_not_solved_comes_back_and_takes_its_points_along(city, cast, ask, again, clock, deliver):
    order, token = ask()
    desk, member = cast.community.actor, cast.member.actor
    actions.dispatch(order=order, person=cast.member.person, by=desk)
    with pytest.raises(Forbidden):
        actions.accept(order=again(order), by=cast.colleague.actor)
    actions.accept(order=again(order), by=member)
    actions.finish(order=again(order), note="看过了，灯是好的。", by=member)
    deliver()
    actions.rate(order=again(order), by=ANONYMOUS, token=token, stars=1, solved=False, text="没修")
    row = again(order)
    assert (row.state, row.doer_id, row.reopened) == ("accepted", member.person, 1)
    assert row.clock.due_at == clock.set("2026-11-19 17:30"), "three working days"
    assert Notice.objects.filter(person=member.person, title__contains="要重新办").exists()
    deliver()
    from gongjian.appraisal.points import queries as points

    assert points.scores_of("person", member.person, ("2026-11",))["2026-11"] == 0
    clock.set("2026-11-18 10:00")
    actions.finish(order=again(order), note="换了镇流器，亮了。", by=member)
    row = again(order)
    assert row.sampled, "what came back is called back"
    with pytest.raises(Forbidden):
        actions.call_back(order=row, solved=True, by=member)
    actions.call_back(order=again(order), solved=True, by=desk, note="居民说这回亮了")
    assert again(order).solved is True
    rate = queries.rates(desk, "2026-11", clock.now)[0]
    assert (rate.solved, rate.asked, rate.satisfied, rate.rated) == (1, 1, 0, 1)


def test_an_offer_handed_back_recalled_withdrawn_declined(city, cast, ask, again, clock):
    order, token = ask(kind="errand", text="帮老人买降压药，社区门口药店就有")
    desk, member = cast.community.actor, cast.member.actor
    actions.offer(order=order, org=city.community, by=desk)
    assert [row.pk for row in queries.offers(member)] == [order.pk]
    assert not queries.offers(cast.resident.actor).exists()
    actions.accept(order=again(order), by=member)
    with pytest.raises(Refused):
        actions.accept(order=again(order), by=cast.colleague.actor)
    actions.hand_back(order=again(order), reason="临时出差，电话13900000000", by=member)
    assert Step.objects.get(order=order, deed="handed_back").note == "临时出差，电话〔已遮住〕"
    assert Notice.objects.filter(person=cast.community.person, title__contains="被退回").exists()
    with pytest.raises(Forbidden):
        actions.see_contact(order=again(order), by=member)
    actions.dispatch(order=again(order), org=city.sister, by=desk)
    actions.recall(order=again(order), by=desk)
    with pytest.raises(NotFound):
        actions.withdraw(order=again(order), by=cast.resident.actor)
    with pytest.raises(NotFound):
        actions.withdraw(order=again(order), by=ANONYMOUS, token="0" * 32)
    actions.supplement(order=again(order), by=ANONYMOUS, token=token, text="要缓释片")
    actions.withdraw(order=again(order), by=ANONYMOUS, token=token)
    with pytest.raises(Refused):
        actions.dispatch(order=again(order), person=cast.member.person, by=desk)
    other, _token = ask("想问问怎么打官司")
    actions.decline(order=other, reason="court", by=desk, note="可以去司法所")
    assert again(other).clock.state == "dropped"
    assert queries.rates(desk, "2026-11", clock.now) == [], "withdrawn and declined ones do not count"


def test_confidential_orders_are_for_few(city, cast, ask, again):
    order, _token = ask("家里断了收入，孩子学费交不上", kind="hardship")
    assert order.text == ""
    desk = cast.community.actor
    with pytest.raises(Refused):
        actions.offer(order=order, org=city.community, by=desk)
    with pytest.raises(Invalid):
        actions.dispatch(order=order, org=city.branch, by=desk)
    assert not queries.can(again(order), cast.district.actor).reads
    actions.dispatch(order=again(order), person=cast.member.person, by=desk)
    assert not queries.can(again(order), cast.member.actor).reads, "not before it is accepted"
    actions.accept(order=again(order), by=cast.member.actor)
    assert queries.can(again(order), cast.member.actor).reads
    kinds = {fact.data.get("order_kind") for fact in Fact.objects.filter(object_kind="order", object_id=str(order.pk))}
    assert "hardship" not in kinds
    assert Fact.objects.get(kind="order.raised").person is None


def test_floods_nonsense_and_files_that_are_no_pictures(city, cast, ask, picture):
    for n in range(5):
        ask(f"第{n}件事，楼道灯坏了", address="10.0.0.7")
    with pytest.raises(Refused, match="请打电话"):
        ask("第六件事，楼道灯坏了", address="10.0.0.7")
    ask("别的地方来的，楼道灯坏了", address="10.0.0.8")
    wrong = (
        {"kind": "none"}, {"text": "灯"}, {"phone": "123"}, {"key": "short"}, {"org": city.branch}, {"answers": {"danger": "也许"}},
        {"photos": [Given("a.jpg", b"<script>alert(1)</script>")]}, {"photos": [Given("a.pdf", b"%PDF-1.7\n%%EOF\n")]},
    )  # fmt: skip
    before = Order.objects.count()
    for given in wrong:
        with pytest.raises(Invalid):
            ask(**{"text": "楼道灯坏了，看不见路", **given})
    with pytest.raises(Forbidden):
        ask(channel="phone", by=cast.secretary.actor)
    assert Order.objects.count() == before
    order, _token = ask(photos=[Given("灯.jpg", picture)])
    kept = files.of(files.Ref.of("order", order.pk))[0]
    assert "密谈相机".encode() not in files.content_of(kept)
    assert files.may(cast.community.actor, kept.subject)
    assert not files.may(cast.member.actor, kept.subject)
    key = "k" * 32
    first, again_ = ask(key=key), ask("换了几个字再提交一次", key=key)
    assert first[0].pk == again_[0].pk
    assert first[1] == again_[1]


def test_clocks_stand_go_on_are_extended_and_run_out(city, cast, ask, again, clock):
    order, _token = ask()
    desk, street = cast.community.actor, cast.street.actor
    actions.pause(order=order, reason="supplier", note="等灯具", by=desk, at=order.raised_at)
    assert again(order).clock.due_at is None
    actions.resume(order=again(order), by=desk, at=order.raised_at + dt.timedelta(days=7))  # five working days later
    assert again(order).clock.due_at == clock.set("2026-11-30 17:30")
    clock.set("2026-11-30 10:00")
    actions.ask_extension(order=again(order), days=3, reason="配件还在路上", by=desk)
    with pytest.raises(Refused):
        actions.ask_extension(order=again(order), days=3, reason="配件还在路上", by=desk)
    with pytest.raises(Forbidden):
        actions.decide_extension(order=again(order), approved=True, by=desk)
    actions.decide_extension(order=again(order), approved=True, by=street)
    assert again(order).clock.due_at == clock.set("2026-12-03 17:30")
    clock.set("2026-12-04 08:00")
    assert actions.escalate(by=SYSTEM) == 2, "nobody rang up, and it is not done"
    assert actions.escalate(by=SYSTEM) == 0
    assert Notice.objects.filter(person=cast.street.person, title__contains="没有按时办结").count() == 1
    assert not Notice.objects.filter(person=cast.secretary.person, title__contains="没有按时").exists()
    with pytest.raises(Refused):
        actions.pause(order=again(order), reason="supplier", by=desk)
    with pytest.raises(Refused):
        actions.ask_extension(order=again(order), days=3, reason="配件还在路上", by=desk)
    assert queries.counts(desk, clock.now)["late"] == 1


def test_a_weekend_makes_nothing_late(city, cast, ask, clock):
    clock.set("2026-11-20 17:00")  # Friday
    ask()
    urgent, _token = ask("电梯困人", by=cast.community.actor, channel="phone", urgent=True)
    for moment in ("2026-11-21 12:00", "2026-11-22 23:59", "2026-11-23 08:59"):
        late = deadlines.late("order", clock.set(moment))
        assert {row.subject_id for row in late} == {str(urgent.pk)}, "only the emergency goes by the clock"


def test_contacts_are_erased_when_nobody_needs_them(cast, ask, again, clock, picture):
    order, _token = ask(photos=[Given("灯.jpg", picture)])
    actions.finish(order=order, note="换了灯泡，亮了。", by=cast.community.actor)
    assert actions.erase_old(by=SYSTEM, at=clock.now + dt.timedelta(days=179)) == 0
    assert actions.erase_old(by=SYSTEM, at=clock.now + dt.timedelta(days=181)) == 1
    row = again(order)
    assert (row.said, row.contact, row.contact_masked) == ({}, {}, "")
    assert not files.of(files.Ref.of("order", order.pk))
