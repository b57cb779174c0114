"""Reads of orders. Inside one's scope, one's own jobs, or by the private link; anything else does not exist."""

import datetime as dt

from django.db.models import Case, Count, F, Q, QuerySet, When
from django.db.models.functions import Least
from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.desks.orders import permissions, rules
from gongjian.desks.orders.models import Helper, Order, Step
from gongjian.desks.orders.states import ACCEPTED, DECLINED, DISPATCHED, FINISHED, OFFERED, OPEN, RAISED, WITHDRAWN
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.crypto import keyed_hash
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.kernel.manifest import Todo
from gongjian.ground.kernel.scope import scope_q
from gongjian.records.orgs import queries as orgs
from gongjian.records.orgs.models import Organisation
from gongjian.records.people import queries as people
from gongjian.records.places.models import Place

NOTHING = "没有找到这件点单，或者它不在您的可见范围内。"
LINK_GONE = "这个链接打不开：可能抄错了，或者已经失效。请核对后再试，或者给社区打电话。"
WITH = ("org", "place", "doer", "doer_org", "clock", "contact_clock")


# --- for everybody ----------------------------------------------------------------------------------------------
def community_kinds() -> tuple[str, ...]:
    """Kinds of organisation that stand for a community or village."""
    return tuple(kind.id for kind in policy.current().org_kinds if kind.level == "community" and kind.territorial)


def communities() -> QuerySet[Organisation]:
    """Communities and villages where orders are taken: their names are public."""
    return Organisation.objects.filter(kind__in=community_kinds(), level="community", dissolved_on__isnull=True)


def find_communities(text: str, limit: int = 20) -> list[dict]:
    """Communities by name, pinyin or initials, as residents say them, with their street beside."""
    found = communities().select_related("parent")
    for word in text.split()[:3]:
        found = found.filter(
            orgs.matches(word) | Q(parent__short_name__icontains=word) | Q(parent__name__icontains=word)
        )
    return [
        {
            "id": org.pk, "code": org.code, "name": rules.place_word(org.short_name or org.name),
            "street": rules.place_word(org.parent.short_name or org.parent.name) if org.parent else "",
        }
        for org in found.order_by("parent__code", "code")[:limit]
    ]  # fmt: skip


def community(ident: object) -> Organisation:
    """One community by id, code or the text that the search proposes (“榕荫社区 · 柳岸街道”); NotFound otherwise."""
    text = str(ident or "").strip()[:120]
    found = communities().select_related("parent")
    if text.isdecimal() and len(text) < 12 and (org := found.filter(pk=int(text)).first()):
        return org
    if org := found.filter(code=text).first() if text else None:
        return org
    name, _sep, street = (part.strip() for part in text.partition("·"))
    rows = [org for org in found.filter(Q(name__contains=name) | Q(short_name__contains=name))[:50] if name]
    exact = [
        org for org in rows
        if rules.place_word(org.short_name or org.name) == name
        and (not street or (org.parent and rules.place_word(org.parent.short_name or org.parent.name) == street))
    ]  # fmt: skip
    if len(exact) == 1:
        return exact[0]
    raise NotFound(_("没有找到这个社区，请从提示里选择。"))


def places_of(org: Organisation) -> list[Place]:
    """Estates and buildings of a community, for choosing from: their names are public."""
    return list(
        Place.objects.filter(community=org, kind__in=("estate", "building"), ended_on__isnull=True).order_by(
            "kind", "name"
        )[:200]
    )


def home_of(actor: Actor) -> Organisation | None:
    """The community that the actor lives or belongs in, to begin with."""
    paths = [grant.path for grant in actor.grants if not grant.explicit] or [grant.path for grant in actor.grants]
    ids = [int(part) for path in paths for part in path.strip("/").split("/") if part]
    return communities().filter(pk__in=ids).order_by("-path").first() if ids else None


def alike(org: Organisation, kind: str, text: str, now: dt.datetime) -> list[dict]:
    """Near-duplicates of the last days, without anybody's words: when, which place, how far it is. None if confidential."""
    pack = policy.on(clock.day_of(now)).orders
    found = pack.kinds.get(kind)
    if found is None or found.confidential or len(text.strip()) < 4:
        return []
    rows = Order.objects.filter(
        org=org, kind=kind, raised_at__gte=now - dt.timedelta(days=pack.alike_days)
    ).exclude(state__in=(WITHDRAWN, DECLINED))  # fmt: skip
    recent = {row.pk: row for row in rows.select_related("place").order_by("-id")[:300]}
    like = rules.alike(rules.mask_contacts(text)[0], [(pk, row.text) for pk, row in recent.items()], pack.alike_percent)
    return [
        {"place": recent[pk].place.name if recent[pk].place else "", "on": clock.day_of(recent[pk].raised_at), "state": recent[pk].state}
        for pk in like[:3]
    ]  # fmt: skip


def token_hash(token: str) -> str:
    """By what a private link is found."""
    return keyed_hash(token, context="order.token")


def by_token(token: str, *, lock: bool = False) -> Order:
    """The order of a private link; NotFound in the same words for whatever else."""
    found = Order.objects.select_for_update(of=("self",)) if lock else Order.objects.select_related(*WITH)
    row = found.filter(token_hash=token_hash(token)).first() if 20 <= len(token) <= 64 else None
    if row is None:
        raise NotFound(LINK_GONE)
    return row


def own(actor: Actor) -> QuerySet[Order]:
    """Orders that the actor raised when logged in, the latest first."""
    if actor.person is None or not actor.may("orders.own"):
        return Order.objects.none()
    return Order.objects.filter(raised_by=actor.person).select_related(*WITH).order_by("-raised_at", "-id")


def own_for(actor: Actor, ident: int | str) -> Order:
    """One of these; NotFound otherwise."""
    return _get(own(actor), ident)


def _get(found: QuerySet[Order], ident: int | str) -> Order:
    try:
        return found.get(pk=ident)
    except (Order.DoesNotExist, ValueError, OverflowError, TypeError):
        raise NotFound(NOTHING) from None


# --- for those who work on it -----------------------------------------------------------------------------------
def visible_to(actor: Actor) -> QuerySet[Order]:
    """Orders of communities over which the actor sees them."""
    found = Order.objects.filter(scope_q(actor, "orders.view", prefix="org__"))
    return found.select_related(*WITH).prefetch_related("helpers")


def with_next_due(found: QuerySet[Order]) -> QuerySet[Order]:
    """With `next_due`: by when something must happen next — the first contact, or the end; empty when nothing waits."""
    contact = Case(When(contact_clock__state="running", then=F("contact_clock__due_at")))
    whole = Case(When(clock__state="running", then=F("clock__due_at")))
    # SQLite's MIN of two values is empty when one is, PostgreSQL's LEAST is not: say it for both
    both = Case(
        When(contact_clock__state="running", clock__state="running", then=Least("contact_clock__due_at", "clock__due_at")),
        When(contact_clock__state="running", then=contact),
        default=whole,
    )  # fmt: skip
    return found.annotate(next_due=both)


def jobs_q(actor: Actor) -> Q:
    """Condition: given to the actor, accepted by them, or called in."""
    helping = Helper.objects.filter(person=actor.person).values("order")
    return Q(doer=actor.person) | Q(pk__in=helping)


def jobs(actor: Actor) -> QuerySet[Order]:
    """What the actor has in hand or was given by name; the earliest limit first."""
    if actor.person is None or not actor.may("orders.take"):
        return Order.objects.none()
    found = Order.objects.filter(jobs_q(actor), state__in=(DISPATCHED, ACCEPTED)).select_related(*WITH)
    return with_next_due(found).order_by(F("next_due").asc(nulls_last=True), "id")


def done_jobs(actor: Actor) -> QuerySet[Order]:
    """What the actor has done, the latest first."""
    if actor.person is None or not actor.may("orders.take"):
        return Order.objects.none()
    return Order.objects.filter(jobs_q(actor), state=FINISHED).select_related(*WITH).order_by("-finished_at")


def offers(actor: Actor) -> QuerySet[Order]:
    """What the actor could take: offered to a circle they belong to, or given to their own organisation."""
    if actor.person is None or not actor.may("orders.take"):
        return Order.objects.none()
    own_orgs, above = set(), set()
    for grant in actor.grants:
        if "orders.take" in grant.permissions:
            own_orgs.add(grant.org)
            if grant.line == "parent":
                above.update(int(part) for part in grant.path.strip("/").split("/") if part)
    found = Order.objects.filter(
        Q(state=OFFERED, doer_org__in=above | own_orgs) | Q(state=DISPATCHED, doer__isnull=True, doer_org__in=own_orgs)
    ).select_related(*WITH)
    return with_next_due(found).order_by(F("next_due").asc(nulls_last=True), "id")


def get_for(actor: Actor, ident: int | str) -> Order:
    """One order that the actor sees from the desk, has in hand, has done, or could take; NotFound otherwise."""
    try:
        row = Order.objects.select_related(*WITH).get(pk=ident)
    except (Order.DoesNotExist, ValueError, OverflowError, TypeError):
        raise NotFound(NOTHING) from None
    if actor.may_at("orders.view", row.org) or permissions.may_accept(row, actor) or permissions.is_doer(row, actor):
        return row
    raise NotFound(NOTHING)


def kept_for(actor: Actor, ident: int | str) -> Order:
    """One order of a community whose orders the actor dispatches; NotFound otherwise."""
    return _get(Order.objects.filter(scope_q(actor, "orders.dispatch", prefix="org__")).select_related(*WITH), ident)


def as_it_stands(ident: int) -> Order:
    """An order after a deed that its doer was allowed, even if they may not look at it any more."""
    return Order.objects.select_related(*WITH).get(pk=ident)


def may_touch_files(actor: Actor, ident: str, change: bool) -> bool:
    """Whether the actor may see the pictures of an order (its desk and who does it), or add to them (who does it)."""
    row = (
        Order.objects.select_related("org").filter(pk=ident).first() if ident.isdecimal() and len(ident) < 19 else None
    )
    if row is None:
        return False
    can = permissions.abilities(row, actor, clock.now(), policy.current().orders.visible_days)
    return can.reads and (not change or row.state in OPEN)


def can(order: Order, actor: Actor) -> permissions.Abilities:
    """What the actor may read of an order and do with it now."""
    return permissions.abilities(order, actor, clock.now(), policy.current().orders.visible_days)


def deed_words() -> dict[str, str]:
    """What happened, in words."""
    return {
        "raised": _("提出"), "contacted": _("已联系居民"), "dispatched": _("已派单"), "offered": _("向党员公开，等人接单"),
        "accepted": _("有人接单了"), "handed_back": _("退回社区"), "recalled": _("社区收回，另行安排"), "help_called": _("请人一起办"),
        "finished": _("办结"), "rated": _("居民评价"), "reopened": _("重新办理"), "withdrawn": _("提出人撤回"), "declined": _("不予受理"),
        "called_back": _("电话回访"), "contact_seen": _("查看了联系方式"), "paused": _("暂停计时"), "resumed": _("继续办理"),
        "extension_asked": _("申请延期"), "extended": _("延期获批"), "extension_refused": _("延期未批"),
        "noted": _("补充说明"), "ran_out": _("到了时限还没有办成"),
    }  # fmt: skip


ICONS = {
    "raised": "hand-stop", "contacted": "phone", "dispatched": "send", "offered": "users-group", "accepted": "user-check",
    "handed_back": "arrow-back-up", "recalled": "arrow-back-up", "help_called": "user-plus", "finished": "circle-check",
    "rated": "star", "reopened": "rotate", "withdrawn": "x", "declined": "ban", "called_back": "phone", "contact_seen": "eye",
    "paused": "clock-pause", "resumed": "clock-play", "extension_asked": "hourglass", "extended": "hourglass",
    "extension_refused": "ban", "noted": "message", "ran_out": "clock-exclamation",
}  # fmt: skip
BY_ASKER = ("raised", "noted", "rated", "withdrawn")
TONES = {
    "finished": "good",
    "rated": "good",
    "accepted": "info",
    "reopened": "warn",
    "handed_back": "warn",
    "contact_seen": "quiet",
    "ran_out": "bad",
}


def timeline(order: Order, *, inside: bool) -> list[dict]:
    """What happened, the latest first: with names for those who work on it, without for who asked."""
    rows = list(Step.objects.filter(order=order, **({} if inside else {"open": True})).order_by("-id"))
    names = (
        people.names({row.by for row in rows if row.by} | {row.person for row in rows if row.person}) if inside else {}
    )
    words = deed_words()
    return [
        {
            "at": row.at, "title": words.get(row.deed, row.deed) + (f"：{names[row.person]}" if row.person in names else ""),
            "text": row.note, "icon": ICONS.get(row.deed, "point"), "tone": TONES.get(row.deed, "quiet"),
            "who": (names.get(row.by, "") if row.by else _("提出人") if row.deed in BY_ASKER else "") if inside else "",
        }
        for row in rows
    ]  # fmt: skip


def next_waiting(actor: Actor, after: int | None = None) -> Order | None:
    """The order that waits longest to be given to somebody, other than the one just left."""
    found = Order.objects.filter(scope_q(actor, "orders.dispatch", prefix="org__"), state=RAISED).select_related(*WITH)
    if after:
        found = found.exclude(pk=after)
    return with_next_due(found).order_by(F("next_due").asc(nulls_last=True), "id").first()


def todos(actor: Actor, day: dt.date) -> list[Todo]:
    """What waits for the actor: orders to take up, late ones, extensions to decide, jobs in hand; four queries."""
    now, found = clock.now(), []
    desks = {
        grant.org
        for grant in actor.grants
        if "orders.dispatch" in grant.permissions and "orders.take" in grant.permissions
    }
    if desks:
        rows = with_next_due(Order.objects.filter(org__in=desks, state__in=OPEN)).aggregate(
            waiting=Count("pk", filter=Q(state=RAISED)), late=Count("pk", filter=Q(next_due__lt=now))
        )
        if rows["waiting"]:
            found.append(
                Todo(
                    _("%(n)d 件点单等着派") % {"n": rows["waiting"]},
                    reverse("orders:queue"),
                    due_on=day,
                    button=_("去派单"),
                )
            )
        if rows["late"]:
            found.append(
                Todo(_("%(n)d 件点单已经超时") % {"n": rows["late"]}, reverse("orders:desk") + "?clock=late", due_on=day, button=_("去看看"))
            )  # fmt: skip
    if actor.may("orders.supervise"):
        asked = visible_to(actor).filter(
            scope_q(actor, "orders.supervise", prefix="org__"), state__in=OPEN, clock__extensions__state="asked"
        )  # fmt: skip
        for row in asked.exclude(clock__extensions__asked_by=actor.person or 0)[:5]:
            found.append(
                Todo(
                    _("点单 %(number)s 申请延期") % {"number": row.number},
                    reverse("orders:order", args=[row.pk]),
                    due_on=day,
                    button=_("去批"),
                )
            )
    if actor.person and actor.may("orders.take"):
        for row in jobs(actor)[:6]:
            due = row.clock.due_at if row.clock else None
            word = _("等您接单") if row.state == DISPATCHED else _("您接的单")
            found.append(
                Todo(f"{word}：{title_of(row)}", reverse("orders:order", args=[row.pk]), hint=rules.place_word(row.org.short_name or row.org.name),
                     due_on=clock.day_of(due) if due else None, button=_("去看看"))
            )  # fmt: skip
    return found


def kind_titles() -> dict[str, str]:
    """Kind → its title in the pack of today."""
    return {kind.id: kind.title for kind in policy.current().orders.kinds}


def title_of(order: Order, *, length: int = 24) -> str:
    """What an order is called in a list: its kind, and its words where they are nobody's secret."""
    kind = kind_titles().get(order.kind, order.kind)
    if order.confidential:
        return _("%(kind)s（保密）") % {"kind": kind}
    text = " ".join(order.text.split())
    return f"{kind}：{text[:length]}{'…' if len(text) > length else ''}"
