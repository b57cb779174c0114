from django.db import models


class Preparation(models.Model):
    """演示城市的准备: one row; while `finished_at` is empty the city is half built and must be started afresh."""

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    size = models.CharField("规模", max_length=20)
    seed = models.BigIntegerField("随机种子")
    day = models.DateField("建立日")
    started_at = models.DateTimeField("开始时间")
    finished_at = models.DateTimeField("完成时间", null=True)

    class Meta:
        verbose_name = "演示城市的准备"

    def __str__(self) -> str:
        return f"{self.size} {self.day}"
