"""党内统计: members and organisations counted by the database, in a constant number of statements at any size.

All tables of members come out of one GROUP BY over every dimension; what a cell holds is found again by `pick`.
"""

import datetime as dt
from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Case, CharField, Count, Exists, F, OuterRef, Q, QuerySet, Value, When
from django.db.models.functions import Substr
from django.utils.translation import gettext as _

from gongjian.ground.kernel.clock import add_months
from gongjian.ground.kernel.scope import subtree_q
from gongjian.ground.policy.schema import Pack
from gongjian.ground.policy.statistics_schema import OLDEST, Band
from gongjian.records.orgs.models import Organisation, OrganisationVersion
from gongjian.records.people.models import Dated, Membership

UNKNOWN = "unknown"
KINDS = ("formal", "probationary")
HAN = "01"


@dataclass
class Row:
    """统计表的一行: its id and title, and formal, probationary and all of them."""

    id: str
    title: str
    formal: int = 0
    probationary: int = 0

    @property
    def total(self) -> int:
        """合计."""
        return self.formal + self.probationary


@dataclass
class Table:
    """统计表: rows that together hold everyone once."""

    id: str
    title: str
    rows: list[Row] = field(default_factory=list)

    @property
    def sums(self) -> Row:
        """The last line."""
        return Row("", _("合计"), sum(row.formal for row in self.rows), sum(row.probationary for row in self.rows))


@dataclass
class Flow:
    """本年增减: a number of members who came, went or changed."""

    id: str
    title: str
    number: int


def in_subtree(org: Organisation) -> Q:
    """Memberships in an organisation and all below it along 隶属."""
    return subtree_q(org.path, prefix="org__")


def counted_on(day: dt.date) -> Q:
    """Memberships that count on a day: current, 党籍 not stopped, the member alive."""
    return Dated.current_q(day) & ~Q(state="stopped") & (Q(person__died_on__isnull=True) | Q(person__died_on__gt=day))


def _band(column: str, bands: tuple[Band, ...], day: dt.date) -> Case:
    """Which band of completed years a date falls into on a day; who has his day of the year today has completed it."""
    cases = []
    for band in bands:
        latest = add_months(day, -12 * band.since)
        condition = Q(**{f"{column}__lte": latest})
        if band.until < OLDEST:
            condition &= Q(**{f"{column}__gt": add_months(day, -12 * (band.until + 1))})
        cases.append(When(condition, then=Value(band.id)))
    return Case(*cases, default=Value(UNKNOWN), output_field=CharField())


def members(org: Organisation, day: dt.date, pack: Pack) -> QuerySet[Membership]:
    """Memberships that count on a day, each with its cell in every table."""
    bands = pack.statistics
    education = [
        When(first_digit__in=group.digits, then=Value(group.id)) for group in bands.education
    ]  # fmt: skip
    return (
        Membership.objects.filter(in_subtree(org), counted_on(day))
        .annotate(first_digit=Substr("person__education", 1, 1))
        .annotate(
            as_kind=Case(
                When(formal_on__isnull=False, formal_on__lte=day, then=Value("formal")), default=Value("probationary"),
                output_field=CharField(),
            ),
            by_sex=Case(When(person__sex__in=("1", "2"), then=F("person__sex")), default=Value(UNKNOWN), output_field=CharField()),
            by_age=_band("person__birth_date", bands.ages, day),
            by_education=Case(*education, default=Value(UNKNOWN), output_field=CharField()),
            by_ethnic=Case(
                When(person__ethnic=HAN, then=Value("han")), When(person__ethnic="", then=Value(UNKNOWN)),
                default=Value("minority"), output_field=CharField(),
            ),
            by_standing=_band("joined_on", bands.standing, day),
            by_level=F("org__level"),
            by_org_kind=F("org__kind"),
        )
    )  # fmt: skip


def titles(pack: Pack) -> dict[str, tuple[str, list[tuple[str, str]]]]:
    """Each table of members: its title, and its rows as (id, title) in their order."""
    unknown = (UNKNOWN, _("未登记"))
    bands = pack.statistics
    return {
        "sex": (_("性别"), [("1", _("男")), ("2", _("女")), unknown]),
        "age": (_("年龄"), [*((band.id, band.title) for band in bands.ages), unknown]),
        "education": (
            _("学历"),
            [*((group.id, group.title) for group in bands.education), (UNKNOWN, _("其他或未登记"))],
        ),
        "ethnic": (_("民族"), [("han", _("汉族")), ("minority", _("少数民族")), unknown]),
        "standing": (_("党龄"), [*((band.id, band.title) for band in bands.standing), unknown]),
        "org_kind": (_("所在组织类型"), [(kind.id, kind.title) for kind in pack.org_kinds]),
        "level": (_("所在组织层级"), [(level.id, level.title) for level in pack.levels]),
    }


def member_tables(org: Organisation, day: dt.date, pack: Pack) -> list[Table]:
    """All tables of members; one statement."""
    described = titles(pack)
    names = [f"by_{table}" for table in described]
    found: dict[str, dict[str, dict[str, int]]] = {name: defaultdict(lambda: dict.fromkeys(KINDS, 0)) for name in names}
    for cell in members(org, day, pack).order_by().values(*names, "as_kind").annotate(number=Count("pk")):
        for name in names:
            found[name][cell[name]][cell["as_kind"]] += cell["number"]
    tables = []
    for ident, (title, rows) in described.items():
        cells = found[f"by_{ident}"]
        known = dict(rows)
        order = [row for row, _title in rows] + sorted(set(cells) - set(known))
        seldom = ident in ("org_kind", "level")
        tables.append(Table(ident, title, [
            Row(row, known.get(row, row), **cells.get(row, {})) for row in order
            if row in cells or not (seldom or row == UNKNOWN)
        ]))  # fmt: skip
    return tables


def pick(org: Organisation, day: dt.date, pack: Pack, *, table: str = "", row: str = "", kind: str = "") -> QuerySet:
    """The memberships behind a cell; nothing for a cell that there is not."""
    found = members(org, day, pack)
    if table:
        found = found.filter(**{f"by_{table}": row}) if table in titles(pack) else found.none()
    if kind:
        found = found.filter(as_kind=kind) if kind in KINDS else found.none()
    return found


# --- organisations --------------------------------------------------------------------------------------------------
def organisations(org: Organisation, day: dt.date) -> QuerySet[OrganisationVersion]:
    """The organisation and all below it that existed on a day, as they were called then."""
    return OrganisationVersion.objects.filter(
        Q(valid_to__isnull=True) | Q(valid_to__gt=day), subtree_q(org.path, prefix="org__"), valid_from__lte=day,
        org__founded_on__lte=day,
    ).filter(Q(org__dissolved_on__isnull=True) | Q(org__dissolved_on__gt=day))  # fmt: skip


def organisation_tables(org: Organisation, day: dt.date, pack: Pack) -> dict[str, list[tuple[str, str, int]]]:
    """Organisations by kind and by level, each as (id, title, number); one statement."""
    kinds, levels = defaultdict(int), defaultdict(int)
    cells = organisations(org, day).order_by().values("kind", "org__level").annotate(number=Count("pk"))
    for cell in cells:
        kinds[cell["kind"]] += cell["number"]
        levels[cell["org__level"]] += cell["number"]

    def ordered(found: dict[str, int], described: list[tuple[str, str]]) -> list[tuple[str, str, int]]:
        known = dict(described)
        order = [ident for ident in known if ident in found] + sorted(set(found) - set(known))
        return [(ident, known.get(ident, ident), found[ident]) for ident in order]

    return {
        "kind": ordered(kinds, [(kind.id, kind.title) for kind in pack.org_kinds]),
        "level": ordered(levels, [(level.id, level.title) for level in pack.levels]),
    }


def pick_organisations(org: Organisation, day: dt.date, *, table: str, row: str) -> QuerySet[OrganisationVersion]:
    """The organisations behind a cell."""
    found = organisations(org, day)
    if not table:
        return found
    column = {"kind": "kind", "level": "org__level"}.get(table)
    return found.filter(**{column: row}) if column else found.none()


# --- the year's changes ---------------------------------------------------------------------------------------------
FLOWS = ("admitted", "moved_in", "registered", "died", "moved_out", "left")


def _rows(org: Organisation) -> QuerySet[Membership]:
    died_first = Q(person__died_on__isnull=False) & (Q(ends_on__isnull=True) | Q(person__died_on__lt=F("ends_on")))
    return Membership.objects.filter(in_subtree(org)).exclude(state="stopped").annotate(
        gone_on=Case(When(died_first, then=F("person__died_on")), default=F("ends_on"))
    )  # fmt: skip


def _inside(org: Organisation) -> QuerySet[Membership]:
    return Membership.objects.filter(in_subtree(org), person=OuterRef("person")).exclude(pk=OuterRef("pk"))


def _elsewhere(org: Organisation) -> QuerySet[Membership]:
    return Membership.objects.filter(~in_subtree(org), person=OuterRef("person"))


def entries(org: Organisation, after: dt.date, until: dt.date) -> QuerySet[Membership]:
    """Memberships that began in the subtree within (after, until] and go on from none inside it, with why (`why`)."""
    return (
        _rows(org).filter(starts_on__gt=after, starts_on__lte=until)
        .filter(Q(gone_on__isnull=True) | Q(gone_on__gte=F("starts_on")))
        .exclude(Exists(_inside(org).filter(ends_on=OuterRef("starts_on"))))
        .annotate(why=Case(
            When(joined_on__gt=after, then=Value("admitted")),
            When(Exists(_elsewhere(org).filter(ends_on__lte=OuterRef("starts_on"))), then=Value("moved_in")),
            default=Value("registered"), output_field=CharField(),
        ))
    )  # fmt: skip


def exits(org: Organisation, after: dt.date, until: dt.date) -> QuerySet[Membership]:
    """Memberships that ended in the subtree within (after, until] and go on in none inside it, with why (`why`)."""
    goes_on = Exists(_inside(org).filter(starts_on=OuterRef("ends_on")))
    return (
        _rows(org).filter(gone_on__gt=after, gone_on__lte=until).filter(gone_on__gte=F("starts_on"))
        .exclude(Q(gone_on=F("ends_on")) & Q(goes_on))
        .annotate(why=Case(
            When(Q(person__died_on__isnull=False) & Q(person__died_on__lte=F("gone_on")), then=Value("died")),
            When(Exists(_elsewhere(org).filter(starts_on__gte=OuterRef("ends_on"))), then=Value("moved_out")),
            When(end_reason__startswith="转", then=Value("moved_out")),
            default=Value("left"), output_field=CharField(),
        ))
    )  # fmt: skip


def became_formal(org: Organisation, after: dt.date, until: dt.date) -> QuerySet[Membership]:
    """Memberships of those who became formal members within (after, until] while they belonged here."""
    return _rows(org).filter(
        Q(gone_on__isnull=True) | Q(gone_on__gt=F("formal_on")), formal_on__gt=after, formal_on__lte=until,
        joined_on__lt=F("formal_on"), starts_on__lte=F("formal_on"),
    )  # fmt: skip


@dataclass
class Year:
    """本年增减: from the last day of the year before to the day, and whether it adds up."""

    before: int
    after: int
    flows: list[Flow]
    became_formal: int

    @property
    def difference(self) -> int:
        """What is left unexplained; 0 as long as no two memberships of one person overlap."""
        came = sum(flow.number for flow in self.flows if flow.id in ("admitted", "moved_in", "registered"))
        gone = sum(flow.number for flow in self.flows if flow.id in ("died", "moved_out", "left"))
        return self.before + came - gone - self.after


def flow_titles() -> dict[str, str]:
    """Titles of the changes."""
    return {
        "admitted": _("发展党员（本年入党）"), "moved_in": _("转入"), "registered": _("从外地转入或补登记"), "died": _("去世"),
        "moved_out": _("转出"), "left": _("其他减少"),
    }  # fmt: skip


def year_of(org: Organisation, day: dt.date) -> Year:
    """The changes from the beginning of the day's year; five statements."""
    after = dt.date(day.year - 1, 12, 31)
    found: dict[str, int] = {}
    for rows in (entries(org, after, day), exits(org, after, day)):
        found |= dict(rows.order_by().values_list("why").annotate(number=Count("pk")))
    here = Membership.objects.filter(in_subtree(org))
    return Year(
        before=here.filter(counted_on(after)).count(),
        after=here.filter(counted_on(day)).count(),
        flows=[Flow(ident, title, found.get(ident, 0)) for ident, title in flow_titles().items()],
        became_formal=became_formal(org, after, day).count(),
    )


def pick_flow(org: Organisation, day: dt.date, why: str) -> QuerySet[Membership]:
    """The memberships behind a change of the year."""
    after = dt.date(day.year - 1, 12, 31)
    if why == "became_formal":
        return became_formal(org, after, day)
    if why in ("admitted", "moved_in", "registered"):
        return entries(org, after, day).filter(why=why)
    return exits(org, after, day).filter(why=why) if why in FLOWS else Membership.objects.none()


# --- all together ---------------------------------------------------------------------------------------------------
@dataclass
class Report:
    """党内统计: everything on one page, and what does not fit together."""

    org: Organisation
    day: dt.date
    tables: list[Table]
    kinds: list[tuple[str, str, int]]
    levels: list[tuple[str, str, int]]
    year: Year

    @property
    def total(self) -> Row:
        """All members."""
        return self.tables[0].sums

    @property
    def organisations(self) -> int:
        """All organisations."""
        return sum(number for _ident, _title, number in self.kinds)

    @property
    def problems(self) -> list[str]:
        """Which totals differ, in words; nothing when all agree."""
        found = [
            _("“%(table)s”合计 %(sum)d 人，与党员总数 %(total)d 人不等。")
            % {"table": table.title, "sum": table.sums.total, "total": self.total.total}
            for table in self.tables if table.sums.total != self.total.total
        ]  # fmt: skip
        if self.year.after != self.total.total:
            found.append(
                _("统计日党员数两种算法不等：%(one)d、%(two)d。") % {"one": self.year.after, "two": self.total.total}
            )
        if self.year.difference:
            found.append(
                _("上年末人数加增减，与统计日人数相差 %(number)d 人：有人的组织关系记录前后重叠，请核对。")
                % {"number": abs(self.year.difference)}
            )
        if sum(number for _i, _t, number in self.levels) != self.organisations:
            found.append(_("组织按类型与按层级的合计不等。"))
        return found


def report_of(org: Organisation, day: dt.date, pack: Pack) -> Report:
    """The whole report; seven statements at any size."""
    bodies = organisation_tables(org, day, pack)
    return Report(org, day, member_tables(org, day, pack), bodies["kind"], bodies["level"], year_of(org, day))
