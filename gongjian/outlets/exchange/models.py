from django.db import models

from gongjian.outlets.exchange.states import STATES, UPLOADED
from gongjian.records.access.models import User
from gongjian.records.orgs.models import Organisation


class ImportJob(models.Model):
    """导入: one uploaded file on its way through check, consent and writing.

    `claim` names the worker that has it: it writes its result only while the claim is still its own, so a file taken
    up again after a crash can never be written twice. `stored` is the file's random name in the private store; the
    file is deleted once it is not needed any more. `token_scopes` narrows an import that came by an API token.
    """

    sheet = models.CharField("表格", max_length=40)
    file_name = models.CharField("文件名", max_length=200)
    stored = models.CharField(max_length=40, blank=True, default="")
    size = models.PositiveIntegerField("大小（字节）")
    digest = models.CharField("摘要", max_length=64)
    state = models.CharField("状态", max_length=10, choices=STATES, default=UPLOADED)
    user = models.ForeignKey(User, verbose_name="上传人账号", on_delete=models.PROTECT, related_name="+")
    org = models.ForeignKey(Organisation, verbose_name="范围", on_delete=models.PROTECT, related_name="+")
    token_scopes = models.JSONField(null=True)
    claim = models.CharField(max_length=32, blank=True, default="")
    heartbeat = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    rows = models.PositiveIntegerField("行数", default=0)
    created = models.PositiveIntegerField("新增", default=0)
    updated = models.PositiveIntegerField("更新", default=0)
    unchanged = models.PositiveIntegerField("没有变化", default=0)
    counted = models.BooleanField("已试算", default=False)
    problem_count = models.PositiveIntegerField("问题数", default=0)
    problems = models.JSONField("问题", default=list)
    notes = models.JSONField("说明", default=list)
    tab = models.CharField("工作表", max_length=100, blank=True, default="")
    failure = models.CharField("失败原因", max_length=500, blank=True, default="")
    uploaded_at = models.DateTimeField("上传时间")
    checked_at = models.DateTimeField("检查时间", null=True)
    applied_at = models.DateTimeField("写入时间", null=True)
    undone_at = models.DateTimeField("撤销时间", null=True)

    class Meta:
        verbose_name = "导入"
        indexes = [
            models.Index(fields=["state", "id"], name="import_state"),
            models.Index(fields=["user", "-id"], name="import_user"),
        ]

    def __str__(self) -> str:
        return f"{self.sheet}: {self.file_name}"
