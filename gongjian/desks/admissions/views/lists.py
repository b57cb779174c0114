"""What there is: the list, one's own progress, the pool of a committee."""

import datetime as dt

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _

from gongjian.desks.admissions import actions, forms, queries, telling
from gongjian.desks.admissions.looks import STATE, WHEN
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs
from gongjian.ground.kernel.errors import Forbidden
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.lists import Column, Listing
from gongjian.ground.ui.shortcuts import page
from gongjian.records.orgs import queries as orgs


@needs("admissions.view")
def overview(request: HttpRequest) -> HttpResponse:
    """All files that one may see, the most urgent first."""
    actor, today = request.actor, clock.today()
    table = policy.current().admissions
    listing = Listing(
        request,
        telling.most_urgent(queries.visible_to(actor).exclude(person=actor.person).select_related("person", "org")),
        columns=[
            Column("person.name", _("姓名"), link="admissions:detail", phone="title"),
            Column("standing", _("身份"), value=lambda row: telling.standing_word(row, table), phone="meta"),
            Column("org.name", _("党支部"), phone="meta"),
            Column("step", _("下一步"), value=lambda row: telling.next_word(row, table), phone="meta"),
            Column("who", _("谁办"), value=lambda row: telling.who_word(row, table), phone="hide"),
            Column("due_on", _("期限"), kind="date", sort=True, phone="meta"),
            Column(
                "when", _("进度"), value=lambda row: telling.when_of(row, today), kind="badge", looks=WHEN, phone="meta"
            ),
            Column("applied_on", _("申请日期"), kind="date", sort=True, phone="hide"),
            Column("state", _("状态"), kind="badge", looks=STATE, phone="hide"),
        ],
        filterset=forms.AdmissionFilter,
        search=("person__name", "person__pinyin", "person__initials", "org__name"),
        order=("urgency", "id"),
        export="xlsx,csv",
        name=_("发展党员"),
        empty=_("还没有入党申请"),
        empty_hint=_("收到书面申请以后点“登记申请”，从谈话到转正一步一步办。"),
        search_hint=_("姓名、拼音或支部"),
    )
    counts = telling.counts(queries.visible_to(actor).exclude(person=actor.person), table, today)
    return listing.response(
        "admissions/list.html",
        {"may_start": actor.may("admissions.keep"), "pools": bool(queries.pools_for(actor)), "counts": counts},
    )


@needs("admissions.own")
def mine(request: HttpRequest) -> HttpResponse:
    """One's own progress, as far as an applicant may see it; and those whom one accompanies."""
    actor = request.actor
    pack = policy.current()
    admission = queries.own(actor)
    guided = list(queries.guided_by(actor).select_related("person", "org").order_by("due_on", "id")[:20])
    return page(
        request, "admissions/mine.html",
        {
            "admission": admission, "states": STATE,
            "standing": telling.standing_word(admission, pack.admissions) if admission else "",
            "stages": telling.own_progress(admission, pack) if admission else [],
            "coming": telling.coming(admission, pack, clock.today()) if admission else None,
            "guides": queries.guides_of(admission) if admission else [],
            "guided": [(row, telling.next_word(row, pack.admissions), telling.when_of(row, clock.today())) for row in guided],
            "looks": WHEN,
        },
    )  # fmt: skip


@needs("admissions.approve")
def pool(request: HttpRequest) -> HttpResponse:
    """A committee's pool: who is on the way by standing and branch, what is overdue, and the yearly review."""
    actor, today = request.actor, clock.today()
    mine = queries.pools_for(actor)
    if not mine:
        raise Forbidden(_("队伍分析由有审批权限的基层党委办理。"))
    org = (
        orgs.get_for(actor, request.GET["org"], permission="admissions.approve") if request.GET.get("org") else mine[0]
    )
    reviews = queries.pool_reviews(org)
    done = {review.year for review in reviews}
    form = forms.PoolForm(request.POST or None, initial={"year": today.year})
    if request.method == "POST" and form.is_valid():
        with attempt(request, form) as ok:
            actions.review_pool(org=org, by=actor, **form.cleaned_data)
        if ok:
            messages.success(request, _("年度分析已经保存。"))
            return redirect(f"{request.path}?org={org.pk}")
    table = policy.on(today).admissions
    return page(
        request, "admissions/pool.html",
        {
            "org": org, "mine": mine, "reviews": telling.reviews(reviews, table), "form": form,
            "missing": today.year not in done, "year": today.year, "basis": table.pool_basis,
            "rows": telling.pool_rows(queries.pool_of(org), table, today), "due": dt.date(today.year, 12, 31),
            "titles": [_("党支部"), *(one.title for one in table.standings if one.id not in ("probationary", "formal")), _("已逾期")],
        },
        status=409 if form.errors else 200,
    )  # fmt: skip
