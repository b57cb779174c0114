"""Pages for residents: choose, write, send; follow by the private link or as oneself. No account is needed."""

from axes.helpers import get_client_ip_address
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from gongjian.desks.orders import actions, forms, queries, rules
from gongjian.desks.orders.looks import STATE, TOLD
from gongjian.desks.orders.states import FINISHED, OPEN
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs, public
from gongjian.ground.kernel.actor import ANONYMOUS
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.keyset import BadCursor, Keyset
from gongjian.ground.ui.shortcuts import fragment, page
from gongjian.records.files import queries as files

COOKIE = "gongjian_community"  # the reader's own device remembers the community; nothing else


def private(response: HttpResponse) -> HttpResponse:
    """A page that no cache keeps and no outside page learns the address of."""
    response["Cache-Control"] = "private, no-store"
    response["Referrer-Policy"] = "same-origin"
    response["X-Robots-Tag"] = "noindex"
    return response


def _community(request: HttpRequest):
    """The community to begin with: of the address, of the form, of this device, of who is logged in."""
    for given in (request.POST.get("community"), request.GET.get("c"), request.COOKIES.get(COOKIE)):
        if given:
            try:
                return queries.community(given)
            except NotFound:
                continue
    return queries.home_of(request.actor) if request.actor.is_authenticated else None


def _named(org) -> str:
    """A community as the search field holds it."""
    street = rules.place_word(org.parent.short_name or org.parent.name) if org.parent else ""
    return " · ".join(filter(None, (rules.place_word(org.short_name or org.name), street)))


@public
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """What is it about: one tile for each kind of the pack."""
    org = _community(request)
    kinds = sorted(policy.current().orders.kinds, key=lambda kind: kind.order)
    return page(
        request, "orders/start.html",
        {"kinds": kinds, "org": _named(org) if org else "", "code": org.code if org else "", "own": request.actor.may("orders.own"),
         "hotline": policy.current().orders.hotline},
    )  # fmt: skip


def _kind(ident: str):
    found = policy.current().orders.kinds.get(ident)
    if found is None:
        raise NotFound(_("没有这一类点单。"))
    return found


@public
def ask(request: HttpRequest, kind: str) -> HttpResponse:
    """Write it down and send it; near-duplicates are shown first, once."""
    found, pack = _kind(kind), policy.current().orders
    org = _community(request)
    form = forms.AskForm(
        request.POST if request.method == "POST" else None, request.FILES or None, kind=found,
        places=queries.places_of(org) if org else [], photos=pack.photos_at_most,
        initial={"community": _named(org)} if org else {},
    )  # fmt: skip
    like: list[dict] = []
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        if org is None:
            form.add_error("community", _("没有找到这个社区，请从提示里选择。"))
        elif not request.POST.get("seen") and (like := queries.alike(org, kind, data["text"], clock.now())):
            form.add_error(None, _("附近几天有人提过相像的事，请看一看下面。"))
        else:
            place = next((one for one in queries.places_of(org) if str(one.pk) == data.get("place")), None)
            with attempt(request, form) as ok:
                _order, token = actions.raise_order(
                    kind=kind, org=org, text=data["text"], by=request.actor if request.actor.may("orders.own") else ANONYMOUS,
                    key=data["key"], where=data["where"], place=place, answers=form.answers(), name=data["name"], phone=data["phone"],
                    photos=data.get("photo", ())[: pack.photos_at_most], address=get_client_ip_address(request) or "",
                )  # fmt: skip
            if ok:
                response = redirect(reverse("orders:follow", args=[token]) + "?new=1")
                response.set_cookie(
                    COOKIE, org.code, max_age=180 * 86400, httponly=True, samesite="Lax", secure=request.is_secure()
                )
                return response
    return page(
        request, "orders/ask.html",
        {"kind": found, "form": form, "like": like, "states": STATE, "pack": pack, "org": org},
        status=422 if request.method == "POST" else 200,
    )  # fmt: skip


@public
@require_safe
def communities(request: HttpRequest) -> HttpResponse:
    """Communities for the search field: names of places, and nothing else."""
    text = (request.GET.get("q") or request.GET.get("community") or "")[:60].replace("\x00", "")
    options = [(f"{row['name']} · {row['street']}", "") for row in queries.find_communities(text, 12)]
    return fragment(request, "ui/parts/options.html", {"options": options})


@public
@require_safe
def places(request: HttpRequest) -> HttpResponse:
    """The estates of a community, as options."""
    try:
        found = queries.places_of(queries.community(request.GET.get("community", "").replace("\x00", "")))
    except NotFound:
        found = []
    return fragment(request, "orders/parts/places.html", {"places": found})


@public
@require_POST
def similar(request: HttpRequest) -> HttpResponse:
    """While one writes: near-duplicates, and a warning for contacts among the words. Nothing is kept."""
    text = request.POST.get("text", "")[:1000]
    org = _community(request)
    like = queries.alike(org, request.POST.get("kind", "")[:40], text, clock.now()) if org else []
    return fragment(
        request,
        "orders/parts/similar.html",
        {"like": like, "hidden": rules.mask_contacts(text)[1], "states": STATE, "shown": True},
    )


# --- following ------------------------------------------------------------------------------------------------------
def _show(request: HttpRequest, order, token: str, form=None, status: int = 200) -> HttpResponse:
    pack = policy.current().orders
    kind = pack.kinds.get(order.kind)
    rateable = order.state == FINISHED and order.rated_at is None
    link = request.build_absolute_uri(reverse("orders:follow", args=[token])) if token else ""
    base = reverse("orders:follow", args=[token]) if token else reverse("orders:own", args=[order.pk])
    said = order.said
    return private(
        page(
            request, "orders/follow.html",
            {
                "order": order, "kind": kind.title if kind else order.kind, "told": TOLD, "token": token, "link": link, "base": base,
                "said": said.get("text", ""), "answers": list(said.get("answers", {}).items()), "new": request.GET.get("new"),
                "steps": queries.timeline(order, inside=False), "photos": files.of(Ref.of("order", order.pk)),
                "rate": form or (forms.RateForm() if rateable else None), "open": order.state in OPEN,
                "more": forms.WordsForm(label=_("补充说明")) if order.state in OPEN else None,
                "community": rules.place_word(order.org.short_name or order.org.name), "pack": pack,
                "due": order.clock.due_at if order.clock and order.clock.state == "running" and order.state in OPEN else None,
            },
            status=status,
        )
    )  # fmt: skip


def _deed(request: HttpRequest, order, token: str, deed: str) -> HttpResponse:
    """Rate, add a word, withdraw."""
    here = reverse("orders:follow", args=[token]) if token else reverse("orders:own", args=[order.pk])
    by = {"by": request.actor if request.actor.may("orders.own") else ANONYMOUS, "token": token}
    if deed == "withdraw":
        with attempt(request, success=_("已撤回。")):
            actions.withdraw(order=order, **by)
        return HttpResponseRedirect(here)
    if deed == "add":
        form = forms.WordsForm(request.POST)
        if form.is_valid():
            with attempt(request, success=_("已告诉社区。")):
                actions.supplement(order=order, text=form.cleaned_data["text"], **by)
        else:
            messages.error(request, _("请写几个字说明情况。"))
        return HttpResponseRedirect(here)
    if deed != "rate":
        raise NotFound(queries.LINK_GONE)
    form = forms.RateForm(request.POST)
    if form.is_valid():
        data = form.cleaned_data
        with attempt(request, form, _("谢谢您的评价。")) as ok:
            actions.rate(order=order, stars=data["stars"], solved=data["solved"], text=data["text"], **by)
        if ok:
            return HttpResponseRedirect(here)
    return _show(request, order, token, form, 422)


@public
@require_safe
def follow(request: HttpRequest, token: str) -> HttpResponse:
    """The order of a private link: where it stands, who looked, how it was."""
    return _show(request, queries.by_token(token), token)


@public
@require_POST
def follow_deed(request: HttpRequest, token: str, deed: str) -> HttpResponse:
    """A deed by the private link."""
    return _deed(request, queries.by_token(token), token, deed)


@public
@require_safe
def photo(request: HttpRequest, token: str, key: str) -> HttpResponse:
    """A picture of the order of a private link."""
    order = queries.by_token(token)
    for file in files.of(Ref.of("order", order.pk)):
        if file.key == key:
            response = HttpResponse(files.content_of(file), content_type=file.mime)
            response["Content-Security-Policy"] = "default-src 'none'; sandbox"
            response["X-Content-Type-Options"] = "nosniff"
            return private(response)
    raise NotFound(queries.LINK_GONE)


@needs("orders.own")
@require_safe
def mine(request: HttpRequest) -> HttpResponse:
    """One's own orders, raised when logged in."""
    keyset = Keyset(queries.own(request.actor), ("-raised_at", "-id"))
    try:
        rows, _before, more = keyset.read(30, request.GET.get("after", ""))
    except BadCursor:
        rows, _before, more = keyset.read(30)
    for row in rows:
        row.title = queries.title_of(row)
    return page(
        request,
        "orders/mine.html",
        {"orders": rows, "states": STATE, "more": more, "mark": keyset.mark(rows[-1]) if rows else ""},
    )


@needs("orders.own")
@require_safe
def own(request: HttpRequest, order_id: int) -> HttpResponse:
    """One of them."""
    return _show(request, queries.own_for(request.actor, order_id), "")


@needs("orders.own")
@require_POST
def own_deed(request: HttpRequest, order_id: int, deed: str) -> HttpResponse:
    """A deed on one of them."""
    return _deed(request, queries.own_for(request.actor, order_id), "", deed)
