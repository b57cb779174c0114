"""The table of kept files."""

import secrets

from django.db import models
from django.db.models import Q

from gongjian.ground.kernel.ref import Ref


def new_key() -> str:
    """The part of a file's address that cannot be guessed: 128 bits."""
    return secrets.token_hex(16)


class StoredFile(models.Model):
    """文件: one document or picture of an object of some room (`subject`). The content lies on the disk, encrypted.

    `sha256` is of the content as it is kept: a picture has lost what its camera wrote into it. `removed_at` is a mark:
    the file is no longer shown. This room stands below organisations and persons, hence plain ids.
    """

    key = models.CharField(max_length=32, unique=True, default=new_key)
    sha256 = models.CharField("内容的哈希值", max_length=64)
    title = models.CharField("名称", max_length=120)
    name = models.CharField("文件名", max_length=120)
    kind = models.CharField("类型", max_length=10)
    mime = models.CharField(max_length=100)
    size = models.PositiveIntegerField("字节数")
    subject_kind = models.CharField("所属对象种类", max_length=40)
    subject_id = models.CharField("所属对象编号", max_length=40)
    org = models.BigIntegerField("组织", null=True)
    kept_by = models.BigIntegerField("存入人", null=True)
    kept_at = models.DateTimeField("存入时间")
    removed_at = models.DateTimeField("撤下时间", null=True)
    removed_by = models.BigIntegerField("撤下人", null=True)
    removed_reason = models.CharField("撤下原因", max_length=200, blank=True, default="")

    class Meta:
        verbose_name = "文件"
        indexes = [models.Index(fields=["subject_kind", "subject_id", "id"], name="file_subject")]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "sha256"], condition=Q(removed_at__isnull=True), name="file_once"
            )
        ]

    def __str__(self) -> str:
        return self.title

    @property
    def subject(self) -> Ref:
        """What the file belongs to."""
        return Ref(self.subject_kind, self.subject_id)
