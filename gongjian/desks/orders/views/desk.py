"""The community's desk: what waits, by its clock; writing down what somebody rang up for; the three measures."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from gongjian.desks.orders import actions, forms, queries, rules
from gongjian.desks.orders.looks import STATE
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.lists import Column, Listing
from gongjian.ground.ui.shortcuts import page
from gongjian.records.orgs.queries import get_for as org_for


def due_look(row) -> object:
    """The next limit of an order in the list: a badge with the time, or nothing."""
    if row.next_due is None:
        return ("quiet", "clock-pause", _("已暂停")) if row.clock and row.clock.state == "paused" else ""
    local = row.next_due.astimezone(clock.SHANGHAI)
    late = row.next_due < clock.now()
    what = (
        _("联系")
        if row.contact_clock and row.contact_clock.state == "running" and row.contact_clock.due_at == row.next_due
        else _("办结")
    )
    return ("bad" if late else "quiet", "clock-exclamation" if late else "clock", f"{local:%m-%d %H:%M} {what}")


def doer_name(row) -> str:
    """Who has it in hand."""
    if row.doer:
        return row.doer.name
    return (row.doer_org.short_name or row.doer_org.name) if row.doer_org else ""


@needs("orders.view")
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """Orders in sight, what must happen next first."""
    actor, now = request.actor, clock.now()
    found = Listing(
        request,
        queries.with_next_due(queries.visible_to(actor)),
        columns=[
            Column("title", _("事项"), value=queries.title_of, link="orders:order", phone="title"),
            Column("number", _("编号"), phone="meta"),
            Column(
                "org", _("社区"), value=lambda row: rules.place_word(row.org.short_name or row.org.name), phone="meta"
            ),
            Column("place.name", _("小区"), phone="hide"),
            Column("state", _("状态"), kind="badge", looks=STATE, phone="meta"),
            Column("next_due", _("下一个时限"), kind="badge", value=due_look, sort=True, phone="meta"),
            Column("doer", _("谁在办"), value=doer_name, phone="meta"),
            Column("raised_at", _("提出时间"), kind="datetime", sort=True, phone="hide"),
        ],
        filterset=forms.OrderFilter,
        search=("number", "text", "place__name"),
        order=("next_due", "-raised_at", "-id"),
        export="xlsx,csv",
        name=_("居民点单"),
        search_hint=_("编号、内容、小区"),
        empty=_("还没有点单"),
        empty_hint=_("居民扫码或打开链接就能提；来电来访的，点“登记来电来访”。"),
    )
    keeps = actor.may("orders.dispatch")
    desk = queries.home_of(actor)
    return found.response(
        "orders/desk.html",
        {"counts": queries.counts(actor, now), "keeps": keeps, "desk": desk if desk and actor.may_at("orders.view", desk) else None,
         "soon_hours": policy.current().orders.soon_hours},
    )  # fmt: skip


@needs("orders.dispatch")
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """The order that waits longest to be given to somebody; back to the list when none does."""
    after = request.GET.get("after", "")
    row = queries.next_waiting(request.actor, int(after) if after.isdecimal() and len(after) < 12 else None)
    if row is None:
        return redirect(reverse("orders:desk") + "?state=open")
    return redirect(reverse("orders:order", args=[row.pk]) + "?queue=1")


@needs("orders.dispatch")
def note(request: HttpRequest) -> HttpResponse:
    """Write down what somebody rang up or came in for."""
    pack, actor = policy.current().orders, request.actor
    kind = pack.kinds.get(request.GET.get("kind", "")) or pack.kinds[0]
    org = queries.home_of(actor)
    if given := request.POST.get("community"):
        try:
            org = queries.community(given)
        except NotFound:
            org = None
    named = ""
    if org is not None:
        street = rules.place_word(org.parent.short_name or org.parent.name) if org.parent else ""
        named = f"{rules.place_word(org.short_name or org.name)} · {street}"
    form = forms.NoteForm(
        request.POST if request.method == "POST" else None, request.FILES or None, kind=kind,
        places=queries.places_of(org) if org else [], photos=pack.photos_at_most, initial={"community": named, "channel": "phone"},
    )  # fmt: skip
    like: list[dict] = []
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if org is None:
            form.add_error("community", _("没有找到这个社区，请从提示里选择。"))
        elif not request.POST.get("seen") and (like := queries.alike(org, kind.id, data["text"], clock.now())):
            form.add_error(None, _("附近几天有人提过相像的事，请看一看下面。"))
        else:
            place = next((one for one in queries.places_of(org) if str(one.pk) == data.get("place")), None)
            with attempt(request, form) as ok:
                order, token = actions.raise_order(
                    kind=kind.id, org=org, text=data["text"], by=actor, key=data["key"], where=data["where"], place=place,
                    answers=form.answers(), name=data["name"], phone=data["phone"], channel=data["channel"], urgent=data["urgent"],
                    photos=data.get("photo", ())[: pack.photos_at_most],
                )  # fmt: skip
            if ok:
                link = request.build_absolute_uri(reverse("orders:follow", args=[token]))
                return page(request, "orders/noted.html", {"order": order, "link": link})
    kinds = [(one.id, one.title, f"?kind={one.id}") for one in sorted(pack.kinds, key=lambda one: one.order)]
    return page(
        request, "orders/note.html", {"form": form, "kind": kind, "kinds": kinds, "like": like, "states": STATE, "org": org},
        status=422 if request.method == "POST" else 200,
    )  # fmt: skip


@needs("orders.view")
@require_safe
def rates(request: HttpRequest) -> HttpResponse:
    """The three measures of a month for each community in sight, each number opening its rows."""
    now = clock.now()
    month = request.GET.get("month", "")
    try:
        if clock.per_of(month) != "month":
            raise ValueError(month)
    except ValueError:
        month = clock.month_of(now)
    rows = queries.rates(request.actor, month, now)
    whole, measures = queries.total(rows, _("合计")), policy.current().orders.measures
    parts = {
        "answered": (whole.answered_rate, whole.answered, whole.assessed, "phone"),
        "solved": (whole.solved_rate, whole.solved, whole.asked, "circle-check"),
        "satisfied": (whole.satisfied_rate, whole.satisfied, whole.rated, "star"),
    }
    tiles = []
    for measure in measures:
        value, part, all_, name = parts[measure.id]
        hint = _("%(part)d / %(all)d 件") % {"part": part, "all": all_}
        tiles.append((measure.title, value, "" if value is None else "%", hint, name))
    return page(
        request, "orders/rates.html",
        {"rows": rows, "tiles": tiles, "month": month, "before": clock.previous_period(month),
         "measures": measures, "basis": policy.current().orders.basis},
    )  # fmt: skip


@needs("orders.dispatch")
@require_safe
def poster(request: HttpRequest, org_id: int) -> HttpResponse:
    """A page to print and hang up: the code that opens the form with this community already chosen."""
    org = org_for(request.actor, org_id, permission="orders.dispatch")
    if org.kind not in queries.community_kinds():
        raise NotFound(queries.NOTHING)
    link = request.build_absolute_uri(reverse("orders:start") + f"?c={org.code}")
    return page(
        request, "orders/poster.html", {"org": org, "word": rules.place_word(org.short_name or org.name), "link": link}
    )
