"""Deeds of the yearly appraisal: open, rate, invite, ballot, decide, close, correct, follow up, cancel."""

import datetime as dt
from collections.abc import Mapping

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.desks.reviews import queries, rules
from gongjian.desks.reviews.models import PeerRating, Review, ReviewMember, Verdict
from gongjian.desks.reviews.states import CANCELLED, CLOSED, DECIDING, FLOW, RATING
from gongjian.engines.flow.moves import touch
from gongjian.engines.voting import actions as voting
from gongjian.engines.voting.expected import expected_of
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, NotFound, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records import facts
from gongjian.records.facts import names
from gongjian.records.notices.actions import tell
from gongjian.records.orgs.models import Organisation
from gongjian.records.people import queries as people
from gongjian.records.people.models import Person


def ref(review: Review) -> Ref:
    """A review as a Ref."""
    return Ref.of("review", review.pk)


def _locked(review: Review, by: Actor, permission: str, *states: str) -> Review:
    review = queries.get_for(by, review.pk, lock=True)
    by.require(permission, review.org)
    if review.state not in states:
        raise Refused(_("现在是“%(state)s”，不能这样做。") % {"state": FLOW.word(review.state)})
    return review


@transaction.atomic
def open_review(
    *, org: Organisation, by: Actor, year: str = "", rating_until: dt.date | None = None, meeting: str = "",
    at: dt.datetime | None = None,
) -> Review:  # fmt: skip
    """Begin a branch's appraisal of a year (开始民主评议) and tell its members; the roll is that of today.

    Members who take part where they live (invited there this year) stand on the roll with that review's name.
    Raises Refused if the branch has one for that year already; `meeting` is a Ref's text or empty.
    """
    by.require("reviews.run", org)
    moment = at or clock.now()
    day = clock.day_of(moment)
    year = year or f"{day.year}"
    if not (year.isdecimal() and len(year) == 4 and 0 <= day.year - int(year) <= 1):
        raise Invalid(_("年度应为今年或者去年。"), field="year")
    if org.level != "branch" or org.kind == "group" or not org.is_alive:
        raise Invalid(_("民主评议以党支部为单位开展。"), field="org")
    pack = policy.on(day).reviews
    until = rating_until or day + dt.timedelta(days=pack.rating_days)
    if until < day:
        raise Invalid(_("截止日期不能早于今天。"), field="rating_until")
    if meeting and (":" not in meeting or meeting.partition(":")[0] not in names.registers):
        raise Invalid(_("没有找到这次会议。"), field="meeting")
    rows = expected_of(org, day)
    if not any(rules.is_graded(row.membership.kind) for row in rows if row.membership):
        raise Refused(_("这个支部没有正式党员，不需要评议。"))
    review = Review(org=org, year=year, rating_until=until, meeting=meeting, opened_at=moment, opened_by=by.person)
    try:
        with transaction.atomic():
            review.save(force_insert=True)
    except IntegrityError:
        raise Refused(_("%(year)s年度的民主评议已经开始了。") % {"year": year}) from None
    away = {
        row.person_id: row.review_id
        for row in ReviewMember.objects.filter(
            person__in=[row.person.pk for row in rows], review__year=year, home=org
        ).exclude(review__state=CANCELLED)
    }
    ReviewMember.objects.bulk_create(
        ReviewMember(
            review=review, person=row.person, kind=row.membership.kind, elsewhere_id=away.get(row.person.pk),
            graded=rules.is_graded(row.membership.kind) and row.person.pk not in away,
        )
        for row in rows if row.membership
    )  # fmt: skip
    facts.record(
        "review.opened", by=by, at=moment, org=org.pk, obj=ref(review), source=f"review:{review.pk}:opened",
        data={"year": year, "members": len(rows), "on": day.isoformat()},
    )  # fmt: skip
    tell(
        people=[row.person.pk for row in rows if row.person.pk not in away], kind="review",
        title=_("%(org)s开始%(review)s") % {"org": org.short_name or org.name, "review": review},
        body=_("请在 %(day)s 前写好自评，并参加党员互评。") % {"day": f"{until:%m月%d日}"},
        link=reverse("reviews:self", args=[review.pk]), key=f"review:{review.pk}:opened", at=moment,
    )  # fmt: skip
    return review


@transaction.atomic
def rate_self(*, review: Review, text: str, by: Actor, grade: str = "", at: dt.datetime | None = None) -> ReviewMember:
    """Hand in one's self-rating (个人自评); again changes it, until the ballot begins. A grade is proposed by who gets one."""
    row = queries.own_for(by, review.pk)
    if row.elsewhere_id:
        raise Refused(_("您在另一个支部参加今年的评议，请在那里自评。"))
    _rating(row.review)
    text = text.strip()
    if len(text) < 10:
        raise Invalid(_("自评请至少写十个字：这一年做了什么，还有什么不足。"), field="text")
    if len(text) > 5000:
        raise Invalid(_("自评请不超过五千字。"), field="text")
    if grade and (not row.graded or grade not in queries.pack_of(row.review).grades):
        raise Invalid(_("没有这个等次，或者您这次不评定等次。"), field="grade")
    moment = at or clock.now()
    ReviewMember.objects.filter(pk=row.pk).update(self_text=text, self_grade=grade, self_at=moment)
    facts.record(
        "review.self_rated", by=by, at=moment, person=row.person_id, org=row.review.org_id, obj=ref(row.review),
        source=f"review:{row.review_id}:self:{row.person_id}", data={"year": row.review.year},
    )  # fmt: skip
    row.refresh_from_db()
    return row


def _rating(review: Review) -> None:
    # the row is held against the ballot's beginning: what comes later than the ballot must not change the picture
    state = Review.objects.select_for_update(no_key=True).values_list("state", flat=True).get(pk=review.pk)
    if state != RATING:
        raise Refused(_("自评互评已经结束，不能再改。"))


@transaction.atomic
def rate_peers(
    *, review: Review, ratings: Mapping[int, tuple[str, str]], by: Actor, at: dt.datetime | None = None
) -> int:
    """Say of other members what grade they deserve and what one thinks (党员互评): row → (grade, remark), both optional.

    Empty ones take back what was said before. Returns how many others one has said something of.
    """
    row = queries.own_for(by, review.pk)
    if row.elsewhere_id:
        raise Refused(_("您在另一个支部参加今年的评议。"))
    _rating(row.review)
    known = queries.pack_of(row.review).grades.ids()
    others = {other.pk: other for other in queries.taking_part(row.review)}
    moment = at or clock.now()
    keep, drop = [], []
    for about, (grade, text) in ratings.items():
        other = others.get(about)
        if other is None or about == row.pk:
            raise Invalid(_("名单已有变化，请刷新页面后再填。"))
        if grade and (grade not in known or not other.graded):
            raise Invalid(_("没有这个等次，或者对方这次不评定等次。"))
        if len(text) > 300:
            raise Invalid(_("对一位同志的意见请不超过三百字。"))
        if grade or text.strip():
            keep.append(PeerRating(about=other, by_id=row.person_id, grade=grade, text=text.strip(), at=moment))
        else:
            drop.append(about)
    PeerRating.objects.filter(about__in=drop, by=row.person_id).delete()
    PeerRating.objects.bulk_create(
        keep, update_conflicts=True, unique_fields=["about", "by"], update_fields=["grade", "text", "at"]
    )
    said = PeerRating.objects.filter(about__review=row.review_id, by=row.person_id).count()
    if keep:
        facts.record(
            "review.peers_rated", by=by, at=moment, person=row.person_id, org=row.review.org_id, obj=ref(row.review),
            source=f"review:{row.review_id}:peers:{row.person_id}", data={"year": row.review.year},
        )  # fmt: skip
    return said


@transaction.atomic
def invite(*, review: Review, person: Person, by: Actor, at: dt.datetime | None = None) -> ReviewMember:
    """Take in a mobile member whose membership is elsewhere (流动党员); the result will be reported to that branch.

    Raises Refused if they take part somewhere else already, or their own branch has begun without knowing.
    """
    review = _locked(review, by, "reviews.run", RATING)
    member = people.membership_of(person.pk)
    if member is None or member.org_id == review.org_id or not member.mobile:
        raise Invalid(_("只邀请组织关系在其他支部的流动党员。"), field="person")
    others = ReviewMember.objects.filter(person=person, review__year=review.year).exclude(review__state=CANCELLED)
    if others.filter(home__isnull=False).exists():
        raise Refused(_("%(name)s今年已在别处参加评议。") % {"name": person.name})
    at_home = others.filter(review__org=member.org_id).select_related("review").first()
    if at_home is not None and at_home.review.state != RATING:
        raise Refused(_("原支部已经开始测评，请让%(name)s在原支部参加。") % {"name": person.name})
    row = ReviewMember.objects.create(
        review=review, person=person, kind=member.kind, graded=rules.is_graded(member.kind), home=member.org
    )
    if at_home is not None:
        ReviewMember.objects.filter(pk=at_home.pk).update(elsewhere=review, graded=False)
    facts.record(
        "review.guest_added", by=by, at=at, person=person.pk, org=review.org_id, obj=ref(review),
        data={"year": review.year, "from": member.org_id},
    )  # fmt: skip
    tell(
        people=[person.pk], kind="review",
        title=_("%(org)s请您参加%(review)s") % {"org": review.org.name, "review": review},
        body=_("请写好自评，并参加党员互评；结果会反馈给您组织关系所在的支部。"),
        link=reverse("reviews:self", args=[review.pk]), key=f"review:{review.pk}:guest:{row.pk}", at=at,
    )  # fmt: skip
    return row


@transaction.atomic
def uninvite(*, review: Review, member: ReviewMember, by: Actor, at: dt.datetime | None = None) -> None:
    """Take an invitation back (撤回邀请) before the ballot; what was rated meanwhile goes with it."""
    review = _locked(review, by, "reviews.run", RATING)
    if member.review_id != review.pk or member.home_id is None:
        raise Invalid(_("只能撤回对流动党员的邀请。"))
    ReviewMember.objects.filter(
        person=member.person_id, elsewhere=review, review__org=member.home_id
    ).update(elsewhere=None, graded=rules.is_graded(member.kind))  # fmt: skip
    PeerRating.objects.filter(about=member).delete()
    PeerRating.objects.filter(about__review=review, by=member.person_id).delete()
    person = member.person_id
    member.delete()
    facts.record("review.guest_removed", by=by, at=at, person=person, org=review.org_id, obj=ref(review))


@transaction.atomic
def open_ballot(*, review: Review, by: Actor, on_the_spot: bool = True, at: dt.datetime | None = None) -> Review:
    """Begin the secret ballot (民主测评): one ballot with a line for each member, a grade or 弃权 in each.

    `on_the_spot`: only who is registered as present may vote by phone. Who gets no grade votes if they have a vote.
    Raises Refused while an earlier ballot stands.
    """
    review = queries.get_for(by, review.pk, lock=True)
    by.require("reviews.run", review.org)
    if review.poll is not None and review.poll.state != "void":
        raise Refused(_("测评已经开始。要重新测评，请先把原来的投票作废。"))
    options = [{"id": grade.id, "label": grade.title} for grade in queries.pack_of(review).grades]
    rows = [row for row in queries.taking_part(review) if row.graded]
    # told twice it is one ballot; after an annulled one it is another
    rounds = "first" if review.poll is None else f"after-{review.poll_id}"
    poll = voting.open_poll(
        org=review.org, subject=ref(review), title=_("%(review)s：民主测评") % {"review": review}, rule="review", by=by,
        items=[{"id": str(row.pk), "label": row.person.name} for row in rows],
        options=[*options, {"id": "abstain", "label": _("弃权")}], voters=queries.roll_of(review),
        needs_presence=on_the_spot, at=at, key=f"review:{review.pk}:{rounds}",
    )  # fmt: skip
    FLOW.move(review, "ballot", by=by, at=at, changes={"poll_id": poll.pk}, data={"year": review.year})
    return review


@transaction.atomic
def begin_deciding(*, review: Review, by: Actor, at: dt.datetime | None = None) -> Review:
    """Go on to the verdicts (进入评定), once the ballot's result is declared."""
    review = queries.get_for(by, review.pk, lock=True)
    if review.poll is None or review.poll.state != "closed":
        raise Refused(_("请先宣布测评结果，再评定等次。"))
    FLOW.move(review, "decide", by=by, at=at, data={"year": review.year})
    return review


@transaction.atomic
def decide(
    *, review: Review, verdicts: Mapping[int, tuple[str | None, str]], by: Actor, at: dt.datetime | None = None
) -> int:
    """Enter the committee's verdicts (评定等次): row → (grade, reason); grade None leaves it open, "" means no grade.

    A draft until the close: changed freely, told to nobody. Returns how many rows changed.
    """
    review = _locked(review, by, "reviews.decide", DECIDING)
    known, moment, changed = queries.pack_of(review).grades.ids(), at or clock.now(), 0
    rows = {row.pk: row for row in queries.taking_part(review) if row.graded}
    for ident, (grade, reason) in verdicts.items():
        row = rows.get(ident)
        if row is None:
            raise Invalid(_("名单里没有这位党员，或者他（她）不评定等次。"))
        if grade and grade not in known:
            raise Invalid(_("没有这个等次。"))
        reason = reason.strip()[:500]
        if (row.grade, row.reason) != (grade, reason):
            ReviewMember.objects.filter(pk=row.pk).update(
                grade=grade, reason=reason, decided_by=by.person if grade is not None else None,
                decided_at=moment if grade is not None else None,
            )  # fmt: skip
            changed += 1
    return changed


@transaction.atomic
def close(*, review: Review, by: Actor, over_cap_reason: str = "", at: dt.datetime | None = None) -> Review:
    """Fix the verdicts, tell each member privately and report guests' results to their branches (评定并告知).

    Raises Refused while somebody has no verdict or a needed reason is missing, or if there are more 优秀 than is usual
    and no reason says why (the text says 一般: it is asked about, not forbidden).
    """
    review = _locked(review, by, "reviews.decide", DECIDING)
    rows, pack = list(queries.taking_part(review)), queries.pack_of(review)
    found = queries.checked(review, rows)
    named = {row.pk: row.person.name for row in rows}
    if found.undecided:
        raise Refused(_("还没有评定：%(names)s。") % {"names": "、".join(named[i] for i in found.undecided[:10])})
    if found.without_reason:
        raise Refused(_("请写明理由：%(names)s。") % {"names": "、".join(named[i] for i in found.without_reason[:10])})
    if found.over and len(over_cap_reason.strip()) < 5:
        raise Invalid(
            _("评为优秀的有 %(n)d 人，一般不超过 %(most)d 人。确需超过的，请写明理由。") % {"n": found.capped, "most": found.most},
            field="over_cap_reason",
        )  # fmt: skip
    moment = at or clock.now()
    FLOW.move(
        review, "close", by=by, at=moment,
        changes={"closed_at": moment, "over_cap_reason": over_cap_reason.strip()[:300] if found.over else ""},
        data={"year": review.year, "members": len(rows), "on": clock.day_of(moment).isoformat(),
              "grades": dict(rules.counts((row.grade for row in rows if row.graded), pack.grades.ids()))},
    )  # fmt: skip
    for row in rows:
        if row.graded:
            _pronounce(review, row, by=by, at=moment)
    tell(
        people=[row.person_id for row in rows], kind="review", title=_("%(review)s已有结果") % {"review": review},
        body=_("您的结果只有您本人和支部委员会看得到，请查看。"), link=reverse("reviews:result", args=[review.pk]),
        key=f"review:{review.pk}:closed", at=moment,
    )  # fmt: skip
    for row in rows:
        if row.home_id:
            _report(review, row, by=by, at=moment)
    return review


def _pronounce(
    review: Review, row: ReviewMember, *, by: Actor, at: dt.datetime, correction: str = "", before: str | None = None
) -> None:
    """Write the verdict that a member is told, its fact, and the talk that follows a weak one."""
    grade = queries.pack_of(review).grades.get(row.grade) if row.grade else None
    Verdict.objects.create(
        member=row, grade=row.grade or "", reason=row.reason, correction=correction, given_by=by.person, given_at=at
    )
    what = {"year": review.year, "grade": row.grade or ""}
    about = {"by": by, "at": at, "person": row.person_id, "org": row.home_id or review.org_id, "obj": ref(review)}
    if before is None:
        fact = facts.record("review.graded", source=f"review:{review.pk}:graded:{row.person_id}", data=what, **about)
    else:
        fact = facts.record("review.corrected", data={**what, "before": before}, corrects=row.fact, **about)
    due = None
    if grade is not None and grade.follow_up:
        due = clock.day_of(at) + dt.timedelta(days=queries.pack_of(review).follow_up_days)
    ReviewMember.objects.filter(pk=row.pk).update(
        fact=fact.pk, grade=row.grade, reason=row.reason, decided_by=by.person, decided_at=at, acknowledged_at=None,
        follow_up_by=row.follow_up_by if due and row.follow_up_by else due,
    )  # fmt: skip


def _report(review: Review, row: ReviewMember, *, by: Actor, at: dt.datetime, again: str = "") -> None:
    """Tell the branch where a guest's membership is what came out."""
    facts.record(
        "review.reported", by=by, at=at, person=row.person_id, org=row.home_id, obj=ref(review),
        source=f"review:{review.pk}:reported:{row.person_id}{again}", data={"year": review.year, "of": review.org_id},
    )  # fmt: skip
    tell(
        people=people.officers_who_may(row.home, "reviews.results"), kind="review",
        title=_("%(name)s的%(review)s结果已反馈") % {"name": row.person.name, "review": review},
        body=_("%(name)s在%(org)s参加评议，结果请在本支部的民主评议里查看。") % {"name": row.person.name, "org": review.org.name},
        link=reverse("reviews:reported"), key=f"review:{review.pk}:reported:{row.person_id}{again}", at=at,
    )  # fmt: skip


@transaction.atomic
def correct(
    *, review: Review, member: ReviewMember, grade: str, reason: str, correction: str, by: Actor,
    at: dt.datetime | None = None,
) -> ReviewMember:  # fmt: skip
    """Give a new verdict after the close (更正等次), with the reason of the correction; the earlier one stays on record.

    The member is told again. Raises Refused if nothing changes.
    """
    review = _locked(review, by, "reviews.decide", CLOSED)
    row = ReviewMember.objects.select_for_update(of=("self",)).select_related("person", "home").get(pk=member.pk)
    if row.review_id != review.pk or not row.graded:
        raise NotFound(queries.NOTHING)
    described = queries.pack_of(review).grades.get(grade) if grade else None
    if grade and described is None:
        raise Invalid(_("没有这个等次。"), field="grade")
    reason, correction = reason.strip()[:500], correction.strip()[:200]
    if len(correction) < 2:
        raise Invalid(_("请写明为什么更正。"), field="correction")
    if (not grade or (described and described.needs_reason)) and not reason:
        raise Invalid(_("请写明理由。"), field="reason")
    if (row.grade, row.reason) == (grade, reason):
        raise Refused(_("等次和理由都没有变化。"))
    before, row.grade, row.reason = row.grade or "", grade, reason
    moment = at or clock.now()
    _pronounce(review, row, by=by, at=moment, correction=correction, before=before)
    number = Verdict.objects.filter(member=row).count()
    touch(review, (CLOSED,))
    tell(
        people=[row.person_id], kind="review", title=_("%(review)s：您的结果有更正") % {"review": review},
        link=reverse("reviews:result", args=[review.pk]), key=f"review:{review.pk}:corrected:{number}", at=moment,
    )  # fmt: skip
    if row.home_id:
        _report(review, row, by=by, at=moment, again=f":{number}")
    row.refresh_from_db()
    return row


@transaction.atomic
def acknowledge(*, review: Review, by: Actor, at: dt.datetime | None = None) -> ReviewMember:
    """Say that one has read one's result (本人知悉); twice is once."""
    row = queries.own_for(by, review.pk)
    if row.review.state != CLOSED or row.elsewhere_id:
        raise Refused(_("结果还没有出来。"))
    moment = at or clock.now()
    if ReviewMember.objects.filter(pk=row.pk, acknowledged_at__isnull=True).update(acknowledged_at=moment):
        facts.record(
            "review.acknowledged", by=by, at=moment, person=row.person_id, org=row.review.org_id, obj=ref(row.review),
            data={"year": row.review.year},
        )  # fmt: skip
    row.refresh_from_db()
    return row


@transaction.atomic
def follow_up(
    *, review: Review, member: ReviewMember, on: dt.date, by: Actor, at: dt.datetime | None = None
) -> ReviewMember:
    """Note that the talk which follows a weak grade was held (评议后谈话); again corrects the day. No content is kept."""
    review = _locked(review, by, "reviews.decide", CLOSED)
    if member.review_id != review.pk or member.follow_up_by is None:
        raise Refused(_("这位党员不需要评议后谈话。"))
    if on > clock.today() or on < clock.day_of(review.closed_at):
        raise Invalid(_("谈话日期应在评定之后、今天或以前。"), field="on")
    ReviewMember.objects.filter(pk=member.pk).update(followed_up_on=on, followed_up_by=by.person)
    facts.record(
        "review.followed_up", by=by, at=at, person=member.person_id, org=review.org_id, obj=ref(review),
        source=f"review:{review.pk}:talk:{member.pk}:{on}", data={"year": review.year, "on": on.isoformat()},
    )  # fmt: skip
    member.refresh_from_db()
    return member


@transaction.atomic
def cancel(*, review: Review, reason: str, by: Actor, at: dt.datetime | None = None) -> Review:
    """Cancel an appraisal under way (取消), with a reason; another may then be opened for the same year."""
    review = queries.get_for(by, review.pk, lock=True)
    if len(reason.strip()) < 2:
        raise Invalid(_("请写明取消的原因。"), field="reason")
    if review.poll is not None and review.poll.state in ("open", "counting"):
        voting.void_poll(poll=review.poll, reason=reason, by=by, at=at)
    ReviewMember.objects.filter(elsewhere=review, kind="formal").update(graded=True)
    ReviewMember.objects.filter(elsewhere=review).update(elsewhere=None)
    FLOW.move(
        review, "cancel", by=by, at=at, changes={"cancel_reason": reason.strip()[:200]}, data={"year": review.year}
    )
    return review
