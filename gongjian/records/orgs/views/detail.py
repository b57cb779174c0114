"""One organisation: what it is, where it stands, who belongs to it, what happened to it."""

from django.http import HttpRequest, HttpResponse
from django.urls import NoReverseMatch, reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from gongjian.ground import policy
from gongjian.ground.kernel import clock, registry
from gongjian.ground.kernel.access import needs
from gongjian.ground.ui.shortcuts import page
from gongjian.records.facts import queries as fact_queries
from gongjian.records.facts import words
from gongjian.records.orgs import queries, rules
from gongjian.records.orgs.permissions import DEEDS, abilities

TITLES = {
    "found": (_("设下级组织"), "plus"),
    "rename": (_("更名"), "edit"),
    "correct": (_("更正资料"), "pencil"),
    "term": (_("换届"), "refresh"),
    "move": (_("调整隶属或属地"), "arrows-exchange"),
    "joint": (_("组建大工委、大党委"), "users-group"),
    "split": (_("拆分"), "arrows-split"),
    "merge": (_("合并"), "git-merge"),
    "dissolve": (_("撤销"), "archive"),
}


def _panels(request: HttpRequest, org) -> list[dict]:
    """What rooms above show of an organisation, each loaded by itself."""
    found = []
    for panel in registry.panels("orgs.detail"):
        if panel.needs and not request.actor.may_at(panel.needs, org):
            continue
        try:
            found.append({"title": panel.title, "url": f"{reverse(panel.url)}?org={org.pk}"})
        except NoReverseMatch:
            continue
    return found


def term_line(term: rules.Term | None) -> str:
    """A term in words."""
    if term is None:
        return ""
    left = _("还有 %(days)d 天") if term.days_left >= 0 else _("已超期 %(days)d 天")
    return _("%(end)s 届满，") % {"end": term.ends} + left % {"days": abs(term.days_left)}


@needs("orgs.view")
def detail(request: HttpRequest, pk: int) -> HttpResponse:
    """An organisation's page."""
    actor = request.actor
    org = queries.get_for(actor, pk)
    pack, today = policy.current(), clock.today()
    kinds = {kind.id: kind for kind in pack.org_kinds}
    levels = {level.id: level.title for level in pack.levels}
    described = kinds.get(org.kind)
    term = queries.term_of(org, today, pack)
    merged = org.merged_into_id and queries.names([org.merged_into_id])
    facts = []
    if actor.may_at("facts.view", org):
        facts = words.entries(list(fact_queries.about_org(org.pk)[:12]), about="organisation")
    able = abilities(org, actor)
    able_list = [(deed, *TITLES[deed]) for deed in DEEDS if deed in able]
    seated = org.territory_path != org.path
    what = [
        (_("组织代码"), org.code), (_("类型"), described.title if described else org.kind),
        (_("层级"), levels.get(org.level, org.level)), (_("行政区划代码"), org.division_code), (_("行业"), org.trade),
        (_("所在单位"), org.unit_name), (_("统一社会信用代码"), org.credit_code), (_("地址"), org.address),
        (_("办公电话"), org.phone), (_("城市基层党组织"), _("是") if org.urban else _("否")),
        (_("成立日期"), org.founded_on), (_("本届起始"), org.term_started_on),
        (_("任期"), term_line(term)),
    ]  # fmt: skip
    if not org.is_alive:
        what.append((_("撤销日期"), org.dissolved_on))
    if merged:
        target = reverse("orgs:detail", args=[org.merged_into_id])
        what.append((_("并入"), format_html('<a href="{}">{}</a>', target, merged[org.merged_into_id])))
    history = [
        {
            "from": version.valid_from,
            "to": version.valid_to,
            "name": version.name,
            "reason": version.reason,
            "parent": version.parent.name if version.parent else "",
            "territory": version.territory.name if version.territory else "",
        }
        for version in queries.history(org)
    ]
    children = list(queries.children(org)[:200])
    for child in children:
        child.kind_title = kinds[child.kind].short if child.kind in kinds else child.kind
    context = {
        "org": org, "kind": described, "what": [(label, value) for label, value in what if value not in (None, "")],
        "line": queries.line_of(org), "ground": queries.line_of(org, "territory") if seated else [],
        "findings": queries.findings_of(org, pack), "term": term, "term_line": term_line(term), "history": history,
        "facts": facts, "children": children, "guests": list(queries.sitting_here(org)[:50]),
        "deeds": able_list, "panels": _panels(request, org), "may_see_facts": actor.may_at("facts.view", org),
        "may_see_people": actor.may_at("people.view", org),
    }  # fmt: skip
    return page(request, "orgs/detail.html", context)
