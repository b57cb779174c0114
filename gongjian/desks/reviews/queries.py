"""Reads of appraisals; every one knows who asks. What was said of somebody is for those who decide, and for them."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import Count, Exists, OuterRef, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.desks.reviews import rules
from gongjian.desks.reviews.models import PeerRating, Review, ReviewMember, Verdict
from gongjian.desks.reviews.states import CANCELLED, CLOSED, DECIDING, RATING, UNDER_WAY, VOTING
from gongjian.engines.voting import queries as voting
from gongjian.engines.voting.expected import Expected, expected_of
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.kernel.manifest import Todo
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.kernel.scope import scope_q
from gongjian.ground.policy.reviews_schema import Grade, Reviews
from gongjian.records.facts import names as registers
from gongjian.records.facts.queries import about_object
from gongjian.records.orgs.models import Organisation
from gongjian.records.people import queries as people
from gongjian.records.people.models import Dated, Membership, Person

NOTHING = "没有找到这次评议，或者它不在您的可见范围内。"


def pack_of(review: Review) -> Reviews:
    """The pack's rules on the day the review was opened: what was begun is finished by the same rules."""
    return policy.on(clock.day_of(review.opened_at)).reviews


def grade_titles(review: Review) -> dict[str, str]:
    """Titles by grade, with the words for no grade."""
    return {**{grade.id: grade.title for grade in pack_of(review).grades}, "": _("不评定等次")}


def names(ids: Iterable[int]) -> dict[int, str]:
    """What reviews are called in timelines."""
    found = Review.objects.filter(pk__in=list(ids)).select_related("org")
    return {review.pk: f"{review.org.name}{review}" for review in found}


def _own(actor: Actor) -> bool:
    return bool(actor.person) and (actor.token_scopes is None or "reviews.take_part" in actor.token_scopes)


def visible_to(actor: Actor) -> QuerySet[Review]:
    """Reviews of organisations that the actor may look into, and those in which one takes part."""
    if actor.kind == "system":
        return Review.objects.all()
    condition = scope_q(actor, "reviews.view", prefix="org__")
    if _own(actor):
        condition |= Exists(ReviewMember.objects.filter(review=OuterRef("pk"), person=actor.person))
    return Review.objects.filter(condition)


def get_for(actor: Actor, ident: int | str, *, lock: bool = False) -> Review:
    """One review that the actor may see; NotFound otherwise. With `lock` its row is held until the transaction ends."""
    found = visible_to(actor).select_related("org", "poll")
    if lock:
        found = found.select_for_update(of=("self",), no_key=True)
    try:
        return found.get(pk=ident)
    except (Review.DoesNotExist, ValueError, OverflowError, TypeError):
        raise NotFound(NOTHING) from None


def own_row(review: Review, actor: Actor) -> ReviewMember | None:
    """The actor's own row."""
    if not actor.person:
        return None
    return (
        ReviewMember.objects.select_related("review__org", "person").filter(review=review, person=actor.person).first()
    )


def own_for(actor: Actor, ident: int | str) -> ReviewMember:
    """The actor's own row of a review; NotFound for who takes no part."""
    if not _own(actor):
        raise NotFound(NOTHING)
    row = own_row(get_for(actor, ident), actor)
    if row is None:
        raise NotFound(NOTHING)
    return row


def member_for(actor: Actor, review: Review, ident: int | str) -> ReviewMember:
    """One member's row, for who reads named results there; NotFound otherwise."""
    found = ReviewMember.objects.select_related("person", "home", "elsewhere__org").filter(review=review)
    try:
        if not actor.may_at("reviews.results", review.org):
            raise ReviewMember.DoesNotExist
        return found.get(pk=ident)
    except (ReviewMember.DoesNotExist, ValueError, OverflowError, TypeError):
        raise NotFound(NOTHING) from None


def taking_part(review: Review) -> QuerySet[ReviewMember]:
    """Who takes part here, by name."""
    rows = ReviewMember.objects.filter(review=review, elsewhere__isnull=True)
    return rows.select_related("person", "home").order_by("person__pinyin", "person_id")


def elsewhere(review: Review) -> list[ReviewMember]:
    """Members of this branch who take part where they live; their grade is what was reported from there."""
    rows = list(
        ReviewMember.objects.filter(review=review, elsewhere__isnull=False)
        .select_related("person", "elsewhere__org").order_by("person__pinyin", "person_id")
    )  # fmt: skip
    told = {
        (row.review_id, row.person_id): row.grade
        for row in ReviewMember.objects.filter(
            review__in={row.elsewhere_id for row in rows}, review__state=CLOSED, person__in={r.person_id for r in rows}
        )
    }
    for row in rows:
        row.reported = told.get((row.elsewhere_id, row.person_id))
        row.is_told = (row.elsewhere_id, row.person_id) in told
    return rows


def roll_of(review: Review) -> list[Expected]:
    """Who may vote in the ballot: the members of the branch, without those who take part elsewhere, and its guests."""
    day = clock.today()
    rows = {row.person_id: row for row in taking_part(review)}
    found = [row for row in expected_of(review.org, day) if row.person.pk in rows]
    known = {row.person.pk for row in found}
    guests = [row for row in rows.values() if row.home_id and row.person_id not in known]
    held = Membership.objects.filter(Dated.current_q(day), person__in=[row.person_id for row in guests])
    memberships = {row.person_id: row for row in held}
    for row in guests:
        member = memberships.get(row.person_id)
        has_vote = member is not None and member.kind == "formal" and member.state == "normal"
        found.append(Expected(row.person, member, has_vote, True, "" if has_vote else _("没有表决权。")))
    return found


def may_be_invited(review: Review, actor: Actor) -> list[Person]:
    """流动党员 of other branches whom the actor may see and who take part nowhere else this year."""
    busy = ReviewMember.objects.filter(
        person=OuterRef("pk"), review__year=review.year, elsewhere__isnull=True, home__isnull=False
    ).exclude(review__state=CANCELLED)
    here = ReviewMember.objects.filter(person=OuterRef("pk"), review=review)
    mobile = Membership.objects.filter(Dated.current_q(clock.today()), person=OuterRef("pk"), mobile=True)
    found = people.visible_to(actor).filter(Exists(mobile.exclude(org=review.org)), ~Exists(busy), ~Exists(here))
    return list(found.order_by("pinyin", "id")[:200])


def tallies_of(review: Review) -> dict[int, dict[str, int]]:
    """Row → option → votes of the declared ballot; empty before."""
    outcome = voting.outcome_of(review.poll) if review.poll and review.poll.state == "closed" else None
    return {int(item): votes for item, votes in outcome.tallies.items()} if outcome else {}


def peer_counts(review: Review) -> dict[int, dict[str, int]]:
    """Row → grade → how many peers."""
    found: dict[int, dict[str, int]] = {}
    rows = PeerRating.objects.filter(about__review=review).exclude(grade="").values("about", "grade")
    for row in rows.annotate(n=Count("pk")).order_by():
        found.setdefault(row["about"], {})[row["grade"]] = row["n"]
    return found


def grid(review: Review) -> list[ReviewMember]:
    """Everyone who takes part, with self-rating, peers and votes in words; four queries."""
    rows, titles = list(taking_part(review)), grade_titles(review)
    votes, peers = tallies_of(review), peer_counts(review)
    titles_voted = {**titles, "abstain": _("弃权")}
    for row in rows:
        row.self_word = titles.get(row.self_grade, "") if row.self_grade else ""
        row.peer_words = _said(peers.get(row.pk, {}), titles)
        row.vote_words = _said(votes.get(row.pk, {}), titles_voted)
        row.grade_word = titles.get(row.grade, row.grade) if row.grade is not None else ""
    return rows


def _said(numbers: dict[str, int], titles: dict[str, str]) -> str:
    return "，".join(f"{titles[key]} {numbers[key]}" for key in titles if numbers.get(key))


def checked(review: Review, rows: Iterable[ReviewMember]) -> rules.Checked:
    """What stands against the close."""
    rows, pack = list(rows), pack_of(review)
    return rules.check(
        [rules.Given(row.pk, row.grade, row.reason) for row in rows if row.graded],
        capped=[grade.id for grade in pack.grades if grade.capped],
        needs_reason=[grade.id for grade in pack.grades if grade.needs_reason],
        one_in=pack.excellent_one_in, base=pack.excellent_base, taking_part=len(rows),
    )  # fmt: skip


def summary(review: Review) -> list[tuple[str, int]]:
    """How many of each grade, once it is closed; what the whole branch may see."""
    if review.state != CLOSED:
        return []
    found = rules.counts(
        taking_part(review).filter(graded=True).values_list("grade", flat=True), pack_of(review).grades.ids()
    )
    titles = grade_titles(review)
    return [(titles[grade], number) for grade, number in found.items()]


def progress(review: Review) -> dict[str, int]:
    """How many take part, have rated themselves, have rated others, have a verdict, have read it."""
    peers = PeerRating.objects.filter(about__review=review).values("by").distinct().count()
    return {
        **taking_part(review).aggregate(
            members=Count("pk"), graded=Count("pk", filter=Q(graded=True)),
            selves=Count("pk", filter=Q(self_at__isnull=False)), decided=Count("pk", filter=Q(grade__isnull=False)),
            read=Count("pk", filter=Q(acknowledged_at__isnull=False)),
        ),
        "peers": peers,
    }  # fmt: skip


def peers_of(row: ReviewMember) -> list[tuple[ReviewMember, PeerRating | None]]:
    """The others, with what one has said of each so far."""
    said = {
        rating.about_id: rating for rating in PeerRating.objects.filter(about__review=row.review_id, by=row.person_id)
    }
    return [(other, said.get(other.pk)) for other in taking_part(row.review) if other.pk != row.pk]


def remarks_about(row: ReviewMember, *, named: bool) -> list[dict]:
    """Remarks of peers, in an order that does not tell who was first; with names for who decides."""
    found = PeerRating.objects.filter(about=row).exclude(text="").select_related("by").order_by("text")
    return [{"text": rating.text, "who": rating.by.name if named else ""} for rating in found]


def verdicts_of(row: ReviewMember) -> list[Verdict]:
    """All verdicts that were told, oldest first."""
    return list(Verdict.objects.filter(member=row))


def votes_word(row: ReviewMember) -> str:
    """One's own votes in words."""
    titles = {**grade_titles(row.review), "abstain": _("弃权")}
    return _said(tallies_of(row.review).get(row.pk, {}), titles)


def grade_of(row: ReviewMember) -> Grade | None:
    """The grade of a row; None without one."""
    return pack_of(row.review).grades.get(row.grade) if row.grade else None


def mine(actor: Actor) -> list[ReviewMember]:
    """One's own rows, newest year first, without cancelled reviews."""
    if not _own(actor):
        return []
    rows = ReviewMember.objects.filter(person=actor.person, elsewhere__isnull=True).exclude(review__state=CANCELLED)
    return list(rows.select_related("review__org", "review__poll").order_by("-review__year", "-pk")[:20])


def branches_for(actor: Actor) -> list[Organisation]:
    """Branches for which the actor may open a review, by name; at most a few hundred."""
    found = Organisation.objects.filter(scope_q(actor, "reviews.run"), level="branch", dissolved_on__isnull=True)
    return list(found.exclude(kind="group").order_by("name")[:300])


def of_org(org: Organisation, year: str) -> Review | None:
    """The review of a branch and a year, unless it was cancelled."""
    return Review.objects.filter(org=org, year=year).exclude(state=CANCELLED).first()


def meeting_of(review: Review) -> tuple[str, str]:
    """(title, address) of the meeting it belongs to; empty texts where there is none or its room tells no address."""
    if not review.meeting:
        return "", ""
    ref = Ref.parse(review.meeting)
    if ref.kind not in registers.registers:
        return "", ""
    found = registers.names_of(ref.kind, [int(ref.id)]).get(int(ref.id), "")
    return found or registers.title_of(ref.kind), registers.url_of(ref.kind, ref.id)


def fact_ids(review: Review) -> list[int]:
    """Facts about the review as a whole that name no person, for its proof."""
    about = about_object(Ref.of("review", review.pk)).filter(person__isnull=True)
    return list(about.values_list("pk", flat=True)[:200])


def todos(actor: Actor, day: dt.date) -> list[Todo]:
    """What waits: one's self-rating and result, and for organisers the next step of what is under way; three queries."""
    found = []
    if _own(actor):
        rows = ReviewMember.objects.filter(person=actor.person, elsewhere__isnull=True).select_related("review__org")
        for row in rows.filter(Q(review__state=RATING, self_at__isnull=True) | Q(
            review__state=CLOSED, acknowledged_at__isnull=True
        )).order_by("review__rating_until")[:10]:  # fmt: skip
            review = row.review
            if review.state == RATING:
                title = _("%(review)s：写自评、参加互评") % {"review": review}
                url, due, word = reverse("reviews:self", args=[review.pk]), review.rating_until, _("去写")
            else:
                title = _("%(review)s：查看您的结果") % {"review": review}
                url, due, word = reverse("reviews:result", args=[review.pk]), None, _("查看")
            found.append(Todo(title, url, hint=review.org.name, due_on=due, button=word))
    if actor.scopes("reviews.run"):
        here = Review.objects.filter(scope_q(actor, "reviews.run", prefix="org__"), org__level="branch")
        mine_only = {grant.org for grant in actor.grants if "reviews.run" in grant.permissions}
        for review in (
            here.filter(org__in=mine_only, state__in=UNDER_WAY).select_related("org").order_by("rating_until")[:5]
        ):
            words = {
                RATING: _("%(review)s：看自评互评进度"), VOTING: _("%(review)s：主持民主测评"), DECIDING: _("%(review)s：评定等次"),
            }  # fmt: skip
            found.append(
                Todo(
                    words[review.state] % {"review": review}, reverse("reviews:detail", args=[review.pk]),
                    hint=review.org.name, due_on=review.rating_until if review.state == RATING else None,
                )
            )  # fmt: skip
        owed = ReviewMember.objects.filter(
            scope_q(actor, "reviews.decide", prefix="review__org__"), review__org__in=mine_only, review__state=CLOSED,
            follow_up_by__isnull=False, followed_up_on__isnull=True,
        )  # fmt: skip
        for row in owed.select_related("person", "review").order_by("follow_up_by")[:5]:
            found.append(
                Todo(
                    _("评议后谈话：%(name)s") % {"name": row.person.name},
                    reverse("reviews:member", args=[row.review_id, row.pk]),
                    due_on=row.follow_up_by, button=_("去记录"),
                )
            )  # fmt: skip
    return found


def reported_to(actor: Actor) -> QuerySet[ReviewMember]:
    """Results that other branches reported of members of the actor's branches, newest first."""
    rows = ReviewMember.objects.filter(scope_q(actor, "reviews.results", prefix="home__"), review__state=CLOSED)
    return rows.select_related("person", "home", "review__org").order_by("-review__year", "-pk")
