"""Planning over the API: years, series, replies, moves, joint activities; the same permissions as the pages."""

import datetime as dt

from django.http import HttpRequest
from ninja import Router

from gongjian.desks.activities import actions, planning_queries, queries, year
from gongjian.desks.activities import planning_schemas as shapes
from gongjian.desks.activities.actions.yearplan import Entry
from gongjian.desks.activities.clashes import Clashes, Span, clashes
from gongjian.desks.activities.patterns import Pattern
from gongjian.desks.activities.permissions import abilities
from gongjian.desks.activities.states import NOTIFIED
from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs, signed_in
from gongjian.ground.kernel.errors import Forbidden, Invalid
from gongjian.records.orgs import queries as orgs

router = Router(tags=["组织生活"])


def aware(moment: dt.datetime) -> dt.datetime:
    """A moment without a zone is Beijing time."""
    return moment.replace(tzinfo=clock.SHANGHAI) if moment.tzinfo is None else moment


def _year(value: int) -> int:
    if not 2000 <= value <= 2100:
        raise Invalid("年份不对。", field="year")
    return value


@router.get("/activity-years/{org_id}/{year_number}", response=shapes.YearOut, summary="年度计划")
@needs("activities.view")
def get_year(request: HttpRequest, org_id: int, year_number: int) -> dict:
    """规定动作在一年里的完成、安排和缺口。"""
    org = orgs.get_for(request.actor, org_id, permission="activities.view")
    rows = year.grid(org, _year(year_number), clock.today())
    return {
        "org": org.pk, "year": year_number,
        "rows": [
            {"duty": row.duty.id, "title": row.duty.title, "kind": row.kind.id,
             "cells": [
                 {"period": c.period, "state": c.state, "required": c.required, "done": c.done, "planned": c.planned,
                  "activities": [held.activity.pk for held in c.days], "elsewhere": [one.day for one in c.elsewhere]}
                 for c in row.cells
             ]}
            for row in rows
        ],
    }  # fmt: skip


@router.get("/activity-years/{org_id}/{year_number}/drafts", response=list[shapes.DraftOut], summary="年度建议")
@needs("activities.plan")
def get_drafts(request: HttpRequest, org_id: int, year_number: int) -> list[dict]:
    """按建议安排全年的草案；什么都不写入。"""
    org = orgs.get_for(request.actor, org_id, permission="activities.plan")
    drafts, _habit = year.proposal(org, _year(year_number), clock.today())
    kinds = {kind.id: kind for kind in policy.current().activity_kinds}
    place, spans = year.usual_place(org), []
    for draft in drafts:
        starts_at = clock.at_time(draft.day, *divmod(draft.minute, 60))
        spans.append(
            Span(
                draft.kind,
                starts_at,
                starts_at + dt.timedelta(minutes=draft.minutes),
                place,
                kinds[draft.kind].expected,
            )
        )
    found = Clashes(org, spans, request.actor)
    return [
        {"kind": draft.kind, "starts_at": span.starts_at, "minutes": draft.minutes, "with_others": draft.with_others,
         "warnings": [clash.text for clash in found.of(span)]}
        for draft, span in zip(drafts, spans, strict=True)
    ]  # fmt: skip


@router.post("/activity-years", response=shapes.NumberOut, summary="一次安排多项")
@needs("activities.plan")
def plan_year(request: HttpRequest, body: shapes.YearIn) -> dict:
    """全部成功，或者全部不写；同一个 key 只安排一次。"""
    org = orgs.get_for(request.actor, body.org, permission="activities.plan")
    entries = [
        Entry(e.kind, aware(e.starts_at), e.minutes, e.place, e.title, e.counts_for or None) for e in body.entries
    ]
    made = actions.plan_year(org=org, entries=entries, by=request.actor, key=f"api:{request.actor.user}:{body.key}")
    return {"number": len(made)}


@router.post("/activity-clashes", response=list[shapes.WarningOut], summary="检查冲突")
@needs("activities.plan")
def check(request: HttpRequest, body: shapes.SpanIn) -> list[dict]:
    """某个时间地点有什么冲突；`blocks` 为 true 的不能安排，其余只是提醒。"""
    org = orgs.get_for(request.actor, body.org, permission="activities.plan")
    kind = next(
        (one for one in queries.kinds_for(org, clock.day_of(aware(body.starts_at))) if one.id == body.kind), None
    )
    if kind is None:
        raise Invalid("这个组织不能举办这种活动。", field="kind")
    starts_at = aware(body.starts_at)
    ends_at = starts_at + dt.timedelta(minutes=body.minutes or kind.default_minutes)
    found = clashes(org, Span(kind.id, starts_at, ends_at, body.place, kind.expected), request.actor)
    return [clash._asdict() for clash in found]


# --- series -----------------------------------------------------------------------------------------------------
def _series(series: planning_queries.Series) -> dict:
    return {
        "id": series.pk, "org": series.org_id, "kind": series.kind, "title": series.title, "starts_on": series.starts_on,
        "pattern": str(actions.pattern_of(series)), "until": series.until, "state": series.state,
        "activities": [one.pk for one in planning_queries.meetings_of(series)],
    }  # fmt: skip


def _pattern(body: shapes.SeriesIn | shapes.SeriesOtherwiseIn) -> Pattern:
    return Pattern(body.form, body.every, body.weekday, body.nth, body.day, body.on_days_off)


@router.get("/activity-series", response=list[shapes.SeriesOut], summary="系列活动列表")
@needs("activities.view")
def list_series(request: HttpRequest, org: int) -> list[dict]:
    """一个组织的系列，最近的在前，最多五十个。"""
    found = orgs.get_for(request.actor, org, permission="activities.view")
    return [_series(series) for series in actions.series_of(request.actor, found)]


@router.post("/activity-series", response={201: shapes.SeriesOut}, summary="安排系列活动")
@needs("activities.plan")
def set_series(request: HttpRequest, body: shapes.SeriesIn) -> tuple[int, dict]:
    """按规律安排；同一个 `Idempotency-Key` 只安排一次。"""
    actor, key = request.actor, request.headers.get("Idempotency-Key", "")
    series = actions.set_series(
        org=orgs.get_for(actor, body.org, permission="activities.plan"), kind=body.kind, pattern=_pattern(body),
        starts_on=body.starts_on, until=body.until, hour=body.hour, minutes=body.minutes, title=body.title, place=body.place,
        agenda=body.agenda, by=actor, source=f"api:{actor.user}:{key}"[:120] if key else None,
    )  # fmt: skip
    return 201, _series(series)


@router.get("/activity-series/{series_id}", response=shapes.SeriesOut, summary="一个系列")
@needs("activities.view")
def get_series(request: HttpRequest, series_id: int) -> dict:
    """一个系列和它的各次活动。"""
    return _series(actions.get_series(request.actor, series_id))


@router.post("/activity-series/{series_id}/change", response=shapes.NumberOut, summary="修改系列各次")
@needs("activities.plan")
def change_series(request: HttpRequest, series_id: int, body: shapes.SeriesChangeIn) -> dict:
    """改还没开的各次：全部，或者从某次起；已通知的会再通知。"""
    series = actions.get_series(request.actor, series_id)
    return {"number": actions.change_series(series=series, by=request.actor, **body.model_dump())}


@router.post("/activity-series/{series_id}/otherwise", response=shapes.SeriesOut, summary="换规律")
@needs("activities.plan")
def repeat_otherwise(request: HttpRequest, series_id: int, body: shapes.SeriesOtherwiseIn) -> dict:
    """从某天起换规律：原系列到此为止，返回新的系列。"""
    series = actions.get_series(request.actor, series_id)
    return _series(actions.repeat_otherwise(
        series=series, pattern=_pattern(body), first=body.first, until=body.until, by=request.actor, reason=body.reason
    ))  # fmt: skip


@router.post("/activity-series/{series_id}/end", response=shapes.NumberOut, summary="结束系列")
@needs("activities.cancel")
def end_series(request: HttpRequest, series_id: int, body: shapes.ReasonIn) -> dict:
    """还没开的取消，已开的保留；返回取消了几次。"""
    series = actions.get_series(request.actor, series_id)
    return {"number": actions.end_series(series=series, reason=body.reason, first=body.first, by=request.actor)}


# --- notice, replies, moves -------------------------------------------------------------------------------------
@router.post("/activities/{activity_id}/notify", response=shapes.NumberOut, summary="发出通知")
@needs("activities.plan")
def notify(request: HttpRequest, activity_id: int) -> dict:
    """通知应到的人；返回通知了多少人。"""
    return {"number": actions.notify(activity=queries.get_for(request.actor, activity_id), by=request.actor)}


@router.post("/activities/{activity_id}/reschedule", response=shapes.NumberOut, summary="改期")
@needs("activities.plan")
def reschedule(request: HttpRequest, activity_id: int, body: shapes.RescheduleIn) -> dict:
    """改时间或地点；已通知的须写原因，会告诉大家。返回版本号。"""
    activity = actions.reschedule(
        activity=queries.get_for(request.actor, activity_id), starts_at=aware(body.starts_at), place=body.place,
        ends_at=aware(body.ends_at) if body.ends_at else None, reason=body.reason, by=request.actor,
    )  # fmt: skip
    return {"number": activity.version}


@router.post("/activities/{activity_id}/cancel", response=shapes.NumberOut, summary="取消活动")
@needs("activities.cancel")
def cancel(request: HttpRequest, activity_id: int, body: shapes.ReasonIn) -> dict:
    """取消，写明原因；已通知的会收到取消通知。返回版本号。"""
    activity = queries.get_for(request.actor, activity_id)
    return {"number": actions.cancel(activity=activity, reason=body.reason, by=request.actor).version}


@router.post("/activities/{activity_id}/reply", response=shapes.ReplyIn, summary="回复通知")
@signed_in
def reply(request: HttpRequest, activity_id: int, body: shapes.ReplyIn) -> dict:
    """本人回复会不会来；不是请假。"""
    scopes = request.actor.token_scopes
    if scopes is not None and "activities.attend" not in scopes:
        raise Forbidden("这个令牌的范围不包括“参加活动”。")
    activity = queries.get_for(request.actor, activity_id)
    given = actions.reply(activity=activity, answer=body.answer, note=body.note, by=request.actor)
    return {"answer": given.answer, "note": given.note}


@router.post("/activities/{activity_id}/seen", response=shapes.NumberOut, summary="知道了")
@signed_in
def seen(request: HttpRequest, activity_id: int) -> dict:
    """本人看过通知，先不回复；返回由此标为已读的消息条数。"""
    scopes = request.actor.token_scopes
    if scopes is not None and "activities.attend" not in scopes:
        raise Forbidden("这个令牌的范围不包括“参加活动”。")
    activity = queries.get_for(request.actor, activity_id)
    return {"number": actions.have_seen(activity=activity, by=request.actor)}


@router.get("/activities/{activity_id}/replies", response=list[shapes.ReplyOut], summary="回复情况")
@needs("activities.view")
def list_replies(request: HttpRequest, activity_id: int) -> list[dict]:
    """每个应到的人的回复，和有没有看通知；供组织者。"""
    activity = queries.get_for(request.actor, activity_id)
    if not abilities(activity, request.actor, None).roster:
        raise Forbidden("回复情况只供组织者和上级组织查看。")
    unread = actions.not_yet_read(activity) if activity.state == NOTIFIED else set()
    return [
        {"person": person.pk, "name": person.name, "answer": "" if group["key"] in ("silent", "unread") else group["key"],
         "read": group["key"] != "unread"}
        for group in queries.replies_of(activity, unread)
        for person in group["people"]
    ]  # fmt: skip


@router.post("/activities/{activity_id}/remind", response=shapes.NumberOut, summary="提醒未读")
@needs("activities.plan")
def remind(request: HttpRequest, activity_id: int) -> dict:
    """提醒还没有看通知的人；一天一次，最多政策包规定的次数。"""
    return {"number": actions.remind_unread(activity=queries.get_for(request.actor, activity_id), by=request.actor)}


# --- joint activities -------------------------------------------------------------------------------------------
def _joining(joining: planning_queries.Participation) -> dict:
    return {
        "id": joining.pk, "org": joining.org_id, "org_name": joining.org.name, "state": joining.state,
        "counts_for": joining.counts_for, "expected": joining.expected_count, "present": joining.present_count,
        "reason": joining.reason,
    }  # fmt: skip


@router.get("/activities/{activity_id}/joint", response=list[shapes.JoiningOut], summary="联合开展的组织")
@signed_in
def list_joint(request: HttpRequest, activity_id: int) -> list[dict]:
    """受邀和参加联合开展的组织；签字确认后有各自的应到、实到。"""
    activity = queries.get_for(request.actor, activity_id)
    return [_joining(one) for one in planning_queries.joinings_of(activity)]


@router.post("/activities/{activity_id}/joint", response=shapes.NumberOut, summary="邀请联合开展")
@needs("activities.plan")
def invite(request: HttpRequest, activity_id: int, body: shapes.InviteIn) -> dict:
    """邀请几个组织，按组织代码；返回新邀请了几个。"""
    activity = queries.get_for(request.actor, activity_id)
    found = planning_queries.by_codes(body.codes)
    if len(found) < len(set(body.codes)):
        raise Invalid("有的组织代码没有找到。", field="codes")
    return {"number": actions.invite(activity=activity, orgs=found, by=request.actor)}


@router.post("/joint-activities/{joining_id}/confirm", response=shapes.JoiningOut, summary="确认联合开展")
@needs("activities.plan")
def confirm(request: HttpRequest, joining_id: int, body: shapes.JointAnswerIn) -> dict:
    """被邀请的组织确认参加；重复确认只算一次。"""
    joining = actions.get_joining(request.actor, joining_id)
    return _joining(actions.join_in(joining=joining, by=request.actor, counts_for=body.counts_for or None))


@router.post("/joint-activities/{joining_id}/decline", response=shapes.JoiningOut, summary="谢绝联合开展")
@needs("activities.plan")
def decline(request: HttpRequest, joining_id: int, body: shapes.JointAnswerIn) -> dict:
    """被邀请的组织谢绝，写明原因。"""
    joining = actions.get_joining(request.actor, joining_id)
    return _joining(actions.decline(joining=joining, by=request.actor, reason=body.reason))


@router.post("/joint-activities/{joining_id}/step-back", response=shapes.JoiningOut, summary="退出联合开展")
@needs("activities.plan")
def step_back(request: HttpRequest, joining_id: int, body: shapes.JointAnswerIn) -> dict:
    """签到开始以前退出，写明原因；参加方和发起方都可以办。"""
    joining = actions.get_joining(request.actor, joining_id)
    return _joining(actions.step_back(joining=joining, by=request.actor, reason=body.reason))
