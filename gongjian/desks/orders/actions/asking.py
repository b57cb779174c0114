"""What who asks does: raise, add a word, withdraw, rate. With an account, or by the private link."""

import datetime as dt
from collections.abc import Iterable, Mapping
from typing import Any

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils.translation import gettext as _

from gongjian.desks.orders import queries, rules
from gongjian.desks.orders.actions.shared import (
    desk_of,
    end_clocks,
    notify,
    pack_at,
    ref,
    step,
    told_kind,
    words,
)
from gongjian.desks.orders.models import Order, Sender
from gongjian.desks.orders.states import FINISHED, FLOW, OPEN
from gongjian.engines.deadlines import actions as deadlines
from gongjian.engines.deadlines.rules import Limit
from gongjian.engines.flow.moves import touch
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import ANONYMOUS, SYSTEM, Actor
from gongjian.ground.kernel.crypto import keyed_hash
from gongjian.ground.kernel.errors import Invalid, NotFound, Refused
from gongjian.ground.kernel.identifiers import IdentifierError, check_phone, mask_name, mask_phone
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.policy.orders_schema import OrderKind, Orders
from gongjian.ground.policy.values import Entries
from gongjian.records import facts
from gongjian.records.files import actions as files
from gongjian.records.files import content
from gongjian.records.orgs.models import Organisation
from gongjian.records.places.models import Place


def token_of(key: str) -> str:
    """The private link that belongs to a form's key: 128 bits that nobody makes without our secret."""
    return keyed_hash(key, context="order.link")[:32]


def _let_in(address: str, pack: Orders, org: Organisation, moment: dt.datetime) -> None:
    """Count an address in this hour and day; Refused, with a way out, when it is full. The database counts."""
    local = moment.astimezone(clock.SHANGHAI)
    hashed = keyed_hash(address, context="order.sender")
    for window, most in ((f"{local:%Y-%m-%dT%H}", pack.per_hour), (f"{local:%Y-%m-%d}", pack.per_day)):
        row, _new = Sender.objects.get_or_create(address=hashed, window=window, defaults={"at": moment})
        if not Sender.objects.filter(pk=row.pk, count__lt=most).update(count=F("count") + 1):
            phone = org.phone or pack.hotline
            raise Refused(
                _("这个网络地址一会儿工夫提了很多件，请过一小时再试。着急的请打电话：%(phone)s。")
                % {"phone": phone or _("社区办公室")}
            )


def _answers(kind: OrderKind, given: Mapping[str, str]) -> dict[str, str]:
    found = {}
    for question in kind.questions:
        answer = str(given.get(question.id, "")).strip()[:200]
        if question.choices and answer and answer not in question.choices:
            raise Invalid(_("请从给出的答案里选择。"), field=f"q_{question.id}")
        if question.required and not answer:
            raise Invalid(_("请回答：%(question)s") % {"question": question.title}, field=f"q_{question.id}")
        if answer:
            found[question.title] = answer
    return found


def _reach(name: str, phone: str) -> tuple[str, str, str]:
    """Name and phone checked, and both as they may be shown."""
    name = " ".join(name.split())
    if len(name) > 20:
        raise Invalid(_("称呼请不超过二十个字。"), field="name")
    if phone.strip():
        try:
            phone = str(check_phone(phone))
        except IdentifierError as problem:
            raise Invalid(_(problem.template) % problem.params, field="phone") from None
    else:
        phone = ""
    return name, phone, " ".join(filter(None, (mask_name(name), mask_phone(phone) if phone else "")))


@transaction.atomic
def raise_order(
    *, kind: str, org: Organisation, text: str, by: Actor, key: str, where: str = "", place: Place | None = None,
    answers: Mapping[str, str] | None = None, name: str = "", phone: str = "", urgent: bool = False, channel: str = "",
    address: str = "", photos: Iterable[Any] = (), at: dt.datetime | None = None,
) -> tuple[Order, str]:  # fmt: skip
    """Ask for something (点单); returns the order and the secret of its private link.

    `key` is the form's own, at least 32 characters that nobody guesses: the same one sent again is the same order.
    `channel` phone or visit: written down by the community's desk for somebody else, which needs its permission.
    `address` is where a request came from, for counting. Raises Invalid for what cannot be right, Refused for a flood.
    """
    moment = at or clock.now()
    pack = pack_at(moment)
    found = pack.kinds.get(kind)
    if found is None:
        raise Invalid(_("请选择要办的事。"), field="kind")
    if not 32 <= len(key) <= 128:
        raise Invalid(_("表单已经过期，请刷新页面后再填。"))
    noted = channel in ("phone", "visit")
    if noted:
        by.require("orders.dispatch", org)
    elif not queries.communities().filter(pk=org.pk).exists():
        raise Invalid(_("请选择社区。"), field="community")
    if place is not None and place.community_id != org.pk:
        raise Invalid(_("这个小区不在所选的社区。"), field="place")
    token = token_of(key)
    known = Order.objects.filter(token_hash=queries.token_hash(token)).first()
    if known is not None:
        return known, token
    text = text.strip()
    if not 4 <= len(text) <= 1000:
        raise Invalid(_("请用四到一千个字说说是什么事。"), field="text")
    if len(where) > 100:
        raise Invalid(_("地址请不超过一百个字。"), field="where")
    name, phone, masked = _reach(name, phone)
    told = _answers(found, answers or {})
    if address and not noted:
        _let_in(address, pack, org, moment)
    order = Order(
        kind=kind, intake=found.intake, confidential=found.confidential, urgent=urgent and noted,
        channel=channel if noted else "account" if by.person else "web", org=org, place=place,
        text="" if found.confidential else rules.mask_contacts(" ".join([text, *told.values()]))[0][:1500],
        contact_masked=masked, raised_by_id=None if noted else by.person, noted_by_id=by.person if noted else None,
        raised_at=moment, token_hash=queries.token_hash(token),
    )  # fmt: skip
    order.said = {"text": text, "answers": told}
    order.contact = {"name": name, "phone": phone, "where": where.strip()}
    if not _save(order, moment):
        return Order.objects.get(token_hash=order.token_hash), token
    _start_clocks(order, found, pack, moment)
    step(order, "raised", ANONYMOUS if not noted else by, moment)
    for upload in photos:
        _keep_photo(order, upload, pack, moment)
    told_by = ANONYMOUS if found.confidential and not noted else by
    facts.record(
        "order.raised", by=told_by, at=moment, person=None if found.confidential else order.raised_by_id, org=org.pk,
        obj=Ref.of("order", order.pk), source=f"order:{order.pk}:raised",
        data={"order_kind": told_kind(order), "intake": order.intake, "channel": order.channel},
    )  # fmt: skip
    notify(order, desk_of(order), _("新的点单 %(number)s") % {"number": order.number}, "raised", moment)
    return order, token


def _save(order: Order, moment: dt.datetime) -> bool:
    """Give it a number that tells neither how many there are nor its link; False if the same form was faster."""
    day = clock.day_of(moment)
    for at in range(0, 48, 2):
        order.number = f"{day:%y%m%d}-{int(order.token_hash[at : at + 12], 16) % 100_000:05d}"
        try:
            with transaction.atomic():
                order.save(force_insert=True)
            return True
        except IntegrityError:
            order.pk = None
            if Order.objects.filter(token_hash=order.token_hash).exists():
                return False
    raise Refused(_("现在太忙了，请过一会儿再试。"))


def _start_clocks(order: Order, kind: OrderKind, pack: Orders, moment: dt.datetime) -> None:
    limit = pack.limits[pack.urgent_limit if order.urgent else kind.limit]
    first = pack.limits[pack.urgent_limit] if order.urgent else pack.contact
    order.contact_clock = deadlines.start(
        subject=ref(order), org=order.org, name="contact", limit=Limit(first.unit, first.amount), at=moment
    )
    order.clock = deadlines.start(
        subject=ref(order), org=order.org, name=limit.id, limit=Limit(limit.unit, limit.amount), at=moment
    )
    Order.objects.filter(pk=order.pk).update(contact_clock=order.contact_clock, clock=order.clock)


def _keep_photo(order: Order, upload: Any, pack: Orders, moment: dt.datetime) -> None:
    """Keep a picture; anything else than a picture is refused. What the camera wrote into it is dropped on the way."""
    limits = policy.on(clock.day_of(moment)).files
    pictures = limits.model_copy(update={"kinds": Entries(kind for kind in limits.kinds if kind.id in ("jpg", "png"))})
    name = content.clean_name(upload.name or "") or "photo.jpg"
    body = b""
    for piece in upload.chunks():
        body += piece
        if len(body) > limits.max_megabytes << 20:
            raise Invalid(_("照片超过 %(most)d MB，请换一张小的。") % {"most": limits.max_megabytes}, field="photo")
    try:
        content.examine(body, name, pictures)
    except Invalid as problem:
        raise Invalid(problem.message, field="photo") from None
    files.keep(
        by=SYSTEM, upload=files.Given(name, body), subject=ref(order), title=_("照片"), org=order.org_id, at=moment
    )


def _asker(order: Order, by: Actor, token: str) -> Actor:
    """Whoever asked: by the link (then nobody in particular), or as themselves; NotFound for anybody else."""
    if token and order.token_hash == queries.token_hash(token):
        return ANONYMOUS if by.person is None or order.raised_by_id != by.person else by
    if by.person is not None and order.raised_by_id == by.person and by.may("orders.own"):
        return by
    raise NotFound(queries.NOTHING)


@transaction.atomic
def supplement(*, order: Order, text: str, by: Actor, token: str = "", at: dt.datetime | None = None) -> None:
    """Add a word to an order under way (补充说明); contacts in it are hidden, and a confidential one is not written out."""
    who, moment = _asker(order, by, token), at or clock.now()
    note = words(text, "text", most=300)
    touch(order, OPEN)
    if order.confidential:
        said = order.said
        said["text"] = f"{said.get('text', '')}\n{text.strip()[:300]}"
        order.said = said
        Order.objects.filter(pk=order.pk).update(said_sealed=order.said_sealed)
        note = ""
    step(order, "noted", who, moment, note=note)
    notify(
        order,
        [order.doer_id, *desk_of(order)],
        _("点单 %(number)s 有补充") % {"number": order.number},
        f"noted{order.version}",
        moment,
    )


@transaction.atomic
def withdraw(*, order: Order, by: Actor, token: str = "", at: dt.datetime | None = None) -> Order:
    """Take one's order back before it is done (撤回)."""
    who, moment = _asker(order, by, token), at or clock.now()
    doer = order.doer_id
    FLOW.move(
        order, "withdraw", by=who, at=moment, changes={"finished_at": moment}, data={"order_kind": told_kind(order)},
        source=f"order:{order.pk}:withdrawn",
    )  # fmt: skip
    end_clocks(order, moment, met=False)
    step(order, "withdrawn", who, moment)
    notify(order, [doer], _("点单 %(number)s 居民撤回了，不用再办") % {"number": order.number}, "withdrawn", moment)
    return order


@transaction.atomic
def rate(
    *, order: Order, by: Actor, stars: int, solved: bool, text: str = "", token: str = "", at: dt.datetime | None = None
) -> Order:  # fmt: skip
    """Say how it was (评价): one to five stars, and whether it is solved; once for each time it was finished.

    So few stars as the pack says, or “not solved”, brings it back to who did it, with a new clock.
    """
    who, moment = _asker(order, by, token), at or clock.now()
    pack = pack_at(moment)
    if not 1 <= stars <= 5:
        raise Invalid(_("请选一到五星。"), field="stars")
    note = rules.mask_contacts(text.strip())[0][:300]
    if order.state == FINISHED and order.finished_at and moment > order.finished_at + dt.timedelta(days=pack.rate_days):
        raise Refused(_("评价的期限过了；还有问题的，请重新提一件。"))
    if order.rated_at is not None:
        raise Refused(_("这次办理已经评价过了。"))
    touch(
        order, (FINISHED,), stars=stars, own_solved=solved, rating="" if order.confidential else note, rated_at=moment,
        solved=order.solved if order.called_at else solved,
    )  # fmt: skip
    facts.record(
        "order.rated", by=who if not order.confidential else ANONYMOUS, at=moment, person=order.doer_id, org=order.org_id,
        obj=Ref.of("order", order.pk), source=f"order:{order.pk}:rated:{order.reopened}",
        data={"order_kind": told_kind(order), "stars": stars, "solved": solved},
    )  # fmt: skip
    step(order, "rated", who, moment, note="★" * stars + ("" if order.confidential or not note else f" {note}"))
    again = rules.reopens(stars, solved, below=pack.reopen_below, times=order.reopened, at_most=pack.reopen_at_most)
    if again:
        reopen(
            order=order,
            by=who,
            at=moment,
            why=_("居民评价 %(stars)d 星") % {"stars": stars} if solved else _("居民说没有解决"),
        )
    else:
        notify(
            order,
            [order.doer_id],
            _("点单 %(number)s 得了 %(stars)d 星") % {"number": order.number, "stars": stars},
            f"rated{order.reopened}",
            moment,
        )
    return order


def reopen(*, order: Order, by: Actor, at: dt.datetime, why: str) -> None:
    """Bring a finished order back (重新办理) to who did it, or to the desk, with a clock of its own; part of another deed."""
    pack = pack_at(at)
    limit = pack.limits[pack.again_limit]
    times = order.reopened + 1
    new = deadlines.start(
        subject=ref(order), org=order.org, name=f"{limit.id}_{times}", limit=Limit(limit.unit, limit.amount), at=at
    )
    FLOW.move(
        order, "reopen" if order.doer_id else "reopen_at_desk", by=by, at=at, person=order.doer_id, corrects=order.finished_fact,
        changes={"clock": new, "reopened": times, "finished_at": None, "finished_fact": None},
        data={"order_kind": told_kind(order), "times": times}, source=f"order:{order.pk}:reopened:{times}",
    )  # fmt: skip
    step(order, "reopened", by, at, note=why)
    notify(
        order,
        [order.doer_id, *desk_of(order)],
        _("点单 %(number)s 要重新办：%(why)s") % {"number": order.number, "why": why},
        f"reopened{times}",
        at,
    )
