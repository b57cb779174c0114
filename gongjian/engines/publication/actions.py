"""Deeds on publications: post, object, answer, close, cancel."""

import datetime as dt
from collections.abc import Mapping, Sequence

from django.db import IntegrityError, transaction

from gongjian.engines.publication import queries, rules
from gongjian.engines.publication.models import Objection, Publication
from gongjian.engines.publication.states import FLOW, RUNNING
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Forbidden, Invalid, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.policy.calendar import add_working_days
from gongjian.records import facts
from gongjian.records.orgs.models import Organisation


def ref(publication: Publication) -> Ref:
    """The publication as a Ref."""
    return Ref.of("publication", publication.pk)


@transaction.atomic
def publish(
    *, by: Actor, org: Organisation, subject: Ref, title: str, rows: Sequence[Mapping[str, str]],
    names: Sequence[str] = ("姓名",), intro: str = "", working_days: int | None = None, starts_on: dt.date | None = None,
    consent: str = "", link: str = "", at: dt.datetime | None = None,
) -> Publication:  # fmt: skip
    """Post rows for so many working days (公示); the period begins the day after posting (民法典第二百零一条).

    Columns in `names` hold names of persons and are masked by the pack's rule before anything is stored; `consent` notes
    the separate consent (个人信息保护法第二十五条) by which a pack with `names: whole` shows them. The same subject told
    again is the same publication. Raises Invalid for protected data in any text, Refused if the subject was published.
    """
    by.require("publication.manage", org)
    moment = at or clock.now()
    starts_on = starts_on or clock.day_of(moment)
    if starts_on < clock.day_of(moment):
        raise Invalid("公示不能倒签日期。", field="starts_on")
    pack = policy.on(starts_on)
    working_days = working_days or pack.publication.working_days
    for field, text in (("title", title), ("intro", intro)):
        if what := rules.leak(text):
            raise Invalid(f"这里有{what}，公示内容不能带受保护的个人信息。", field=field)
    if not title.strip():
        raise Invalid("请填写公示标题。", field="title")
    whole = pack.publication.names == "whole" and bool(consent.strip())
    try:
        shown = rules.masked_rows(rows, names, whole=whole)
    except ValueError as problem:
        raise Invalid(str(problem), field="rows") from None
    publication = Publication(
        org=org, subject_kind=subject.kind, subject_id=subject.id, title=title.strip()[:120], intro=intro.strip(),
        rows=shown, starts_on=starts_on, working_days=working_days, consent=consent.strip()[:200], link=link,
        ends_on=add_working_days(starts_on, working_days, pack), is_public=pack.publication.public_page,
        published_by=by.person, published_at=moment,
    )  # fmt: skip
    try:
        with transaction.atomic():
            publication.save(force_insert=True)
    except IntegrityError:
        found = queries.of(subject)
        if found is not None and found.rows == shown and found.starts_on == starts_on and found.org_id == org.pk:
            return found
        raise Refused("这一事项已经公示过；如有错误，请先取消原来的公示。") from None
    facts.record(
        "publication.posted", by=by, at=moment, org=org.pk, obj=ref(publication), quantity=len(shown),
        data={"subject": str(subject), "working_days": working_days, "starts_on": starts_on.isoformat(),
              "ends_on": publication.ends_on.isoformat()},
    )  # fmt: skip
    return publication


def _put(publication: Publication, raised_on: dt.date, at: dt.datetime, **fields: object) -> Objection:
    if publication.state != RUNNING:
        raise Refused("公示已经结束或取消，请直接向公示的党组织或上级党组织反映。")
    if not publication.starts_on <= raised_on <= clock.day_of(at):
        raise Invalid("提出日期应在公示之后、今天之前。", field="raised_on")
    text = str(fields["text"]).strip()
    if len(text) < 5:
        raise Invalid("请写清楚异议的内容，至少五个字。", field="text")
    return Objection(publication=publication, raised_on=raised_on, raised_at=at, **{**fields, "text": text[:2000]})


@transaction.atomic
def object_to(*, publication: Publication, text: str, by: Actor, at: dt.datetime | None = None) -> Objection:
    """Raise an objection (提出异议): whoever may see the running publication; the same words again: the same one.

    Who raised it is shown only to those who answer it.
    """
    publication = queries.get_for(by, publication.pk, lock=True)
    if not by.person:
        raise Forbidden("请用本人账号提出异议，或者来电、来访。")
    moment = at or clock.now()
    day = clock.day_of(moment)
    if rules.is_over(publication.ends_on, day):
        raise Refused("公示期已满，请直接向公示的党组织或上级党组织反映。")
    row = _put(publication, day, moment, text=text, person_id=by.person)
    same = Objection.objects.filter(publication=publication, person=by.person, text=row.text, state="open").first()
    return same or _save(row, by)


@transaction.atomic
def note_objection(
    *, publication: Publication, channel: str, text: str, by: Actor, teller: str = "", raised_on: dt.date | None = None,
    source: str | None = None, at: dt.datetime | None = None,
) -> Objection:  # fmt: skip
    """Note what somebody said by phone, in person or by letter (登记异议); made in time even if written down later."""
    publication = queries.get_for(by, publication.pk, lock=True)
    by.require("publication.manage", publication.org)
    if channel not in ("phone", "visit", "letter"):
        raise Invalid("请选择来电、来访或来信。", field="channel")
    moment = at or clock.now()
    raised_on = raised_on or clock.day_of(moment)
    if rules.is_over(publication.ends_on, raised_on):
        raise Invalid(f"公示期到 {publication.ends_on} 为止。", field="raised_on")
    if source and (known := Objection.objects.filter(source=source, publication=publication).first()):
        return known
    row = _put(
        publication, raised_on, moment, text=text, channel=channel, teller=teller.strip()[:60], noted_by=by.person,
        source=source,
    )  # fmt: skip
    return _save(row, by)


def _save(row: Objection, by: Actor) -> Objection:
    row.save(force_insert=True)
    facts.record(
        "publication.objection_raised", by=by, at=row.raised_at, org=row.publication.org_id, obj=ref(row.publication),
        data={"objection": row.pk, "channel": row.channel, "on": row.raised_on.isoformat()},
    )  # fmt: skip
    return row


@transaction.atomic
def answer(*, objection: Objection, answer: str, upheld: bool, by: Actor, at: dt.datetime | None = None) -> Objection:
    """Answer an objection (答复异议), saying whether it is right; once."""
    row = queries.objection_for(by, objection.pk, lock=True)
    by.require("publication.manage", row.publication.org)
    text, moment = answer.strip(), at or clock.now()
    if len(text) < 5:
        raise Invalid("请写明调查核实的情况和答复，至少五个字。", field="answer")
    if row.person_id is not None and row.person_id == by.person:
        raise Refused("自己提出的异议由其他人答复。")
    changed = Objection.objects.filter(pk=row.pk, state="open").update(
        state="answered", answer=text[:2000], upheld=upheld, answered_by=by.person, answered_at=moment
    )
    if not changed:
        raise Refused("这条异议已经答复过了。")
    facts.record(
        "publication.objection_answered", by=by, at=moment, org=row.publication.org_id, obj=ref(row.publication),
        data={"objection": row.pk, "upheld": upheld}, source=f"objection:{row.pk}:answered",
    )  # fmt: skip
    row.refresh_from_db()
    return row


@transaction.atomic
def close(*, publication: Publication, by: Actor, at: dt.datetime | None = None) -> Publication:
    """End a publication whose period has run out (结束公示); every objection has its answer first.

    Before the last day is over it can only be cancelled, with a reason.
    """
    publication = queries.get_for(by, publication.pk, lock=True)
    by.require("publication.manage", publication.org)
    moment = at or clock.now()
    if publication.state == RUNNING and not rules.is_over(publication.ends_on, clock.day_of(moment)):
        raise Refused(
            f"公示期到 {publication.ends_on} 为止（{publication.working_days} 个工作日，从公示次日起算），期满后才能结束；"
            "确需提前停止的，只能写明原因取消。"
        )
    waiting = queries.open_objections(publication)
    if publication.state == RUNNING and waiting:
        raise Refused(f"还有 {waiting} 条异议没有答复，答复后才能结束公示。")
    result = rules.result_of(
        bool(upheld) for upheld in Objection.objects.filter(publication=publication).values_list("upheld", flat=True)
    )
    FLOW.move(
        publication, "close", by=by, at=moment, changes={"result": result, "closed_at": moment},
        data={"subject": f"{publication.subject_kind}:{publication.subject_id}", "result": result},
        source=f"publication:{publication.pk}:closed",
    )  # fmt: skip
    return publication


@transaction.atomic
def cancel(*, publication: Publication, reason: str, by: Actor, at: dt.datetime | None = None) -> Publication:
    """Stop a publication before its time, or take a wrong one down (取消公示), with a reason."""
    publication = queries.get_for(by, publication.pk, lock=True)
    if len(reason.strip()) < 2:
        raise Invalid("请写明取消的原因。", field="reason")
    moment = at or clock.now()
    FLOW.move(
        publication, "cancel", by=by, at=moment, changes={"reason": reason.strip()[:200], "closed_at": moment},
        data={"subject": f"{publication.subject_kind}:{publication.subject_id}", "reason": reason.strip()[:200]},
    )  # fmt: skip
    return publication
