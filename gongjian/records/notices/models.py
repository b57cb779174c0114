"""Tables of notices, of what people chose, of groups' robots, and the outbox."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.crypto import decrypt, encrypt
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Person


class Notice(models.Model):
    """消息: something the product tells one person, once (`key` is unique), in the product itself."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField("种类", max_length=40)
    title = models.CharField("标题", max_length=200)
    body = models.TextField("正文", blank=True, default="")
    link = models.CharField("去处", max_length=200, blank=True, default="")
    key = models.CharField(max_length=160, unique=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "消息"
        indexes = [
            models.Index(fields=["person", "-created_at", "-id"], name="notice_person"),
            models.Index(fields=["person"], condition=Q(read_at__isnull=True), name="notice_unread"),
            models.Index(fields=["created_at", "kind"], name="notice_created"),
        ]

    def __str__(self) -> str:
        return self.title


class Choice(models.Model):
    """接收方式: by which outside channels one person wants to hear; no row, or `outside` off: none.

    The e-mail address is kept sealed and shown masked; the phone number of text messages is the one in the records.
    """

    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="+")
    outside = models.BooleanField("接收站外消息", default=False)
    mail = models.BooleanField("电子邮件", default=False)
    sms = models.BooleanField("短信", default=False)
    address_sealed = models.TextField(blank=True, default="")
    address_masked = models.CharField("邮箱", max_length=120, blank=True, default="")
    quiet_begins = models.CharField("免打扰起", max_length=5)
    quiet_ends = models.CharField("免打扰止", max_length=5)
    digested_until = models.DateTimeField("摘要截止")
    changed_at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "接收方式"
        indexes = [models.Index(fields=["person"], condition=Q(outside=True), name="choice_outside")]

    def __str__(self) -> str:
        return str(self.person_id)

    @property
    def address(self) -> str:
        """The e-mail address, readable."""
        return decrypt(self.address_sealed, context="notices.address")

    @address.setter
    def address(self, text: str) -> None:
        self.address_sealed = encrypt(text, context="notices.address")


class Robot(models.Model):
    """群机器人: an organisation's group in WeCom or DingTalk; its token and signing secret are kept sealed."""

    CHANNELS = (("wecom", _("企业微信群机器人")), ("dingtalk", _("钉钉群机器人")))

    org = models.ForeignKey(Organisation, verbose_name="组织", on_delete=models.PROTECT, related_name="+")
    channel = models.CharField("渠道", max_length=10, choices=CHANNELS)
    token_sealed = models.TextField()
    token_masked = models.CharField("地址", max_length=20)
    secret_sealed = models.TextField(blank=True, default="")
    added_by = models.BigIntegerField("登记人", null=True)
    added_at = models.DateTimeField("登记时间")
    closed_at = models.DateTimeField("停用时间", null=True)

    class Meta:
        verbose_name = "群机器人"
        constraints = [
            models.UniqueConstraint(
                fields=["org", "channel"], condition=Q(closed_at__isnull=True), name="robot_once_in_an_org"
            )
        ]

    def __str__(self) -> str:
        return f"{self.channel}@{self.org_id}"

    @property
    def token(self) -> str:
        """The token, readable."""
        return decrypt(self.token_sealed, context="notices.robot")

    @property
    def secret(self) -> str:
        """The signing secret, readable; empty if the robot does not sign."""
        return decrypt(self.secret_sealed, context="notices.robot")


class Outgoing(models.Model):
    """待发消息: one message to one person or group by one channel, written in the transaction of what it tells of.

    `key` says which message to whom by which channel: it exists once. `attempts` counts beginnings; an attempt of which
    nothing was heard by `leased_until` is made again, so a crash between sending and marking can send twice.
    `title` and `link` are all that leaves the house.
    """

    CHANNELS = (("mail", _("电子邮件")), ("sms", _("短信")), *Robot.CHANNELS)
    FORMS = (("notice", _("即时")), ("digest", _("每日摘要")), ("test", _("测试")))
    STATES = (
        ("waiting", _("待发")), ("sending", _("发送中")), ("sent", _("已发")), ("given_up", _("发不出去")),
        ("held", _("本周已满，不发")), ("dropped", _("已关闭，不发")),
    )  # fmt: skip

    key = models.CharField(max_length=220, unique=True)
    channel = models.CharField("渠道", max_length=10, choices=CHANNELS)
    form = models.CharField("形式", max_length=8, choices=FORMS)
    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    robot = models.ForeignKey(Robot, null=True, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField("种类", max_length=40, blank=True, default="")
    title = models.CharField("内容", max_length=600)
    link = models.CharField("去处", max_length=200, blank=True, default="")
    state = models.CharField("状态", max_length=10, choices=STATES, default="waiting")
    due_at = models.DateTimeField("应发时间")
    attempts = models.PositiveSmallIntegerField("次数", default=0)
    leased_until = models.DateTimeField(null=True)
    tried_at = models.DateTimeField("最近一次", null=True)
    error = models.CharField("原因", max_length=300, blank=True, default="")
    created_at = models.DateTimeField("写入时间")
    sent_at = models.DateTimeField("发出时间", null=True)

    class Meta:
        verbose_name = "待发消息"
        indexes = [
            models.Index(fields=["due_at"], condition=Q(state__in=("waiting", "sending")), name="outgoing_due"),
            models.Index(fields=["state", "-id"], name="outgoing_state"),
            models.Index(fields=["person", "sent_at"], name="outgoing_person"),
            models.Index(fields=["robot", "tried_at"], name="outgoing_robot"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(person__isnull=True, robot__isnull=False) | Q(person__isnull=False, robot__isnull=True),
                name="outgoing_to_one",
            )
        ]

    def __str__(self) -> str:
        return self.key
