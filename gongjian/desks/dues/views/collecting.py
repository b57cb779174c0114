"""The month of a branch on one screen: tick, received, done; undo; the member's file; arrears."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gongjian.desks.dues import actions, queries, rules
from gongjian.desks.dues.forms import CollectForm, GiftForm
from gongjian.desks.dues.looks import ASSESSMENT, CONSENT, RELIEF, ROW
from gongjian.desks.dues.views.shared import day_or_today, month_of, this_month, word, words, yuan
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs
from gongjian.ground.kernel.errors import Invalid
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.exports import xlsx_response
from gongjian.ground.ui.shortcuts import page

SCOPES = ("month", "late", "quarter")


def ids_of(request: HttpRequest, name: str) -> list[int]:
    """Whole numbers of a field that may stand several times."""
    return [int(text) for text in request.POST.getlist(name) if text.isascii() and text.isdigit() and len(text) < 16]


@needs("dues.collect")
def month(request: HttpRequest, org_id: int, month: str) -> HttpResponse:
    """The month's collection: one row a member, what is due, paid and how."""
    org, month = queries.branch_for(request.actor, org_id, "dues.collect"), month_of(month)
    rows = queries.month_rows(org, month)
    shown = [
        {
            "row": row, "sum": yuan(row.amount) if row.charge else "", "late": words(row.arrears), "late_sum": yuan(row.arrears_amount),
            "serial": rules.serial(row.payment.receipt_year, row.payment.receipt_no) if row.payment else "",
            "method": str(row.payment.get_method_display()) if row.payment else "",
            "fixed": bool(row.payment and row.payment.remitted_id),
        }
        for row in rows
    ]  # fmt: skip
    sums, hand = queries.month_sums(rows), queries.to_hand_over(org)
    today = clock.today()
    limit = rules.ahead_until(today, queries.dues_on(today).paying.ahead)
    actor = request.actor
    return page(
        request, "dues/month.html",
        {
            "org": org, "month": month, "title": word(month), "rows": shown, "sums": sums, "looks": ROW,
            "due_yuan": yuan(sums["due"]), "paid_yuan": yuan(sums["paid"]), "cash_yuan": yuan(hand["cash"]),
            "account_yuan": yuan(hand["account"]), "large_yuan": yuan(hand["large"]) if hand["large"] else "",
            "has_any": hand["all"] > 0, "previous": clock.previous_period(month), "next": clock.next_period(month),
            "open": month <= limit, "ahead": month == this_month() and limit > month, "today": today, "checked": bool(request.GET.get("all")),
            "may_assess": actor.may_at("dues.assess", org), "may_remit": actor.may_at("dues.remit", org), "year": month[:4],
            "due_day": queries.dues_in(month).paying.pay_by_day,
        },
    )  # fmt: skip


@needs("dues.collect")
@require_POST
def collect(request: HttpRequest, org_id: int, month: str) -> HttpResponse:
    """Received: for the chosen rows, this month alone, with what is open before, or to the end of the quarter."""
    org, month = queries.branch_for(request.actor, org_id, "dues.collect"), month_of(month)
    one = ids_of(request, "one")
    people = one or ids_of(request, "person")
    scope = request.POST.get("scope", "month")
    with attempt(request) as done:
        if not people:
            raise Invalid(_("请先勾选交了党费的党员。"))
        if scope not in SCOPES:
            raise Invalid(_("请选择收哪些月份。"))
        paid = actions.collect(
            org=org, wanted=_wanted(org, people, month, scope), by=request.actor, method=request.POST.get("method", "cash"),
            paid_on=day_or_today(request.POST.get("paid_on", "")),
        )  # fmt: skip
    if done and paid:
        messages.success(
            request, _("已收 %(count)d 人，共 %(sum)s 元，收据 %(first)s 起。") % {
                "count": len(paid), "sum": yuan(sum(row.amount for row in paid)),
                "first": rules.serial(paid[0].receipt_year, paid[0].receipt_no),
            },
        )  # fmt: skip
    elif done:
        messages.info(request, _("勾选的党员这个月已经交过，或者没有应交的党费。"))
    return redirect("dues:month", org.pk, month)


def _wanted(org: object, people: list[int], month: str, scope: str) -> dict[int, list[str]]:
    """Person → months, by what the secretary chose."""
    wanted = {person: [month] for person in people}
    if scope == "late":
        for row in queries.month_rows(org, month):
            if row.person.pk in wanted:
                wanted[row.person.pk] = [*row.arrears, month]
    if scope == "quarter":
        limit = rules.ahead_until(clock.today(), "quarter")
        wanted = {person: rules.months_between(month, limit) or [month] for person in people}
    return wanted


@needs("dues.collect")
@require_POST
def reverse_payment(request: HttpRequest, payment_id: int) -> HttpResponse:
    """Undo: what was entered by mistake."""
    payment = queries.payment_for(request.actor, payment_id)
    with attempt(request, success=_("已冲正，收据作废，原记录保留。")):
        actions.reverse(payment=payment, reason=request.POST.get("reason", ""), by=request.actor)
    back = request.POST.get("back", "")
    if back and url_has_allowed_host_and_scheme(back, allowed_hosts=None):
        return redirect(back)
    return redirect("dues:member", payment.org_id, payment.person_id)


@needs("dues.collect")
def export(request: HttpRequest, org_id: int, month: str) -> HttpResponseBase:
    """The month's sheet as Excel."""
    org, month = queries.branch_for(request.actor, org_id, "dues.collect"), month_of(month)
    titles = [_("姓名"), _("应交（元）"), _("状态"), _("方式"), _("收据号"), _("交纳日期"), _("以前未交月份")]
    return xlsx_response(f"{org.name}-{word(month)}{_('党费收缴')}", titles, sheet_rows(org, month))


def sheet_rows(org: object, month: str) -> list[list]:
    """The month's rows as a table, with the sum below."""
    found, rows = [], queries.month_rows(org, month)
    for row in rows:
        payment = row.payment
        found.append([
            row.person.name, yuan(row.amount) if row.charge else "", str(ROW[row.state].word),
            str(payment.get_method_display()) if payment else "",
            rules.serial(payment.receipt_year, payment.receipt_no) if payment else "", payment.paid_on if payment else "",
            words(row.arrears),
        ])  # fmt: skip
    sums = queries.month_sums(rows)
    found.append([_("合计"), yuan(sums["due"]), _("已交 %(sum)s 元") % {"sum": yuan(sums["paid"])}, "", "", "", ""])
    return found


@needs("dues.collect")
def member(request: HttpRequest, org_id: int, person_id: int) -> HttpResponse:
    """One member's dues at this branch: months, receipts, arrangements; incomes are not here."""
    org = queries.branch_for(request.actor, org_id, "dues.collect")
    person = queries.member_of(org, person_id)
    today, this = clock.today(), this_month()
    charges = queries.charges_of(person.pk, since=clock.month_of(clock.add_months(today, -24)), org=org)
    for charge in charges:
        charge.word, charge.sum = word(charge.month), yuan(charge.amount)
        charge.old = (
            not charge.payment_id
            and charge.amount
            and rules.older_than(charge.month, today, queries.dues_on(today).paying.late_months)
        )
    payments = queries.payments_of(person.pk, org=org)
    for payment in payments:
        payment.sum, payment.words = yuan(payment.amount), words(payment.months)
        payment.serial = rules.serial(payment.receipt_year, payment.receipt_no)
    assessment = queries.assessment_of(person.pk, this)
    limit = rules.ahead_until(today, queries.dues_on(today).paying.ahead)
    ahead = [m for m in rules.months_between(clock.next_period(this), limit) if m not in {c.month for c in charges}]
    actor = request.actor
    reliefs = list(queries.reliefs_for(actor).filter(person=person).order_by("-starts")[:12])
    for row in reliefs:
        row.sum = yuan(row.amount)
    return page(
        request, "dues/member.html",
        {
            "org": org, "person": person, "charges": charges, "payments": payments, "assessment": assessment, "ahead": ahead,
            "amount": yuan(assessment.amount) if assessment else "", "consents": queries.consents_of(person.pk),
            "category": queries.category_title(assessment.category) if assessment else "", "month": this,
            "waiting": queries.waiting_of(person.pk), "looks": ASSESSMENT, "consent_looks": CONSENT, "relief_looks": RELIEF,
            "reliefs": reliefs, "may_assess": actor.may_at("dues.assess", org), "gift": GiftForm(),
            "form": CollectForm(initial={"paid_on": today}), "dues": queries.dues_on(today),
        },
    )  # fmt: skip


@needs("dues.collect")
@require_POST
def collect_one(request: HttpRequest, org_id: int, person_id: int) -> HttpResponse:
    """Received from one member: chosen months, perhaps brought by somebody else, perhaps on another day."""
    org = queries.branch_for(request.actor, org_id, "dues.collect")
    person = queries.member_of(org, person_id)
    form = CollectForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("请核对方式和交纳日期。"))
        return redirect("dues:member", org.pk, person.pk)
    months = [month for month in request.POST.getlist("months") if len(month) == 7]
    with attempt(request) as done:
        if not months:
            raise Invalid(_("请选择要收的月份。"))
        paid = actions.collect(org=org, wanted={person.pk: months}, by=request.actor, **form.cleaned_data)
    if done:
        text = (
            _("已收 %(sum)s 元。") % {"sum": yuan(sum(row.amount for row in paid))} if paid else _("这些月份已经交过。")
        )
        messages.success(request, text)
    return redirect("dues:member", org.pk, person.pk)


@needs("dues.collect")
@require_POST
def give(request: HttpRequest, org_id: int, person_id: int) -> HttpResponse:
    """A member gives more than is due, in cash."""
    org = queries.branch_for(request.actor, org_id, "dues.collect")
    form = GiftForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("金额不对，请核对。"))
        return redirect("dues:member", org.pk, person_id)
    with attempt(request) as done:
        row = actions.give(org=org, person=person_id, amount=form.cleaned_data["amount"], by=request.actor)
    if done:
        messages.success(request, queries.dues_on().large.note if row.kind == "large" else _("已登记自愿多交的党费。"))
    return redirect("dues:member", org.pk, person_id)


@needs("dues.collect")
def late(request: HttpRequest, org_id: int) -> HttpResponse:
    """Who has months open that are over, with the rule's own words; what follows people decide."""
    org = queries.branch_for(request.actor, org_id, "dues.collect")
    dues, today = queries.dues_on(), clock.today()
    found = [
        {"one": one, "words": words(one.months), "sum": yuan(one.amount), "run": words(one.run), "old": words(one.old)}
        for one in queries.late_members(org, today)
    ]  # fmt: skip
    return page(
        request, "dues/late.html",
        {"org": org, "found": found, "dues": dues, "month": this_month(), "may_assess": request.actor.may_at("dues.assess", org),
         "need": [row for row in found if row["one"].needs_finding and row["one"].finding is None],
         "total": yuan(sum(row["one"].amount for row in found))},
    )  # fmt: skip
