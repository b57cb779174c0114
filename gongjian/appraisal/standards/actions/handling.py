"""Deeds: judge the whole city and do what follows (巡检), and urge an organisation (督促)."""

import datetime as dt
import time
from collections import defaultdict
from collections.abc import Iterable

from django.db import connection, transaction
from django.db.models import OuterRef, Subquery
from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.appraisal.standards import judging, recipients, rules, wording
from gongjian.appraisal.standards.models import Case, Standing, Sweep, Watched
from gongjian.engines import relay
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import SYSTEM, Actor
from gongjian.ground.kernel.errors import Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.kernel.scope import scope_q
from gongjian.ground.policy import calendar
from gongjian.ground.policy.schema import Duty, Pack
from gongjian.records import facts
from gongjian.records.facts.stream import last_number
from gongjian.records.notices.actions import tell_many
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.queries import officers_by_org

PATIENCE = 30.0  # seconds to wait for a listener that another worker is just replaying


def sweep(*, by: Actor, at: dt.datetime | None = None, since: dt.date | None = None) -> Sweep:
    """Judge every duty for every organisation, then open, remind, report and close cases (达标巡检).

    `since` judges all periods from that day on as well (after taking over the records of past years). A second sweep on
    the same day changes nothing; two at once take turns. One transaction a duty, one for the cases. Raises Refused
    while the occurrences are being built anew, Forbidden without standards.sweep.
    """
    by.require("standards.sweep")
    moment = at or clock.now()
    today = clock.day_of(moment)
    pack = policy.on(today)
    _catch_up(pack)
    before = Sweep.objects.order_by("-at", "-id").first()
    # Days without a sweep must not lose a period: all that began since the last one are judged.
    start = min(since or today, before.day if before else today)
    changed = sum(judging.judge_duty(pack=pack, duty=duty, today=today, since=start) for duty in pack.duties)
    with transaction.atomic():
        judging.take_turn()
        opened = _open_cases(pack, today, moment)
        counts = _handle_cases(pack, today, moment)
        return Sweep.objects.create(
            at=moment, day=today, changed=changed, opened=opened, by=by.person if by is not SYSTEM else None, **counts
        )


def _catch_up(pack: Pack) -> None:
    """Let the listener take in all facts; from the start, if the pack counts something that was never collected."""
    end = relay.deliver("standards")
    watched = set(Watched.objects.values_list("matched", flat=True))
    if watched and {rules.match_key(duty) for duty in pack.duties} - watched:
        relay.replay("standards")
    deadline = time.monotonic() + PATIENCE
    while last_number() - relay.lag()["standards"] < end:
        if time.monotonic() > deadline:
            raise Refused(_("达标记录正在重新整理，请稍后再巡检。"))
        time.sleep(0.25)
        relay.deliver("standards")


def _open_cases(pack: Pack, today: dt.date, moment: dt.datetime) -> int:
    """A case for each standing at risk or short in the current period and the one before; older ones are history."""
    opened = 0
    for duty in pack.duties:
        current = rules.period_of(today, duty.per)
        with connection.cursor() as cursor:
            cursor.execute(
                """INSERT INTO standards_case (org_id, duty, period, due_on, state, opened_at, reminders, urged, steps, closed_how)
                   SELECT org_id, duty, period, due_on, 'open', %s, 0, 0, 0, '' FROM standards_standing
                   WHERE duty = %s AND period IN (%s, %s) AND state IN ('at_risk', 'short') ORDER BY org_id, period
                   ON CONFLICT (org_id, duty, period) DO UPDATE SET
                     state = CASE WHEN standards_case.escalated_at IS NULL THEN 'open' ELSE 'escalated' END,
                     closed_at = NULL, closed_how = ''
                   WHERE standards_case.state = 'closed'""",
                [_stored(moment), duty.id, current, rules.previous(current, duty.per)],
            )
            opened += max(0, cursor.rowcount)
    return opened


def _stored(moment: dt.datetime) -> object:
    return connection.ops.adapt_datetimefield_value(moment)


def _handle_cases(pack: Pack, today: dt.date, moment: dt.datetime) -> dict[str, int]:
    """Close what is settled, note what fell short, remind and report on working days; returns how many of each."""
    mine = Standing.objects.filter(org=OuterRef("org"), duty=OuterRef("duty"), period=OuterRef("period"))
    now = {name: Subquery(mine.values(name)[:1]) for name in ("state", "done", "planned", "required", "made_good_on")}
    cases = list(
        Case.objects.exclude(state="closed").annotate(**{f"now_{name}": value for name, value in now.items()})
        .select_related("org").order_by("pk")
    )  # fmt: skip
    duties = {duty.id: duty for duty in pack.duties}
    working = calendar.is_working_day(today, pack)
    told: list[dict] = []
    closed, remind, fell, report = [], [], [], []
    for case in cases:
        duty = duties.get(case.duty)
        if duty is None or case.now_state not in ("at_risk", "short"):
            case.state, case.closed_at = "closed", moment
            case.closed_how = {None: "not_applicable", "on_track": "planned"}.get(case.now_state, case.now_state)
            closed.append(case)
            if case.now_state == "made_good":
                told.append(_made_good(case, moment))
            continue
        if case.now_state == "short" and case.fell_short_at is None:
            case.fell_short_at = moment
            fell.append(case)
            told.append(_fell_short(case, moment))
        if not working:
            continue
        due = rules.reminders_due(duty, case.due_on, today)
        if case.now_state == "at_risk" and case.reminders < due:
            case.reminders, case.reminded_at = due, moment
            remind.append(case)
        if case.now_state == "short" and _report_is_due(case, duty, pack, today):
            report.append(case)
    reached = _tell_own([*remind, *fell], duties, pack, today, moment)
    told += [_reminder(case, moment, reached.get(case.org_id, 0), number=case.reminders) for case in remind]
    told += _report(report, duties, pack, today, moment)
    changed = {case.pk: case for case in [*closed, *fell, *remind, *report]}
    Case.objects.bulk_update(
        changed.values(),
        [
            "state",
            "closed_at",
            "closed_how",
            "fell_short_at",
            "reminders",
            "reminded_at",
            "escalated_at",
            "escalated_to",
            "steps",
        ],
        batch_size=200,
    )
    facts.record_many(told, by=SYSTEM)
    return {"reminded": len(remind), "escalated": len(report), "closed": len(closed)}


def _report_is_due(case: Case, duty: Duty, pack: Pack, today: dt.date) -> bool:
    """Whether it goes up (another) level: after the first days to make good, then again after each further span.

    Who has said above that they know of it has that span from then on.
    """
    if case.escalated_at is None:
        return today > rules.report_after(duty, case.due_on, pack)
    since = max(filter(None, (case.escalated_at, case.known_above_at)))
    until = rules.report_again_after(duty, clock.day_of(since), pack)
    return until is not None and today > until


def _about(case: Case) -> dict:
    return {
        "org": case.org_id, "obj": Ref("standing", f"{case.org_id}/{case.period}"),
        "data": {"duty": case.duty, "period": case.period},
    }  # fmt: skip


def _cell(case: Case) -> str:
    return f"{case.org_id}:{case.duty}:{case.period}"


def _made_good(case: Case, moment: dt.datetime) -> dict:
    what = _about(case)
    what["data"]["on"] = case.now_made_good_on.isoformat()
    return dict(kind="standing.made_good", at=moment, source=f"standing.made_good:{_cell(case)}", **what)


def _fell_short(case: Case, moment: dt.datetime) -> dict:
    what = _about(case)
    what["data"] |= {"required": case.now_required, "done": case.now_done}
    return dict(kind="standing.fell_short", at=moment, source=f"standing.fell_short:{_cell(case)}", **what)


def _reminder(case: Case, moment: dt.datetime, reached: int, *, number: int) -> dict:
    what = _about(case)
    what["data"] |= {"how": "automatic", "number": number, "reached": reached}
    return dict(kind="reminder.sent", at=moment, source=f"reminder:{_cell(case)}:auto:{number}", **what)


def _tell_own(
    cases: Iterable[Case], duties: dict[str, Duty], pack: Pack, today: dt.date, moment: dt.datetime,
    key: str = "standards.remind", urged_by: str = "",
) -> dict[int, int]:  # fmt: skip
    """One notice a day to those who can arrange it, for all that an organisation lacks; returns how many were reached."""
    by_org: dict[int, list[Case]] = defaultdict(list)
    for case in cases:
        by_org[case.org_id].append(case)
    people = officers_by_org(by_org, recipients.ARRANGE, day=today)
    rows = []
    for org, its in by_org.items():
        title, body = wording.reminder(its, duties=duties, pack=pack, today=today, urged_by=urged_by)
        rows += [
            {
                "person": person, "kind": "reminder", "title": title, "body": body,
                "link": reverse("standards:org", args=[org]), "key": f"{key}:{org}:{today}",
            }
            for person in people.get(org, ())
        ]  # fmt: skip
    tell_many(rows, at=moment)
    return {org: len(found) for org, found in people.items()}


def _report(cases: list[Case], duties: dict[str, Duty], pack: Pack, today: dt.date, moment: dt.datetime) -> list[dict]:
    """Put cases before the level above: one notice to each secretary there for all of them; returns the facts."""
    above: dict[tuple[str, int], int] = {}
    stood = Organisation.objects.in_bulk({case.escalated_to_id for case in cases if case.escalated_to_id})
    for line in {duties[case.duty].escalate_to for case in cases}:
        mine = [case for case in cases if duties[case.duty].escalate_to == line]
        orgs = {case.org_id: case.org for case in mine if not case.escalated_to_id} | {
            case.escalated_to_id: stood[case.escalated_to_id] for case in mine if case.escalated_to_id
        }
        found = recipients.level_above(orgs.values(), line=line, day=today)
        above |= {(line, org): target for org, target in found.items()}
    by_target: dict[int, list[Case]] = defaultdict(list)
    told = []
    for case in cases:
        target = above.get((duties[case.duty].escalate_to, case.escalated_to_id or case.org_id))
        if target is None:  # it has reached the top
            continue
        case.state, case.escalated_at, case.escalated_to_id = "escalated", moment, target
        case.steps += 1
        by_target[target].append(case)
        what = _about(case)
        what["data"] |= {"to": target, "step": case.steps}
        source = f"standing.escalated:{_cell(case)}" + (f":{case.steps}" if case.steps > 1 else "")
        told.append(dict(kind="standing.escalated", at=moment, source=source, **what))
    people = officers_by_org(by_target, recipients.URGE, day=today)
    rows = []
    for target, its in by_target.items():
        title, body = wording.report(its, duties=duties)
        link = reverse("standards:overview") + f"?org={target}&state=short"
        rows += [
            {"person": person, "kind": "report", "title": title, "body": body, "link": link,
             "key": f"standards.escalate:{target}:{today}"}
            for person in people.get(target, ())
        ]  # fmt: skip
    tell_many(rows, at=moment)
    return told


@transaction.atomic
def acknowledge(*, case: Case, by: Actor, at: dt.datetime | None = None) -> Case:
    """Say that one knows of it (知悉): once for the organisation itself, once for the level it was reported to.

    Raises Forbidden for anybody else, Refused where it is settled or said already.
    """
    moment = at or clock.now()
    if case.state == "closed":
        raise Refused(_("这一项已经办结。"))
    above = case.escalated_to is not None and by.may_at("standards.remind", case.escalated_to)
    if not above:
        by.require("standards.excuse", case.org)
    side = "above" if above else "own"
    field = "known_above" if above else "known"
    changed = Case.objects.filter(pk=case.pk, **{f"{field}_at__isnull": True}).update(
        **{f"{field}_at": moment, f"{field}_by": by.person}
    )
    if not changed:
        raise Refused(_("已经记过知悉了。"))
    what = _about(case)
    what["data"]["side"] = side
    facts.record(
        "reminder.acknowledged", by=by, at=moment, source=f"reminder:{_cell(case)}:known:{side}:{case.steps}", **what
    )
    case.refresh_from_db()
    return case


@transaction.atomic
def remind(*, standings: Iterable[int], by: Actor, at: dt.datetime | None = None) -> dict[str, int]:
    """Urge the organisations behind these standings (一键督促): those at risk or short over which the actor may.

    An organisation is urged once a day about the same thing. Returns {"urged", "already", "reached"}: things urged now,
    things urged earlier today, people told. Raises Refused if none of them needs urging (any more).
    """
    by.require("standards.remind")
    moment = at or clock.now()
    today = clock.day_of(moment)
    pack = policy.on(today)
    judging.take_turn()
    rows = list(
        Standing.objects.filter(scope_q(by, "standards.remind", prefix="org__"), pk__in=list(standings))
        .filter(state__in=("at_risk", "short")).select_related("org").order_by("org_id", "duty", "period")
    )  # fmt: skip
    if not rows:
        raise Refused(_("所选事项都已落实或不在您的督促范围内，无需督促。"))
    Case.objects.bulk_create(
        [Case(org=row.org, duty=row.duty, period=row.period, due_on=row.due_on, opened_at=moment) for row in rows],
        ignore_conflicts=True,
    )
    wanted = {(row.org_id, row.duty, row.period): row for row in rows}
    cases = [
        case
        for case in Case.objects.filter(org__in={row.org_id for row in rows}).select_related("org").order_by("pk")
        if (case.org_id, case.duty, case.period) in wanted
    ]
    fresh = [case for case in cases if case.urged_at is None or clock.day_of(case.urged_at) < today]
    for case in fresh:
        row = wanted[case.org_id, case.duty, case.period]
        case.now_state, case.now_done, case.now_planned, case.now_required = (
            row.state,
            row.done,
            row.planned,
            row.required,
        )
        case.urged, case.urged_at, case.reminded_at = case.urged + 1, moment, moment
        if case.state == "closed":  # closed by a plan that was called off since the last sweep
            case.state, case.closed_at, case.closed_how = ("escalated" if case.escalated_at else "open"), None, ""
    duties = {duty.id: duty for duty in pack.duties}
    reached = _tell_own(fresh, duties, pack, today, moment, key=f"standards.urge:{moment:%H%M%S}", urged_by=by.name)
    told = []
    for case in fresh:
        what = _about(case)
        what["data"] |= {"how": "urged", "number": case.urged, "reached": reached.get(case.org_id, 0)}
        told.append(dict(kind="reminder.sent", at=moment, source=f"reminder:{_cell(case)}:urged:{today}", **what))
    facts.record_many(told, by=by)
    Case.objects.bulk_update(
        fresh, ["urged", "urged_at", "reminded_at", "state", "closed_at", "closed_how"], batch_size=200
    )
    return {"urged": len(fresh), "already": len(cases) - len(fresh), "reached": sum(reached.values())}
