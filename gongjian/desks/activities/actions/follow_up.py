"""Follow-ups (议定事项): opened by the sign-off, reported done by their owner, confirmed by who convened the meeting."""

import datetime as dt

from django.db import transaction
from django.utils.translation import gettext as _

from gongjian.desks.activities import follow_ups, queries
from gongjian.desks.activities.models import Activity, Attendance, Decision, FollowUp, FollowUpStep, Vote
from gongjian.desks.activities.states import FOLLOW_UP, FOLLOW_UP_DONE, FOLLOW_UP_OPEN
from gongjian.engines.flow.moves import touch
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Forbidden, Invalid, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records import facts
from gongjian.records.notices import actions as notices

FARTHEST = dt.timedelta(days=3 * 366)


def ref(follow_up: FollowUp) -> Ref:
    """The follow-up as an object of facts."""
    return Ref.of("followup", follow_up.pk)


def _said(text: str, what: str) -> str:
    text = text.strip()
    if len(text) < 2:
        raise Invalid(what, field="note")
    return text[:500]


def _step(follow_up: FollowUp, kind: str, by: Actor, at: dt.datetime, note: str = "") -> None:
    FollowUpStep.objects.create(
        follow_up=follow_up,
        kind=kind,
        note=note,
        owner_id=follow_up.owner_id,
        due_on=follow_up.due_on,
        by=by.person,
        at=at,
    )


def _data(follow_up: FollowUp, **more: object) -> dict:
    """What a fact of a follow-up carries: dates and the meeting's kind; no words of anybody."""
    return {"activity_kind": follow_up.activity.kind, "due_on": follow_up.due_on.isoformat(), **more}


def _tell(follow_up: FollowUp, people: set[int | None], head: str, body: str, *, key: str, at: dt.datetime) -> None:
    notices.tell(
        people={person for person in people if person}, kind="activity", title=f"【{head}】{follow_up.text}"[:120], body=body,
        link=f"/activities/follow-ups/{follow_up.pk}/", key=f"followup:{follow_up.pk}:{key}", at=at,
    )  # fmt: skip


def _conveners(follow_up: FollowUp, day: dt.date) -> set[int | None]:
    """Who is told that something was done: who convenes now, else who signed the meeting."""
    chair = queries.chair_of(follow_up.org, queries.kind_of(follow_up.activity).convener_posts, day)
    return {chair or follow_up.activity.signed_by}


def open_for(activity: Activity, *, by: Actor, at: dt.datetime) -> list[FollowUp]:
    """Make a follow-up of each decision that has an owner and a date and was not voted down; called by the sign-off."""
    down = Vote.objects.filter(decision__minutes__activity=activity, passed=False).values("decision")
    rows = list(
        Decision.objects.filter(minutes__activity=activity, owner__isnull=False, due_on__isnull=False)
        .exclude(pk__in=down).exclude(pk__in=FollowUp.objects.filter(activity=activity).values("decision"))
    )  # fmt: skip
    made = FollowUp.objects.bulk_create(
        FollowUp(
            org_id=activity.org_id, activity=activity, decision=one, text=one.text, owner_id=one.owner_id, due_on=one.due_on,
            opened_at=at,
        )
        for one in rows
    )  # fmt: skip
    FollowUpStep.objects.bulk_create(
        FollowUpStep(follow_up=one, kind="opened", owner_id=one.owner_id, due_on=one.due_on, by=by.person, at=at)
        for one in made
    )
    facts.record_many(
        [
            {"kind": "followup.opened", "at": at, "person": one.owner_id, "org": one.org_id, "obj": ref(one),
             "data": _data(one), "source": f"followup:{one.decision_id}:opened"}
            for one in made
        ],
        by=by,
    )  # fmt: skip
    notices.tell_many(
        [
            {"person": one.owner_id, "kind": "activity", "title": f"【议定事项】{one.text}"[:120],
             "body": _("“%(title)s”议定由您负责，%(day)s前办结。办好后点开报告。")
             % {"title": activity.title, "day": f"{one.due_on.month}月{one.due_on.day}日"},
             "link": f"/activities/follow-ups/{one.pk}/", "key": f"followup:{one.pk}:opened"}
            for one in made if one.owner_id != by.person
        ],
        at=at,
    )  # fmt: skip
    return made


@transaction.atomic
def report_done(*, follow_up: FollowUp, note: str, by: Actor, at: dt.datetime | None = None) -> FollowUp:
    """Say that it is done, and how (报告办结): by its owner, or for the owner by whoever may confirm it."""
    follow_up = follow_ups.get_for(by, follow_up.pk)
    moment = at or clock.now()
    if follow_up.owner_id != by.person and not by.may_at("activities.follow_up", follow_up.org):
        raise Forbidden(_("只有责任人和督办的人可以报告办结。"))
    if follow_up.state == FOLLOW_UP_DONE:
        raise Refused(_("已经报告办结，等待确认。"))
    note = _said(note, _("请写明怎样办的，一两句话就行。"))
    touch(follow_up, (FOLLOW_UP_OPEN,), state=FOLLOW_UP_DONE, done_on=clock.day_of(moment))
    _step(follow_up, "done", by, moment, note)
    facts.record(
        "followup.done", by=by, at=moment, person=follow_up.owner_id, org=follow_up.org_id, obj=ref(follow_up),
        data=_data(follow_up, in_time=clock.day_of(moment) <= follow_up.due_on),
    )  # fmt: skip
    _tell(
        follow_up, _conveners(follow_up, clock.day_of(moment)) - {by.person}, _("待确认"),
        _("%(name)s 报告已经办结，请确认。") % {"name": follow_up.owner.name}, key=f"done:{follow_up.version}", at=moment,
    )  # fmt: skip
    return follow_up


@transaction.atomic
def confirm(*, follow_up: FollowUp, by: Actor, note: str = "", at: dt.datetime | None = None) -> FollowUp:
    """Confirm that it is done (确认办结)."""
    follow_up = follow_ups.get_for(by, follow_up.pk)
    moment = at or clock.now()
    FOLLOW_UP.move(follow_up, "confirm", by=by, at=moment, changes={"confirmed_by": by.person}, data=_data(follow_up))
    _step(follow_up, "confirmed", by, moment, note.strip()[:500])
    return follow_up


@transaction.atomic
def send_back(*, follow_up: FollowUp, note: str, by: Actor, at: dt.datetime | None = None) -> FollowUp:
    """It is not done after all (退回重办), with a reason."""
    follow_up = follow_ups.get_for(by, follow_up.pk)
    moment, note = at or clock.now(), _said(note, _("请写明退回的原因。"))
    FOLLOW_UP.move(
        follow_up, "reopen", by=by, at=moment, changes={"done_on": None, "confirmed_by": None}, data=_data(follow_up)
    )
    _step(follow_up, "reopened", by, moment, note)
    _tell(
        follow_up,
        {follow_up.owner_id} - {by.person},
        _("退回重办"),
        note,
        key=f"reopened:{follow_up.version}",
        at=moment,
    )
    return follow_up


@transaction.atomic
def hand_over(
    *, follow_up: FollowUp, owner: int, note: str, by: Actor, at: dt.datetime | None = None
) -> FollowUp:  # fmt: skip
    """Give it to another member (转交), with a reason."""
    follow_up = follow_ups.get_for(by, follow_up.pk)
    by.require("activities.follow_up", follow_up.org)
    moment, note = at or clock.now(), _said(note, _("请写明转交的原因。"))
    if owner == follow_up.owner_id:
        raise Invalid(_("已经由他（她）负责。"), field="owner")
    if owner not in {person.pk for person in owners_for(follow_up)}:
        raise Invalid(_("责任人应是本组织党员或参加人。"), field="owner")
    before = follow_up.owner_id
    touch(follow_up, (FOLLOW_UP_OPEN,), owner_id=owner)
    _step(follow_up, "handed_over", by, moment, note)
    facts.record(
        "followup.handed_over", by=by, at=moment, person=owner, org=follow_up.org_id, obj=ref(follow_up),
        data=_data(follow_up, before=before),
    )  # fmt: skip
    day = f"{follow_up.due_on.month}月{follow_up.due_on.day}日"
    _tell(
        follow_up, {owner} - {by.person}, _("议定事项"), _("转由您负责，%(day)s前办结。办好后点开报告。") % {"day": day},
        key=f"handed:{follow_up.version}", at=moment,
    )  # fmt: skip
    _tell(follow_up, {before} - {by.person}, _("已转交"), note, key=f"handed-on:{follow_up.version}", at=moment)
    return follow_up


@transaction.atomic
def extend(
    *, follow_up: FollowUp, due_on: dt.date, note: str, by: Actor, at: dt.datetime | None = None
) -> FollowUp:  # fmt: skip
    """Give it more time (延期), with a reason; only to a later day."""
    follow_up = follow_ups.get_for(by, follow_up.pk)
    by.require("activities.follow_up", follow_up.org)
    moment, note = at or clock.now(), _said(note, _("请写明延期的原因。"))
    if due_on <= follow_up.due_on:
        raise Invalid(_("新的时限应晚于原来的时限。"), field="due_on")
    if due_on > clock.day_of(moment) + FARTHEST:
        raise Invalid(_("时限太远，请核对年份。"), field="due_on")
    before = follow_up.due_on
    touch(follow_up, (FOLLOW_UP_OPEN,), due_on=due_on)
    _step(follow_up, "extended", by, moment, note)
    facts.record(
        "followup.extended", by=by, at=moment, person=follow_up.owner_id, org=follow_up.org_id, obj=ref(follow_up),
        data=_data(follow_up, before=before.isoformat()),
    )  # fmt: skip
    text = _("时限改为%(day)s。") % {"day": f"{due_on.month}月{due_on.day}日"}
    _tell(
        follow_up, {follow_up.owner_id} - {by.person}, _("延期"), text, key=f"extended:{follow_up.version}", at=moment
    )
    return follow_up


@transaction.atomic
def strike(*, follow_up: FollowUp, note: str, by: Actor, at: dt.datetime | None = None) -> FollowUp:
    """It need not be done any more (撤销), with a reason."""
    follow_up = follow_ups.get_for(by, follow_up.pk)
    moment, note = at or clock.now(), _said(note, _("请写明撤销的原因。"))
    FOLLOW_UP.move(follow_up, "strike", by=by, at=moment, data=_data(follow_up))
    _step(follow_up, "struck", by, moment, note)
    _tell(follow_up, {follow_up.owner_id} - {by.person}, _("撤销"), note, key="struck", at=moment)
    return follow_up


def owners_for(follow_up: FollowUp) -> list[queries.Person]:
    """Who could take it over: members and officers of the organisation, and who was on the meeting's list; by name."""
    people = {person.pk: person for person in queries.candidates(follow_up.org, clock.today())[:300]}
    rows = Attendance.objects.filter(activity=follow_up.activity_id).select_related("person")[:300]
    people |= {row.person_id: row.person for row in rows}
    return sorted(people.values(), key=lambda person: (person.pinyin, person.pk))


@transaction.atomic
def remind(day: dt.date | None = None) -> int:
    """Remind the owners of what is due soon or late, and whoever convenes of what is late; once for each day of the pack.

    Returns how many were told now. Run again on the same day it tells nobody twice.
    """
    day = day or clock.today()
    rules = policy.on(day).meetings.follow_ups
    farthest = day + dt.timedelta(days=max(rules.remind_days_before, default=0))
    rows: list[dict] = []
    for one in (
        FollowUp.objects.filter(state=FOLLOW_UP_OPEN, due_on__lte=farthest).select_related("org", "activity", "owner")
        .order_by("pk").iterator(500)
    ):  # fmt: skip
        left = (one.due_on - day).days
        late = left < 0 and rules.late_every_days and (-left - 1) % rules.late_every_days == 0
        if left not in rules.remind_days_before and not late:
            continue
        due = f"{one.due_on.month}月{one.due_on.day}日"
        told = {
            "kind": "activity",
            "link": f"/activities/follow-ups/{one.pk}/",
            "key": f"followup:{one.pk}:{one.due_on}:{left}",
        }
        words = _("已过时限（%(day)s），请尽快办结或说明情况。") if late else _("%(day)s前办结，还没有报告。")
        rows.append(
            {**told, "person": one.owner_id, "title": f"【督办】{one.text}"[:120], "body": words % {"day": due}}
        )
        if late:
            body = _("%(name)s负责，已过时限（%(day)s）。") % {"name": one.owner.name, "day": due}
            rows += [
                {**told, "person": person, "title": f"【逾期】{one.text}"[:120], "body": body}
                for person in _conveners(one, day) if person and person != one.owner_id
            ]  # fmt: skip
    return notices.tell_many(rows)
