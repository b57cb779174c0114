"""The list of people and its exports."""

from django.db.models import Q
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils.translation import gettext as _

from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs
from gongjian.ground.kernel.crypto import keyed_hash
from gongjian.ground.kernel.identifiers import normalise_digits
from gongjian.ground.sheets import write_xlsx
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.lists import Column, Listing
from gongjian.ground.ui.looks import Look
from gongjian.ground.ui.shortcuts import fragment, page
from gongjian.records.orgs import queries as orgs
from gongjian.records.people import actions, codes, queries
from gongjian.records.people.filters import PersonFilter
from gongjian.records.people.forms import PurposeForm
from gongjian.records.people.sheets import FULL, full_rows

MOST_EXPORTED = 20_000  # persons in one list with protected fields


def post_titles() -> dict[str, str]:
    """Titles of posts by id."""
    return {post.id: post.title for post in policy.current().posts}


def _search_protected(request: HttpRequest, found):
    """A whole identity number or phone in the search box finds its one person by keyed hash, and is not kept."""
    digits = normalise_digits(request.GET.get("q", "")).upper().replace(" ", "").replace("-", "")
    if len(digits) < 11 or not digits[:-1].isdigit():
        return found, False
    match = Q(identity_hash=keyed_hash(digits, context="person.identity")) | Q(
        phone_hash=keyed_hash(digits, context="person.phone")
    )
    return found.filter(match), True


def _listing(request: HttpRequest) -> Listing:
    posts = post_titles()
    found, exact = _search_protected(request, queries.visible_to(request.actor))
    return Listing(
        request, found, filterset=PersonFilter, search=() if exact else ("name", "pinyin", "initials"),
        order=("pinyin", "id"), export="xlsx,csv", name=_("人员名册"), prepare=queries.load_places,
        search_hint=_("姓名、拼音、首字母，或完整的证件号、手机号"),
        columns=[
            Column("name", _("姓名"), link="people:detail", sort="pinyin", phone="title"),
            Column("sex", _("性别"), value=lambda p: codes.label(codes.SEX, p.sex), phone="hide"),
            Column("birth_date", _("出生日期"), kind="date", sort=True, phone="hide"),
            Column("kind", _("身份"), kind="badge", value=_standing, phone="meta"),
            Column("org", _("所在组织"), value=_place, phone="meta"),
            Column("posts", _("职务"), value=lambda p: "、".join(posts.get(a.post, a.post) for a in p.posts), phone="meta"),
            Column("phone_masked", _("电话"), phone="hide"),
            Column("identity_masked", _("身份证号"), phone="hide"),
        ],
        empty=_("还没有人员"), empty_hint=_("登记一名，或从 Excel 导入。"),
    )  # fmt: skip


def _place(person) -> str:
    """The branch of a member; else where the person serves or relates to."""
    found = [person.membership] if person.membership else [*person.posts, *person.related]
    return found[0].org.name if found else ""


def _standing(person) -> Look | str:
    """How the person belongs: as a member, or the first other relation."""
    if person.membership:
        return person.membership.kind
    return Look("quiet", "user", person.related[0].get_kind_display()) if person.related else ""


@needs("people.view")
def index(request: HttpRequest) -> HttpResponseBase:
    """Visible people with search, filters, paging and a masked export."""
    listing = _listing(request)
    org = None
    if asked := request.GET.get("org", ""):
        org = orgs.get_for(request.actor, asked)
    context = {
        "org": org, "line": orgs.line_of(org) if org else [], "may_manage": request.actor.may("people.manage"),
        "may_export": request.actor.may("people.view_protected"),
        "waiting": queries.requests_waiting(request.actor).count() if request.actor.may("people.manage") else 0,
        "query": request.GET.urlencode(),
    }  # fmt: skip
    return listing.response("people/list.html", context)


@needs("people.view_protected")
def export(request: HttpRequest) -> HttpResponse:
    """The filtered list with protected fields in full: asks a purpose, tells every person in it."""
    found = queries.visible_to(request.actor, permission="people.view_protected")
    found, exact = _search_protected(request, found)
    filtered = PersonFilter(request.GET, queryset=found, request=request).qs
    if (text := request.GET.get("q", "").strip()) and not exact:
        filtered = filtered.filter(Q(name__icontains=text) | Q(pinyin__icontains=text) | Q(initials__icontains=text))
    count = filtered.count()
    form = PurposeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with attempt(request, form) as ok:
            if count > MOST_EXPORTED:
                form.add_error(None, _("一次最多导出 %(most)d 人，请先筛选。") % {"most": MOST_EXPORTED})
            else:
                content = _full_list(request, list(filtered.order_by("pinyin", "id")), form.cleaned_data["purpose"])
        if ok and not form.errors:
            answer = HttpResponse(
                content, content_type="application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"
            )
            answer["Content-Disposition"] = f'attachment; filename="people-{clock.today():%Y%m%d}.xlsx"'
            return answer
    return page(
        request,
        "people/export.html",
        {
            "form": form,
            "count": count,
            "query": request.GET.urlencode(),
            "purposes": policy.current().settings.privacy.purposes,
        },
    )


def _full_list(request: HttpRequest, people: list, purpose: str) -> bytes:
    actions.export_protected(people=[person.pk for person in people], purpose=purpose, by=request.actor)
    return write_xlsx(FULL, full_rows(people))


@needs("people.view")
def officers(request: HttpRequest) -> HttpResponse:
    """The panel of an organisation's page: who is in which post."""
    org = orgs.get_for(request.actor, request.GET.get("org", ""), permission="people.view")
    pack = policy.current()
    order = {post.id: (post.order, post.title) for post in pack.posts}
    rows = sorted(queries.officers_of(org.pk), key=lambda row: (order.get(row.post, (999, ""))[0], row.pk))
    for row in rows:
        row.title = order.get(row.post, (0, row.post))[1]
    context = {"org": org, "rows": rows, "may_manage": request.actor.may_at("people.manage", org)}
    if not request.htmx:
        return page(request, "people/officers_page.html", context)
    return fragment(request, "people/officers.html", context)
