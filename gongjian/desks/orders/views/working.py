"""One order for those who work on it, its deeds, and the jobs of a member on the phone."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gongjian.desks.orders import actions, forms, queries, rules
from gongjian.desks.orders.looks import STATE
from gongjian.engines.deadlines.queries import asked
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs, signed_in
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.shortcuts import fragment, page
from gongjian.records.files import queries as files


@needs("orders.take")
@require_safe
def jobs(request: HttpRequest) -> HttpResponse:
    """What one could take, what one has in hand, what one has done."""
    actor, now = request.actor, clock.now()
    groups = {
        "offers": list(queries.offers(actor)[:30]),
        "jobs": list(queries.jobs(actor)[:30]),
        "done": list(queries.done_jobs(actor)[:10]),
    }
    for rows in groups.values():
        for row in rows:
            row.title = queries.title_of(row, length=40)
            row.ground = rules.place_word(row.org.short_name or row.org.name)
            row.is_late = bool(getattr(row, "next_due", None) and row.next_due < now)
    return page(request, "orders/jobs.html", {**groups, "states": STATE})


def _show(
    request: HttpRequest, order, *, contact: dict | None = None, form=None, deed: str = "", status: int = 200
) -> HttpResponse:
    actor, pack, now = request.actor, policy.current().orders, clock.now()
    can = queries.can(order, actor)
    kind = pack.kinds.get(order.kind)
    desk = actor.may_at("orders.view", order.org)
    said = order.said if can.reads else {"text": order.text, "answers": {}}
    takers = reverse("orders:takers", args=[order.pk])
    choices = {
        "refusals": [(one.id, one.title) for one in pack.refusals], "pauses": [(one.id, one.title) for one in pack.pauses],
    }  # fmt: skip
    blank = {
        "hand_back": forms.WordsForm(label=_("为什么退")) if can.hand_back else None,
        "finish": forms.WordsForm(label=_("办了什么，怎么样了")) if can.finish else None,
        "decline": forms.ReasonForm(choices=choices["refusals"]) if can.decline else None,
        "pause": forms.ReasonForm(choices=choices["pauses"]) if can.pause else None,
        "extend": forms.ExtendForm() if can.extend else None,
        "call_back": forms.CallForm() if can.call_back else None,
        "call_in": forms.PersonForm(url=takers) if can.call_in else None,
        "dispatch": forms.PersonForm(url=takers) if can.dispatch else None,
    }  # fmt: skip
    for name, one in blank.items():
        if one is not None:
            one.auto_id = f"{name}_%s"
    if form is not None:
        form.auto_id = f"{deed}_%s"
        blank[deed] = form
    waiting = asked(order.clock) if order.clock and (can.keeps or can.approve) else None
    clocks = [
        {"name": name, "row": row, "late": (row.state == "running" and row.due_at < now) or row.in_time is False}
        for name, row in ((_("首次联系"), order.contact_clock), (_("办结"), order.clock)) if row is not None
    ]  # fmt: skip
    queue = bool(request.GET.get("queue")) and can.dispatch
    response = page(
        request, "orders/order.html",
        {
            "frame": "ui/base.html" if desk else "ui/phone.html", "desk": desk, "order": order, "can": can, "forms": blank,
            "open_deed": deed, "states": STATE, "kind": kind, "title": queries.title_of(order), "said": said.get("text", ""),
            "answers": list(said.get("answers", {}).items()), "contact": contact, "clocks": clocks, "waiting": waiting,
            "may_decide": bool(waiting and can.approve and waiting.asked_by != actor.person),
            "community": rules.place_word(order.org.short_name or order.org.name),
            "photos": files.of(Ref.of("order", order.pk)) if can.reads else [],
            "steps": queries.timeline(order, inside=True) if desk or can.does else [],
            "suggestions": queries.suggestions(order) if can.dispatch else [],
            "possible": queries.possible_doers(order) if can.dispatch else {}, "queue": queue,
            "helpers": [row.person.name for row in order.helpers.select_related("person")] if desk or can.does else [],
            "may_offer": can.offer and kind is not None and "offer" in kind.doers,
            "only_person": order.confidential or (kind is not None and "organisation" not in kind.doers),
        },
        status=status,
    )  # fmt: skip
    response["Cache-Control"] = "private, no-store"
    return response


@signed_in
@require_safe
def order(request: HttpRequest, order_id: int) -> HttpResponse:
    """One order: its words and clocks, and what this reader can do with it now."""
    return _show(request, queries.get_for(request.actor, order_id))


@signed_in
@require_safe
def takers(request: HttpRequest, order_id: int) -> HttpResponse:
    """Names to give it to, or to call in, for the search field."""
    found = queries.get_for(request.actor, order_id)
    can = queries.can(found, request.actor)
    if not (can.keeps or can.call_in):
        raise NotFound(queries.NOTHING)
    return fragment(
        request, "ui/parts/options.html", {"options": queries.find_takers(found, request.GET.get("q", "")[:40])}
    )


def _person(order, data: dict):
    ident = data.get("person", "").strip()
    found = int(ident) if ident.isdecimal() and len(ident) < 12 else queries.taker(order, ident)
    return queries.person_for(found)


def _dispatch(order, by, data: dict) -> None:
    if data.get("org"):
        actions.dispatch(order=order, org=queries.org_for(data["org"]), by=by)
    else:
        actions.dispatch(order=order, person=_person(order, data), by=by)


# deed → the form it needs (None: no more than a button) and what is said when it is done
DEEDS: dict[str, tuple[Callable | None, Callable, object]] = {
    "accept": (None, lambda o, by, d: actions.accept(order=o, by=by), lambda: _("接下了。请尽快联系居民。")),
    "contacted": (None, lambda o, by, d: actions.contacted(order=o, by=by), lambda: _("已记下联系时间。")),
    "dispatch": (None, _dispatch, lambda: _("已派单。")),
    "offer": (None, lambda o, by, d: actions.offer(order=o, org=o.org, by=by), lambda: _("已向本社区各支部的党员公开。")),
    "recall": (None, lambda o, by, d: actions.recall(order=o, by=by), lambda: _("已收回。")),
    "resume": (None, lambda o, by, d: actions.resume(order=o, by=by), lambda: _("继续计时。")),
    "decide": (
        None, lambda o, by, d: actions.decide_extension(order=o, approved=d.get("approved") == "1", by=by), lambda: _("已答复。"),
    ),
    "hand_back": (
        lambda d: forms.WordsForm(d, label=_("为什么退")), lambda o, by, d: actions.hand_back(order=o, reason=d["text"], by=by),
        lambda: _("已退回社区。"),
    ),
    "finish": (
        lambda d: forms.WordsForm(d, label=_("办了什么，怎么样了")), lambda o, by, d: actions.finish(order=o, note=d["text"], by=by),
        lambda: _("办结了，等居民评价。"),
    ),
    "decline": (
        lambda d: forms.ReasonForm(d, choices=[(one.id, one.title) for one in policy.current().orders.refusals]),
        lambda o, by, d: actions.decline(order=o, reason=d["reason"], note=d["text"], by=by), lambda: _("已告知居民。"),
    ),
    "pause": (
        lambda d: forms.ReasonForm(d, choices=[(one.id, one.title) for one in policy.current().orders.pauses]),
        lambda o, by, d: actions.pause(order=o, reason=d["reason"], note=d["text"], by=by), lambda: _("已暂停计时。"),
    ),
    "extend": (
        lambda d: forms.ExtendForm(d), lambda o, by, d: actions.ask_extension(order=o, days=d["days"], reason=d["text"], by=by),
        lambda: _("已向上一级申请。"),
    ),
    "call_back": (
        lambda d: forms.CallForm(d), lambda o, by, d: actions.call_back(order=o, solved=d["solved"], note=d["text"], by=by),
        lambda: _("已记下回访结果。"),
    ),
    "call_in": (
        None, lambda o, by, d: actions.call_in(order=o, person=_person(o, d), by=by), lambda: _("已请这位同志一起办。"),
    ),
}  # fmt: skip


@signed_in
@require_POST
def deed(request: HttpRequest, order_id: int, deed: str) -> HttpResponse:
    """One deed on an order; whether this reader may do it the deed itself decides."""
    actor = request.actor
    found = queries.get_for(actor, order_id)
    if deed == "contact":
        return _show(request, found, contact=actions.see_contact(order=found, by=actor))
    if deed not in DEEDS:
        raise NotFound(queries.NOTHING)
    shape, act, told = DEEDS[deed]
    form = shape(request.POST) if shape else None
    if form is not None and not form.is_valid():
        return _show(request, found, form=form, deed=deed, status=422)
    with attempt(request, form, told()) as ok:
        act(found, actor, form.cleaned_data if form is not None else request.POST.dict())
    if not ok and form is not None:
        return _show(request, queries.get_for(actor, order_id), form=form, deed=deed, status=409)
    if ok and request.POST.get("queue"):
        return redirect(reverse("orders:queue") + f"?after={order_id}")
    try:
        queries.get_for(actor, order_id)
    except NotFound:  # handed back, or taken by another: no longer one's own to look at
        return redirect("orders:jobs")
    return redirect("orders:order", order_id)
