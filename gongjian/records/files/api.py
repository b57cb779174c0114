"""Files over the API: list, keep, fetch and remove those of an object that one may see."""

import datetime as dt

from django.http import HttpRequest, HttpResponse
from ninja import Field, File, Form, Router, Schema
from ninja.files import UploadedFile

from gongjian.ground.kernel.access import signed_in
from gongjian.ground.kernel.errors import NotFound
from gongjian.ground.kernel.ref import Ref
from gongjian.records.files import actions, queries
from gongjian.records.files.views import as_attachment

router = Router(tags=["文件"])


class FileOut(Schema):
    """文件."""

    key: str = Field(description="文件地址中的编号")
    title: str
    name: str
    kind: str
    size: int = Field(description="字节数")
    sha256: str = Field(description="所存内容的 SHA-256")
    kept_at: dt.datetime
    subject_kind: str
    subject_id: str


class RemoveIn(Schema):
    """撤下."""

    reason: str = Field(min_length=2, max_length=200)


@router.get("/files/{subject_kind}/{subject_id}", response=list[FileOut], summary="一件事的文件")
@signed_in
def list_files(request: HttpRequest, subject_kind: str, subject_id: str) -> list:
    """某个对象的文件；谁能看由对象所在的业务决定。"""
    subject = Ref(subject_kind, subject_id)
    if not queries.may(request.actor, subject):
        raise NotFound(queries.NOTHING)
    return queries.of(subject)


@router.post("/files/{subject_kind}/{subject_id}", response={201: FileOut}, summary="存入文件")
@signed_in
def keep_file(
    request: HttpRequest, subject_kind: str, subject_id: str, file: File[UploadedFile], title: Form[str] = ""
) -> tuple:
    """存入一份文件；同样的内容再存一次，得到的仍是原来那份。"""
    subject = Ref(subject_kind, subject_id)
    if not queries.may(request.actor, subject):
        raise NotFound(queries.NOTHING)
    kept = actions.keep(by=request.actor, upload=file, subject=subject, title=title, org=queries.org_of(subject))
    return 201, kept


@router.get("/file/{key}/content", summary="文件内容", response={200: None})
@signed_in
def file_content(request: HttpRequest, key: str) -> HttpResponse:
    """文件内容，作为附件。"""
    return as_attachment(queries.get_for(request.actor, key))


@router.post("/file/{key}/remove", response={204: None}, summary="撤下文件")
@signed_in
def remove_file(request: HttpRequest, key: str, body: RemoveIn) -> tuple:
    """撤下一份文件；内容按保管期限留存。"""
    actions.remove(by=request.actor, file=queries.get_for(request.actor, key, change=True), reason=body.reason)
    return 204, None
