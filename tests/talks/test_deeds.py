"""Deeds: talks, wishes and cards; what each refuses, who sees what, and that facts name nobody."""

import datetime as dt
from types import SimpleNamespace

import pytest

from gongjian.desks.talks import actions, queries
from gongjian.desks.talks.models import Card, Talk, Wish
from gongjian.ground import policy
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.errors import Forbidden, Invalid, NotFound, Refused
from gongjian.records.facts.models import Fact
from gongjian.records.notices.models import Notice
from gongjian.records.people.models import Membership
from tests.activities.test_races import at_once

pytestmark = pytest.mark.django_db
TODAY = dt.date(2026, 11, 16)


@pytest.fixture(autouse=True)
def _monday(clock):
    return clock


def talk(cast, **more):
    given = {"other": cast.colleague.person.pk, "on": TODAY, "form": "face", "by": cast.member.actor, **more}
    return actions.record(**given)


def test_a_talk_is_between_two_and_its_note_for_them_alone(cast, city):
    made = talk(cast, note="家里老人住院，想少排晚上的值班")
    again = actions.record(other=cast.member.person.pk, on=TODAY, form="phone", by=cast.colleague.actor)
    assert again.pk == made.pk
    row = Talk.objects.get()
    assert "老人" not in row.note_sealed
    assert row.note.startswith("家里老人")
    assert row.line == "members"
    for who in (cast.member, cast.colleague):
        assert queries.talk_for(who.actor, made.pk).note.startswith("家里老人")
    for who in (cast.secretary, cast.outsider, cast.community, cast.neighbour):
        with pytest.raises(NotFound):
            queries.talk_for(who.actor, made.pk)
    [fact] = Fact.objects.filter(kind="talk.held")
    assert (fact.by, fact.person, fact.org) == (None, None, city.branch.pk)
    assert set(fact.data) == {"on", "line", "form"}
    assert Notice.objects.filter(kind="talk", person=cast.colleague.person).count() == 1
    assert "老人" not in Notice.objects.get(kind="talk").body
    actions.write_note(talk=made, note="", by=cast.colleague.actor)
    assert queries.talk_for(cast.member.actor, made.pk).note == ""


def test_what_is_refused(cast, city):
    for wrong in (
        {"other": cast.member.person.pk}, {"other": cast.outsider.person.pk}, {"other": 10**9}, {"form": "letter"},
        {"on": TODAY + dt.timedelta(days=1)}, {"on": dt.date(2024, 12, 31)}, {"note": "长" * 1001},
    ):  # fmt: skip
        with pytest.raises(Invalid):
            talk(cast, **wrong)
    for who in (cast.outsider, cast.resident, cast.street):
        with pytest.raises((NotFound, Forbidden)):
            talk(cast, by=who.actor)
    assert not Talk.objects.exists()


@pytest.mark.parametrize("who", ["member", "colleague"])
def test_either_of_the_two_takes_it_back(cast, who):
    made = talk(cast, note="秘密")
    actor = getattr(cast, who).actor
    with pytest.raises(Refused):
        actions.withdraw(talk=made, by=cast.secretary.actor)
    actions.withdraw(talk=made, by=actor)
    made.refresh_from_db()
    assert made.note == ""
    assert not queries.mine(cast.member.actor).exists()
    with pytest.raises(Refused):
        actions.withdraw(talk=made, by=actor)
    held, back = Fact.objects.get(kind="talk.held"), Fact.objects.get(kind="talk.withdrawn")
    assert back.corrects == held.pk
    assert talk(cast).pk != made.pk


def test_the_matrix_says_who_is_missing(cast, city):
    found = queries.circle(city.branch)
    assert [found.names[pk] for pk in found.committee] == ["陈静", "李明", "王芳"]
    assert len(found.missing) == 3 + 6 + 6
    talk(cast)
    actions.record(other=cast.member.person.pk, on=TODAY, form="visit", by=cast.secretary.actor)
    rows = {row["name"]: row for row in queries.matrix(queries.circle(city.branch))}
    assert rows["张伟"]["missing"] == []
    assert {one["name"] for one in rows["张伟"]["talked"]} == {"刘洋", "陈静"}
    assert rows["刘洋"]["missing"] == ["和支委谈"]
    assert rows["陈静"]["missing"] == ["和李明", "和王芳"]
    first = queries.suggestions(queries.circle(city.branch), cast.secretary.person.pk)
    assert [name for _pk, name in first][:2] == ["李明", "王芳"]
    with pytest.raises(NotFound):
        queries.branch_for(cast.member.actor)
    with pytest.raises(NotFound):
        queries.branch_for(cast.neighbour.actor, city.branch.pk)
    with pytest.raises(NotFound):  # higher up the matrix is nobody's business; they see the duty's standing
        queries.branch_for(cast.street.actor, city.branch.pk)


def test_the_pack_decides_what_is_missing(cast, city, monkeypatch):
    pack = policy.current().talks
    loose = pack.model_copy(update={"lines": pack.lines.model_copy(update={"committee": "each"})})
    monkeypatch.setattr(queries, "policy", SimpleNamespace(current=lambda: SimpleNamespace(talks=loose)))
    found = queries.Circle(city.branch, [1, 2, 3], [], {}, {frozenset((1, 2)): 1}, {})
    assert len(found.missing) == 1, "the third has talked with nobody; as pairs two would be missing"


def test_a_talk_keeps_the_duty_once_and_withdrawing_undoes_it(cast, city, deliver):
    """DOMAIN 1.3 谈心谈话: the duty is kept by a talk as by an activity of that kind, and counted once."""
    from gongjian.appraisal.standards.models import Occurrence

    deliver()
    made = talk(cast)
    deliver()
    deliver()
    [found] = Occurrence.objects.filter(object_kind="talk")
    assert (found.org, found.state, found.on) == (city.branch, "done", TODAY)
    actions.withdraw(talk=made, by=cast.member.actor)
    deliver()
    found.refresh_from_db()
    assert found.state == "withdrawn"


@pytest.fixture
def near(cast):
    """The member's anniversary is in five days: joined on 21 November 2015."""
    Membership.objects.filter(person=cast.member.person).update(joined_on=dt.date(2015, 11, 21))
    return cast.member


def test_no_card_without_consent(cast, near, clock):
    assert actions.prepare_cards(by=SYSTEM) == 0
    actions.wish(card=True, by=near.actor)
    actions.wish(card=True, by=near.actor)
    assert Fact.objects.filter(kind="birthday.wished").count() == 1
    assert actions.prepare_cards(by=SYSTEM) == 1
    assert actions.prepare_cards(by=SYSTEM) == 0
    card = Card.objects.get()
    assert (card.day, card.years, card.sent_at) == (dt.date(2026, 11, 21), 11, None)
    assert not Notice.objects.filter(kind="birthday").exists(), "nobody is messaged by a job"
    with pytest.raises(NotFound):
        queries.card_for(near.actor, card.pk)
    actions.wish(card=False, listed=True, by=near.actor)
    assert not Card.objects.exists()
    assert Wish.objects.get().listed is False
    with pytest.raises(Forbidden):
        actions.prepare_cards(by=cast.secretary.actor)


def test_the_secretary_looks_and_sends_on_the_day(cast, near, clock):
    actions.wish(card=True, by=near.actor)
    actions.prepare_cards(by=SYSTEM)
    card = Card.objects.get()
    [todo] = [todo for todo in queries.todos(cast.secretary.actor, TODAY) if "贺卡" in str(todo.title)]
    assert todo.due_on == card.day
    with pytest.raises(Refused):
        actions.send_card(card=card, by=cast.secretary.actor)
    with pytest.raises(Invalid):
        actions.change_words(card=card, words="好", by=cast.secretary.actor)
    actions.change_words(card=card, words="十一年来辛苦了，谢谢您。", by=cast.secretary.actor)
    for who in (cast.colleague, cast.neighbour, cast.outsider, cast.community):
        with pytest.raises(NotFound):
            actions.send_card(card=card, by=who.actor)
    clock.set("2026-11-21 09:00")
    actions.send_card(card=card, by=cast.secretary.actor)
    with pytest.raises(Refused):
        actions.send_card(card=card, by=cast.secretary.actor)
    [notice] = Notice.objects.filter(kind="birthday")
    assert notice.person == near.person
    assert [one.pk for one in queries.own_cards(near.actor)] == [card.pk]
    assert Fact.objects.get(kind="birthday.card_sent").data == {"years": 11, "on": "2026-11-21"}


def test_the_list_names_only_who_agreed(cast, city, near):
    assert queries.listed(city.branch, TODAY) == []
    actions.wish(card=True, by=near.actor)
    assert queries.listed(city.branch, TODAY) == []
    actions.wish(card=True, listed=True, by=near.actor)
    assert queries.listed(city.branch, TODAY) == [{"name": "张伟", "on": dt.date(2026, 11, 21)}]
    assert queries.listed(city.sister, TODAY) == []


@pytest.mark.django_db(transaction=True)
def test_two_records_at_once_are_one(cast):
    first, second = cast.member.actor, cast.colleague.actor
    answers = at_once([
        lambda: actions.record(other=cast.colleague.person.pk, on=TODAY, form="face", by=first),
        lambda: actions.record(other=cast.member.person.pk, on=TODAY, form="face", by=second),
    ])  # fmt: skip
    assert len({answer.pk for answer in answers}) == 1
    assert Fact.objects.filter(kind="talk.held").count() == 1
