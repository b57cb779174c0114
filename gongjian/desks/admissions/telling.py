"""怎样说: the file in words for pages, the PDF and the API: what is done, what comes next, who must do it, by when."""

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Case, DateField, F, Q, QuerySet, Value, When
from django.utils.translation import gettext as _

from gongjian.desks.admissions import queries, rules
from gongjian.desks.admissions.models import Admission, PoolReview, StepRecord
from gongjian.desks.admissions.states import UNDER_WAY
from gongjian.ground.kernel.errors import Refused
from gongjian.ground.policy.admissions_schema import Admissions, AdmissionStep
from gongjian.ground.policy.schema import Pack

NEVER = dt.date(9999, 12, 31)
SOON = 7
SEEN_BEFORE = {"after", "within", "fresh", "full", "observed", "publication"}


def standing_word(row: Admission, table: Admissions) -> str:
    """What the person is called."""
    found = table.standings.get(row.standing)
    return found.title if found else row.standing


def next_word(row: Admission, table: Admissions) -> str:
    """The next step with its number; a dash when the file is closed."""
    step = queries.next_step(row, table)
    return f"{step.number}. {step.title}" if step else "—"


def who_word(row: Admission, table: Admissions) -> str:
    """Who does the next step."""
    step = queries.next_step(row, table)
    if step is None:
        return "—"
    return str(_("党支部")) if step.who == "branch" else str(_("上级党委"))


def when_of(row: Admission, today: dt.date) -> str:
    """overdue, soon, early or ready; nothing when the file is closed."""
    if row.state != UNDER_WAY:
        return ""
    if row.due_on and row.due_on < today:
        return "overdue"
    if row.due_on and row.due_on <= today + dt.timedelta(days=SOON):
        return "soon"
    return "early" if row.earliest_on and row.earliest_on > today else "ready"


def most_urgent(rows: QuerySet[Admission]) -> QuerySet[Admission]:
    """With `urgency`, by which open files with the earliest date come first."""
    far, closed = Value(NEVER - dt.timedelta(days=1)), Value(NEVER)
    return rows.annotate(
        urgency=Case(
            When(~Q(state=UNDER_WAY), then=closed), When(due_on__isnull=False, then=F("due_on")), default=far,
            output_field=DateField(),
        )
    )  # fmt: skip


def counts(rows: QuerySet[Admission], table: Admissions, today: dt.date) -> list[tuple[str, int, str]]:
    """Boxes above the list: persons by standing, and those overdue, each with the filter that shows them."""
    found: dict[str, int] = defaultdict(int)
    late = 0
    for standing, due_on in rows.filter(state=UNDER_WAY).values_list("standing", "due_on"):
        found[standing] += 1
        late += bool(due_on and due_on < today)
    boxes = [
        (one.title, found[one.id], f"?state=under_way&standing={one.id}")
        for one in table.standings
        if one.id != "formal"
    ]
    return [*boxes, (str(_("已逾期")), late, "?when=overdue")]


class Check(NamedTuple):
    """一项条件 as the page shows it before the step is filled in."""

    ok: bool
    strength: str
    text: str


class Coming(NamedTuple):
    """下一步: what, who, when, and what is still missing."""

    step: AdmissionStep
    who: str
    earliest: dt.date | None
    due: dt.date | None
    basis: str
    when: str
    days: int
    checks: list[Check]

    @property
    def late_days(self) -> int:
        """By how many days it is late; 0 if it is not."""
        return max(0, -self.days)


def coming(admission: Admission, pack: Pack, today: dt.date, values: dict[str, Any] | None = None) -> Coming | None:
    """What comes next; None when the file is closed."""
    step = queries.next_step(admission, pack.admissions)
    if step is None:
        return None
    case = queries.case_of(admission, pack, step=step, on=today, values=values)
    tools = queries.tools_of(pack)
    window = rules.window(step, case, pack.admissions, tools.calendar, today)
    found = {one.id: one for one in rules.findings(step, today, values or {}, case, pack.admissions, tools)}
    checks = [
        Check(condition.id not in found, found[condition.id].strength if condition.id in found else condition.strength,
              found[condition.id].text if condition.id in found else condition.basis)
        for condition in step.conditions if condition.kind in SEEN_BEFORE
    ]  # fmt: skip
    who = admission.org.short_name or admission.org.name
    if step.who == "higher":
        try:
            approver = queries.approver_of(admission.org, pack)
            who = approver.short_name or approver.name
        except Refused as refusal:
            checks.append(Check(False, "block", refusal.message))
    days = (window.due - today).days if window.due else 0
    row = Admission(state=admission.state, due_on=window.due, earliest_on=window.earliest)
    return Coming(step, who, window.earliest, window.due, window.basis, when_of(row, today), days, checks)


class Line(NamedTuple):
    """时间线的一行."""

    step: AdmissionStep
    state: str  # done, next, locked
    record: StepRecord | None
    days: int | None
    values: list[tuple[str, str]]
    earlier: list[StepRecord]


class Stage(NamedTuple):
    """一个阶段."""

    title: str
    state: str
    lines: list[Line]


def timeline(admission: Admission, pack: Pack, *, records: list[StepRecord], names: dict[int, str]) -> list[Stage]:
    """All steps by stage: done with their days and contents, next, locked. The latest round stands, earlier ones below it."""
    table = pack.admissions
    by_step: dict[str, list[StepRecord]] = defaultdict(list)
    for record in records:
        by_step[record.step].append(record)
    found, before = [], None
    for stage in table.stages:
        lines = []
        for step in (one for one in table.steps if one.stage == stage.id):
            rows = by_step[step.id]
            done = [row for row in rows if row.state == "done"]
            record = done[-1] if done and (not step.repeats or done[-1].round == admission.round) else None
            if admission.state != "under_way" and record is None and done:
                record = done[-1]
            state = (
                "done"
                if record
                else "next"
                if admission.state == UNDER_WAY and step.number == admission.step
                else "locked"
            )
            days = (record.on - before).days if record and before else None
            before = record.on if record else before
            lines.append(
                Line(step, state, record, days, told(step, record, names) if record else [],
                     [row for row in rows if row is not record])
            )  # fmt: skip
        states = {line.state for line in lines}
        word = "next" if "next" in states else "done" if states == {"done"} else "locked"
        found.append(Stage(stage.title, word, lines))
    return found


def told(step: AdmissionStep, record: StepRecord, names: dict[int, str]) -> list[tuple[str, str]]:
    """What a record holds, in words."""
    found = []
    for field in step.fields:
        value = record.values.get(field.id)
        if value in (None, "", []):
            continue
        if field.kind == "choice":
            value = field.choices[value].title if value in field.choices else value
        elif field.kind == "people":
            value = "、".join(names.get(one, "？") for one in value)
        elif field.kind == "person":
            value = names.get(value, "？")
        elif field.kind == "group":
            value = _("已编入")
        found.append((field.title, str(value)))
    if record.values.get("shown_on"):
        shown = f"{record.values['shown_on']} 至 {record.values['shown_until']}，{record.values.get('shown_note', '')}"
        found.append((str(_("线下公示")), shown))
    return found


def people_in(records: Iterable[StepRecord], table: Admissions) -> set[int]:
    """Everyone whom records name or who wrote them."""
    found: set[int] = set()
    for record in records:
        if record.recorded_by:
            found.add(record.recorded_by)
        step = table.steps.get(record.step)
        for field in step.fields if step else ():
            value = record.values.get(field.id)
            if field.kind == "people" and value:
                found.update(value)
            elif field.kind == "person" and value:
                found.add(value)
    return found


def own_progress(admission: Admission, pack: Pack) -> list[Stage]:
    """The timeline as the applicant sees it: steps and days only, nothing of what others said or how they voted."""
    records = queries.records_of(admission)
    return [
        Stage(stage.title, stage.state, [line._replace(values=[], earlier=[]) for line in stage.lines])
        for stage in timeline(admission, pack, records=records, names={})
    ]


def pool_rows(rows: QuerySet[Admission], table: Admissions, today: dt.date) -> list[list]:
    """Branches with their numbers by standing, and how many are overdue."""
    wanted = [one.id for one in table.standings if one.id not in ("probationary", "formal")]
    found: dict[str, dict[str, int]] = defaultdict(lambda: defaultdict(int))
    for name, standing, due_on in rows.values_list("org__name", "standing", "due_on").order_by("org__path"):
        found[name][standing] += 1
        found[name]["late"] += bool(due_on and due_on < today)
    return [[name, *(numbers[one] for one in wanted), numbers["late"]] for name, numbers in found.items()]


def reviews(rows: list[PoolReview], table: Admissions) -> list[dict]:
    """Reviews with their counts in words."""
    return [
        {
            "year": row.year, "on": row.on, "text": row.text,
            "counts": "，".join(f"{one.title} {row.counts[one.id]} 人" for one in table.standings if row.counts.get(one.id)),
        }
        for row in rows
    ]  # fmt: skip


def about(admission: Admission, guides: Iterable[Any]) -> list[tuple[str, str]]:
    """What stands beside the steps: dates and people."""
    person = admission.person
    found = [
        (_("申请日期"), admission.applied_on.isoformat()),
        (_("出生日期"), person.birth_date.isoformat() if person.birth_date else ""),
        (_("单位"), person.work_unit),
    ]
    if admission.admitted_on and admission.full_on:
        full = admission.full_on.isoformat()
        if admission.extended_months:
            full += _("（延长 %(n)d 个月）") % {"n": admission.extended_months}
        found += [(_("接收日期"), admission.admitted_on.isoformat()), (_("预备期满"), full)]
    return found + by_role(guides)


def by_role(guides: Iterable[Any]) -> list[tuple[str, str]]:
    """Contacts and introducers, each role with its names."""
    found: dict[str, list[str]] = defaultdict(list)
    for guide in guides:
        found[str(guide.get_role_display())].append(guide.person.name)
    return [(role, "、".join(names)) for role, names in found.items()]
