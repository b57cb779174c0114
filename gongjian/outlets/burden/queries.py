"""Reads of the burden: of the city by role and week, of its sources, and of one's own week."""

import datetime as dt
from typing import NamedTuple

from django.db.models import Q, QuerySet
from django.utils.translation import gettext as _

from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import NotFound
from gongjian.outlets.burden import rules
from gongjian.outlets.burden.forms_asked import required_fields
from gongjian.outlets.burden.models import Asked
from gongjian.records.facts.models import Fact
from gongjian.records.notices.models import Notice
from gongjian.records.orgs.models import Organisation

PERMISSION = "burden.view"
NOTHING = "没有找到，或者它不在您的可见范围内。"
TITLES = {"messages": "消息", "fields": "必填项", "uploads": "上传", "minutes": "分钟"}


class Gauge(NamedTuple):
    """一项: of a role and a measure the average for one holder, its budget, and the averages of the weeks before."""

    measure: str
    each: float
    budget: int
    trend: list[tuple[dt.date, float, int]]  # Monday, average, height in percent of the highest or the budget
    over: bool


class RoleWeek(NamedTuple):
    """一个角色的一周."""

    role: str
    title: str
    people: int
    gauges: list[Gauge]
    sources: list[dict]


def weights() -> dict[str, tuple[int, int]]:
    """Deed → required fields of its form, as the program has it, and the pack's estimate of minutes."""
    return {deed.id: (required_fields(deed.id), deed.minutes) for deed in policy.current().burden.deeds}


def check_city(actor: Actor) -> None:
    """NotFound unless the actor may see the burden of the whole city."""
    root = Organisation.objects.filter(parent__isnull=True).first()
    if root is None or not actor.may_at(PERMISSION, root):
        raise NotFound(NOTHING)


def weeks_shown() -> list[dt.date]:
    """The Mondays that are shown, oldest first."""
    return rules.weeks_back(clock.today(), policy.current().burden.weeks_shown)


def city(week: dt.date) -> list[RoleWeek]:
    """Each budgeted role's week with its trend and sources; one query."""
    pack, weeks, deeds = policy.current(), weeks_shown(), weights()
    counts: dict[tuple[str, dt.date], dict[tuple[str, str], int]] = {}
    for row in Asked.objects.filter(week__in=weeks):
        counts.setdefault((row.role, row.week), {})[(row.what, row.code)] = row.count
    found = []
    for budget in pack.burden.budgets:
        loads = {}
        for monday in weeks:
            of = counts.get((budget.id, monday), {})
            loads[monday] = rules.load_of(rules.sources(of, deeds), of.get(("people", ""), 0))
        own = counts.get((budget.id, week), {})
        gauges = []
        for measure in rules.MEASURES:
            most = getattr(budget, measure)
            values = [(monday, loads[monday].each(measure)) for monday in weeks]
            top = max([float(most), *(value for _monday, value in values)]) or 1.0
            trend = [(monday, value, round(100 * value / top)) for monday, value in values]
            each = loads[week].each(measure)
            gauges.append(Gauge(measure, each, most, trend, each > most))
        people = own.get(("people", ""), 0)
        sources = [
            {"row": one, "title": title_of(one.what, one.code), "each": round(one.times / people, 2) if people else 0}
            for one in rules.sources(own, deeds)
        ]
        found.append(RoleWeek(budget.id, pack.role(budget.id).title, people, gauges, sources))
    return found


def title_of(what: str, code: str) -> str:
    """A source in words."""
    pack = policy.current()
    if what == "deed":
        deed = pack.burden.deeds.get(code)
        return deed.title if deed else code
    if what == "message":
        kind = pack.notices.kinds.get(code)
        return _("消息：%(kind)s") % {"kind": kind.title if kind else code}
    return _("上传文件")


def rows_of(week: dt.date, what: str, code: str) -> QuerySet[Fact]:
    """The facts behind a deed or the uploads of a week; NotFound for what has no rows to show (messages: their counts)."""
    deed = policy.current().burden.deeds.get(code)
    kind = deed.fact if what == "deed" and deed else "file.kept" if what == "upload" else ""
    if not kind:
        raise NotFound(NOTHING)
    return Fact.objects.filter(
        kind=kind, at__gte=clock.at_time(week), at__lt=clock.at_time(week + dt.timedelta(days=7))
    )  # fmt: skip


def days_of(week: dt.date, kind: str) -> list[tuple[dt.date, int]]:
    """How many messages of a kind were told on each day of a week, to whomever; seven queries by index."""
    days = [week + dt.timedelta(days=n) for n in range(7)]
    return [
        (day, Notice.objects.filter(kind=kind, created_at__gte=clock.at_time(day),
                                    created_at__lt=clock.at_time(day + dt.timedelta(days=1))).count())
        for day in days
    ]  # fmt: skip


def org_names(rows: list[Fact]) -> None:
    """Put the organisation's name on each fact; one query."""
    names = dict(Organisation.objects.filter(pk__in={row.org for row in rows if row.org}).values_list("pk", "name"))
    for row in rows:
        row.org_name = names.get(row.org, "")


class Mine(NamedTuple):
    """本周向我要的: totals of the week so far, what they come from, and the budget of one's role if it has one."""

    since: dt.date
    load: rules.Load
    sources: list[dict]
    budget: object
    role: str


def mine(actor: Actor) -> Mine:
    """What the product asked of the actor since Monday; four queries."""
    pack, today, deeds = policy.current(), clock.today(), weights()
    since = today - dt.timedelta(days=today.weekday())
    begins = clock.at_time(since)
    counts: dict[tuple[str, str], int] = {}
    if actor.person:
        told = Notice.objects.filter(person=actor.person, created_at__gte=begins).values_list("kind", flat=True)
        for kind in told[:1000]:
            counts[("message", kind)] = counts.get(("message", kind), 0) + 1
        kinds = {deed.fact: deed.id for deed in pack.burden.deeds}
        here = Q(person=actor.person) | Q(org__in=[grant.org for grant in actor.grants])
        done = Fact.objects.filter(here, by=actor.person, kind__in=[*kinds, "file.kept"], at__gte=begins)
        for kind in done.values_list("kind", flat=True)[:1000]:
            key = ("deed", kinds[kind]) if kind in kinds else ("upload", "")
            counts[key] = counts.get(key, 0) + 1
    held = [grant.role for grant in actor.grants]
    budget = next((one for one in reversed(pack.burden.budgets) if one.id in held), None)
    found = rules.sources(counts, deeds)
    return Mine(
        since, rules.load_of(found, 1), [{"row": one, "title": title_of(one.what, one.code)} for one in found], budget,
        pack.role(budget.id).title if budget else "",
    )  # fmt: skip
