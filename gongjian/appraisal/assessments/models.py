"""Tables of assessments. Notes, reasons and who visited stand here; facts carry ids, bands and per cents."""

from django.db import models
from django.db.models import Q

from gongjian.appraisal.assessments.states import FINAL, STATES, UNDER_WAY
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Person
from gongjian.records.places.models import Place


class Assessment(models.Model):
    """标准化考评: one organisation, estate or service centre judged once by a standard list of the pack.

    `org` answers for it: the organisation itself, the one that covers the place, or its community. `list` and the pack
    of `opened_on` name the list as it stood then. Points and per cent are of what applies.
    """

    list = models.CharField("清单", max_length=60)
    org = models.ForeignKey(Organisation, verbose_name="组织", on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey(
        Place, verbose_name="小区或服务中心", null=True, on_delete=models.PROTECT, related_name="+"
    )
    state = models.CharField("状态", max_length=10, choices=STATES)
    version = models.PositiveIntegerField(default=1)
    opened_on = models.DateField("开始日期")
    opened_at = models.DateTimeField("开始时间")
    opened_by = models.BigIntegerField("发起人", null=True)
    self_by = models.BigIntegerField("自评人", null=True)
    self_at = models.DateTimeField("自评时间", null=True)
    assessed_by = models.BigIntegerField("评定人", null=True)
    assessed_at = models.DateTimeField("评定时间", null=True)
    points = models.PositiveSmallIntegerField("得分", null=True)
    full = models.PositiveSmallIntegerField("适用分值", null=True)
    percent = models.PositiveSmallIntegerField("得分率", null=True)
    band = models.CharField("结论", max_length=40, blank=True, default="")
    told_at = models.DateTimeField("告知时间", null=True)
    object_until = models.DateField("异议截止", null=True)
    concluded_at = models.DateTimeField("生效时间", null=True)
    recheck_on = models.DateField("复查日", null=True)
    lapses_on = models.DateField("失效日", null=True)
    lapsed_at = models.DateTimeField("失效时间", null=True)
    lapse_how = models.CharField("怎样失效", max_length=12, blank=True, default="")
    reason = models.CharField("退回、重核、取消或撤销的原因", max_length=200, blank=True, default="")

    class Meta:
        verbose_name = "标准化考评"
        indexes = [
            models.Index(fields=["list", "org", "-id"], name="appraised_org"),
            models.Index(fields=["list", "place", "-id"], name="appraised_place"),
            models.Index(fields=["state", "object_until"], name="appraised_state"),
            models.Index(fields=["state", "recheck_on"], name="appraised_recheck"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["list", "org"], condition=Q(state__in=UNDER_WAY, place__isnull=True), name="appraised_one_org"
            ),
            models.UniqueConstraint(
                fields=["list", "place"], condition=Q(state__in=UNDER_WAY, place__isnull=False),
                name="appraised_one_place",
            ),
            models.UniqueConstraint(
                fields=["list", "org"], condition=Q(state=FINAL, place__isnull=True), name="appraised_one_result_org"
            ),
            models.UniqueConstraint(
                fields=["list", "place"], condition=Q(state=FINAL, place__isnull=False),
                name="appraised_one_result_place",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.list} {self.org_id} {self.place_id or ''}"

    @property
    def subject(self) -> str:
        """What is assessed, by name; place and organisation must be loaded."""
        return self.place.name if self.place_id else self.org.name


class Visit(models.Model):
    """走访: what one person saw on a day, handed in once; `key` was given on the phone before there was a network."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="visits")
    key = models.CharField(max_length=40, unique=True)
    visitor = models.ForeignKey(Person, verbose_name="走访人", on_delete=models.PROTECT, related_name="+")
    visited_on = models.DateField("走访日期")
    handed_in_at = models.DateTimeField("交回时间")
    offline = models.BooleanField("离线", default=False)
    note = models.CharField("总的情况", max_length=500, blank=True, default="")

    class Meta:
        verbose_name = "走访"
        indexes = [models.Index(fields=["assessment", "id"], name="visit_assessment")]

    def __str__(self) -> str:
        return f"{self.assessment_id} {self.visited_on}"


class Mark(models.Model):
    """一条评分: points of an item by hand, from the self-assessment, from a visit, or settled by who assesses."""

    SOURCES = (("self", "自评"), ("visit", "走访"), ("settled", "商定"))

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="marks")
    item = models.CharField("条目", max_length=60)
    source = models.CharField("来源", max_length=8, choices=SOURCES)
    visit = models.ForeignKey(Visit, null=True, on_delete=models.PROTECT, related_name="marks")
    points = models.PositiveSmallIntegerField("分值")
    note = models.CharField("备注", max_length=500, blank=True, default="")
    by = models.BigIntegerField("评分人", null=True, db_column="by_person")
    at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "一条评分"
        constraints = [
            models.UniqueConstraint(fields=["visit", "item"], name="mark_once_a_visit"),
            models.UniqueConstraint(
                fields=["assessment", "item", "source"], condition=Q(visit__isnull=True), name="mark_once"
            ),
            models.CheckConstraint(
                condition=Q(source="visit", visit__isnull=False) | (~Q(source="visit") & Q(visit__isnull=True)),
                name="mark_visit",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id}:{self.item} {self.points}"


class ItemResult(models.Model):
    """条目结果: what an item got when the assessment was made, and what it rests on, as it stood then.

    `points` None: does not apply. `evidence` holds ids and numbers: value, needed, facts (ids), from, to.
    """

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="results")
    dimension = models.CharField("维度", max_length=60)
    item = models.CharField("条目", max_length=60)
    full = models.PositiveSmallIntegerField("分值")
    points = models.PositiveSmallIntegerField("得分", null=True)
    source = models.CharField("依据", max_length=8)
    note = models.CharField("备注", max_length=500, blank=True, default="")
    evidence = models.JSONField("依据内容", default=dict)

    class Meta:
        verbose_name = "条目结果"
        constraints = [models.UniqueConstraint(fields=["assessment", "item"], name="itemresult_once")]

    def __str__(self) -> str:
        return f"{self.assessment_id}:{self.item} {self.points}"


class Objection(models.Model):
    """异议: why the organisation does not agree, and the answer with reasons; once for each time a result is told."""

    assessment = models.ForeignKey(Assessment, on_delete=models.PROTECT, related_name="objections")
    text = models.CharField("理由", max_length=1000)
    raised_by = models.BigIntegerField("提出人", null=True)
    raised_at = models.DateTimeField("提出时间")
    answer = models.CharField("答复", max_length=1000, blank=True, default="")
    upheld = models.BooleanField("成立", null=True)
    answered_by = models.BigIntegerField("答复人", null=True)
    answered_at = models.DateTimeField("答复时间", null=True)

    class Meta:
        verbose_name = "考评异议"
        constraints = [
            models.UniqueConstraint(
                fields=["assessment"], condition=Q(answered_at__isnull=True), name="objection_one_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.assessment_id}"
