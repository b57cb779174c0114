from django.db import models


class Asked(models.Model):
    """每周负担: how often the product asked something of the holders of a role in a week; counts, never who.

    what: message (code: kind of notice), deed (code: the pack's deed), upload (no code), people (holders of the role at
    the end of the week, no code). Counted anew each night for the last weeks; can be thrown away and counted again.
    """

    week = models.DateField("星期一")
    role = models.CharField("角色", max_length=40)
    what = models.CharField(max_length=8)
    code = models.CharField(max_length=40, blank=True, default="")
    count = models.BigIntegerField("次数")

    class Meta:
        verbose_name = "每周负担"
        constraints = [models.UniqueConstraint(fields=["week", "role", "what", "code"], name="asked_once")]

    def __str__(self) -> str:
        return f"{self.week} {self.role} {self.what} {self.code} {self.count}"
