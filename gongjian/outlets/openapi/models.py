from django.db import models


class Answered(models.Model):
    """已答复的请求: what a client was told under an idempotency key; the same request again gets the same answer."""

    user = models.BigIntegerField()
    key = models.CharField(max_length=120)
    request = models.CharField("请求摘要", max_length=64)
    status = models.PositiveSmallIntegerField(default=0)
    content_type = models.CharField(max_length=80, default="")
    body = models.TextField(default="")
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "已答复的请求"
        constraints = [models.UniqueConstraint(fields=["user", "key"], name="answered_once")]
        indexes = [models.Index(fields=["at"], name="answered_at")]

    def __str__(self) -> str:
        return self.key
