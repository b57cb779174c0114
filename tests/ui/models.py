"""A table with ties, gaps and dates, for the lists' tests."""

from django.db import models


class Thing(models.Model):
    """物件：只在测试中使用。"""

    name = models.CharField(max_length=40)
    rank = models.IntegerField(null=True)
    moment = models.DateTimeField(null=True)
    state = models.CharField(max_length=20, default="kept")

    class Meta:
        app_label = "tests_ui"
        managed = False  # the fixture makes and drops it
        db_table = "tests_ui_thing"

    def __str__(self) -> str:
        return self.name
