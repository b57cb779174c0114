"""Deeds of the appraisal: the way through, what each refuses, twice, by the wrong person; and nothing personal in facts."""

import datetime as dt

import pytest
from django.db.models import Q

from gongjian.desks.reviews import actions, queries
from gongjian.desks.reviews.models import PeerRating, Review, ReviewMember, Verdict
from gongjian.engines.voting import actions as voting
from gongjian.engines.voting import queries as polls
from gongjian.ground import policy
from gongjian.ground.kernel.actor import SYSTEM
from gongjian.ground.kernel.errors import Forbidden, Invalid, NotFound, Refused
from gongjian.records.access.queries import actor_of_person
from gongjian.records.facts.models import Fact
from gongjian.records.notices.models import Notice
from gongjian.records.people import actions as people
from tests.reviews.conftest import verdicts

pytestmark = pytest.mark.django_db
TEXT = "这一年按时参加组织生活，认领了三个岗位；学习还不够。"


def row_of(review, player) -> ReviewMember:
    return ReviewMember.objects.get(review=review, person=player.person)


def test_opening_makes_the_roll_and_tells_everyone_once(make, city, cast, learner):
    review = make()
    assert queries.taking_part(review).count() == 10
    assert ReviewMember.objects.get(review=review, person=learner).graded is False
    assert Notice.objects.filter(kind="review").count() == 10
    with pytest.raises(Refused):
        actions.open_review(org=city.branch, by=cast.secretary.actor)
    assert Review.objects.count() == 1
    last_year = actions.open_review(org=city.branch, by=cast.secretary.actor, year="2025")
    assert last_year.year == "2025"
    for year in ("2024", "2027", "今年", "20260"):
        with pytest.raises(Invalid):
            actions.open_review(org=city.branch, by=cast.secretary.actor, year=year)
    for who in (cast.member, cast.outsider, cast.neighbour, cast.street):
        with pytest.raises(Forbidden):
            actions.open_review(org=city.branch, by=who.actor)
    with pytest.raises(Invalid):
        actions.open_review(org=city.group, by=SYSTEM)


def test_self_rating(make, cast, learner):
    review = make()
    actions.rate_self(review=review, text=TEXT, grade="qualified", by=cast.member.actor)
    actions.rate_self(review=review, text=TEXT + "补充一句。", grade="excellent", by=cast.member.actor)
    row = row_of(review, cast.member)
    assert (row.self_grade, row.self_text.endswith("补充一句。")) == ("excellent", True)
    [fact] = Fact.objects.filter(kind="review.self_rated")
    assert fact.data == {"year": "2026"}
    for text, grade in (("太短", ""), (TEXT, "super"), ("长" * 5001, "")):
        with pytest.raises(Invalid):
            actions.rate_self(review=review, text=text, grade=grade, by=cast.member.actor)
    with pytest.raises(Invalid):  # probationary: no grade, not even of oneself
        actions.rate_self(review=review, text=TEXT, grade="qualified", by=actor_of_person(learner))
    actions.rate_self(review=review, text=TEXT, by=actor_of_person(learner))
    with pytest.raises(NotFound):
        actions.rate_self(review=review, text=TEXT, by=cast.outsider.actor)
    with pytest.raises(NotFound):  # may look into the branch, but takes no part
        actions.rate_self(review=review, text=TEXT, by=cast.community.actor)


def test_mutual_rating(make, cast, learner):
    review = make()
    about, own, young = (
        row_of(review, cast.colleague),
        row_of(review, cast.member),
        ReviewMember.objects.get(person=learner),
    )
    said = {about.pk: ("qualified", "办事扎实"), young.pk: ("", "学得快")}
    assert actions.rate_peers(review=review, ratings=said, by=cast.member.actor) == 2
    assert actions.rate_peers(review=review, ratings=said, by=cast.member.actor) == 2
    assert actions.rate_peers(review=review, ratings={young.pk: ("", "")}, by=cast.member.actor) == 1
    assert queries.peer_counts(review) == {about.pk: {"qualified": 1}}
    for ratings in (
        {own.pk: ("excellent", "")},
        {young.pk: ("qualified", "")},
        {about.pk: ("x", "")},
        {10**9: ("", "好")},
    ):
        with pytest.raises(Invalid):
            actions.rate_peers(review=review, ratings=ratings, by=cast.member.actor)
    assert queries.remarks_about(about, named=False) == [{"text": "办事扎实", "who": ""}]
    assert queries.remarks_about(about, named=True)[0]["who"] == "张伟"
    [fact] = Fact.objects.filter(kind="review.peers_rated")
    assert "扎实" not in str(fact.data)
    assert str(about.person_id) not in str(fact.data)


def test_rating_ends_with_the_ballot(make, cast):
    review = make("voting")
    with pytest.raises(Refused):
        actions.rate_self(review=review, text=TEXT, by=cast.member.actor)
    with pytest.raises(Refused):
        actions.rate_peers(review=review, ratings={}, by=cast.member.actor)
    with pytest.raises(Refused):
        actions.open_ballot(review=review, by=cast.secretary.actor)
    with pytest.raises(Refused):
        actions.begin_deciding(review=review, by=cast.secretary.actor)
    assert review.poll.secret
    assert len(review.poll.items) == 9, "no line for the probationary member"


def test_an_annulled_ballot_is_repeated(make, cast):
    review = make("counted")
    first = review.poll_id
    voting.void_poll(poll=review.poll, reason="票数不符", by=cast.secretary.actor)
    actions.open_ballot(review=review, by=cast.secretary.actor)
    review.refresh_from_db()
    assert review.poll_id != first
    assert review.poll.state == "open"


def test_verdicts_are_given_by_people_and_told_privately(make, cast, learner):
    review = make("deciding")
    assert set(queries.taking_part(review).values_list("grade", flat=True)) == {None}, "nothing is proposed"
    given = verdicts(review, {"李明": "excellent", "王芳": "basic"})
    assert actions.decide(review=review, verdicts=given, by=cast.secretary.actor) == 9
    assert actions.decide(review=review, verdicts=given, by=cast.secretary.actor) == 0
    assert not Verdict.objects.exists()
    assert not Fact.objects.filter(kind="review.graded").exists()
    for who in (cast.member, cast.outsider, cast.community):
        with pytest.raises((Forbidden, NotFound)):
            actions.decide(review=review, verdicts=given, by=who.actor)
    told_before = Notice.objects.filter(kind="review").count()
    actions.close(review=review, by=cast.secretary.actor)
    notices = Notice.objects.filter(kind="review").order_by("-id")[
        : Notice.objects.filter(kind="review").count() - told_before
    ]
    assert len(notices) == 10
    assert not any(word in n.title + n.body for n in notices for word in ("优秀", "合格", "李明", "王芳"))
    fact = Fact.objects.get(kind="review.graded", person=row_of(review, cast.member).person_id)
    assert fact.data == {"year": "2026", "grade": "qualified"}
    assert not Fact.objects.filter(kind="review.graded", person=learner.pk).exists()
    closed = Fact.objects.get(kind="review.closed")
    assert closed.data["grades"] == {"excellent": 1, "qualified": 7, "basic": 1, "unqualified": 0}
    assert not Fact.objects.filter(Q(kind__startswith="review."), data__icontains="群众公认").exists()
    weak = ReviewMember.objects.get(review=review, person__name="王芳")
    assert weak.follow_up_by == dt.date(2026, 12, 16)
    with pytest.raises(Refused):
        actions.decide(review=review, verdicts=given, by=cast.secretary.actor)


def test_the_close_waits_for_everyone_and_for_reasons(make, cast):
    review = make("deciding")
    with pytest.raises(Refused) as refused:
        actions.close(review=review, by=cast.secretary.actor)
    assert "还没有评定" in refused.value.message
    actions.decide(review=review, verdicts=verdicts(review, {"李明": "basic"}, reason=""), by=cast.secretary.actor)
    with pytest.raises(Refused) as refused:
        actions.close(review=review, by=cast.secretary.actor)
    assert "李明" in refused.value.message
    assert review.members.filter(decided_by=cast.secretary.person.pk).count() == 9


def test_too_many_excellent_are_warned_about_not_forbidden(make, cast):
    """DOMAIN 1.3: 优秀 generally ≤1/3 — soft cap: nine members, three are usual, four need a reason."""
    review, four = make("deciding"), dict.fromkeys(("李明", "王芳", "张伟", "刘洋"), "excellent")
    actions.decide(review=review, verdicts=verdicts(review, four), by=cast.secretary.actor)
    with pytest.raises(Invalid) as refused:
        actions.close(review=review, by=cast.secretary.actor)
    assert refused.value.field == "over_cap_reason"
    actions.close(review=review, by=cast.secretary.actor, over_cap_reason="抗洪中表现突出，上级同意")
    review.refresh_from_db()
    assert review.over_cap_reason.startswith("抗洪")


def test_the_pack_decides_the_cap(make, cast, monkeypatch):
    four = dict.fromkeys(("李明", "王芳", "张伟", "刘洋"), "excellent")
    review = make("deciding")
    actions.decide(review=review, verdicts=verdicts(review, four), by=cast.secretary.actor)
    half = policy.current().reviews.model_copy(update={"excellent_one_in": 2})
    monkeypatch.setattr(queries, "pack_of", lambda review: half)
    actions.close(review=review, by=cast.secretary.actor)
    review.refresh_from_db()
    assert (review.state, review.over_cap_reason) == ("closed", "")


def test_a_verdict_is_corrected_by_a_new_one(make, cast):
    review = make("closed", grades={"张伟": "basic"})
    row = row_of(review, cast.member)
    actions.acknowledge(review=review, by=cast.member.actor)
    with pytest.raises(Invalid):
        actions.correct(review=review, member=row, grade="qualified", reason="", correction="", by=cast.secretary.actor)
    with pytest.raises(Invalid):
        actions.correct(
            review=review, member=row, grade="excellent", reason="", correction="复核", by=cast.secretary.actor
        )
    with pytest.raises((Forbidden, NotFound)):
        actions.correct(
            review=review, member=row, grade="qualified", reason="", correction="复核", by=cast.community.actor
        )
    changed = actions.correct(
        review=review, member=row, grade="qualified", reason="", correction="支委会复核", by=cast.secretary.actor
    )
    assert (changed.grade, changed.acknowledged_at, changed.follow_up_by) == ("qualified", None, None)
    assert [v.grade for v in queries.verdicts_of(row)] == ["basic", "qualified"]
    first, second = (
        Fact.objects.get(kind="review.graded", person=row.person_id),
        Fact.objects.get(kind="review.corrected"),
    )
    assert second.corrects == first.pk
    assert second.data == {"year": "2026", "grade": "qualified", "before": "basic"}
    with pytest.raises(Refused):
        actions.correct(
            review=review, member=row, grade="qualified", reason="", correction="再改", by=cast.secretary.actor
        )


def test_acknowledging_and_the_talk_after(make, cast, clock):
    review = make("closed", grades={"张伟": "basic"})
    for _n in range(2):
        actions.acknowledge(review=review, by=cast.member.actor)
    assert Fact.objects.filter(kind="review.acknowledged").count() == 1
    row = row_of(review, cast.member)
    today = dt.date(2026, 11, 16)
    for on in (today - dt.timedelta(days=1), today + dt.timedelta(days=1)):
        with pytest.raises(Invalid):
            actions.follow_up(review=review, member=row, on=on, by=cast.secretary.actor)
    done = actions.follow_up(review=review, member=row, on=today, by=cast.secretary.actor)
    assert done.followed_up_on == today
    with pytest.raises(Refused):
        actions.follow_up(review=review, member=row_of(review, cast.colleague), on=today, by=cast.secretary.actor)
    assert not [todo for todo in queries.todos(cast.secretary.actor, today) if "谈话" in str(todo.title)]


@pytest.fixture
def mobile(city, cast, clock):
    """高燕: a mobile member of another branch, whom our secretary may see as a volunteer of the community."""
    person = city.people["other_branch"][1]
    on = dt.date(2026, 3, 1)
    people.set_state(person=person, by=SYSTEM, on=on, reason="外出务工", mobile=True, mobile_to="云山市")
    people.relate(person=person, org=city.branch, kind="volunteer", by=SYSTEM, on=dt.date(2026, 1, 1))
    return person


def test_a_mobile_member_takes_part_here_and_home_is_told(make, city, cast, mobile):
    """DOMAIN 1.1.5: the mobile branch reports 民主评议 results back to the member's home branch."""
    head = city.people["other_branch"][0]
    people.appoint(person=head, org=city.other_branch, post="secretary", by=SYSTEM, on=dt.date(2024, 3, 1))
    at_home = actions.open_review(org=city.other_branch, by=actor_of_person(head))
    review = make()
    assert mobile in queries.may_be_invited(review, cast.secretary.actor)
    row = actions.invite(review=review, person=mobile, by=cast.secretary.actor)
    with pytest.raises(Refused):
        actions.invite(review=review, person=mobile, by=cast.secretary.actor)
    [away] = queries.elsewhere(at_home)
    assert (away.person, away.elsewhere, away.graded) == (mobile, review, False)
    actor = actor_of_person(mobile)
    with pytest.raises(Refused):
        actions.rate_self(review=at_home, text=TEXT, by=actor)
    actions.rate_self(review=review, text=TEXT, grade="qualified", by=actor)
    actions.open_ballot(review=review, by=cast.secretary.actor, on_the_spot=False)
    review.refresh_from_db()
    assert polls.row_of(review.poll, mobile.pk).has_vote
    for name in ("secretary", "member", "colleague"):
        voting.cast(poll=review.poll, choices={}, by=getattr(cast, name).actor)
    voting.close_poll(poll=review.poll, by=cast.secretary.actor)
    actions.begin_deciding(review=review, by=cast.secretary.actor)
    actions.decide(review=review, verdicts=verdicts(review, {"高燕": "excellent"}), by=cast.secretary.actor)
    actions.close(review=review, by=cast.secretary.actor)
    fact = Fact.objects.get(kind="review.reported")
    assert (fact.org, fact.person, fact.data["of"]) == (city.other_branch.pk, mobile.pk, city.branch.pk)
    assert Notice.objects.filter(person=head, kind="review", title__contains="高燕").count() == 1
    [told] = queries.elsewhere(at_home)
    assert (told.is_told, told.reported) == (True, "excellent")
    assert [one.pk for one in queries.reported_to(actor_of_person(head))] == [row.pk]
    assert not queries.reported_to(cast.neighbour.actor).exists()


def test_an_invitation_is_taken_back(make, city, cast, mobile):
    review = make()
    row = actions.invite(review=review, person=mobile, by=cast.secretary.actor)
    actions.rate_peers(review=review, ratings={row.pk: ("qualified", "好")}, by=cast.member.actor)
    actions.uninvite(review=review, member=row, by=cast.secretary.actor)
    assert not ReviewMember.objects.filter(person=mobile).exists()
    assert not PeerRating.objects.exists()
    with pytest.raises(Invalid):
        actions.uninvite(review=review, member=row_of(review, cast.member), by=cast.secretary.actor)
    with pytest.raises(Invalid):
        actions.invite(review=review, person=city.people["sister"][1], by=SYSTEM)


def test_a_cancelled_review_makes_room_for_another(make, city, cast):
    review = make("voting")
    with pytest.raises(Invalid):
        actions.cancel(review=review, reason="", by=cast.secretary.actor)
    actions.cancel(review=review, reason="人没到齐", by=cast.secretary.actor)
    review.poll.refresh_from_db()
    assert review.poll.state == "void"
    assert actions.open_review(org=city.branch, by=cast.secretary.actor).pk != review.pk
    with pytest.raises(Refused):
        actions.cancel(
            review=make("closed", org=city.sister, by=cast.neighbour.actor), reason="晚了", by=cast.neighbour.actor
        )


def test_the_close_keeps_the_duty(make, city, cast, deliver):
    """DOMAIN 1.3 民主评议党员: once a year; the appraisal itself counts, and the meeting does as before."""
    from gongjian.appraisal.standards.models import Occurrence

    deliver()
    make("closed")
    deliver()
    [found] = Occurrence.objects.filter(object_kind="review", state="done")
    assert (found.org, str(found.on)) == (city.branch, "2026-11-16")
