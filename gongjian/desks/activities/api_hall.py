"""The check-in of a hall over the API: by list, excuses, and devices that hand in what they noted without network."""

from django.http import HttpRequest
from ninja import Router

from gongjian.desks.activities import actions, expecting, hall, queries, schemas
from gongjian.desks.activities.actions.devices import Tap, device_until, milliseconds
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs, public, signed_in
from gongjian.ground.kernel.errors import Forbidden

router = Router(tags=["签到"])


def _led(request: HttpRequest, activity_id: int) -> queries.Activity:
    activity = queries.get_for(request.actor, activity_id)
    request.actor.require("activities.check_in", activity.org)
    return activity


def _settings(activity: queries.Activity):
    return policy.on(clock.day_of(activity.starts_at)).settings.check_in


# --- by list, and excuses -------------------------------------------------------------------------------------------
@router.post("/activities/{activity_id}/present", response=schemas.NumberOut, summary="名单签到")
@needs("activities.check_in")
def present(request: HttpRequest, activity_id: int, body: schemas.PeopleIn) -> dict:
    """为名单上的人签到；已经签到的不重复，答复新签到的人数。"""
    activity = _led(request, activity_id)
    return {"number": actions.check_in_many(activity=activity, people=body.people, by=request.actor)}


@router.post("/activities/{activity_id}/present/{person}/withdraw", response={204: None}, summary="撤回签到")
@needs("activities.check_in")
def withdraw(request: HttpRequest, activity_id: int, person: int, body: schemas.ReasonIn) -> tuple[int, None]:
    """撤回一个人的签到，写明原因；原记录保留。"""
    actions.withdraw(activity=_led(request, activity_id), person=person, reason=body.reason, by=request.actor)
    return 204, None


@router.post("/activities/{activity_id}/excuse", response={204: None}, summary="请假")
@signed_in
def excuse(request: HttpRequest, activity_id: int, body: schemas.ExcuseIn) -> tuple[int, None]:
    """本人请假；再请一次不重复。"""
    scopes = request.actor.token_scopes
    if scopes is not None and "activities.attend" not in scopes:
        raise Forbidden("这个令牌的范围不包括“参加活动”。")
    activity = queries.get_for(request.actor, activity_id)
    actions.ask_excuse(activity=activity, reason=body.reason, text=body.text, by=request.actor)
    return 204, None


@router.post("/activities/{activity_id}/excuse/{person}", response={204: None}, summary="审批请假")
@needs("activities.check_in")
def decide(request: HttpRequest, activity_id: int, person: int, body: schemas.DecideIn) -> tuple[int, None]:
    """准假或不准；不能审批自己的。"""
    actions.decide_excuse(activity=_led(request, activity_id), person=person, approve=body.approve, by=request.actor)
    return 204, None


@router.get("/activities/{activity_id}/expected", response=list[schemas.ExpectedOut], summary="应到及原因")
@needs("activities.check_in")
def expected(request: HttpRequest, activity_id: int) -> list[dict]:
    """按规定应到的人，为什么，有没有表决权，能不能不计入应到。"""
    return [
        {"person": one.person.pk, "name": one.person.name, "has_vote": one.has_vote, "counted": one.counted,
         "why": expecting.words_of(one)}
        for one in expecting.expected_by_rule(_led(request, activity_id))
    ]  # fmt: skip


@router.post("/activities/{activity_id}/left-out", response=schemas.NumberOut, summary="不计入应到")
@needs("activities.check_in")
def left_out(request: HttpRequest, activity_id: int, body: schemas.LeftOutIn) -> dict:
    """规定允许的人，经会议通过，不计入应到；写明怎样通过的。"""
    activity = _led(request, activity_id)
    number = actions.leave_out_by_rule(activity=activity, people=body.people, approval=body.approval, by=request.actor)
    return {"number": number}


# --- the organiser's side of devices --------------------------------------------------------------------------------
@router.get("/activities/{activity_id}/devices", response=list[schemas.DeviceOut], summary="签到设备")
@needs("activities.check_in")
def list_devices(request: HttpRequest, activity_id: int) -> list:
    """一次活动的签到设备和交回情况。"""
    return hall.devices_of(_led(request, activity_id))


@router.post("/activities/{activity_id}/devices", response={201: schemas.PairOut}, summary="准备签到设备")
@needs("activities.check_in")
def open_device(request: HttpRequest, activity_id: int, body: schemas.DeviceIn) -> tuple[int, dict]:
    """准备一台设备；配对码只给出这一次，几分钟内有效，用一次就失效。"""
    activity = _led(request, activity_id)
    device, secret = actions.open_device(activity=activity, by=request.actor, title=body.title)
    return 201, {"device": device.pk, "secret": secret, "minutes": _settings(activity).device_pair_minutes}


@router.post("/activities/{activity_id}/devices/{device}/renew", response=schemas.PairOut, summary="重新配对")
@needs("activities.check_in")
def renew_device(request: HttpRequest, activity_id: int, device: int) -> dict:
    """给设备一个新的配对码；过期的设备多得一天。"""
    activity = _led(request, activity_id)
    found = hall.device_for(request.actor, activity, device)
    secret = actions.renew_device(device=found, by=request.actor)
    return {"device": found.pk, "secret": secret, "minutes": _settings(activity).device_pair_minutes}


@router.post("/activities/{activity_id}/devices/{device}/close", response={204: None}, summary="停用签到设备")
@needs("activities.check_in")
def close_device(request: HttpRequest, activity_id: int, device: int) -> tuple[int, None]:
    """停用一台设备；已经交回的仍然有效。"""
    activity = _led(request, activity_id)
    actions.close_device(device=hall.device_for(request.actor, activity, device), by=request.actor)
    return 204, None


@router.get("/activities/{activity_id}/device-rows", response=list[schemas.RowOut], summary="等待处理的设备记录")
@needs("activities.check_in")
def list_rows(request: HttpRequest, activity_id: int) -> list[dict]:
    """名单外的名字，和归档以后才交回的签到。"""
    return [
        {"id": row.pk, "device": row.device_id, "name": row.person.name if row.person else row.name, "person": row.person_id,
         "deed": row.deed, "at": row.at, "state": row.state}
        for row in hall.rows_that_wait(_led(request, activity_id))
    ]  # fmt: skip


@router.post("/activities/{activity_id}/device-rows/{row}", response={204: None}, summary="确认名单外的人")
@needs("activities.check_in")
def settle_row(request: HttpRequest, activity_id: int, row: int, body: schemas.StrangerIn) -> tuple[int, None]:
    """说明名单外的名字是谁；或者写明原因，不计入。"""
    activity = _led(request, activity_id)
    found = hall.row_for(request.actor, activity, row)
    if body.person is not None:
        actions.name_stranger(row=found, person=body.person, by=request.actor)
    else:
        actions.leave_out_rows(activity=activity, rows=[found.pk], reason=body.reason, by=request.actor)
    return 204, None


@router.post("/activities/{activity_id}/device-rows-late", response=schemas.NumberOut, summary="按设备记录更正")
@needs("activities.sign_off")
def correct(request: HttpRequest, activity_id: int, body: schemas.ReasonIn) -> dict:
    """归档以后交回的签到一次计入，写明原因；答复增加的人数。"""
    activity = queries.get_for(request.actor, activity_id)
    return {"number": actions.correct_by_devices(activity=activity, reason=body.reason, by=request.actor)}


# --- the device's own side ------------------------------------------------------------------------------------------
@router.post("/check-in-devices/join", response=schemas.JoinOut, summary="设备配对")
@public
def join(request: HttpRequest, body: schemas.JoinIn) -> dict:
    """用配对码换令牌和名单（只有姓名）。配对码用一次就失效；同时测出设备时钟的偏差。"""
    device, token = actions.join(secret=body.secret, clock_ms=body.clock_ms)
    activity = device.activity
    start = activity.starts_at.astimezone(clock.SHANGHAI)
    return {
        "device": device.pk, "token": token, "title": activity.title, "org": activity.org.name,
        "when": f"{start.month}月{start.day}日 {start:%H:%M}", "until": device_until(device), "skew_ms": device.skew_ms,
        "tolerance_seconds": _settings(activity).clock_tolerance_seconds, "joined_ms": milliseconds(device.joined_at),
        "next_number": hall.next_number(device), "people": hall.names_for_device(activity),
    }  # fmt: skip


@router.post("/check-in-devices/batch", response=schemas.BatchOut, summary="交回离线签到")
@public
def batch(request: HttpRequest, body: schemas.BatchIn) -> dict:
    """交回设备上的记录。每条由设备和行号认定，重复交回不重复计算；时间按设备的时钟校正。"""
    taps = [Tap(row.number, row.person, row.name, row.deed, row.at_ms) for row in body.rows]
    taken = actions.hand_in(token=body.token, clock_ms=body.clock_ms, taps=taps)
    return {"rows": taken.rows, "present": taken.present, "at": taken.at}
