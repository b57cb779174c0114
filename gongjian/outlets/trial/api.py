"""/policy-drafts and /policy-trials: the same deeds and the same numbers as the pages."""

import datetime as dt
from typing import Any, Literal

from django.http import HttpRequest
from ninja import Field, File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from gongjian.ground.kernel import api, clock
from gongjian.ground.kernel.access import needs
from gongjian.outlets.trial import actions, queries

router = Router(tags=["政策试算"])


class DraftOut(Schema):
    """政策草案."""

    id: int
    title: str
    reason: str
    state: str
    base_version: str
    effective_from: dt.date | None
    version: str
    changed_at: dt.datetime


class ChangeOut(Schema):
    """一处改动."""

    entry: str
    field: str
    before: str
    after: str


class FullDraftOut(DraftOut):
    """政策草案和它的改动."""

    revision: int
    edits: dict[str, dict[str, str | list[str]]]
    changes: list[ChangeOut]
    others: list[str] = Field(description="其余不同之处，每处一句")
    behind: bool = Field(description="起草以后又登记了新的政策包")


class EditIn(Schema):
    """改一条：只写要改的字段，值都写成文字；没写的照现在的草案."""

    part: Literal["rules", "dimensions", "frame", "duties"] = Field(description="规则、维度、总则或规定动作")
    entry: str = Field(description="条目编号；总则写 frame")
    values: dict[str, str | list[str]]
    revision: int | None = None


class TrialIn(Schema):
    """试算哪一年."""

    year: int


class SubmitIn(Schema):
    """提交批准."""

    effective_from: dt.date
    version: str = Field("", pattern=r"^([0-9]+(\.[0-9]+)*)?$")


class ReasonIn(Schema):
    """退回的理由."""

    reason: str = ""


class TrialOut(Schema):
    """一次试算."""

    id: int
    draft: int
    year: int
    state: str
    share: int = Field(description="已完成的百分比")
    failure: str
    asked_at: dt.datetime
    finished_at: dt.datetime | None
    results: dict[str, Any] | None = Field(description="汇总结果；关于个人的小数不显示")


class LackOut(Schema):
    """试算中不达标的组织."""

    org: int
    name: str
    duty: str
    short_before: int
    short_after: int
    good_before: int
    good_after: int


def _draft(row: Any) -> dict[str, Any]:
    names = ("title", "reason", "state", "base_version", "effective_from", "version", "changed_at")
    return {"id": row.pk, **{name: getattr(row, name) for name in names}}


def _full(row: Any) -> dict[str, Any]:
    changes, others = queries.changes_of(row, row.effective_from or clock.today())
    names = ("entry", "field", "before", "after")
    return {
        **_draft(row), "revision": row.revision, "edits": row.edits, "others": others, "behind": queries.is_behind(row),
        "changes": [dict(zip(names, change, strict=True)) for change in changes],
    }  # fmt: skip


def _trial(row: Any) -> dict[str, Any]:
    progress = queries.progress_of(row)
    return {
        "id": row.pk, "draft": row.draft_id, "year": row.year, "state": row.state, "failure": row.failure,
        "share": progress["share"] if progress["busy"] else 100, "asked_at": row.asked_at, "finished_at": row.finished_at,
        "results": queries.results_of(row) if row.results is not None else None,
    }  # fmt: skip


@router.get("/policy-drafts", response=api.Paged[DraftOut], summary="政策草案")
@needs("trial.view")
def drafts(request: HttpRequest, cursor: str | None = None, limit: int = 50) -> dict[str, Any]:
    """全市的政策草案，新的在前。"""
    found = queries.visible_to(request.actor).defer("base", "uploaded")
    return api.paged(found, cursor=cursor, limit=limit, show=_draft, newest_first=True)


@router.post("/policy-drafts", response={201: FullDraftOut}, summary="起草政策")
@needs("trial.draft")
def begin(
    request: HttpRequest, title: Form[str], reason: Form[str] = "", files: File[list[UploadedFile] | None] = None
) -> Status:
    """从最新的政策包起草；可以带政策包的 YAML 文件，不带 pack.yaml 时只写与现行不同的地方。"""
    given = {one.name or "": one.read(actions.LARGEST + 1) for one in files or ()}
    return Status(201, _full(actions.begin(title=title[:80], reason=reason, files=given, by=request.actor)))


@router.get("/policy-drafts/{ident}", response=FullDraftOut, summary="一份政策草案")
@needs("trial.view")
def one(request: HttpRequest, ident: int) -> dict[str, Any]:
    """草案和它的全部改动。"""
    return _full(queries.get_for(request.actor, ident))


@router.post("/policy-drafts/{ident}/edits", response=FullDraftOut, summary="改一条")
@needs("trial.draft")
def edit(request: HttpRequest, ident: int, given: EditIn) -> dict[str, Any]:
    """改草案的一条；由政策包的检查程序检查，不合要求的退回并说明在哪里。"""
    row = queries.get_for(request.actor, ident)
    values = queries.entry_of(row, given.part, given.entry)["values"] | given.values
    made = actions.change(
        draft=row, part=given.part, ident=given.entry, values=values, by=request.actor, revision=given.revision
    )
    return _full(made)


@router.post("/policy-drafts/{ident}/trials", response={201: TrialOut}, summary="试算")
@needs("trial.draft")
def try_out(request: HttpRequest, ident: int, given: TrialIn) -> Status:
    """在后台试算；请轮询 `GET /policy-trials/{id}`。同一份草案正在试算的，返回那一次。"""
    made = actions.try_out(draft=queries.get_for(request.actor, ident), year=given.year, by=request.actor)
    return Status(201, _trial(made))


@router.post("/policy-drafts/{ident}/submit", response=DraftOut, summary="提交批准")
@needs("trial.draft")
def submit(request: HttpRequest, ident: int, given: SubmitIn) -> dict[str, Any]:
    """试算之后提交，由另一位同志批准。"""
    row = queries.get_for(request.actor, ident)
    return _draft(
        actions.submit(draft=row, effective_from=given.effective_from, version=given.version, by=request.actor)
    )


@router.post("/policy-drafts/{ident}/return", response=DraftOut, summary="退回或撤回")
@needs("trial.view")
def send_back(request: HttpRequest, ident: int, given: ReasonIn) -> dict[str, Any]:
    """批准的人退回（要写理由），或者提交的人撤回。"""
    return _draft(actions.send_back(draft=queries.get_for(request.actor, ident), reason=given.reason, by=request.actor))


@router.post("/policy-drafts/{ident}/publish", response=DraftOut, summary="批准发布")
@needs("trial.approve")
def publish(request: HttpRequest, ident: int, given: ReasonIn | None = None) -> dict[str, Any]:
    """登记为政策包的新版本；提交的人不能自己批准。负担超出预算的，reason 写明理由。"""
    return _draft(
        actions.publish(
            draft=queries.get_for(request.actor, ident), by=request.actor, burden_reason=given.reason if given else ""
        )
    )


@router.post("/policy-drafts/{ident}/drop", response=DraftOut, summary="作废")
@needs("trial.draft")
def drop(request: HttpRequest, ident: int) -> dict[str, Any]:
    """草案不再使用。"""
    return _draft(actions.drop(draft=queries.get_for(request.actor, ident), by=request.actor))


@router.get("/policy-trials/{ident}", response=TrialOut, summary="一次试算")
@needs("trial.view")
def trial(request: HttpRequest, ident: int) -> dict[str, Any]:
    """进度，或者算完的结果。"""
    return _trial(queries.trial_for(request.actor, ident))


@router.post("/policy-trials/{ident}/cancel", response=TrialOut, summary="取消试算")
@needs("trial.draft")
def cancel(request: HttpRequest, ident: int) -> dict[str, Any]:
    """算到一半的结果会删除。"""
    actions.cancel(trial=queries.trial_for(request.actor, ident), by=request.actor)
    return _trial(queries.trial_for(request.actor, ident))


@router.get("/policy-trials/{ident}/organisations", response=api.Paged[LackOut], summary="试算中不达标的组织")
@needs("trial.view")
def organisations(request: HttpRequest, ident: int, cursor: str | None = None, limit: int = 100) -> dict[str, Any]:
    """全年有几个周期不达标、几个周期过期补做，按现行规定和按草案。"""
    found = queries.lacks_for(request.actor, queries.trial_for(request.actor, ident))
    return api.paged(found, cursor=cursor, limit=limit, show=lambda row: {
        "org": row.org_id, "name": row.org.name, "duty": row.duty, "short_before": row.short_before,
        "short_after": row.short_after, "good_before": row.good_before, "good_after": row.good_after,
    })  # fmt: skip
