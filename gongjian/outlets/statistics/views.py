"""The report on one page, as Excel, and the people and organisations behind each cell."""

import datetime as dt

from django.http import HttpRequest, HttpResponseBase
from django.utils.translation import gettext as _

from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs
from gongjian.ground.kernel.errors import Invalid, NotFound
from gongjian.ground.policy.schema import Pack
from gongjian.ground.ui.lists import Column, Listing
from gongjian.ground.ui.shortcuts import page
from gongjian.outlets.statistics import counting, queries
from gongjian.outlets.statistics.workbook import workbook_of
from gongjian.records.people import codes

EARLIEST = dt.date(1921, 7, 1)


def asked(request: HttpRequest) -> tuple[queries.Organisation, dt.date, Pack]:
    """The organisation (by default the highest that one sees), the day (by default today) and its pack."""
    day = clock.today()
    if text := request.GET.get("day", "").strip():
        try:
            day = dt.date.fromisoformat(text)
        except ValueError:
            raise Invalid(_("日期应写成 2026-12-31 的样子。"), field="day") from None
        if not EARLIEST <= day <= clock.today():
            raise Invalid(_("统计日不能晚于今天。"), field="day")
    org = queries.org_for(request.actor, request.GET.get("org", ""))
    return org, day, policy.on(day)


@needs("people.view")
def tables(request: HttpRequest) -> HttpResponseBase:
    """All tables as of a day."""
    org, day, pack = asked(request)
    report = counting.report_of(org, day, pack)
    return page(request, "statistics/tables.html", {
        "report": report, "org": org, "day": day, "today": clock.today(), "choices": queries.choices(request.actor, org),
        "notes": pack.statistics.notes, "basis": pack.statistics.basis, "problems": report.problems,
        "query": f"org={org.pk}&day={day.isoformat()}", "last_year": dt.date(day.year - 1, 12, 31),
        "line": queries.line_for(request.actor, org),
    })  # fmt: skip


@needs("people.view")
def excel(request: HttpRequest) -> HttpResponseBase:
    """The same as Excel."""
    org, day, pack = asked(request)
    return workbook_of(counting.report_of(org, day, pack), pack)


class CellListing(Listing):
    """格中列表: a search in it stays inside its cell."""

    KEPT = ("org", "day", "table", "row", "kind", "flow")

    @property
    def hidden(self) -> list[tuple[str, str]]:
        """What the search form carries along: which cell this is."""
        return [*super().hidden, *((name, self.request.GET[name]) for name in self.KEPT if self.request.GET.get(name))]

    @property
    def clear_url(self) -> str:
        """The same cell without the search."""
        return self._address(q="")


def _title(pack: Pack, table: str, row: str, kind: str) -> str:
    described = counting.titles(pack).get(table)
    words = [dict(described[1]).get(row, row)] if described else []
    if kind:
        words.append({"formal": _("正式党员"), "probationary": _("预备党员")}.get(kind, kind))
    return " · ".join(words) or _("全部党员")


@needs("people.view")
def members(request: HttpRequest) -> HttpResponseBase:
    """The members behind a cell or a change of the year."""
    org, day, pack = asked(request)
    flow = request.GET.get("flow", "")
    table, row, kind = (request.GET.get(name, "") for name in ("table", "row", "kind"))
    if flow:
        found = counting.pick_flow(org, day, flow)
        title = {**counting.flow_titles(), "became_formal": _("本年转正")}.get(flow)
        if title is None:
            raise NotFound(_("没有这张表。"))
    else:
        found, title = counting.pick(org, day, pack, table=table, row=row, kind=kind), _title(pack, table, row, kind)
    visible: set[int] = set()

    def prepare(rows: list) -> None:
        visible.clear()
        visible.update(queries.visible_among(request.actor, [one.person_id for one in rows]))

    listing = CellListing(
        request, found.filter(queries.in_scope(request.actor)).select_related("person", "org"),
        columns=[
            Column("person.name", _("姓名"), phone="title",
                   link=lambda one: queries.address_of(one.person_id) if one.person_id in visible else ""),
            Column("org.name", _("组织"), phone="meta"),
            Column("sex", _("性别"), value=lambda one: codes.label(codes.SEX, one.person.sex), phone="hide"),
            Column("person.birth_date", _("出生日期"), kind="date", phone="hide"),
            Column("joined_on", _("入党日期"), kind="date", phone="meta"),
            Column("formal_on", _("转正日期"), kind="date", phone="hide"),
            Column("ends_on", _("离开日期"), kind="date", phone="hide"),
            Column("end_reason", _("离开原因"), phone="hide"),
        ],
        search=("person__name", "person__pinyin", "person__initials"), order=("person__pinyin", "id"), export="xlsx,csv",
        name=f"{title}-{day:%Y%m%d}", size=50, prepare=prepare, empty=_("这一格没有人"),
    )  # fmt: skip
    return listing.response("statistics/cell.html", {"title": title, "org": org, "day": day})


@needs("people.view")
def organisations(request: HttpRequest) -> HttpResponseBase:
    """The organisations behind a cell."""
    org, day, pack = asked(request)
    table, row = request.GET.get("table", ""), request.GET.get("row", "")
    kinds = {kind.id: kind.title for kind in pack.org_kinds}
    levels = {level.id: level.title for level in pack.levels}
    listing = CellListing(
        request, counting.pick_organisations(org, day, table=table, row=row).filter(queries.orgs_in_scope(request.actor))
        .select_related("org"),
        columns=[
            Column("name", _("名称"), link=lambda one: queries.org_address(one.org_id), phone="title"),
            Column("kind", _("类型"), value=lambda one: kinds.get(one.kind, one.kind), phone="meta"),
            Column("level", _("层级"), value=lambda one: levels.get(one.org.level, one.org.level), phone="meta"),
            Column("org.founded_on", _("成立日期"), kind="date", phone="meta"),
        ],
        search=("name", "org__code", "org__initials"), order=("org__code", "id"), export="xlsx,csv",
        name=f"{_('党组织')}-{day:%Y%m%d}", size=50, empty=_("这一格没有组织"),
    )  # fmt: skip
    title = (kinds | levels).get(row, _("全部党组织"))
    return listing.response("statistics/cell.html", {"title": title, "org": org, "day": day})
