"""Pages of closed periods: their state for the secretary, the posting for the branch."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gongjian.appraisal.points import actions
from gongjian.appraisal.points.filters import CloseFilter
from gongjian.appraisal.points.forms import ReasonForm
from gongjian.appraisal.points.queries import closing
from gongjian.appraisal.points.views.shared import nav
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.lists import Column, Listing
from gongjian.ground.ui.looks import Look
from gongjian.ground.ui.shortcuts import page

LOOKS = {
    "posted": Look("info", "speakerphone", _("公示中")),
    "closed": Look("good", "lock", _("已结账")),
    "reopened": Look("warn", "lock-open", _("已重开")),
}


def _state(row, today) -> str:
    if row.reopened_at is not None:
        return "reopened"
    return "posted" if row.posted and row.open_until >= today else "closed"


@needs("points.view_orgs")
def overview(request: HttpRequest) -> HttpResponse:
    """结账公示: which periods of which branches are closed, posted or open again."""
    today = clock.today()
    listing = Listing(
        request, closing.visible_to(request.actor), filterset=CloseFilter, search=("org__name", "org__pinyin", "org__code"),
        order=("-period", "pk"), export="csv,xlsx", name=_("结账公示"), search_hint=_("支部名称、拼音或代码"),
        columns=[
            Column("period", _("时段"), link="points:close", phone="title", sort=True),
            Column("org.name", _("党支部")),
            Column("state", _("状态"), value=lambda row: _state(row, today), kind="badge", looks=LOOKS),
            Column("closed_on", _("结账日期"), kind="date", phone="meta"),
            Column("open_until", _("可申诉至"), kind="date", phone="meta"),
            Column("reason", _("重开原因"), phone="hide"),
        ],
        empty=_("还没有结账的时段"),
        empty_hint=_("一个月、一个季度结束后几天，系统会自动结账；季度结账后在支部公示。"),
    )  # fmt: skip
    frame = policy.on(today).points.frame
    return listing.response("points/closing.html", {"nav": nav(request.actor), "frame": frame})


@needs("points.view_orgs")
def detail(request: HttpRequest, ident: int) -> HttpResponse:
    """One close: when, by whom, what is posted; reopening with a reason."""
    row = closing.close_for(request.actor, ident)
    today = clock.today()
    form = ReasonForm(request.POST or None)
    may = request.actor.may_at("points.manage", row.org)
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, _("已重开，成员看到的是实时的积分；几天后系统会重新结账。")) as ok:
            actions.reopen(close=row.pk, by=request.actor, **form.cleaned_data)
        if ok:
            return redirect("points:close", row.pk)
    rows = closing.posted_rows(row, None)
    return page(
        request, "points/close.html",
        {"close": row, "state": _state(row, today), "looks": LOOKS, "rows": rows, "form": form, "may": may,
         "later": closing.last_close(row.org_id, row.period), "frame": policy.on(today).points.frame},
    )  # fmt: skip


@needs("points.manage")
@require_POST
def close_again(request: HttpRequest, ident: int) -> HttpResponse:
    """Close a reopened period at once."""
    row = closing.close_for(request.actor, ident)
    with attempt(request, success=_("已重新结账，公示期从今天重新计算。")):
        actions.close_branch(org=row.org_id, period=row.period, by=request.actor)
    later = closing.last_close(row.org_id, row.period)
    return redirect("points:close", later.pk if later else row.pk)


@needs("points.view_own")
def posted(request: HttpRequest, ident: int) -> HttpResponse:
    """公示: what one's own branch posts, masked, in the order of the roll and without ranks."""
    found = {row.pk: row for row in closing.posted_for(request.actor.person)} if request.actor.person else {}
    row = found.get(ident)
    if row is None:
        raise NotFound(closing.MISSING)
    over = row.open_until < clock.today()
    rows = [] if over else closing.posted_rows(row, request.actor.person)
    return page(
        request, "points/posted.html",
        {"close": row, "rows": rows, "over": over, "points": policy.on(clock.today()).points},
    )  # fmt: skip
