"""组织关系 over the API: lists and every deed; the same permissions as the pages."""

from typing import Literal

from django.http import HttpRequest
from django.utils.translation import gettext as _
from ninja import Router

from gongjian.desks.transfers import actions
from gongjian.desks.transfers.permissions import abilities
from gongjian.desks.transfers.queries import moving, watching
from gongjian.desks.transfers.schemas import (
    AskIn,
    CaseDeedIn,
    CaseOut,
    DeedIn,
    KeyInIn,
    MemberDeedIn,
    ProposeIn,
    StartIn,
    StayDeedIn,
    StayIn,
    StayOut,
    TransferOut,
)
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs, signed_in
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.api import Paged, paged
from gongjian.ground.kernel.errors import Forbidden, Invalid
from gongjian.records.people import queries as people

router = Router(tags=["组织关系"])
NEEDS = {
    "agree": ("dues_until",), "issue": ("days", "accept", "to"), "receive": ("to",), "accept": (), "complete": ("on", "receipt_by"),
    "send_back": ("answer",), "correct": ("to", "outside", "dues_until", "note", "serial", "issued_on", "expires_on"),
    "refuse": ("cause", "answer"), "object": ("text",), "judge": ("uphold", "answer"), "reissue": ("reason", "days", "accept"),
    "extend": ("days", "reason", "accept"), "remind": ("on",), "withdraw": ("reason",), "call_off": ("reason",),
}  # fmt: skip
DEEDS = {name: getattr(actions, {"object": "object_to"}.get(name, name)) for name in NEEDS}
Deed = Literal[
    "agree", "issue", "receive", "accept", "complete", "send_back", "correct", "refuse", "object", "judge", "reissue",
    "extend", "remind", "withdraw", "call_off",
]  # fmt: skip


def _show(transfer: moving.Transfer, actor: Actor, *, able: bool = True) -> dict:
    letter = moving.letter_of(transfer)
    return {
        "id": transfer.pk, "person": transfer.person_id, "name": transfer.name, "direction": transfer.direction,
        "from_org": transfer.from_org_id, "from_text": transfer.from_text, "to_org": transfer.to_org_id,
        "to_text": transfer.to_text, "reason": transfer.reason, "state": transfer.state, "holder": transfer.holder_id,
        "due_on": transfer.due_on, "serial": letter.serial if letter else "",
        "expires_on": letter.expires_on if letter else None,
        "abilities": abilities(transfer, actor, letter) if able else [],
    }  # fmt: skip


def _place(ident: int | None) -> moving.Organisation | None:
    """A destination by id; Invalid if there is none."""
    if ident is None:
        return None
    found = moving.destinations().filter(pk=ident).first() if 0 < ident < 2**62 else None
    if found is None:
        raise Invalid(_("市内没有这个可以接收组织关系的党组织。"), field="to")
    return found


def _own(request: HttpRequest) -> Actor:
    """The actor; a token needs one of this room's permissions among its scopes."""
    scopes = request.actor.token_scopes
    if scopes is not None and not any(scope.startswith("transfers.") for scope in scopes):
        raise Forbidden(_("这个令牌的范围不包括组织关系。"))
    return request.actor


@router.get("/transfers", response=Paged[TransferOut], summary="组织关系转接列表")
@signed_in
def list_transfers(
    request: HttpRequest, tab: Literal["todo", "open", "arriving", "overdue", "all"] = "all", state: str | None = None,
    cursor: str | None = None, limit: int = 50,
) -> dict:  # fmt: skip
    """可见范围内的转接，包括自己的；`tab` 为待办、在办、即将转入、逾期或全部。"""
    actor = _own(request)
    found = moving.in_tab(moving.visible_to(actor), actor, tab).select_related(*moving.PLACES)
    if state:
        found = found.filter(state=state)
    return paged(
        found, cursor=cursor, limit=min(limit, 100), show=lambda row: _show(row, actor, able=False), newest_first=True
    )


@router.get("/transfers/{int:transfer_id}", response=TransferOut, summary="一件转接")
@signed_in
def get_transfer(request: HttpRequest, transfer_id: int) -> dict:
    """一件转接：所辖组织的，或者自己的。"""
    actor = _own(request)
    return _show(moving.get_for(actor, transfer_id), actor)


@router.post("/transfers/ask", response={201: TransferOut}, summary="申请转接")
@needs("transfers.ask")
def ask(request: HttpRequest, body: AskIn) -> tuple[int, dict]:
    """本人申请转接组织关系。"""
    made = actions.ask(by=request.actor, to=_place(body.to), outside=body.outside, reason=body.reason, note=body.note)
    return 201, _show(moving.get_for(request.actor, made.pk), request.actor)


@router.post("/transfers", response={201: TransferOut}, summary="支部发起转接")
@needs("transfers.confirm")
def start(request: HttpRequest, body: StartIn) -> tuple[int, dict]:
    """支部为党员发起转接，即支部确认。"""
    data = body.dict()
    person = people.get_for(request.actor, data.pop("person"))
    made = actions.start(person=person, by=request.actor, **data | {"to": _place(body.to)})
    return 201, _show(moving.get_for(request.actor, made.pk), request.actor)


@router.post("/transfers/key-in", response={201: TransferOut}, summary="录入外来介绍信")
@signed_in
def key_in(request: HttpRequest, body: KeyInIn) -> tuple[int, dict]:
    """录入市外转入的介绍信；身份证号加密保存，不再返回。"""
    actor = _own(request)
    data = body.dict()
    to = _place(data.pop("to"))
    made = actions.key_in(comer=actions.Comer(**data), to=to, by=actor)
    return 201, _show(moving.get_for(actor, made.pk), actor)


@router.post("/transfers/{int:transfer_id}/{deed}", response=TransferOut, summary="办理一步")
@signed_in
def do(request: HttpRequest, transfer_id: int, deed: Deed, body: DeedIn) -> dict:
    """办理一步：确认、开信、接收、退回、补正、不接收、异议、裁定、重开、延期、谈话、登记回执、撤回、停止。"""
    actor = _own(request)
    transfer = moving.get_for(actor, transfer_id)
    data = {name: getattr(body, name) for name in NEEDS[deed]}
    if "to" in data:
        data["to"] = _place(data["to"])
    for name in ("on", "days"):
        if name in data and data[name] is None and deed in ("complete", "remind", "extend"):
            raise Invalid(_("请填写日期或者天数。"), field=name)
    DEEDS[deed](transfer=transfer, by=actor, **data)
    return _show(moving.get_for(actor, transfer_id), actor)


# --- members away, lost, decided on -----------------------------------------------------------------------------
def _stay(row: watching.Stay) -> dict:
    return {
        "id": row.pk, "person": row.person_id, "name": row.person.name, "org": row.org_id, "since": row.since,
        "host": row.host_id, "document": row.document, "state": row.state, "last_contact": row.last_contact,
    }  # fmt: skip


def _case(row: watching.StandingCase) -> dict:
    names = ("kind", "state", "meeting_on", "approved_on", "until", "barred_until")
    return {"id": row.pk, "person": row.person_id, "name": row.person.name, "org": row.org_id} | {
        name: getattr(row, name) for name in names
    }


@router.get("/mobile-members", response=Paged[StayOut], summary="流动党员")
@needs("transfers.care")
def list_stays(request: HttpRequest, state: str = "away", cursor: str | None = None, limit: int = 50) -> dict:
    """本支部外出的党员；不含去向。"""
    found = watching.stays_visible_to(request.actor).filter(state=state).select_related("person")
    return paged(found, cursor=cursor, limit=limit, show=_stay, newest_first=True)


@router.post("/mobile-members", response={201: StayOut}, summary="登记流动党员")
@needs("transfers.care")
def leave_home(request: HttpRequest, body: StayIn) -> tuple[int, dict]:
    """登记外出；组织关系仍在本支部。"""
    data, actor = body.dict(), request.actor
    person = watching.member_for(actor, data.pop("person")).person
    data["contact"] = people.get_for(actor, body.contact) if body.contact else None
    return 201, _stay(actions.leave_home(person=person, by=actor, **data | {"host": _place(body.host)}))


@router.post("/mobile-members/{int:stay_id}/{stay_deed}", response=StayOut, summary="办理流动党员登记")
@needs("transfers.care")
def stay_deed(
    request: HttpRequest, stay_id: int, stay_deed: Literal["return", "stays", "report", "paper"], body: StayDeedIn
) -> dict:
    """登记返回（on）、暂不转接（stays_because）、开具外出凭证（purpose、reason），或者流入地反馈（year、opinion）。"""
    actor = request.actor
    if stay_deed == "report":
        row = watching.guest_for(actor, stay_id)
        actions.report(stay=row, by=actor, year=body.year or clock.today().year, opinion=body.opinion)
        return _stay(row)
    row = watching.stay_for(actor, stay_id)
    if stay_deed == "return":
        return _stay(actions.return_home(stay=row, by=actor, on=body.on or clock.today()))
    if stay_deed == "paper":
        actions.issue_paper(stay=row, by=actor, purpose=body.purpose, reason=body.reason)
        return _stay(row)
    return _stay(actions.answer_about_transfer(stay=row, by=actor, stays_because=body.stays_because))


@router.post("/mobile-members/of/{person}/{member_deed}", response={204: None}, summary="登记联系、失去联系")
@needs("transfers.care")
def member_deed(
    request: HttpRequest, person: int, member_deed: Literal["contact", "lost", "found"], body: MemberDeedIn
) -> tuple[int, None]:
    """登记一次联系（on、way、made），或者失去联系（since）、重新取得联系（on）。"""
    actor = request.actor
    who = watching.member_for(actor, person).person
    if member_deed == "contact":
        actions.contact(person=who, by=actor, on=body.on or clock.today(), way=body.way, made=body.made)
    elif member_deed == "lost":
        actions.declare_lost(person=who, by=actor, since=body.since or clock.today())
    else:
        actions.found_again(person=who, by=actor, on=body.on or clock.today())
    return 204, None


@router.get("/standing-cases", response=Paged[CaseOut], summary="党籍处理")
@signed_in
def list_cases(request: HttpRequest, state: str | None = None, cursor: str | None = None, limit: int = 50) -> dict:
    """本支部提出的，或者报到本党委的党籍处理；不含核实的情况。"""
    found = watching.cases_visible_to(_own(request))
    if state:
        found = found.filter(state=state)
    return paged(found, cursor=cursor, limit=limit, show=_case, newest_first=True)


@router.post("/standing-cases", response={201: CaseOut}, summary="提出党籍处理")
@needs("transfers.care")
def propose(request: HttpRequest, body: ProposeIn) -> tuple[int, dict]:
    """支部查明情况后提出；由支部大会决定、上级批准。"""
    member = watching.member_for(request.actor, body.person)
    case = actions.propose(
        person=member.person, by=request.actor, kind=body.kind, finding=body.finding, until=body.until
    )
    return 201, _case(case)


@router.post("/standing-cases/{int:case_id}/{case_deed}", response=CaseOut, summary="办理党籍处理")
@signed_in
def case_deed(
    request: HttpRequest,
    case_id: int,
    case_deed: Literal["decide", "approve", "reject", "drop", "finish"],
    body: CaseDeedIn,
) -> dict:
    """登记支部大会决定、批准、不批准、不再提出、了结限期改正。"""
    actor, today = _own(request), clock.today()
    case = watching.case_for(actor, case_id)
    if case_deed == "decide":
        votes = {name: getattr(body, name) for name in ("entitled", "present", "yes", "no", "abstain")}
        case = actions.decide(case=case, by=actor, meeting_on=body.meeting_on or today, **votes)
    elif case_deed == "approve":
        case = actions.approve(case=case, by=actor, on=body.on or today, number=body.number)
    elif case_deed == "reject":
        case = actions.reject(case=case, by=actor, answer=body.answer)
    elif case_deed == "drop":
        case = actions.drop(case=case, by=actor, reason=body.answer)
    else:
        case = actions.finish(case=case, by=actor, corrected=body.corrected, result=body.answer)
    return _case(case)
