"""The way in, a committee's overview, what moves between organisations, and the year."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gongjian.desks.dues import actions, money, queries, rules
from gongjian.desks.dues.actions.moving import confirming
from gongjian.desks.dues.actions.publishing import content_of
from gongjian.desks.dues.forms import MovementFilter, MovementForm
from gongjian.desks.dues.looks import MOVEMENT
from gongjian.desks.dues.views.own import announced
from gongjian.desks.dues.views.shared import month_of, this_month, word, yuan
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.lists import Column, Listing
from gongjian.ground.ui.shortcuts import page
from gongjian.records.orgs import queries as orgs

MOST_BELOW = 200


@needs("dues.view")
def home(request: HttpRequest) -> HttpResponse:
    """To one's branch where one collects, else to the overview of the highest organisation one sees."""
    actor = request.actor
    collects = list(queries.branches(actor, "dues.collect").order_by("path")[:2]) if actor.may("dues.collect") else []
    if len(collects) == 1:
        return redirect("dues:month", collects[0].pk, this_month())
    tops = orgs.roots(actor, "dues.view")
    if tops:
        return redirect("dues:overview", tops[0].pk, this_month())
    return page(request, "dues/none.html")


@needs("dues.view")
def overview(request: HttpRequest, org_id: int, month: str) -> HttpResponse:
    """A committee's branches in a month: collected, handed over, open. Sums only."""
    actor = request.actor
    org, month = queries.branch_for(actor, org_id), month_of(month)
    rows = [
        {"row": row, "due": yuan(row.due), "paid": yuan(row.paid), "waiting": yuan(row.waiting), "late": yuan(row.late_amount)}
        for row in queries.overview(actor, org, month)
    ]  # fmt: skip
    found = [one["row"] for one in rows]
    balances = money.balances_of(org.pk)
    return page(
        request, "dues/overview.html",
        {
            "org": org, "month": month, "title": word(month), "rows": rows, "previous": clock.previous_period(month),
            "next": clock.next_period(month), "year": month[:4], "due": yuan(sum(row.due for row in found)),
            "paid": yuan(sum(row.paid for row in found)), "waiting": yuan(sum(row.waiting for row in found)),
            "late": sum(row.late_members for row in found), "account": yuan(balances[money.ACCOUNT]),
            "large": yuan(balances[money.LARGE]) if balances[money.LARGE] else "", "may_remit": actor.may_at("dues.remit", org),
            "may_reliefs": actor.may("dues.approve") or actor.may("dues.assess"), "may_collect": actor.may("dues.collect"),
            "tops": [top for top in orgs.roots(actor, "dues.view") if top.pk != org.pk][:10],
        },
    )  # fmt: skip


@needs("dues.view")
def movements(request: HttpRequest) -> HttpResponse:
    """Everything that moved or waits to be confirmed."""
    listing = Listing(
        request, queries.movements_for(request.actor),
        columns=[
            Column("on", _("日期"), kind="date", sort=True, phone="meta"),
            Column("kind", _("种类"), value=lambda row: str(row.get_kind_display()), link="dues:movement", phone="title"),
            Column("org.name", _("出账组织"), phone="meta"),
            Column("to.name", _("入账组织"), value=lambda row: row.to.name if row.to else "", phone="meta"),
            Column("amount", _("金额（元）"), value=lambda row: yuan(row.amount), phone="meta"),
            Column(
                "receipt_no", _("收据号"), phone="hide",
                value=lambda row: rules.serial(row.receipt_year, row.receipt_no) if row.receipt_no else "",
            ),
            Column("state", _("状态"), kind="badge", looks=MOVEMENT, phone="meta"),
        ],
        filterset=MovementFilter, search=("org__name", "to__name", "note"), order=("-on", "-id"), export="xlsx,csv",
        name=_("党费往来"), empty=_("还没有上缴、下拨或者支出"), empty_hint=_("支部在当月收缴页点“上缴”，上级确认后出现在这里。"),
    )  # fmt: skip
    return listing.response("dues/movements.html", {})


@needs("dues.view")
def movement(request: HttpRequest, movement_id: int) -> HttpResponse:
    """One movement: who entered, who confirmed, the receipt."""
    actor, row = request.actor, queries.movement_for(request.actor, movement_id)
    names = queries.names([row.entered_by, row.confirmed_by])
    may_confirm = row.state == "entered" and actor.may_at("dues.confirm", confirming(row))
    uses = {use.id: use.title for use in queries.dues_on().uses}
    may_undo = actor.may_at("dues.confirm", confirming(row)) or actor.may_at("dues.remit", row.org)
    return page(
        request, "dues/movement.html",
        {
            "row": row, "looks": MOVEMENT, "sum": yuan(row.amount), "cash": yuan(row.cash), "account": yuan(row.amount - row.cash),
            "entered": names.get(row.entered_by, _("系统")), "confirmed": names.get(row.confirmed_by, ""),
            "use": uses.get(row.use, row.use), "receipt": rules.serial(row.receipt_year, row.receipt_no) if row.receipt_no else "",
            "may_confirm": may_confirm and row.entered_by != actor.person, "own": may_confirm and row.entered_by == actor.person,
            "may_undo": row.state in ("entered", "confirmed") and may_undo, "count": row.payments.count(),
        },
    )  # fmt: skip


@needs("dues.confirm")
@require_POST
def confirm(request: HttpRequest, movement_id: int) -> HttpResponse:
    """The second person confirms."""
    row = queries.movement_for(request.actor, movement_id)
    with attempt(request, success=_("已确认，收据已经开好。")):
        actions.confirm_movement(movement=row, by=request.actor)
    return redirect("dues:movement", row.pk)


@needs("dues.view")
@require_POST
def undo(request: HttpRequest, movement_id: int) -> HttpResponse:
    """Withdraw, or reverse."""
    row = queries.movement_for(request.actor, movement_id)
    with attempt(request, success=_("已撤回，原记录保留。")):
        actions.undo_movement(movement=row, reason=request.POST.get("reason", ""), by=request.actor)
    return redirect("dues:movement", row.pk)


@needs("dues.remit")
@require_POST
def hand_over(request: HttpRequest, org_id: int) -> HttpResponse:
    """The branch hands over what it has collected."""
    org = queries.branch_for(request.actor, org_id, "dues.remit")
    with attempt(request) as done:
        row = actions.hand_over(org=org, by=request.actor, large=request.POST.get("large") == "1")
    if not done:
        return redirect("dues:month", org.pk, this_month())
    messages.success(request, _("已登记上缴 %(sum)s 元，等上级确认收到。") % {"sum": yuan(row.amount)})
    return redirect("dues:movement", row.pk)


@needs("dues.remit")
def new_movement(request: HttpRequest, org_id: int) -> HttpResponse:
    """A committee's accountant enters what goes up, down or out."""
    org = queries.branch_for(request.actor, org_id, "dues.remit")
    dues, balances = queries.dues_on(), money.balances_of(org.pk)
    below = [(one.pk, one.name) for one in orgs.children(org)[:MOST_BELOW]]
    form = MovementForm(
        request.POST or None, below=below, uses=[(use.id, use.title) for use in dues.uses],
        initial={"on": clock.today(), "kind": request.GET.get("kind", "remit")},
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        given = dict(form.cleaned_data)
        target = given.pop("to")
        with attempt(request, form) as done:
            to = queries.branch_for(request.actor, target) if target else None
            row = actions.enter_movement(org=org, to=to, by=request.actor, **given)
        if done:
            messages.success(request, _("已登记，请另一位同志确认。"))
            return redirect("dues:movement", row.pk)
    return page(
        request, "dues/new_movement.html",
        {"form": form, "org": org, "dues": dues, "account": yuan(balances[money.ACCOUNT]), "large": yuan(balances[money.LARGE])},
    )  # fmt: skip


@needs("dues.view")
def year(request: HttpRequest, org_id: int, year: int) -> HttpResponse:
    """A year's dues of an organisation: what would be published, what was, and the button."""
    actor = request.actor
    org = queries.branch_for(actor, org_id)
    may = actor.may_at("dues.confirm", org) or actor.may_at("dues.assess", org)
    if request.method == "POST":
        with attempt(request, success=_("已公布，本组织的党员都能看到。")):
            actions.publish(org=org, year=year, by=actor)
        return redirect("dues:year", org.pk, year)
    last = queries.announcement_of(org.pk, year)
    content = content_of(org, year)
    return page(
        request, "dues/year.html",
        {"org": org, "year": year, "last": last, "same": bool(last and last.content == content), "may": may, "dues": queries.dues_on(),
         "before": year - 1, "after": year + 1, "month": this_month(), **announced(content)},
    )  # fmt: skip
