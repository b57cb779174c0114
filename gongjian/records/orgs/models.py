from django.db import models
from django.db.models import F, Q

from gongjian.ground.kernel.db import PathField


class Organisation(models.Model):
    """组织: one node of the tree, from the city down to a group.

    `parent` is whom it belongs to (隶属, 条), `territory` is where it sits (属地, 块); `path` and `territory_path` are
    those two lines as ids from the root, `/1/5/42/`, so that a subtree is one index range. A territorial committee
    sits where it belongs. Counts are kept by the people room, set-wise, in the transaction that changes a membership.
    """

    code = models.CharField("组织代码", max_length=40, unique=True)
    name = models.CharField("名称", max_length=200)
    short_name = models.CharField("简称", max_length=60, blank=True, default="")
    kind = models.CharField("类型", max_length=40)
    level = models.CharField("层级", max_length=20)
    division_code = models.CharField("行政区划代码", max_length=15, blank=True, default="")
    parent = models.ForeignKey(
        "self", verbose_name="隶属", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    path = PathField(max_length=255, default="")
    territory = models.ForeignKey(
        "self", verbose_name="属地", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    territory_path = PathField(max_length=255, default="")
    trade = models.CharField("行业", max_length=40, blank=True, default="")
    sector = models.CharField("领域", max_length=40, blank=True, default="")
    unit_name = models.CharField("所在单位", max_length=200, blank=True, default="")
    credit_code = models.CharField("统一社会信用代码", max_length=18, blank=True, default="")
    address = models.CharField("地址", max_length=200, blank=True, default="")
    phone = models.CharField("办公电话", max_length=40, blank=True, default="")
    urban = models.BooleanField("城市基层党组织", default=False)
    founded_on = models.DateField("成立日期")
    dissolved_on = models.DateField("撤销日期", null=True, blank=True)
    merged_into = models.ForeignKey("self", null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    term_started_on = models.DateField("本届起始", null=True, blank=True)
    term_years = models.PositiveSmallIntegerField("任期（年）", null=True, blank=True)
    pinyin = models.CharField(max_length=400, blank=True, default="")
    initials = models.CharField(max_length=200, blank=True, default="")
    member_count = models.PositiveIntegerField("党员数", default=0)
    formal_count = models.PositiveIntegerField("正式党员数", default=0)
    group_count = models.PositiveIntegerField("党小组数", default=0)
    committee_count = models.PositiveIntegerField("委员数", default=0)
    part_time_count = models.PositiveIntegerField("兼职委员数", default=0)

    class Meta:
        verbose_name = "组织"
        indexes = [
            models.Index(fields=["path"], name="org_path"),
            models.Index(fields=["territory_path"], name="org_territory_path"),
            models.Index(fields=["kind", "path"], name="org_kind_path"),
            models.Index(fields=["name", "id"], name="org_name"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(dissolved_on__isnull=True) | Q(dissolved_on__gte=F("founded_on")), name="org_dates"
            ),
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def is_alive(self) -> bool:
        """Whether it exists today (撤销 is final)."""
        return self.dissolved_on is None

    @property
    def ancestor_ids(self) -> list[int]:
        """Ids along 隶属 from the root down to, not including, itself."""
        return [int(part) for part in self.path.strip("/").split("/")[:-1] if part]

    @property
    def depth(self) -> int:
        """0 for the root."""
        return self.path.count("/") - 2


class OrganisationVersion(models.Model):
    """组织沿革: what an organisation was called and where it stood from one day to another; the tree as of any day."""

    org = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="versions")
    name = models.CharField("名称", max_length=200)
    kind = models.CharField("类型", max_length=40)
    parent = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    territory = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    valid_from = models.DateField("起")
    valid_to = models.DateField("止（不含）", null=True)
    reason = models.CharField("事由", max_length=200, blank=True, default="")

    class Meta:
        verbose_name = "组织沿革"
        indexes = [models.Index(fields=["parent", "valid_from"], name="orgversion_parent")]
        constraints = [
            models.UniqueConstraint(fields=["org", "valid_from"], name="orgversion_one_a_day"),
            models.UniqueConstraint(fields=["org"], condition=Q(valid_to__isnull=True), name="orgversion_one_open"),
        ]

    def __str__(self) -> str:
        return f"{self.name} {self.valid_from}"


class ImportTrace(models.Model):
    """导入痕迹: what one row of an imported file did to one object, so that the file can be taken back.

    `before` holds the columns as they were (protected ones sealed as they are kept), None for a row that was created.
    """

    batch = models.CharField("导入批次", max_length=40)
    kind = models.CharField("对象种类", max_length=20)
    object_id = models.BigIntegerField("对象编号")
    before = models.JSONField("原值", null=True)

    class Meta:
        verbose_name = "导入痕迹"
        constraints = [models.UniqueConstraint(fields=["batch", "kind", "object_id"], name="import_trace_once")]

    def __str__(self) -> str:
        return f"{self.batch}:{self.kind}:{self.object_id}"
