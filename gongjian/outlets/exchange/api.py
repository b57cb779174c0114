"""/imports: upload, look, agree, take back — by the same rights and steps as the pages."""

import datetime as dt
from typing import Any

from django.http import HttpRequest
from ninja import File, Form, Router, Schema, Status
from ninja.files import UploadedFile

from gongjian.ground.kernel import api
from gongjian.ground.kernel.access import needs
from gongjian.outlets.exchange import actions, queries

router = Router(tags=["导入"])


class ImportProblem(Schema):
    """一个问题: row and column as Excel shows them."""

    row: int
    column: str
    letter: str
    message: str
    value: str


class ImportOut(Schema):
    """一次导入."""

    id: int
    sheet: str
    file_name: str
    state: str
    state_title: str
    done: int
    total: int
    rows: int
    created: int
    updated: int
    unchanged: int
    problem_count: int
    problems: list[ImportProblem]
    notes: list[str]
    failure: str
    uploaded_at: dt.datetime
    applied_at: dt.datetime | None
    undone_at: dt.datetime | None


def _shown(job: Any, by: Any) -> dict[str, Any]:
    standing = queries.standing(job)
    own = job.user_id == by.user
    return {
        "id": job.pk, "sheet": job.sheet, "file_name": job.file_name, "state": job.state,
        "state_title": job.get_state_display(), "done": standing["done"], "total": standing["total"], "rows": job.rows,
        "created": job.created, "updated": job.updated, "unchanged": job.unchanged, "problem_count": job.problem_count,
        "problems": job.problems if own else [], "notes": job.notes, "failure": job.failure,
        "uploaded_at": job.uploaded_at, "applied_at": job.applied_at, "undone_at": job.undone_at,
    }  # fmt: skip


@router.get("/imports", response=api.Paged[ImportOut], summary="导入记录")
@needs("exchange.import")
def imports(request: HttpRequest, cursor: str | None = None, limit: int = 50) -> dict[str, Any]:
    """本人的导入，以及管理范围内其他人的导入（不含问题明细），新的在前。"""
    return api.paged(
        queries.visible_to(request.actor), cursor=cursor, limit=limit, show=lambda job: _shown(job, request.actor),
        newest_first=True,
    )  # fmt: skip


@router.post("/imports", response={201: ImportOut}, summary="上传并检查")
@needs("exchange.import")
def upload(request: HttpRequest, sheet: Form[str], file: File[UploadedFile]) -> Status:
    """上传一份表格，检查但不写入；较大的文件在后台检查，请轮询 `GET /imports/{id}`。"""
    job = actions.upload(sheet=sheet, file_name=file.name or "", chunks=file.chunks(), by=request.actor)
    return Status(201, _shown(actions.at_once(job), request.actor))


@router.get("/imports/{ident}", response=ImportOut, summary="一次导入的状态")
@needs("exchange.import")
def one(request: HttpRequest, ident: int) -> dict[str, Any]:
    """状态、进度、问题，或将要新增、更新、不变的行数。"""
    return _shown(queries.get_for(request.actor, ident), request.actor)


@router.post("/imports/{ident}/apply", response=ImportOut, summary="确认写入")
@needs("exchange.import")
def agree(request: HttpRequest, ident: int) -> dict[str, Any]:
    """确认写入检查通过的文件：整份写入或一行不写。"""
    job = actions.agree(job=queries.get_for(request.actor, ident, own=True), by=request.actor)
    return _shown(actions.at_once(job), request.actor)


@router.post("/imports/{ident}/undo", response=ImportOut, summary="撤销导入")
@needs("exchange.import")
def undo(request: HttpRequest, ident: int) -> dict[str, Any]:
    """整份撤销，前提是之后没有别的内容建立在它上面。"""
    job = queries.get_for(request.actor, ident, own=True)
    actions.undo(job=job, by=request.actor)
    return _shown(queries.get_for(request.actor, ident, own=True), request.actor)
