from django.db import models

from gongjian.records.orgs.models import Organisation


class Place(models.Model):
    """阵地与网格: a grid, an estate, a building or a service centre of a community, and the organisation that covers it.

    `area` is the floor area in square metres as registered, 0 where nobody noted it.
    """

    KINDS = (("grid", "网格"), ("estate", "小区"), ("building", "楼栋"), ("centre", "党群服务中心"))
    SETUPS = (("alone", "单独建"), ("joint", "联合建"), ("assigned", "社区兜底建"))

    kind = models.CharField("类别", max_length=12, choices=KINDS)
    code = models.CharField("编码", max_length=32, unique=True)
    name = models.CharField("名称", max_length=100)
    community = models.ForeignKey(Organisation, verbose_name="所属社区", on_delete=models.PROTECT, related_name="+")
    parent = models.ForeignKey(
        "self", verbose_name="所属网格或小区", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    organisation = models.ForeignKey(
        Organisation, verbose_name="覆盖它的党组织", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    setup = models.CharField("组建方式", max_length=12, choices=SETUPS, blank=True, default="")
    households = models.PositiveIntegerField("户数", default=0)
    area = models.PositiveIntegerField("面积（平方米）", default=0)
    since = models.DateField("设立日期", null=True, blank=True)
    ended_on = models.DateField("撤销日期", null=True, blank=True)

    class Meta:
        verbose_name = "阵地与网格"
        indexes = [models.Index(fields=["community", "kind", "code"], name="place_community")]

    def __str__(self) -> str:
        return self.name
