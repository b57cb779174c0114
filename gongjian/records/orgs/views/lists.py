"""The list, its exports, and the suggestions of a search box."""

from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _

from gongjian.ground import policy
from gongjian.ground.kernel.access import needs
from gongjian.ground.ui.lists import Column, Listing
from gongjian.ground.ui.shortcuts import fragment
from gongjian.records.orgs import queries
from gongjian.records.orgs.filters import OrganisationFilter


@needs("orgs.view")
def index(request: HttpRequest) -> HttpResponse:
    """Visible organisations with search, filters, paging and export."""
    pack = policy.current()
    kinds = {kind.id: kind.title for kind in pack.org_kinds}
    levels = {level.id: level.title for level in pack.levels}
    found = queries.visible_to(request.actor, dissolved=True).select_related("parent", "territory")
    listing = Listing(
        request, found, filterset=OrganisationFilter, search=("name", "short_name", "pinyin", "initials", "code"),
        order=("path", "id"), export="xlsx,csv", name=_("组织名册"), search_hint=_("名称、拼音、首字母或代码"),
        columns=[
            Column("name", _("名称"), link="orgs:detail", sort=True, phone="title"),
            Column("code", _("组织代码"), sort=True, phone="meta"),
            Column("kind", _("类型"), value=lambda org: kinds.get(org.kind, org.kind), phone="meta"),
            Column("level", _("层级"), value=lambda org: levels.get(org.level, org.level), phone="hide"),
            Column("parent.name", _("隶属"), phone="hide"),
            Column("member_count", _("党员"), kind="number", sort=True, phone="meta"),
            Column("formal_count", _("正式党员"), kind="number", sort=True, phone="hide"),
            Column("founded_on", _("成立日期"), kind="date", sort=True, phone="hide"),
        ],
        empty=_("还没有组织"), empty_hint=_("成立一个，或从 Excel 导入。"),
    )  # fmt: skip
    return listing.response("orgs/list.html", {"may_manage": request.actor.may("orgs.manage")})


@needs("orgs.view")
def suggest(request: HttpRequest) -> HttpResponse:
    """Suggestions for a search box that chooses an organisation."""
    text = next((value for key, value in request.GET.items() if key != "csrfmiddlewaretoken"), "")
    found = queries.search(request.actor, text, limit=12)
    options = [
        (f"{org.code} {org.name}", org.parent.short_name or org.parent.name if org.parent else "") for org in found
    ]
    return fragment(request, "ui/parts/options.html", {"options": options})
