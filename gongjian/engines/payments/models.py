from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Person

OPEN = ("created", "waiting")


class Order(models.Model):
    """支付订单: one sum that somebody was asked to pay through a provider, in fen.

    `key` names what is paid for while the order is open: two taps give one order. `subject` is the owner's Ref, `data`
    what the owner needs to post it. `taken_at`: when the owner posted the money; `trouble`: why it could not.
    """

    STATES = (
        ("created", _("待下单")), ("waiting", _("待付款")), ("paid", _("已付款")), ("closed", _("已关闭")),
        ("disputed", _("金额不符")), ("refunding", _("退款中")), ("refunded", _("已退款")),
    )  # fmt: skip

    number = models.CharField("订单号", max_length=40, unique=True)
    org = models.ForeignKey(Organisation, verbose_name="收款组织", on_delete=models.PROTECT, related_name="+")
    payer = models.ForeignKey(Person, verbose_name="付款人", on_delete=models.PROTECT, related_name="+")
    config = models.CharField("收款配置", max_length=40)
    subject_kind = models.CharField("事项种类", max_length=40)
    subject_id = models.CharField("事项", max_length=40)
    key = models.CharField("事项键", max_length=160)
    title = models.CharField("内容", max_length=120)
    amount = models.BigIntegerField("金额（分）")
    data = models.JSONField("入账资料", default=dict)
    state = models.CharField("状态", max_length=12, choices=STATES, default="created")
    trade_no = models.CharField("平台流水号", max_length=64, blank=True, default="")
    pay_url = models.CharField("收银台地址", max_length=500, blank=True, default="")
    created_at = models.DateTimeField("下单时间")
    expires_at = models.DateTimeField("失效时间")
    paid_at = models.DateTimeField("付款时间", null=True)
    paid_amount = models.BigIntegerField("到账金额（分）", null=True)
    taken_at = models.DateTimeField("入账时间", null=True)
    trouble = models.CharField("待处理的问题", max_length=200, blank=True, default="")
    refund_number = models.CharField("退款单号", max_length=40, blank=True, default="")
    refund_reason = models.CharField("退款原因", max_length=200, blank=True, default="")
    refunded_at = models.DateTimeField("退款时间", null=True)

    class Meta:
        verbose_name = "支付订单"
        indexes = [
            models.Index(fields=["state", "created_at"], name="order_state"),
            models.Index(fields=["payer", "-created_at"], name="order_payer"),
            models.Index(fields=["org", "-created_at"], name="order_org"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(amount__gt=0), name="order_amount_positive"),
            models.UniqueConstraint(fields=["key"], condition=Q(state__in=OPEN), name="order_one_open"),
            models.CheckConstraint(
                condition=Q(taken_at__isnull=True) | Q(paid_at__isnull=False), name="order_taken_after_paid"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Notification(models.Model):
    """支付通知: one event that the provider told us, once however often it was sent."""

    config = models.CharField("收款配置", max_length=40)
    event = models.CharField("事件号", max_length=64)
    kind = models.CharField("种类", max_length=40)
    order = models.ForeignKey(Order, null=True, on_delete=models.PROTECT, related_name="notifications")
    received_at = models.DateTimeField("收到时间")
    outcome = models.CharField("处理结果", max_length=20)
    times = models.PositiveIntegerField("收到次数", default=1)

    class Meta:
        verbose_name = "支付通知"
        constraints = [models.UniqueConstraint(fields=["config", "event"], name="notification_once")]

    def __str__(self) -> str:
        return self.event


class Merchant(models.Model):
    """收款商户: which configuration (by name, the secrets are in the settings) an organisation and all below it use."""

    org = models.OneToOneField(Organisation, on_delete=models.PROTECT, related_name="+")
    config = models.CharField("收款配置", max_length=40)

    class Meta:
        verbose_name = "收款商户"

    def __str__(self) -> str:
        return f"{self.org_id}:{self.config}"


class BillCheck(models.Model):
    """对账: a provider's bill of one day beside our orders: how many agree, and each difference in words."""

    config = models.CharField("收款配置", max_length=40)
    day = models.DateField("日期")
    lines = models.PositiveIntegerField("笔数", default=0)
    total = models.BigIntegerField("净额（分）", default=0)
    repaired = models.PositiveIntegerField("补记笔数", default=0)
    differences = models.JSONField("差异", default=list)
    checked_at = models.DateTimeField("对账时间")

    class Meta:
        verbose_name = "对账"
        constraints = [models.UniqueConstraint(fields=["config", "day"], name="bill_check_once")]

    def __str__(self) -> str:
        return f"{self.config} {self.day}"
