"""People over the API; protected fields come masked, and in full only one at a time, for a stated purpose."""

from django.http import HttpRequest
from ninja import Query, Router

from gongjian.ground.kernel.access import needs, signed_in
from gongjian.ground.kernel.api import Paged, paged
from gongjian.ground.kernel.errors import NotFound
from gongjian.records.orgs import queries as orgs
from gongjian.records.people import actions, queries
from gongjian.records.people.schemas import (
    AdmitIn,
    AppointIn,
    CircumstanceIn,
    CircumstanceOut,
    ConsentIn,
    EndIn,
    MoveIn,
    PersonOut,
    PostOut,
    RegisterIn,
    UnmaskIn,
    UnmaskOut,
)

router = Router(tags=["人员"])


def _post(row) -> dict:
    return {"id": row.pk, "org": row.org_id, "post": row.post, "part_time": row.part_time, "starts_on": row.starts_on}


def _show(person) -> dict:
    member = person.membership
    return {
        "id": person.pk, "name": person.name, "sex": person.sex, "ethnic": person.ethnic, "birth_date": person.birth_date,
        "education": person.education, "identity": person.identity_masked, "phone": person.phone_masked,
        "address": person.address_masked, "posts": [_post(row) for row in person.posts],
        "membership": {
            "org": member.org_id, "org_name": member.org.name, "group": member.group_id, "kind": member.kind,
            "state": member.state, "joined_on": member.joined_on, "formal_on": member.formal_on, "mobile": member.mobile,
        } if member else None,
    }  # fmt: skip


def _one(person) -> dict:
    queries.load_places([person])
    return _show(person)


@router.get("/people", response=Paged[PersonOut], summary="人员列表")
@needs("people.view")
def list_people(
    request: HttpRequest, q: str = Query("", description="姓名、拼音、首字母，或完整的证件号、手机号"),
    org: int | None = Query(None, description="组织关系在此组织子树的党员"), cursor: str | None = None, limit: int = 50,
) -> dict:  # fmt: skip
    """可见范围内的人员；受保护信息为掩码。"""
    found = queries.visible_to(request.actor)
    if org is not None:
        found = found.filter(queries.members_below(orgs.get_for(request.actor, org)))
    if q.strip():
        found = found.filter(queries.matches(q))
    answer = paged(found, cursor=cursor, limit=limit, show=lambda person: person)
    queries.load_places(answer["items"])
    return answer | {"items": [_show(person) for person in answer["items"]]}


@router.get("/people/me", response=PersonOut, summary="我自己")
@signed_in
def get_me(request: HttpRequest) -> dict:
    """自己的档案。"""
    return _one(queries.own(request.actor))


@router.get("/people/{ident}", response=PersonOut, summary="一名人员")
@needs("people.view")
def get_person(request: HttpRequest, ident: int) -> dict:
    """一名人员；受保护信息为掩码。"""
    return _one(queries.get_for(request.actor, ident))


@router.post("/people/{ident}/unmask", response=UnmaskOut, summary="查看受保护信息")
@needs("people.view_protected")
def unmask(request: HttpRequest, ident: int, body: UnmaskIn) -> dict:
    """一次看一项，须写明用途；记一条本人可见的事实。"""
    person = queries.get_for(request.actor, ident)
    value = actions.unmask(person=person, field=body.field, purpose=body.purpose, by=request.actor)
    return {"field": body.field, "value": value}


@router.post("/people", response={201: PersonOut}, summary="登记人员")
@needs("people.manage")
def register(request: HttpRequest, body: RegisterIn) -> tuple[int, dict]:
    """登记一名人员。"""
    org = orgs.get_for(request.actor, body.org, permission="people.manage")
    return 201, _one(actions.register(by=request.actor, **(body.model_dump() | {"org": org})))


def _managed(request: HttpRequest, ident: int):
    return queries.get_for(request.actor, ident, permission="people.manage")


@router.post("/people/{ident}/admit", response=PersonOut, summary="登记为党员")
@needs("people.manage")
def admit(request: HttpRequest, ident: int, body: AdmitIn) -> dict:
    """登记党员身份和所在党支部。"""
    org = orgs.get_for(request.actor, body.org, permission="people.manage")
    person = _registered(request, ident)
    actions.admit(person=person, by=request.actor, **(body.model_dump() | {"org": org}))
    return _one(person)


def _registered(request: HttpRequest, ident: int):
    """Somebody in scope, or somebody the caller registered who belongs nowhere yet."""
    return queries.get_for(request.actor, ident, permission="people.manage", registered=True)


@router.post("/people/{ident}/move", response=PersonOut, summary="转接组织关系")
@needs("people.manage")
def move(request: HttpRequest, ident: int, body: MoveIn) -> dict:
    """转到另一个党支部；两边都要有管理权限。"""
    person = _managed(request, ident)
    to = orgs.get_for(request.actor, body.to, permission="people.manage")
    actions.move_member(person=person, to=to, by=request.actor, on=body.on, reason=body.reason)
    return _one(person)


@router.post("/people/{ident}/appointments", response={201: PostOut}, summary="任职")
@needs("people.manage")
def appoint(request: HttpRequest, ident: int, body: AppointIn) -> tuple[int, dict]:
    """登记任职。"""
    person = _managed(request, ident)
    org = orgs.get_for(request.actor, body.org, permission="people.manage")
    return 201, _post(actions.appoint(person=person, by=request.actor, **(body.model_dump() | {"org": org})))


@router.post("/appointments/{ident}/end", response=PostOut, summary="免职")
@needs("people.manage")
def end_appointment(request: HttpRequest, ident: int, body: EndIn) -> dict:
    """结束任职。"""
    row = queries.appointment_for(request.actor, ident)
    actions.end_appointment(appointment=row, by=request.actor, on=body.on, reason=body.reason)
    return _post(row)


def _circumstance(row) -> dict:
    return {
        "id": row.pk, "kind": row.kind, "starts_on": row.starts_on, "ends_on": row.ends_on, "evidence": row.evidence,
        "consented_by": row.consented_by, "consented_on": row.consented_on,
    }  # fmt: skip


@router.get("/people/{ident}/circumstances", response=list[CircumstanceOut], summary="不计入应到情形")
@needs("people.manage")
def list_circumstances(request: HttpRequest, ident: int) -> list[dict]:
    """一名党员的不计入应到情形；限管理其所在支部党员信息的人。"""
    person = _managed(request, ident)
    if not queries.may_read_circumstances(request.actor, person.pk):
        raise NotFound("没有找到这个人的组织关系，或者它不在您的管理范围内。")
    return [_circumstance(row) for row in queries.circumstances_of(person.pk)]


@router.post("/people/{ident}/circumstances", response={201: CircumstanceOut}, summary="登记不计入应到情形")
@needs("people.manage")
def note_circumstance(request: HttpRequest, ident: int, body: CircumstanceIn) -> tuple[int, dict]:
    """登记一种情形；上级同意之前仍计入应到。"""
    person = _managed(request, ident)
    return 201, _circumstance(actions.note_circumstance(person=person, by=request.actor, **body.model_dump()))


@router.post("/circumstances/{ident}/consent", response=CircumstanceOut, summary="登记上级同意")
@needs("people.manage")
def consent_circumstance(request: HttpRequest, ident: int, body: ConsentIn) -> dict:
    """登记上级组织同意不计入应到。"""
    row = queries.circumstance_for(request.actor, ident)
    return _circumstance(actions.consent_circumstance(circumstance=row, by=request.actor, **body.model_dump()))


@router.post("/circumstances/{ident}/end", response=CircumstanceOut, summary="结束情形")
@needs("people.manage")
def end_circumstance(request: HttpRequest, ident: int, body: EndIn) -> dict:
    """情形结束，恢复计入应到。"""
    row = queries.circumstance_for(request.actor, ident)
    actions.end_circumstance(circumstance=row, by=request.actor, on=body.on, reason=body.reason)
    row.refresh_from_db()
    return _circumstance(row)
