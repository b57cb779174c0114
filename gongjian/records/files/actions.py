"""Deeds on files: keep one, remove one."""

import datetime as dt
from collections.abc import Iterable
from hashlib import sha256
from typing import Protocol

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.actor import Actor
from gongjian.ground.kernel.errors import Forbidden, Invalid, Refused
from gongjian.ground.kernel.ref import Ref
from gongjian.records import facts
from gongjian.records.files import content, queries, shelf
from gongjian.records.files.models import StoredFile


class Upload(Protocol):
    """What is handed in: Django's UploadedFile, or anything with a name and chunks."""

    name: str | None

    def chunks(self) -> Iterable[bytes]:
        """The content, piece by piece."""
        ...


class Given:
    """给出的内容: bytes with a name, where no browser is involved (a scan, a demo, a PDF of our own)."""

    def __init__(self, name: str, body: bytes) -> None:
        self.name, self.body = name, body

    def chunks(self) -> Iterable[bytes]:
        """The content in one piece."""
        yield self.body


@transaction.atomic
def keep(
    *, by: Actor, upload: Upload, subject: Ref, title: str = "", org: int | None = None, at: dt.datetime | None = None
) -> StoredFile:
    """Keep a file of an object (存入文件). The same content for the same object a second time is the first one.

    `org` is the organisation under which the fact is told. Raises Forbidden if the object's room does not let the actor
    change its files, Invalid (field `file`) for what is too large, not allowed or damaged, Refused if there are too many.
    """
    if not queries.may(by, subject, change=True):
        raise Forbidden(_("您不能给这件事添加文件。"))
    moment = at or clock.now()
    limits = policy.on(clock.day_of(moment)).files
    name = content.clean_name(upload.name or "")
    cleaned = content.examine(_read(upload, limits.max_megabytes), name, limits)
    digest = sha256(cleaned.content).hexdigest()
    same = {"subject_kind": subject.kind, "subject_id": subject.id, "removed_at__isnull": True}
    known = StoredFile.objects.filter(sha256=digest, **same).first()
    if known is not None:
        return known
    if StoredFile.objects.filter(**same).count() >= limits.max_per_subject:
        raise Refused(_("这里已有 %(most)d 份文件，请先撤下不用的。") % {"most": limits.max_per_subject}, field="file")
    title = content.clean_name(title) or name.rpartition(".")[0] or name
    shelf.put(cleaned.content, digest)
    try:
        with transaction.atomic():
            file = StoredFile.objects.create(
                sha256=digest, title=title, name=name, kind=cleaned.kind.id, mime=cleaned.kind.mime,
                size=len(cleaned.content), subject_kind=subject.kind, subject_id=subject.id, org=org, kept_by=by.person,
                kept_at=moment,
            )  # fmt: skip
    except IntegrityError:  # somebody was faster with the same content
        return StoredFile.objects.get(sha256=digest, **same)
    facts.record(
        "file.kept", by=by, at=moment, org=org, obj=subject, source=f"file:{file.pk}:kept",
        data={"file": file.pk, "file_kind": file.kind, "bytes": file.size},
    )  # fmt: skip
    return file


def _read(upload: Upload, megabytes: int) -> bytes:
    pieces, size = [], 0
    for piece in upload.chunks():
        size += len(piece)
        if size > megabytes << 20:
            raise Invalid(_("文件超过 %(most)d MB，请压缩或拆分后再上传。") % {"most": megabytes}, field="file")
        pieces.append(piece)
    if not size:
        raise Invalid(_("文件是空的，请重新选择。"), field="file")
    return b"".join(pieces)


@transaction.atomic
def remove(*, by: Actor, file: StoredFile, reason: str, at: dt.datetime | None = None) -> StoredFile:
    """Show a file no longer (撤下), with a reason. The content stays as long as records must be kept. Twice is once."""
    if not queries.may(by, file.subject, change=True):
        raise Forbidden(_("您不能撤下这份文件。"))
    reason = reason.strip()
    if len(reason) < 2:
        raise Invalid(_("请写明撤下的原因。"), field="reason")
    moment = at or clock.now()
    changed = StoredFile.objects.filter(pk=file.pk, removed_at__isnull=True).update(
        removed_at=moment, removed_by=by.person, removed_reason=reason[:200]
    )
    if changed:
        facts.record(
            "file.removed", by=by, at=moment, org=file.org, obj=file.subject, source=f"file:{file.pk}:removed",
            data={"file": file.pk, "file_kind": file.kind, "reason": reason[:200]},
        )  # fmt: skip
    file.refresh_from_db()
    return file
