"""Tables of orders. Who asked, how to reach them and what they said in full is sealed; the rest is what others may read."""

import json

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gongjian.desks.orders.states import RAISED, STATES
from gongjian.engines.deadlines.models import Deadline
from gongjian.ground.kernel.crypto import decrypt, encrypt
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Person
from gongjian.records.places.models import Place

CONTACT, SAID = "order.contact", "order.said"


class Order(models.Model):
    """点单: one thing that a resident asks for, from the first word to the last.

    `number` is told and printed; `token_hash` belongs to the private link, which nobody can make from the number.
    `text` is what others may read (contacts hidden; empty for a confidential kind), `said` the words as they were,
    `contact` name, phone and where. `solved` is what counts: the call-back's answer, else the resident's own.
    """

    CHANNELS = (("web", _("网上")), ("account", _("登录后")), ("phone", _("来电")), ("visit", _("来访")))
    INTAKES = (("advice", _("咨询")), ("help", _("求助")), ("complaint", _("投诉")), ("suggestion", _("建议")))

    number = models.CharField("编号", max_length=20, unique=True)
    token_hash = models.CharField(max_length=64, unique=True)
    kind = models.CharField("种类", max_length=40)
    intake = models.CharField("受理类别", max_length=12, choices=INTAKES)
    confidential = models.BooleanField("保密", default=False)
    urgent = models.BooleanField("紧急", default=False)
    channel = models.CharField("来源", max_length=8, choices=CHANNELS, default="web")
    org = models.ForeignKey(Organisation, verbose_name="社区", on_delete=models.PROTECT, related_name="+")
    place = models.ForeignKey(Place, verbose_name="小区或网格", null=True, on_delete=models.PROTECT, related_name="+")
    text = models.TextField("内容", blank=True, default="")
    said_sealed = models.TextField(blank=True, default="")
    contact_sealed = models.TextField(blank=True, default="")
    contact_masked = models.CharField("联系方式", max_length=60, blank=True, default="")
    raised_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    noted_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    raised_at = models.DateTimeField("提出时间")
    state = models.CharField("状态", max_length=12, choices=STATES, default=RAISED)
    version = models.PositiveIntegerField(default=0)
    contact_clock = models.ForeignKey(Deadline, null=True, on_delete=models.PROTECT, related_name="+")
    clock = models.ForeignKey(Deadline, null=True, on_delete=models.PROTECT, related_name="+")
    doer = models.ForeignKey(Person, verbose_name="接单人", null=True, on_delete=models.PROTECT, related_name="+")
    doer_org = models.ForeignKey(
        Organisation, verbose_name="办理组织", null=True, on_delete=models.PROTECT, related_name="+"
    )
    dispatched_by = models.BigIntegerField("派单人", null=True)
    finished_at = models.DateTimeField("办结时间", null=True)
    finished_fact = models.BigIntegerField(null=True)
    result = models.TextField("办理结果", blank=True, default="")
    stars = models.PositiveSmallIntegerField("星级", null=True)
    own_solved = models.BooleanField("本人答复解决", null=True)
    rating = models.CharField("评语", max_length=300, blank=True, default="")
    rated_at = models.DateTimeField("评价时间", null=True)
    solved = models.BooleanField("是否解决", null=True)
    reopened = models.PositiveSmallIntegerField("重办次数", default=0)
    sampled = models.BooleanField("抽中回访", default=False)
    called_at = models.DateTimeField("回访时间", null=True)
    erased_at = models.DateTimeField("删除联系方式时间", null=True)

    class Meta:
        verbose_name = "点单"
        indexes = [
            models.Index(fields=["org", "state", "raised_at"], name="order_org_state"),
            models.Index(fields=["doer", "state"], name="order_doer"),
            models.Index(fields=["doer_org", "state"], name="order_doer_org"),
            models.Index(
                fields=["raised_by", "-raised_at"], name="order_raised_by", condition=Q(raised_by__isnull=False)
            ),
            models.Index(fields=["finished_at"], name="order_to_erase", condition=Q(erased_at__isnull=True)),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(stars__isnull=True) | Q(stars__gte=1, stars__lte=5), name="order_stars"),
            models.CheckConstraint(condition=~Q(state="accepted") | Q(doer__isnull=False), name="order_accepted_by_one"),
            models.CheckConstraint(condition=Q(confidential=False) | Q(text=""), name="order_confidential_sealed"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.number

    @property
    def said(self) -> dict:
        """What was said in full: {"text", "answers": {question: answer}}; only for those who may read it."""
        return json.loads(decrypt(self.said_sealed, context=SAID) or "{}")

    @said.setter
    def said(self, value: dict) -> None:
        self.said_sealed = encrypt(json.dumps(value, ensure_ascii=False), context=SAID)

    @property
    def contact(self) -> dict:
        """{"name", "phone", "where"}; only through `actions.see_contact`, which leaves a fact."""
        return json.loads(decrypt(self.contact_sealed, context=CONTACT) or "{}")

    @contact.setter
    def contact(self, value: dict) -> None:
        self.contact_sealed = encrypt(json.dumps(value, ensure_ascii=False), context=CONTACT)


class Step(models.Model):
    """经过: one thing that happened to an order, with a note that holds no contacts. `key` keeps what happens once a day."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="steps")
    deed = models.CharField(max_length=20)
    at = models.DateTimeField("时间")
    by = models.BigIntegerField("谁", null=True)
    person = models.BigIntegerField("对谁", null=True)
    note = models.CharField("说明", max_length=500, blank=True, default="")
    open = models.BooleanField("居民可见", default=True)
    key = models.CharField(max_length=80, unique=True, null=True)

    class Meta:
        verbose_name = "经过"
        indexes = [models.Index(fields=["order", "id"], name="order_step")]

    def __str__(self) -> str:
        return f"{self.order_id}: {self.deed}"


class Helper(models.Model):
    """帮手: somebody whom the doer called in; they see what the doer sees while it lasts."""

    order = models.ForeignKey(Order, on_delete=models.CASCADE, related_name="helpers")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    called_by = models.BigIntegerField()
    called_at = models.DateTimeField()

    class Meta:
        verbose_name = "帮手"
        constraints = [models.UniqueConstraint(fields=["order", "person"], name="helper_once")]

    def __str__(self) -> str:
        return f"{self.order_id}+{self.person_id}"


class Sender(models.Model):
    """来处: how many orders came from one address (a keyed hash) in one hour or day; dropped the day after."""

    address = models.CharField(max_length=64)
    window = models.CharField(max_length=16)
    count = models.PositiveSmallIntegerField(default=0)
    at = models.DateTimeField()

    class Meta:
        verbose_name = "来处"
        indexes = [models.Index(fields=["at"], name="sender_at")]
        constraints = [models.UniqueConstraint(fields=["address", "window"], name="sender_window")]

    def __str__(self) -> str:
        return self.window
