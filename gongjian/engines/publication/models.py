"""Tables of publications."""

import secrets

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from gongjian.engines.publication.states import CANCELLED, RUNNING, STATES
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Person


def new_slug() -> str:
    """The part of the public address that cannot be guessed."""
    return secrets.token_urlsafe(18)


class Publication(models.Model):
    """公示: rows that an organisation shows to those concerned for so many working days, and takes objections to.

    `rows` are masked before they are stored. `starts_on` is the day of posting, `ends_on` the last day of the period,
    which begins the day after. `subject` is the object of another room that waits for it.
    """

    RESULTS = (("", ""), ("clear", _("无异议")), ("answered", _("有异议，已答复")), ("upheld", _("异议成立")))

    org = models.ForeignKey(Organisation, verbose_name="公示组织", on_delete=models.PROTECT, related_name="+")
    subject_kind = models.CharField(max_length=40)
    subject_id = models.CharField(max_length=64)
    title = models.CharField("标题", max_length=120)
    intro = models.TextField("说明", blank=True, default="")
    rows = models.JSONField("内容", default=list)
    starts_on = models.DateField("公示日期")
    working_days = models.PositiveSmallIntegerField("工作日")
    ends_on = models.DateField("截止日期")
    is_public = models.BooleanField("免登录可看", default=False)
    consent = models.CharField("同意公开姓名的凭据", max_length=200, blank=True, default="")
    slug = models.CharField(max_length=40, unique=True, default=new_slug)
    link = models.CharField("办理页面", max_length=200, blank=True, default="")
    state = models.CharField("状态", max_length=12, choices=STATES, default=RUNNING)
    result = models.CharField("结果", max_length=12, choices=RESULTS, blank=True, default="")
    reason = models.CharField("取消原因", max_length=200, blank=True, default="")
    version = models.PositiveIntegerField(default=1)
    published_by = models.BigIntegerField(null=True)
    published_at = models.DateTimeField("发布时间")
    closed_at = models.DateTimeField("结束时间", null=True)

    class Meta:
        verbose_name = "公示"
        indexes = [models.Index(fields=["org", "-starts_on", "-id"], name="publication_org")]
        constraints = [
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id"], condition=~Q(state=CANCELLED), name="publication_one_a_subject"
            ),
            models.CheckConstraint(condition=Q(ends_on__gte=F("starts_on")), name="publication_dates"),
        ]

    def __str__(self) -> str:
        return self.title


class Objection(models.Model):
    """异议: what somebody says against a publication, in the product or told to the organiser, and the answer to it."""

    CHANNELS = (("product", _("在本系统提出")), ("phone", _("来电")), ("visit", _("来访")), ("letter", _("来信")))
    STATES = (("open", _("待答复")), ("answered", _("已答复")))

    publication = models.ForeignKey(Publication, on_delete=models.PROTECT, related_name="objections")
    person = models.ForeignKey(Person, verbose_name="提出人", null=True, on_delete=models.PROTECT, related_name="+")
    teller = models.CharField("提出人（来电、来访、来信）", max_length=60, blank=True, default="")
    channel = models.CharField("方式", max_length=12, choices=CHANNELS, default="product")
    text = models.TextField("内容", max_length=2000)
    raised_on = models.DateField("提出日期")
    raised_at = models.DateTimeField("登记时间")
    noted_by = models.BigIntegerField("登记人", null=True)
    state = models.CharField("状态", max_length=12, choices=STATES, default="open")
    answer = models.TextField("答复", max_length=2000, blank=True, default="")
    upheld = models.BooleanField("异议成立", null=True)
    answered_by = models.BigIntegerField("答复人", null=True)
    answered_at = models.DateTimeField("答复时间", null=True)
    source = models.CharField(max_length=120, null=True, unique=True)

    class Meta:
        verbose_name = "异议"
        indexes = [models.Index(fields=["publication", "state"], name="objection_state")]
        constraints = [
            models.CheckConstraint(
                condition=Q(state="open") | (Q(upheld__isnull=False) & ~Q(answer="")), name="objection_answer"
            )
        ]

    def __str__(self) -> str:
        return f"{self.publication_id}:{self.pk}"
