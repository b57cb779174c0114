"""What is private between few: an appraisal with its verdicts and a file, a talk with its note, a card."""

import datetime as dt

from gongjian.appraisal.standards import actions as standards
from gongjian.appraisal.standards.models import Excuse
from gongjian.desks.orders import actions as orders
from gongjian.desks.reviews import actions as reviews
from gongjian.desks.reviews import queries as review_queries
from gongjian.desks.talks import actions as talks
from gongjian.desks.talks.models import Card
from gongjian.engines.voting import actions as voting
from gongjian.ground.kernel.actor import ANONYMOUS, SYSTEM
from gongjian.ground.kernel.clock import now, today
from gongjian.ground.kernel.ref import Ref
from gongjian.records.files import actions as files
from gongjian.records.notices import actions as notices
from gongjian.records.people.models import Membership

SECRETS = (
    "密谈情况",
    "密谈依据",
    "密谈点单",
    "密谈门口",
    "密谈退单",
    "密谈自评",
    "密谈互评",
    "密谈评语",
    "密谈备注",
    "密谈寄语",
    "密谈文件",
)


def set_up_private(city, cast) -> dict[str, list]:
    """Closed appraisal, talk and unsent card of the branch; their ids by kind, for the walk."""
    by = cast.secretary.actor
    review = reviews.open_review(org=city.branch, by=by)
    reviews.rate_self(review=review, text="密谈自评，这一年做了这些事。", by=cast.member.actor)
    rows = {row.person_id: row for row in review_queries.taking_part(review)}
    about = rows[cast.colleague.person.pk]
    reviews.rate_peers(review=review, ratings={about.pk: ("qualified", "密谈互评")}, by=cast.member.actor)
    reviews.open_ballot(review=review, by=by)
    review.refresh_from_db()
    voting.close_poll(poll=review.poll, by=by)
    reviews.begin_deciding(review=review, by=by)
    verdicts = {
        row.pk: ("basic" if row.pk == about.pk else "qualified", "密谈评语") for row in rows.values() if row.graded
    }
    reviews.decide(review=review, verdicts=verdicts, by=by)
    reviews.close(review=review, by=by)
    scan = files.Given("密谈文件.pdf", b"%PDF-1.7\n%%EOF\n")
    kept = files.keep(by=by, upload=scan, subject=Ref.of("review", review.pk), org=city.branch.pk)
    talk = talks.record(other=cast.colleague.person.pk, on=today(), form="face", note="密谈备注", by=cast.member.actor)
    near = today() + dt.timedelta(days=3)
    Membership.objects.filter(person=cast.member.person).update(
        joined_on=near.replace(year=near.year - 9, day=min(near.day, 28))
    )
    talks.wish(card=True, by=cast.member.actor)
    talks.prepare_cards(by=SYSTEM)
    Card.objects.update(words="密谈寄语")
    robot = notices.add_robot(org=city.branch, channel="wecom", token="a-token-of-the-branch", by=SYSTEM)
    waiting = notices.send_test(by=SYSTEM, channel="wecom", robot=robot)
    asked, _token = orders.raise_order(
        kind="repair",
        org=city.community,
        text="密谈点单，灯坏了",
        where="密谈门口",
        name="密大妈",
        by=ANONYMOUS,
        key="p" * 32,
    )
    orders.dispatch(order=asked, person=cast.member.person, by=cast.community.actor)
    orders.hand_back(order=asked, reason="密谈退单", by=cast.member.actor)
    excuse = Excuse.objects.create(
        org=city.branch, duty="theme_day_monthly", period="2026-11", reason="密谈情况说明",
        asked_by=cast.secretary.person.pk, asked_at=now(),
    )  # fmt: skip
    resting = standards.declare_moratorium(
        org=city.street, duties=["party_lesson_quarterly"], starts_on=today(), ends_on=today(), basis="密谈依据文件",
        by=cast.district.actor,
    )  # fmt: skip
    return {
        "excuse": [excuse.pk],
        "moratorium": [resting.pk],
        "order": [asked.pk],
        "robot": [robot.pk],
        "outgoing": [waiting.pk],
        "review": [review.pk], "review_member": [about.pk, rows[cast.member.person.pk].pk], "talk": [talk.pk],
        "card": list(Card.objects.values_list("pk", flat=True)), "file": [kept.key],
    }  # fmt: skip
