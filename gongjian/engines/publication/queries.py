"""Reads of publications; every one knows who asks."""

import datetime as dt

from django.db.models import Count, Q, QuerySet

from gongjian.engines.publication.models import Objection, Publication
from gongjian.engines.publication.states import CANCELLED, RUNNING
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.kernel.ref import Ref
from gongjian.ground.kernel.scope import scope_q

MISSING = "没有找到这项公示，或者它不在您的可见范围内。"


def visible_to(actor: Actor) -> QuerySet[Publication]:
    """Running publications of organisations one belongs to or lives in; all of them for who keeps them."""
    if actor.kind == "system":
        return Publication.objects.all()
    running = scope_q(actor, "publication.view", prefix="org__") & Q(state=RUNNING, ends_on__gte=clock.today())
    kept = scope_q(actor, "publication.manage", prefix="org__")
    return Publication.objects.filter(running | kept).select_related("org")


def get_for(actor: Actor, ident: int | str, *, lock: bool = False) -> Publication:
    """One publication that the actor may see; NotFound otherwise."""
    found = visible_to(actor)
    if lock:
        found = found.select_for_update(of=("self",))
    try:
        return found.get(pk=ident)
    except (Publication.DoesNotExist, ValueError, OverflowError, TypeError):
        raise NotFound(MISSING) from None


def on_public_page(slug: str, day: dt.date | None = None) -> tuple[Publication, bool]:
    """The publication of a public address and whether its content is still shown: it goes with the last day.

    NotFound for an unknown address and for one that was never open to strangers.
    """
    found = Publication.objects.select_related("org").filter(slug=slug, is_public=True).first()
    if found is None:
        raise NotFound(MISSING)
    return found, found.state == RUNNING and found.ends_on >= (day or clock.today())


def of(subject: Ref) -> Publication | None:
    """The publication of a subject that was not cancelled, whoever asks: for the room whose subject it is."""
    return (
        Publication.objects.filter(subject_kind=subject.kind, subject_id=subject.id)
        .exclude(state=CANCELLED).select_related("org").first()
    )  # fmt: skip


def of_many(kind: str, ids: list[str]) -> dict[str, Publication]:
    """The same for many subjects of one kind, by id."""
    rows = Publication.objects.filter(subject_kind=kind, subject_id__in=ids).exclude(state=CANCELLED)
    return {row.subject_id: row for row in put_open(rows)}


def put_open(rows: QuerySet[Publication]) -> QuerySet[Publication]:
    """Each publication with `open_objections` and `all_objections`."""
    return rows.annotate(
        open_objections=Count("objections", filter=Q(objections__state="open")), all_objections=Count("objections")
    )


def open_objections(publication: Publication) -> int:
    """How many objections wait for an answer."""
    return Objection.objects.filter(publication=publication, state="open").count()


def objections_of(publication: Publication, actor: Actor) -> list[Objection]:
    """Objections as this actor may see them: all with their authors for who keeps it, else one's own."""
    found = Objection.objects.filter(publication=publication).select_related("person").order_by("id")
    if actor.may_at("publication.manage", publication.org):
        return list(found)
    return list(found.filter(person=actor.person)) if actor.person else []


def objection_for(actor: Actor, ident: int | str, *, lock: bool = False) -> Objection:
    """One objection that the actor may answer; NotFound otherwise."""
    found = Objection.objects.filter(scope_q(actor, "publication.manage", prefix="publication__org__"))
    if lock:
        found = found.select_for_update(of=("self",))
    row = found.select_related("publication__org").filter(pk=ident).first()
    if row is None:
        raise NotFound("没有找到这条异议，或者它不在您的管理范围内。")
    return row


def waiting_for(actor: Actor, day: dt.date) -> tuple[list[Objection], list[Publication]]:
    """Objections without an answer, and publications whose period has run out: what waits for this actor."""
    if not actor.may("publication.manage"):
        return [], []
    mine = scope_q(actor, "publication.manage", prefix="publication__org__")
    open_ones = Objection.objects.filter(mine, state="open", publication__state=RUNNING).select_related("publication")
    over = Publication.objects.filter(
        scope_q(actor, "publication.manage", prefix="org__"), state=RUNNING, ends_on__lt=day
    ).order_by("ends_on")
    return list(open_ones.order_by("raised_on")[:10]), list(put_open(over).filter(open_objections=0)[:10])
