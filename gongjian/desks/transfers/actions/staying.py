"""Members away and members lost: register, contact, host's report, return; lost and found. The system reminds, people act."""

import datetime as dt

from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.desks.transfers import rules
from gongjian.desks.transfers.actions.papers import hand_in
from gongjian.desks.transfers.actions.steps import words
from gongjian.desks.transfers.models import Contact, HostReport, Stay
from gongjian.desks.transfers.queries import watching
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Invalid, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records import facts
from gongjian.records.notices import actions as notices
from gongjian.records.notices.jobs import officers
from gongjian.records.orgs.models import Organisation
from gongjian.records.people import actions as people
from gongjian.records.people.models import Person

CHANGEABLE = ("place", "abroad", "back_by", "contact", "host", "document", "document_number")


def ref(stay: Stay) -> Ref:
    """The Ref of a stay away."""
    return Ref.of("mobile_stay", stay.pk)


@transaction.atomic
def leave_home(
    *, person: Person, by: Actor, place: str, since: dt.date, abroad: bool = False, back_by: dt.date | None = None,
    contact: Person | None = None, host: Organisation | None = None, document: str = "", document_number: str = "",
    at: dt.datetime | None = None,
) -> Stay:  # fmt: skip
    """Register a member as mobile (2.2.13). Without a paper named, the pack's for so many months is proposed (2.2.11 f.)."""
    member = people_current(person)
    by.require("transfers.care", member.org)
    _check(since, back_by, contact, host, member.org, document)
    if not document:
        months = (
            rules.months_between(since, back_by) if back_by else policy.current().transfers.mobile.must_transfer_months
        )
        document = rules.document_for(months, policy.current().transfers.mobile)
    stay = Stay(
        person=person, org=member.org, place=words(place, "place")[:60], abroad=abroad, since=since, back_by=back_by,
        contact=contact, host=host, document=document, document_number=document_number.strip()[:40], last_contact=since,
    )  # fmt: skip
    try:
        with transaction.atomic():
            stay.save(force_insert=True)
    except IntegrityError:
        raise Refused(_("%(name)s已经登记为流动党员。") % {"name": person.name}, field="person") from None
    if not member.mobile or member.mobile_to != stay.place:
        people.set_state(
            person=person, by=by, on=clock.today(), reason=_("流动党员登记"), mobile=True, mobile_to=stay.place, at=at
        )
    facts.record(
        "mobile.registered", by=by, at=at, person=person.pk, org=member.org_id, obj=ref(stay),
        data={"since": since.isoformat(), "document": document, "host": host.pk if host else None},
    )  # fmt: skip
    if host is not None:
        people.host_guest(person=person, org=host, by=by, on=since, deed=ref(stay), at=at)
    tell_host(stay, at=at)
    return stay


def people_current(person: Person):
    """The member's open membership; Refused without one."""
    member = watching.people.membership_of(person.pk)
    if member is None:
        raise Refused(_("%(name)s目前没有组织关系。") % {"name": person.name}, field="person")
    return member


def _check(
    since: dt.date, back_by: dt.date | None, contact: Person | None, host: Organisation | None, home: Organisation,
    document: str,
) -> None:  # fmt: skip
    if since > clock.today():
        raise Invalid(_("外出日期不能晚于今天。"), field="since")
    if back_by and back_by <= since:
        raise Invalid(_("预计返回应晚于外出日期。"), field="back_by")
    if host is not None and (host.pk == home.pk or not policy.current().org_kind(host.kind).has_members):
        raise Invalid(_("流入地应是另一个党支部。"), field="host")
    if document and document not in policy.current().transfers.mobile.documents:
        raise Invalid(_("没有这种外出凭证。"), field="document")
    if contact is not None:
        member = watching.people.membership_of(contact.pk)
        if member is None or member.org_id != home.pk:
            raise Invalid(_("联系人应是本支部的党员。"), field="contact")


def tell_host(stay: Stay, at: dt.datetime | None = None) -> None:
    """Tell the host branch that a guest has come."""
    if stay.host_id:
        readers = officers({stay.host_id}, clock.today()).get(stay.host_id, set())
        notices.tell(
            people=readers, kind="mobile", title=_("有流动党员来您支部参加组织生活：%(name)s") % {"name": stay.person.name},
            body=_("可以参加活动，没有表决权、选举权。"), link=reverse("transfers:guests"), key=f"stay:{stay.pk}:host:{stay.host_id}",
            at=at,
        )  # fmt: skip


@transaction.atomic
def change_stay(*, stay: Stay, by: Actor, at: dt.datetime | None = None, **changes: object) -> Stay:
    """Correct what was registered; the fact names what changed, not what it says."""
    stay = watching.stay_for(by, stay.pk, permission="transfers.care", lock=True)
    if stay.state != "away":
        raise Refused(_("已经返回或者转走，不能再改。"))
    if set(changes) - set(CHANGEABLE):
        raise TypeError(f"unknown: {set(changes) - set(CHANGEABLE)}")
    changed = [name for name, value in changes.items() if getattr(stay, name) != value]
    if not changed:
        return stay
    for name in changed:
        setattr(stay, name, changes[name])
    _check(stay.since, stay.back_by, stay.contact, stay.host, stay.org, stay.document)
    stay.save(update_fields=changed)
    if "place" in changed:
        people.set_state(
            person=stay.person, by=by, on=clock.today(), reason=_("流动党员登记变更"), mobile_to=stay.place, at=at
        )
    facts.record(
        "mobile.changed", by=by, at=at, person=stay.person_id, org=stay.org_id, obj=ref(stay), data={"fields": changed}
    )
    if "host" in changed:
        people.end_guest(person=stay.person, by=by, on=clock.today(), deed=ref(stay), at=at)
        if stay.host is not None:
            people.host_guest(person=stay.person, org=stay.host, by=by, on=clock.today(), deed=ref(stay), at=at)
        tell_host(stay, at=at)
    return stay


@transaction.atomic
def contact(*, person: Person, by: Actor, on: dt.date, way: str, made: bool, at: dt.datetime | None = None) -> Contact:
    """Log that contact was made, or tried in vain; that it was, not what was said nor where. The same twice counts once."""
    member = people_current(person)
    stay = Stay.objects.filter(person=person, state="away").first()
    if not (stay and stay.contact_id and stay.contact_id == by.person):
        by.require("transfers.care", member.org)
    if on > clock.today():
        raise Invalid(_("日期不能晚于今天。"), field="on")
    if way not in dict(Contact.WAYS):
        raise Invalid(_("请选择联系方式。"), field="way")
    row, fresh = Contact.objects.get_or_create(
        person=person, on=on, way=way, made=made, defaults={"org": member.org, "by": by.person}
    )
    if not fresh:
        return row
    obj = ref(stay) if stay else Ref.of("membership", member.pk)
    if made:
        Stay.objects.filter(person=person, state="away", last_contact__lt=on).update(last_contact=on)
        facts.record(
            "mobile.contacted", by=by, at=at or clock.at_time(on), person=person.pk, org=member.org_id, obj=obj,
            data={"on": on.isoformat()}, source=f"contact:{row.pk}",
        )  # fmt: skip
        if member.lost_since:
            found_again(person=person, by=by, on=on, at=at)
    else:
        facts.record(
            "lost.attempted", by=by, at=at or clock.at_time(on), person=person.pk, org=member.org_id, obj=obj,
            data={"on": on.isoformat()}, source=f"contact:{row.pk}",
        )  # fmt: skip
    return row


@transaction.atomic
def answer_about_transfer(*, stay: Stay, by: Actor, stays_because: str, at: dt.datetime | None = None) -> Stay:
    """After six months away (2.2.6): people asked whether the relation should move; if not, why not. Else start a transfer."""
    stay = watching.stay_for(by, stay.pk, permission="transfers.care", lock=True)
    if stay.state != "away":
        raise Refused(_("已经返回或者转走。"))
    stay.stays_because, stay.asked_on = words(stays_because, "stays_because")[:200], clock.today()
    stay.save(update_fields=["stays_because", "asked_on"])
    facts.record(
        "mobile.asked", by=by, at=at, person=stay.person_id, org=stay.org_id, obj=ref(stay),
        data={"on": stay.asked_on.isoformat(), "transfers": False},
    )  # fmt: skip
    return stay


@transaction.atomic
def report(*, stay: Stay, by: Actor, year: int, opinion: str, at: dt.datetime | None = None) -> HostReport:
    """The host branch reports home how a guest took part in a year; once for a year, corrected by telling it again."""
    stay = watching.guest_for(by, stay.pk)
    by.require("transfers.care", stay.host)
    if not stay.since.year <= year <= clock.today().year:
        raise Invalid(_("年度应在外出之后、今年以前。"), field="year")
    opinion, moment = words(opinion, "opinion")[:300], at or clock.now()
    row, _new = HostReport.objects.update_or_create(
        stay=stay, year=year, defaults={"opinion": opinion, "by": by.person, "at": moment}
    )
    facts.record(
        "mobile.appraised", by=by, at=moment, person=stay.person_id, org=stay.org_id, obj=ref(stay),
        data={"year": year, "host": stay.host_id},
    )  # fmt: skip
    readers = officers({stay.org_id}, clock.today()).get(stay.org_id, set())
    notices.tell(
        people=readers, kind="mobile", title=_("流入地反馈了%(name)s的表现") % {"name": stay.person.name},
        link=reverse("transfers:stay", args=[stay.pk]), key=f"stay:{stay.pk}:report:{year}", at=at,
    )  # fmt: skip
    return row


@transaction.atomic
def return_home(*, stay: Stay, by: Actor, on: dt.date, at: dt.datetime | None = None) -> Stay:
    """The member is back; the paper is handed in."""
    stay = watching.stay_for(by, stay.pk, permission="transfers.care", lock=True)
    if not stay.since <= on <= clock.today():
        raise Invalid(_("返回日期应在外出之后、今天之前。"), field="on")
    if not Stay.objects.filter(pk=stay.pk, state="away").update(state="returned", ended_on=on):
        raise Refused(_("已经登记过返回，或者组织关系已经转走。"))
    stay.state, stay.ended_on = "returned", on
    people.end_guest(person=stay.person, by=by, on=on, deed=ref(stay), at=at)
    hand_in([stay.pk])
    people.set_state(
        person=stay.person, by=by, on=clock.today(), reason=_("流动党员返回"), mobile=False, mobile_to="", at=at
    )
    facts.record(
        "mobile.returned", by=by, at=at or clock.at_time(on), person=stay.person_id, org=stay.org_id, obj=ref(stay),
        data={"on": on.isoformat()}, source=f"stay:{stay.pk}:returned",
    )  # fmt: skip
    return stay


def end_stays(person: int, *, by: Actor, on: dt.date) -> None:
    """When the relation has moved, the absence from the old branch is over."""
    stays = list(Stay.objects.filter(person=person, state="away").select_related("person"))
    for stay in stays:
        people.end_guest(person=stay.person, by=by, on=on, deed=ref(stay))
    gone = [stay.pk for stay in stays]
    Stay.objects.filter(pk__in=gone).update(state="transferred", ended_on=on)
    hand_in(gone)


@transaction.atomic
def declare_lost(*, person: Person, by: Actor, since: dt.date, at: dt.datetime | None = None) -> None:
    """The branch notes since when a member cannot be reached; nothing follows by itself (2.2.2)."""
    member = people_current(person)
    by.require("transfers.care", member.org)
    if since > clock.today() or since < member.joined_on:
        raise Invalid(_("失去联系的日期应在入党之后、今天之前。"), field="since")
    if member.lost_since == since:
        raise Refused(_("已经登记为失去联系。"))
    people.set_state(person=person, by=by, on=clock.today(), reason=_("登记失去联系"), lost_since=since, at=at)
    facts.record(
        "lost.declared", by=by, at=at, person=person.pk, org=member.org_id, obj=Ref.of("membership", member.pk),
        data={"since": since.isoformat()},
    )  # fmt: skip


@transaction.atomic
def found_again(*, person: Person, by: Actor, on: dt.date, at: dt.datetime | None = None) -> None:
    """A lost member has been reached; a stopped 党籍 stays stopped until people decide on restoring it."""
    member = people_current(person)
    by.require("transfers.care", member.org)
    if member.lost_since is None:
        raise Refused(_("没有登记为失去联系。"))
    if on > clock.today() or on < member.lost_since:
        raise Invalid(_("日期应在失去联系之后、今天之前。"), field="on")
    people.set_state(person=person, by=by, on=clock.today(), reason=_("重新取得联系"), lost_since=None, at=at)
    facts.record(
        "lost.found", by=by, at=at or clock.at_time(on), person=person.pk, org=member.org_id,
        obj=Ref.of("membership", member.pk), data={"on": on.isoformat()},
    )  # fmt: skip
