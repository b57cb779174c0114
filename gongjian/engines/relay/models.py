from django.db import models


class Cursor(models.Model):
    """游标: how far a listener has come; moved in the transaction of the listener's own writes."""

    name = models.CharField(max_length=60, primary_key=True)
    seq = models.BigIntegerField(default=0)
    moved_at = models.DateTimeField(auto_now=True)
    error = models.TextField("最近的错误", blank=True, default="")
    failed_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "游标"

    def __str__(self) -> str:
        return f"{self.name}@{self.seq}"


class JobRun(models.Model):
    """定时任务的运行: when a job is next due; claimed by whoever moves `next_at` first."""

    name = models.CharField(max_length=60, primary_key=True)
    next_at = models.DateTimeField()
    last_at = models.DateTimeField(null=True)
    error = models.TextField("最近的错误", blank=True, default="")

    class Meta:
        verbose_name = "定时任务"

    def __str__(self) -> str:
        return self.name
