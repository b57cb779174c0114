from django.db import models


class Preparation(models.Model):
    """演示城市的准备: one row; while `finished_at` is empty the city is half built.

    `started_at` is the moment for which the city is made, also when it is built in several goes. `progress` says what is
    done, written in the transaction of the work itself: the stages that are over, and how far the meetings have come.
    """

    id = models.PositiveSmallIntegerField(primary_key=True, default=1)
    size = models.CharField("规模", max_length=20)
    seed = models.BigIntegerField("随机种子")
    day = models.DateField("建立日")
    started_at = models.DateTimeField("开始时间")
    finished_at = models.DateTimeField("完成时间", null=True)
    progress = models.JSONField("进度", default=dict)

    class Meta:
        verbose_name = "演示城市的准备"

    def __str__(self) -> str:
        return f"{self.size} {self.day}"
