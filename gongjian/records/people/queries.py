"""Reads of people; every one knows who asks."""

import datetime as dt
from collections.abc import Iterable

from django.db.models import Exists, OuterRef, Q, QuerySet

from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.crypto import keyed_hash
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.kernel.identifiers import normalise_digits
from gongjian.ground.kernel.scope import scope_q, subtree_q
from gongjian.records.facts.models import Fact
from gongjian.records.facts.queries import about_person
from gongjian.records.orgs.models import Organisation
from gongjian.records.people import codes
from gongjian.records.people.models import (
    PROTECTED,
    Appointment,
    Circumstance,
    CorrectionRequest,
    Dated,
    Membership,
    Person,
    Relation,
)


def visible_to(actor: Actor, *, permission: str = "people.view") -> QuerySet[Person]:
    """Persons with a current membership, appointment or relation in an organisation that the actor sees; and oneself."""
    if actor.kind == "system":
        return Person.objects.all()
    scope = scope_q(actor, permission, prefix="org__")
    current = Dated.current_q(clock.today())
    condition = Q(pk=actor.person) if actor.person and permission == "people.view" else Q(pk__in=[])
    if actor.scopes(permission):
        for model in (Membership, Appointment, Relation):
            held = model.objects.filter(scope, current, person=OuterRef("pk"))
            # A guest's record is the home branch's: the host sees the name on its lists, nothing more.
            condition |= Q(Exists(held.exclude(kind="guest") if model is Relation else held))
    return Person.objects.filter(condition)


def get_for(
    actor: Actor, ident: int | str, *, permission: str = "people.view", lock: bool = False, registered: bool = False
) -> Person:
    """One person that the actor may see; NotFound otherwise.

    With `registered`, also somebody whom the actor has registered and who belongs nowhere yet.
    """
    found = visible_to(actor, permission=permission)
    if registered and actor.person and actor.may(permission):
        mine = Fact.objects.filter(kind="person.registered", by=actor.person, person=OuterRef("pk"))
        belongs = [Exists(model.objects.filter(person=OuterRef("pk"))) for model in (Membership, Appointment, Relation)]
        loose = Person.objects.filter(Exists(mine), *(~condition for condition in belongs))
        found = Person.objects.filter(Q(pk__in=found.values("pk")) | Q(pk__in=loose.values("pk")))
    if lock:
        found = found.select_for_update(of=("self",))
    try:
        return found.get(pk=ident)
    except (Person.DoesNotExist, ValueError, OverflowError, TypeError):
        raise NotFound("没有找到这个人，或者他（她）不在您的可见范围内。") from None


def members_below(org: Organisation) -> Q:
    """Condition: a current member in an organisation's subtree along 隶属."""
    below = Membership.objects.filter(Dated.current_q(clock.today()), subtree_q(org.path, prefix="org__"))
    return Q(pk__in=below.values("person"))


def by_identity(actor: Actor, number: str) -> Person | None:
    """The visible person with this identity number, found by its keyed hash."""
    wanted = keyed_hash(normalise_digits(number).upper(), context="person.identity")
    return visible_to(actor).filter(identity_hash=wanted).first() if wanted else None


def membership_of(person: int, *, day: dt.date | None = None) -> Membership | None:
    """The membership of a person on a day (default: today)."""
    return (
        Membership.objects.filter(Dated.current_q(day or clock.today()), person_id=person)
        .select_related("org", "group")
        .first()
    )


def barred_until(person: int) -> dt.date | None:
    """The first day on which a person may be admitted again after having left with a bar; None without one."""
    rows = Membership.objects.filter(person_id=person, barred_until__isnull=False).order_by("-barred_until")
    return rows.values_list("barred_until", flat=True).first()


def members_of(org: int, *, day: dt.date | None = None) -> QuerySet[Membership]:
    """Current memberships of a branch, by name; call it only for an organisation got by `orgs.queries.get_for`."""
    return (
        Membership.objects.filter(Dated.current_q(day or clock.today()), org_id=org)
        .select_related("person", "group")
        .order_by("person__name", "person_id")
    )


def officers_of(org: int, *, day: dt.date | None = None) -> QuerySet[Appointment]:
    """Who is in a post of an organisation on a day."""
    return (
        Appointment.objects.filter(Dated.current_q(day or clock.today()), org_id=org)
        .select_related("person")
        .order_by("id")
    )


def officers_who_may(org: Organisation, permission: str, *, day: dt.date | None = None) -> list[int]:
    """Persons in a post of an organisation that by the pack confers a permission there, the highest post first."""
    return officers_by_org([org.pk], permission, day=day).get(org.pk, [])


def officers_by_org(orgs: Iterable[int], permission: str, *, day: dt.date | None = None) -> dict[int, list[int]]:
    """The same for many organisations at once, by organisation; one query for each thousand."""
    day = day or clock.today()
    pack = policy.on(day)
    roles, posts = {role.id: role for role in pack.roles}, {post.id: post for post in pack.posts}
    found: dict[int, list[tuple[int, int]]] = {}
    wanted = sorted(set(orgs))
    for start in range(0, len(wanted), 1000):
        rows = Appointment.objects.filter(Dated.current_q(day), org__in=wanted[start : start + 1000]).order_by("id")
        for org, kind, name, person in rows.values_list("org_id", "org__kind", "post", "person_id"):
            post = posts.get(name)
            role = roles.get(post.confers.get(kind, "")) if post else None
            if role is not None and role.allows(permission):
                found.setdefault(org, []).append((post.order, person))
    return {org: list(dict.fromkeys(person for _order, person in sorted(rows))) for org, rows in found.items()}


def matches(text: str) -> Q:
    """Condition: name, pinyin or initials, or a whole identity number or phone found by its keyed hash."""
    text = text.strip()
    digits = normalise_digits(text).upper().replace(" ", "").replace("-", "")
    match = (
        Q(name__icontains=text)
        | Q(initials__startswith=text.lower())
        | Q(pinyin__startswith=text.lower().replace(" ", ""))
    )
    if len(digits) >= 11:
        match |= Q(identity_hash=keyed_hash(digits, context="person.identity"))
        match |= Q(phone_hash=keyed_hash(digits, context="person.phone"))
    return match


def search(actor: Actor, text: str, *, limit: int = 20) -> list[Person]:
    """Visible persons by name, pinyin, initials, or a whole identity number or phone."""
    if not text.strip():
        return []
    return list(visible_to(actor).filter(matches(text)).order_by("name", "id")[:limit])


def names(ids: Iterable[int]) -> dict[int, str]:
    """Names by id, for telling facts: whoever may read the fact may read who did it."""
    return dict(Person.objects.filter(pk__in=list(ids)).values_list("pk", "name"))


def own(actor: Actor) -> Person:
    """One's own record; NotFound for an account without a person."""
    found = Person.objects.filter(pk=actor.person).first() if actor.person else None
    if found is None:
        raise NotFound("您的账号还没有关联人员档案，请联系管理员。")
    return found


def memberships_of(person: int) -> QuerySet[Membership]:
    """All memberships of a person, the latest first."""
    return Membership.objects.filter(person_id=person).select_related("org", "group").order_by("-starts_on", "-id")


def appointments_of(person: int) -> QuerySet[Appointment]:
    """All appointments of a person, current ones first."""
    return Appointment.objects.filter(person_id=person).select_related("org").order_by("ends_on", "-starts_on", "-id")


def relations_of(person: int, *, own: bool = True) -> QuerySet[Relation]:
    """All other relations of a person; for others' eyes (`own` False) without an application for membership."""
    found = Relation.objects.filter(person_id=person)
    if not own:
        found = found.filter(kind__in=[kind for kind, _word in Relation.BY_HAND])
    return found.select_related("org").order_by("ends_on", "-starts_on", "-id")


def appointment_for(actor: Actor, ident: int) -> Appointment:
    """An appointment in an organisation whose people the actor manages; NotFound otherwise."""
    found = Appointment.objects.filter(scope_q(actor, "people.manage", prefix="org__"), pk=ident)
    row = found.select_related("org", "person").first()
    if row is None:
        raise NotFound("没有找到这项任职，或者它不在您的管理范围内。")
    return row


def circumstances_of(person: int) -> QuerySet[Circumstance]:
    """All circumstances of a member, current ones first; call it for oneself, or after `may_read_circumstances`."""
    return Circumstance.objects.filter(person_id=person).order_by("ends_on", "-starts_on", "-id")


def may_read_circumstances(actor: Actor, person: int) -> bool:
    """Whether the actor manages people at the member's branch, or is the member: nobody else reads of illness."""
    if actor.person == person:
        return True
    member = membership_of(person) if actor.may("people.manage") else None
    return member is not None and actor.may_at("people.manage", member.org)


def circumstance_for(actor: Actor, ident: int) -> Circumstance:
    """A circumstance of a member whose branch's people the actor manages; NotFound otherwise."""
    row = Circumstance.objects.filter(pk=ident).select_related("person").first()
    member = membership_of(row.person_id) if row is not None else None
    if row is None or member is None or not actor.may_at("people.manage", member.org):
        raise NotFound("没有找到这项情形，或者它不在您的管理范围内。")
    return row


def relation_for(actor: Actor, ident: int) -> Relation:
    """A relation to an organisation whose people the actor manages; NotFound otherwise."""
    found = Relation.objects.filter(scope_q(actor, "people.manage", prefix="org__"), pk=ident)
    found = found.filter(kind__in=[kind for kind, _word in Relation.BY_HAND])  # an application ends in its own room
    row = found.select_related("org", "person").first()
    if row is None:
        raise NotFound("没有找到这项关系，或者它不在您的管理范围内。")
    return row


def looks_at(person: int, *, limit: int = 100) -> QuerySet[Fact]:
    """Who looked at a person's protected fields, or took them out in a list, and why; newest first."""
    return Fact.objects.filter(person=person, kind__in=("person.unmasked", "person.exported")).order_by("-at", "-id")[
        :limit
    ]


def requests_waiting(actor: Actor) -> QuerySet[CorrectionRequest]:
    """Requests for correction that this actor can answer, oldest first; never one's own."""
    return (
        CorrectionRequest.objects.filter(state="waiting", person__in=visible_to(actor, permission="people.manage"))
        .exclude(person_id=actor.person)
        .select_related("person", "org")
        .order_by("asked_at", "id")
    )


def request_for(actor: Actor, ident: int) -> CorrectionRequest:
    """One such request; NotFound otherwise."""
    found = CorrectionRequest.objects.filter(person__in=visible_to(actor, permission="people.manage"), pk=ident)
    row = found.select_related("person", "org").first()
    if row is None:
        raise NotFound("没有找到这项申请，或者它不在您的管理范围内。")
    return row


def requests_of(person: int) -> QuerySet[CorrectionRequest]:
    """A person's own requests, newest first."""
    return CorrectionRequest.objects.filter(person_id=person).order_by("-asked_at", "-id")


def load_places(people: list[Person]) -> None:
    """Put on each person `membership` (current, with its branch), `posts` and `related`; three queries for all."""
    today, ids = clock.today(), [person.pk for person in people]
    members = {
        row.person_id: row
        for row in Membership.objects.filter(Dated.current_q(today), person_id__in=ids).select_related("org", "group")
    }
    posts: dict[int, list[Appointment]] = {}
    for row in Appointment.objects.filter(Dated.current_q(today), person_id__in=ids).select_related("org"):
        posts.setdefault(row.person_id, []).append(row)
    related: dict[int, list[Relation]] = {}
    # That somebody applies for membership is told by the room of admissions to those concerned, never in a list of people.
    told = [kind for kind, _word in Relation.BY_HAND]
    for row in Relation.objects.filter(Dated.current_q(today), person_id__in=ids, kind__in=told).select_related("org"):
        related.setdefault(row.person_id, []).append(row)
    for person in people:
        person.membership = members.get(person.pk)
        person.posts = posts.get(person.pk, [])
        person.related = related.get(person.pk, [])


def everything_about(person: Person) -> dict:
    """All that is held about a person, in full, for that person to take away (个人信息保护法 45 条: 查阅、复制)."""
    return {
        "person": {
            "name": person.name,
            "sex": codes.label(codes.SEX, person.sex),
            "ethnic": codes.label(codes.ETHNIC, person.ethnic),
            "birth_date": person.birth_date,
            "education": codes.label(codes.EDUCATION, person.education),
            "degree": codes.label(codes.DEGREE, person.degree),
            "work_unit": person.work_unit,
            "occupation": person.occupation,
            "registered_at": person.registered_at,
            **{field: person.unsealed(field) for field in PROTECTED},
        },
        "memberships": [
            {
                "organisation": row.org.name,
                "kind": row.get_kind_display(),
                "state": row.get_state_display(),
                "joined_on": row.joined_on,
                "formal_on": row.formal_on,
                "mobile": row.mobile,
                "mobile_to": row.mobile_to,
                "lost_since": row.lost_since,
                "starts_on": row.starts_on,
                "ends_on": row.ends_on,
                "end_reason": row.end_reason,
                "end_kind": row.end_kind,
                "barred_until": row.barred_until,
            }
            for row in memberships_of(person.pk)
        ],
        "appointments": [
            {
                "organisation": row.org.name,
                "post": row.post,
                "part_time": row.part_time,
                "sending_unit": row.sending_unit,
                "starts_on": row.starts_on,
                "ends_on": row.ends_on,
            }
            for row in appointments_of(person.pk)
        ],
        "relations": [
            {
                "organisation": row.org.name,
                "kind": row.get_kind_display(),
                "starts_on": row.starts_on,
                "ends_on": row.ends_on,
            }
            for row in relations_of(person.pk)
        ],
        "circumstances": [
            {
                "kind": row.kind,
                "starts_on": row.starts_on,
                "ends_on": row.ends_on,
                "evidence": row.evidence,
                "consented_by": row.consented_by,
                "consented_on": row.consented_on,
            }
            for row in circumstances_of(person.pk)
        ],
        "correction_requests": [
            {
                "field": row.field,
                "wanted": row.wanted,
                "state": row.state,
                "asked_at": row.asked_at,
                "answer": row.answer,
            }
            for row in requests_of(person.pk)
        ],
        "facts": [
            {
                "id": fact.pk,
                "kind": fact.kind,
                "at": fact.at,
                "recorded_at": fact.recorded_at,
                "by": fact.by,
                "organisation": fact.org,
                "object": f"{fact.object_kind}:{fact.object_id}",
                "quantity": fact.quantity,
                "data": fact.data,
                "corrects": fact.corrects,
            }
            for fact in about_person(person.pk).iterator(chunk_size=2000)
        ],
    }
