"""Deeds: record and withdraw a talk, say one's wish, prepare, change and send cards."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.desks.talks import queries, rules
from gongjian.desks.talks.models import Card, Talk, Wish
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Forbidden, Invalid, NotFound, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records import facts
from gongjian.records.notices.actions import tell


@transaction.atomic
def record(*, other: int, on: dt.date, form: str, by: Actor, note: str = "", at: dt.datetime | None = None) -> Talk:
    """Note that one talked with a comrade of one's branch (记录谈心谈话); the same two on the same day is one talk.

    The other one is told and can take it back. The note is sealed and for the two alone; a fact names neither of them.
    """
    org = queries.own_branch(by)
    by.require("talks.take_part", org)
    today = clock.today()
    if form not in dict(Talk.FORMS):
        raise Invalid(_("请选择谈话方式。"), field="form")
    if on > today or on.year < today.year - 1:
        raise Invalid(_("日期应在今天或以前，最多补记到去年。"), field="on")
    if len(note) > 1000:
        raise Invalid(_("备注请不超过一千字。"), field="note")
    found = queries.circle(org, day=today)
    if other == by.person or other not in found.names:
        raise Invalid(_("请选择本支部的另一位同志。"), field="other")
    low, high = sorted((by.person, other))
    known = Talk.objects.filter(low=low, high=high, on=on, withdrawn_at__isnull=True).first()
    if known is not None:
        return known
    moment = at or clock.now()
    committee = set(found.committee)
    talk = Talk(
        org=org, low_id=low, high_id=high, on=on, form=form, recorded_by=by.person, recorded_at=moment,
        line=rules.line_of(low in committee, high in committee),
    )  # fmt: skip
    talk.note = note.strip()
    try:
        with transaction.atomic():
            talk.save(force_insert=True)
    except IntegrityError:
        return Talk.objects.get(low=low, high=high, on=on, withdrawn_at__isnull=True)
    # neither `by` nor a person: who talked with whom is not to be read off the stream of facts
    fact = facts.record(
        "talk.held", by=_nobody(), at=clock.at_time(on, 12), org=org.pk, obj=Ref.of("talk", talk.pk),
        source=f"talk:{talk.pk}:held", data={"on": on.isoformat(), "line": talk.line, "form": form},
    )  # fmt: skip
    Talk.objects.filter(pk=talk.pk).update(fact=fact.pk)
    talk.fact = fact.pk
    tell(
        people=[other], kind="talk", title=_("%(name)s记下了和您的谈心谈话") % {"name": found.names.get(by.person, by.name)},
        body=_("日期 %(day)s。如果没有谈过，您可以撤回。") % {"day": on}, link=reverse("talks:mine"),
        key=f"talk:{talk.pk}", at=moment,
    )  # fmt: skip
    return talk


def _nobody() -> Actor:
    return Actor(kind="system", name="系统")


@transaction.atomic
def write_note(*, talk: Talk, note: str, by: Actor) -> Talk:
    """Change the private note (备注); either of the two may, an empty one takes it away."""
    talk = queries.talk_for(by, talk.pk)
    if len(note) > 1000:
        raise Invalid(_("备注请不超过一千字。"), field="note")
    talk.note = note.strip()
    Talk.objects.filter(pk=talk.pk, withdrawn_at__isnull=True).update(note_sealed=talk.note_sealed)
    return talk


@transaction.atomic
def withdraw(*, talk: Talk, by: Actor, at: dt.datetime | None = None) -> None:
    """Take a talk back that was not held, or was written down wrongly (撤回); either of the two may. The note goes."""
    try:
        talk = queries.talk_for(by, talk.pk)
    except NotFound:
        raise Refused(_("这条记录已经撤回，或者不是您的谈话。")) from None
    moment = at or clock.now()
    changed = Talk.objects.filter(pk=talk.pk, withdrawn_at__isnull=True).update(
        withdrawn_at=moment, withdrawn_by=by.person, note_sealed=""
    )
    if changed:
        facts.record(
            "talk.withdrawn", by=_nobody(), at=moment, org=talk.org_id, obj=Ref.of("talk", talk.pk), corrects=talk.fact,
            source=f"talk:{talk.pk}:withdrawn", data={"on": talk.on.isoformat(), "line": talk.line},
        )  # fmt: skip


# --- anniversaries ----------------------------------------------------------------------------------------------
@transaction.atomic
def wish(*, card: bool, by: Actor, listed: bool = False, at: dt.datetime | None = None) -> Wish:
    """Say whether one wants a card and whether one's name may stand on the branch's list (政治生日意愿).

    Taken back at any time; cards that were prepared and not sent go away with it.
    """
    org = queries.own_branch(by)
    by.require("talks.take_part", org)
    listed = listed and card
    known = queries.wish_of(by.person)
    if known is not None and (known.card, known.listed) == (card, listed):
        return known
    moment = at or clock.now()
    row, _new = Wish.objects.update_or_create(
        person_id=by.person, defaults={"card": card, "listed": listed, "changed_at": moment}
    )
    if not card:
        Card.objects.filter(person=by.person, sent_at__isnull=True).delete()
    facts.record(
        "birthday.wished", by=by, at=moment, person=by.person, org=org.pk, data={"card": card, "listed": listed}
    )  # fmt: skip
    return row


@transaction.atomic
def prepare_cards(*, by: Actor, at: dt.datetime | None = None) -> int:
    """Prepare the cards of the coming days (准备贺卡), quietly; again changes nothing. Returns how many are new."""
    if by.kind != "system":
        raise Forbidden(_("贺卡由系统每天早上准备。"))
    moment = at or clock.now()
    day = clock.day_of(moment)
    pack = policy.on(day).talks.anniversary
    rows = [
        Card(
            person=member.person, org=member.org, day=near, years=near.year - getattr(member, pack.date).year,
            words=pack.card, prepared_at=moment,
        )
        for member, near in queries.due_for_cards(day)
    ]  # fmt: skip
    before = Card.objects.count()
    Card.objects.bulk_create(rows, ignore_conflicts=True)
    return Card.objects.count() - before


def _open_card(card: Card, by: Actor) -> Card:
    card = queries.card_for(by, card.pk)
    by.require("talks.cards", card.org)
    if card.sent_at is not None:
        raise Refused(_("贺卡已经送出，不能再改。"))
    return card


@transaction.atomic
def change_words(*, card: Card, words: str, by: Actor) -> Card:
    """Write other words on a card that is not sent (修改寄语)."""
    card = _open_card(card, by)
    words = words.strip()
    if not 5 <= len(words) <= 300:
        raise Invalid(_("寄语请写五到三百个字。"), field="words")
    Card.objects.filter(pk=card.pk, sent_at__isnull=True).update(words=words)
    card.words = words
    return card


@transaction.atomic
def send_card(*, card: Card, by: Actor, at: dt.datetime | None = None) -> Card:
    """Send a card to the one person it is for (送出贺卡), by a notice that only they see.

    Raises Refused before the day, after the wish was taken back, and when somebody was faster.
    """
    card = _open_card(card, by)
    if card.day > clock.today():
        raise Refused(_("还没有到 %(day)s，到那天再送。") % {"day": card.day})
    moment = at or clock.now()
    if not Card.objects.filter(
        pk=card.pk, sent_at__isnull=True, person__in=Wish.objects.filter(card=True).values("person")
    ).update(sent_at=moment, sent_by=by.person):
        raise Refused(_("贺卡刚刚已经送出，或者本人不再同意。"))
    facts.record(
        "birthday.card_sent", by=by, at=moment, person=card.person_id, org=card.org_id, obj=Ref.of("card", card.pk),
        source=f"card:{card.pk}:sent", data={"years": card.years, "on": card.day.isoformat()},
    )  # fmt: skip
    tell(
        people=[card.person_id], kind="birthday", title=_("政治生日快乐"), body=_("支部给您送来一张贺卡。"),
        link=reverse("talks:card", args=[card.pk]), key=f"card:{card.pk}", at=moment,
    )  # fmt: skip
    card.refresh_from_db()
    return card
