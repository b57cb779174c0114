"""Reads of orders. Inside one's scope, one's own jobs, or by the private link; anything else does not exist."""

import datetime as dt
from collections.abc import Iterable
from typing import Any, NamedTuple

from django.db.models import Case, Count, F, Q, QuerySet, When
from django.db.models.functions import Least
from django.urls import reverse
from django.utils.translation import gettext as _

from gongjian.desks.orders import permissions, rules
from gongjian.desks.orders.models import Helper, Order, Step
from gongjian.desks.orders.states import ACCEPTED, DECLINED, DISPATCHED, FINISHED, OFFERED, OPEN, RAISED, WITHDRAWN
from gongjian.engines.deadlines import queries as deadlines
from gongjian.engines.deadlines.rules import Limit
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.crypto import keyed_hash
from gongjian.ground.kernel.errors import Invalid, NotFound
from gongjian.ground.kernel.manifest import Todo
from gongjian.ground.kernel.scope import scope_q
from gongjian.records.orgs import queries as orgs
from gongjian.records.orgs.models import Organisation
from gongjian.records.people import queries as people
from gongjian.records.people.models import Person
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
    return Order.objects.filter(scope_q(actor, "orders.view", prefix="org__")).select_related(*WITH)


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
    row = Order.objects.select_related("org").filter(number=ident).first()
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


# --- whom to give it to ---------------------------------------------------------------------------------------------
def suggestions(order: Order, most: int = 3) -> list[dict]:
    """Whom to propose for an order, with the reason in words; five queries. For persons a name, for others the short name."""
    kind = policy.current().orders.kinds.get(order.kind)
    doers = kind.doers if kind else ("person",)
    since = clock.now() - dt.timedelta(days=365)
    earlier = Order.objects.filter(org=order.org, kind=order.kind, state=FINISHED, finished_at__gte=since)
    history: dict[tuple[str, int], list] = {}
    for doer, doer_org, at in earlier.order_by("-finished_at").values_list("doer", "doer_org", "finished_at")[:200]:
        if doer_org and "organisation" in doers:
            history.setdefault(("organisation", doer_org), []).append(at)
        elif doer and "person" in doers:
            history.setdefault(("person", doer), []).append(at)
    covering = order.place.organisation_id if order.place and "organisation" in doers else None
    if "organisation" in doers:
        own = Organisation.objects.filter(parent=order.org, level="branch", dissolved_on__isnull=True).order_by("code")
        for org in own.values_list("pk", flat=True)[:12]:
            history.setdefault(("organisation", org), [])
        if covering:
            history.setdefault(("organisation", covering), [])
    elif not history:  # nobody did it before: those of the community who may take orders
        for person in people.officers_who_may(order.org, "orders.take")[:6]:
            history.setdefault(("person", person), [])
    ids = {ident for what, ident in history if what == "person"}
    load = {("person", row["doer"]): row["n"] for row in
            Order.objects.filter(doer__in=ids, state__in=(DISPATCHED, ACCEPTED)).values("doer").annotate(n=Count("pk"))}  # fmt: skip
    org_ids = {ident for what, ident in history if what == "organisation"}
    load |= {("organisation", row["doer_org"]): row["n"] for row in
             Order.objects.filter(doer_org__in=org_ids, state__in=(DISPATCHED, ACCEPTED)).values("doer_org").annotate(n=Count("pk"))}  # fmt: skip
    names = people.names(ids)
    shorts = {
        org.pk: org.short_name or org.name
        for org in Organisation.objects.filter(pk__in=org_ids, dissolved_on__isnull=True)
    }
    found = [
        rules.Candidate(
            what, ident, names.get(ident) if what == "person" else shorts.get(ident), len(times),
            clock.day_of(times[0]) if times else None, ident == covering and what == "organisation", load.get((what, ident), 0),
        )
        for (what, ident), times in history.items()
        if (ident in names if what == "person" else ident in shorts)
    ]  # fmt: skip
    return [
        {"kind": one.kind, "id": one.ident, "name": one.name, "why": _why(one), "key": n}
        for n, one in enumerate(rules.suggested(found, most), 1)
    ]


def _why(one: rules.Candidate) -> str:
    parts = []
    if one.covers:
        parts.append(_("负责这里"))
    if one.same_kind:
        parts.append(_("办过同类 %(n)d 件，最近 %(day)s") % {"n": one.same_kind, "day": one.last_on})
    parts.append(_("手上 %(n)d 件") % {"n": one.load} if one.load else _("手上没有"))
    return "，".join(parts)


def possible_doers(order: Order) -> dict[str, list[tuple[int, str]]]:
    """Organisations below (or sitting in) the community, and persons: officers and members of its branches; for choosing."""
    below = Q(path__startswith=order.org.path) | Q(territory_path__startswith=order.org.territory_path)
    organisations = [
        (org.pk, org.name) for org in
        Organisation.objects.filter(below, level__in=("branch", "group", "unit"), dissolved_on__isnull=True).order_by("path")[:150]
    ]  # fmt: skip
    officers = [(row.person_id, row.person.name) for row in people.officers_of(order.org.pk)]
    return {"organisations": organisations, "persons": list(dict.fromkeys(officers))}


def person_for(ident: int | None) -> Person:
    """Somebody by id, for a deed that decides itself whether they can be given the order; Invalid if there is none."""
    row = Person.objects.filter(pk=ident).first() if ident else None
    if row is None:
        raise Invalid(_("没有找到这个人，或者有重名；请从提示里选择。"), field="person")
    return row


def org_for(ident: int | str | None) -> Organisation:
    """An organisation by id, for a deed that decides itself whether it lies on the ground; Invalid if there is none."""
    text = str(ident or "")
    row = Organisation.objects.filter(pk=int(text)).first() if text.isdecimal() and len(text) < 12 else None
    if row is None:
        raise Invalid(_("请选择组织。"), field="org")
    return row


def taker(order: Order, text: str) -> int | None:
    """A person by name who can be given orders of this community: an officer, or a member of a branch on its ground."""
    from_below = people.members_below(order.org)
    found = Person.objects.filter(from_below, died_on__isnull=True, name=text.strip()).distinct()[:2]
    ids = [person.pk for person in found]
    ids += [row.person_id for row in people.officers_of(order.org.pk) if row.person.name == text.strip()]
    ids = list(dict.fromkeys(ids))
    return ids[0] if len(ids) == 1 else None


def find_takers(order: Order, text: str, limit: int = 10) -> list[tuple[str, str]]:
    """Names for the search field: members of branches on the community's ground, and its officers."""
    if not text.strip():
        return []
    found = Person.objects.filter(people.members_below(order.org), people.matches(text), died_on__isnull=True)
    return [(person.name, "") for person in found.distinct().order_by("pinyin")[:limit]]


# --- boards ---------------------------------------------------------------------------------------------------------
class Rates(NamedTuple):
    """三项指标: parts and wholes, per cent (None of nothing)."""

    org: int
    name: str
    raised: int
    answered: int
    assessed: int
    solved: int
    asked: int
    satisfied: int
    rated: int

    @property
    def answered_rate(self) -> int | None:
        """响应率."""
        return rules.rate(self.answered, self.assessed)

    @property
    def solved_rate(self) -> int | None:
        """解决率."""
        return rules.rate(self.solved, self.asked)

    @property
    def satisfied_rate(self) -> int | None:
        """满意率."""
        return rules.rate(self.satisfied, self.rated)


def counted(found: QuerySet[Order]) -> QuerySet[Order]:
    """Orders that figures count: not those withdrawn or not taken up."""
    return found.exclude(state__in=(WITHDRAWN, DECLINED))


def measure_q(measure: str, now: dt.datetime) -> tuple[Q, Q]:
    """The part and the whole of a measure (DOMAIN 6.4, orders.yaml `measures`) as conditions on counted orders."""
    if measure == "answered":
        met = Q(contact_clock__state="met")
        in_time = met & Q(contact_clock__met_at__lte=F("contact_clock__due_at"))
        return in_time, met | Q(contact_clock__state="running", contact_clock__due_at__lt=now)
    if measure == "solved":
        return Q(solved=True), Q(solved__isnull=False)
    return Q(stars__gte=policy.current().orders.satisfied_from), Q(stars__isnull=False)


def in_month(found: QuerySet[Order], month: str) -> QuerySet[Order]:
    """Orders raised in a month such as 2026-11; ValueError if it is none."""
    first, last = clock.period_bounds(month)
    return found.filter(raised_at__gte=clock.at_time(first), raised_at__lt=clock.at_time(last + dt.timedelta(days=1)))


def rates(actor: Actor, month: str, now: dt.datetime) -> list[Rates]:
    """The three measures of a month for each community in sight that had orders; one query."""
    parts: dict[str, Any] = {"raised": Count("pk")}
    for measure, part, whole in (
        ("answered", "answered", "assessed"),
        ("solved", "n_solved", "asked"),
        ("satisfied", "satisfied", "rated"),
    ):
        yes, all_ = measure_q(measure, now)
        parts[part] = Count("pk", filter=yes & all_)
        parts[whole] = Count("pk", filter=all_)
    rows = (
        in_month(counted(visible_to(actor)), month)
        .values("org", "org__name", "org__short_name", "org__path")
        .annotate(**parts)
    )
    return [
        Rates(row["org"], rules.place_word(row["org__short_name"] or row["org__name"]), row["raised"], row["answered"],
              row["assessed"], row["n_solved"], row["asked"], row["satisfied"], row["rated"])
        for row in rows.order_by("org__path")
    ]  # fmt: skip


def total(rows: Iterable[Rates], name: str) -> Rates:
    """The sum of several."""
    columns = list(zip(*(row[2:] for row in rows), strict=True)) or [(0,)] * 7
    return Rates(0, name, *(sum(column) for column in columns))


def soon_limit() -> Limit:
    """How far ahead “will be late” looks by the pack."""
    return Limit("working_hour", policy.current().orders.soon_hours)


def counts(actor: Actor, now: dt.datetime) -> dict[str, int]:
    """Numbers at the head of the desk: waiting, late, soon late, in hand, to call back; one query."""
    ahead = deadlines.horizon(now, soon_limit())
    found = with_next_due(visible_to(actor).filter(state__in=(*OPEN, FINISHED)))
    return found.aggregate(
        waiting=Count("pk", filter=Q(state=RAISED)),
        late=Count("pk", filter=Q(state__in=OPEN, next_due__lt=now)),
        soon=Count("pk", filter=Q(state__in=OPEN, next_due__gte=now, next_due__lt=ahead)),
        out=Count("pk", filter=Q(state__in=(OFFERED, DISPATCHED, ACCEPTED))),
        call_back=Count("pk", filter=Q(state=FINISHED, sampled=True, called_at__isnull=True)),
    )


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
