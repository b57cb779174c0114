"""A member's own dues, on the phone: what is due and why, paying, receipts, requests."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from gongjian.desks.dues import actions, queries, rules
from gongjian.desks.dues.actions.online import offered
from gongjian.desks.dues.forms import ConsentForm, GiftForm, IncomeForm
from gongjian.desks.dues.looks import ASSESSMENT, CONSENT
from gongjian.desks.dues.sealed import open_income
from gongjian.desks.dues.views.shared import this_month, word, words, yuan
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs, signed_in
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.shortcuts import page

SHOWN_MONTHS = 15


def base_url(request: HttpRequest) -> str:
    """Our own address, as the request came in."""
    return request.build_absolute_uri("/")


@needs("dues.pay_own")
def mine(request: HttpRequest) -> HttpResponse:
    """What I have to pay, what I have paid, and where each number comes from."""
    actor, today = request.actor, clock.today()
    membership = queries.own_membership(actor)
    if membership is None:
        return page(request, "dues/none.html")
    dues, month = queries.dues_on(today), this_month()
    limit = rules.ahead_until(today, dues.paying.ahead)
    assessment = queries.assessment_of(actor.person, month)
    computed = queries.explain(assessment) if assessment else None
    since = clock.month_of(clock.add_months(today, -SHOWN_MONTHS))
    charges = queries.charges_of(actor.person, since=since)
    for charge in charges:
        charge.word, charge.sum = word(charge.month), yuan(charge.amount)
        charge.late = charge.month < month and not charge.payment_id and charge.amount > 0
    owed = [charge for charge in reversed(charges) if not charge.payment_id and charge.amount and charge.month <= month]
    consents = queries.consents_of(actor.person)
    ahead = _ahead(assessment, month, limit, charges)
    may_ahead = bool(ahead) and (
        not dues.paying.quarter_needs_consent
        or any(c.kind == "quarter" and c.state == "given" and c.starts <= month <= c.ends for c in consents)
    )
    payments = queries.payments_of(actor.person)
    for payment in payments:
        payment.sum, payment.words = yuan(payment.amount), words(payment.months)
        payment.serial = rules.serial(payment.receipt_year, payment.receipt_no)
    return page(
        request, "dues/mine.html",
        {
            "membership": membership, "dues": dues, "assessment": assessment, "computed": computed, "month": month,
            "month_word": word(month), "amount": yuan(assessment.amount) if assessment else "", "charges": charges, "owed": owed,
            "owed_sum": yuan(sum(charge.amount for charge in owed)), "owed_words": words([c.month for c in owed]),
            "late": [charge for charge in owed if charge.late], "ahead": ahead, "may_ahead": may_ahead,
            "ahead_sum": yuan(sum(charge.amount for charge in owed) + (assessment.amount if assessment else 0) * len(ahead)),
            "ahead_words": words(ahead), "payments": payments, "consents": consents, "consent_looks": CONSENT,
            "asks_quarter": not any(c.kind == "quarter" and c.state in ("asked", "given") and c.ends >= month for c in consents),
            "waiting": queries.waiting_of(actor.person), "looks": ASSESSMENT, "online": bool(offered(membership.org)),
            "category": queries.category_title(assessment.category) if assessment else "",
            "announcements": queries.announcements_for(actor), "gift": GiftForm(), "consent_form": ConsentForm(),
        },
    )  # fmt: skip


def _ahead(assessment: object, month: str, limit: str, charges: list) -> list[str]:
    """Months of the quarter to come that are not paid yet."""
    if assessment is None:
        return []
    settled = {charge.month for charge in charges if charge.payment_id or charge.amount == 0}
    months = rules.months_between(clock.next_period(month), min(limit, assessment.ends))
    return [one for one in months if one not in settled]


@needs("dues.pay_own")
def income(request: HttpRequest) -> HttpResponse:
    """Enter one's own income; what it comes to is shown before and after it is sent."""
    actor = request.actor
    if queries.own_membership(actor) is None:
        raise NotFound(_("目前没有组织关系，不能核定党费。"))
    dues = queries.dues_on()
    known = queries.waiting_of(actor.person) or queries.assessment_of(actor.person, this_month())
    chosen = dues.category(request.GET.get("category", "") or (known.category if known else ""))
    if chosen is None or request.GET.get("choose"):
        return page(
            request, "dues/income_category.html", {"categories": list(dues.categories), "frame": "ui/phone.html"}
        )
    initial = {"starts": this_month()}
    if known and known.category == chosen.id:
        initial |= {f"part_{name}": yuan(amount) for name, amount in open_income(known.entered_sealed).items()}
    form = IncomeForm(request.POST or None, category=chosen, dues=dues, initial=initial)
    computed = None
    if request.method == "POST" and form.is_valid():
        with attempt(request, form) as done:
            if request.POST.get("then") == "preview":
                from_month = form.cleaned_data["starts"]
                computed = actions.assessing.work_out(chosen.id, form.entered, from_month)[0]
            else:
                actions.enter_income(
                    category=chosen.id, entered=form.entered, starts=form.cleaned_data["starts"], by=actor,
                    note=form.cleaned_data["note"],
                )  # fmt: skip
        if done and computed is None:
            messages.success(request, _("已送支部核定。收入加密保存，只有核定的人能看，看了会留痕。"))
            return redirect("dues:mine")
    return page(
        request, "dues/income.html",
        {"form": form, "category": chosen, "computed": computed, "amount": yuan(computed.amount) if computed else "",
         "ignored": [part for part in dues.components_of(chosen) if part.effect == "ignore"], "dues": dues},
    )  # fmt: skip


@needs("dues.pay_own")
@require_POST
def pay(request: HttpRequest) -> HttpResponse:
    """Order: this month, what is open, or the quarter; on to the order's page."""
    with attempt(request) as done:
        order = actions.order_dues(
            months=[month for month in request.POST.getlist("months") if len(month) == 7], by=request.actor,
            base_url=base_url(request),
        )  # fmt: skip
    return redirect("payments:order", order.number) if done else redirect("dues:mine")


@needs("dues.pay_own")
@require_POST
def gift(request: HttpRequest) -> HttpResponse:
    """Order: more than is due."""
    form = GiftForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("金额不对，请核对。"))
        return redirect("dues:mine")
    with attempt(request) as done:
        order = actions.order_gift(amount=form.cleaned_data["amount"], by=request.actor, base_url=base_url(request))
    return redirect("payments:order", order.number) if done else redirect("dues:mine")


@needs("dues.pay_own")
@require_POST
def consent(request: HttpRequest) -> HttpResponse:
    """Ask the branch for another way of paying."""
    form = ConsentForm(request.POST)
    if not form.is_valid():
        messages.error(request, _("请选择申请的方式，并写明原因。"))
        return redirect("dues:mine")
    with attempt(request, success=_("已送支部，同意后就可以这样交纳。")):
        actions.ask_consent(by=request.actor, **form.cleaned_data)
    return redirect("dues:mine")


def receipt_context(request: HttpRequest, payment_id: int) -> dict:
    """What a receipt says."""
    payment = queries.payment_for(request.actor, payment_id)
    names = queries.names([payment.recorded_by, payment.reversed_by])
    return {
        "payment": payment, "serial": rules.serial(payment.receipt_year, payment.receipt_no), "amount": yuan(payment.amount),
        "words": words(payment.months), "by": names.get(payment.recorded_by, ""), "mine": payment.person_id == request.actor.person,
        "collects": request.actor.may_at("dues.collect", payment.org),
    }  # fmt: skip


@signed_in
def receipt(request: HttpRequest, payment_id: int) -> HttpResponse:
    """One receipt."""
    return page(request, "dues/receipt.html", receipt_context(request, payment_id))


@signed_in
def announcement(request: HttpRequest, announcement_id: int) -> HttpResponse:
    """What was published about a year."""
    row = queries.announced_to(request.actor, announcement_id)
    return page(request, "dues/announcement.html", {"row": row, **announced(row.content)})


def announced(content: dict) -> dict:
    """An announcement's content in words."""
    sums = content["sums"]
    return {
        "figures": [
            (_("党员人数"), sums["members"]), (_("应交（元）"), yuan(sums["due"])), (_("已交（元）"), yuan(sums["paid"])),
            (_("减免人数"), sums["relieved"]), (_("欠交人数"), sums["late"]), (_("自愿多交（元）"), yuan(sums["voluntary"])),
            (_("大额党费（元）"), yuan(sums["large"])), (_("上缴（元）"), yuan(sums["remitted"])),
            (_("上级下拨（元）"), yuan(sums["received_from_above"])), (_("下级上缴（元）"), yuan(sums["received_from_below"])),
            (_("下拨（元）"), yuan(sums["returned"])), (_("支出（元）"), yuan(sums["spent"])),
            (_("结存（元）"), yuan(content["balance"])),
        ],
        "uses": [(title, yuan(total)) for _ident, title, total in content["uses"]], "names": content["names"],
    }  # fmt: skip
