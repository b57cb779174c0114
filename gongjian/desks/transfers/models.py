"""Tables of 组织关系: transfers, letters, members away, members lost, decisions on 党籍."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from gongjian.desks.transfers.states import ASKED, CASE_OPEN, CASE_STATES, OPEN, PROPOSED, STATES
from gongjian.ground.kernel.crypto import decrypt, encrypt, keyed_hash
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Membership, Person


def org_key(word: str, **more: object) -> models.ForeignKey:
    """A key to an organisation, downward and without a way back."""
    return models.ForeignKey(Organisation, verbose_name=word, on_delete=models.PROTECT, related_name="+", **more)


class Transfer(models.Model):
    """组织关系转接: one member's way from one branch to another, out of the city, or into it.

    `from_org`, `to_org` are branches; `from_committee`, `to_committee` write and take the letter. What lies outside the
    platform is a text. `holder` is who has it in hand, `due_on` until when. `to_org` may be open until the new
    committee names the branch. A newcomer is no person of ours before the end (`person` is empty, see `Newcomer`).
    """

    DIRECTIONS = (("city", _("市内转接")), ("out", _("转出市外")), ("in", _("市外转入")))

    person = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")
    name = models.CharField("姓名", max_length=60)
    direction = models.CharField("类别", max_length=4, choices=DIRECTIONS)
    from_org = org_key("转出支部", null=True)
    from_committee = org_key("转出党委", null=True)
    from_name = models.CharField("转出党组织（市外）", max_length=200, blank=True, default="")
    to_org = org_key("转入支部", null=True)
    to_committee = org_key("转入党委", null=True)
    to_name = models.CharField("转入党组织（市外）", max_length=200, blank=True, default="")
    holder = org_key("由谁办理", null=True)
    due_on = models.DateField("办理期限", null=True)
    reason = models.CharField("事由", max_length=40)
    note = models.CharField("说明", max_length=300, blank=True, default="")
    dues_until = models.CharField("党费交至", max_length=7, blank=True, default="")
    state = models.CharField("状态", max_length=12, choices=STATES, default=ASKED)
    version = models.PositiveIntegerField(default=1)
    answer = models.CharField("退回、不接收的理由", max_length=400, blank=True, default="")
    refusal_cause = models.CharField("不接收的事由", max_length=40, blank=True, default="")
    refused_by = org_key("不接收的组织", null=True)
    objection = models.CharField("异议", max_length=400, blank=True, default="")
    batch = models.CharField("批次", max_length=40, blank=True, default="", db_index=True)
    started_by = models.BigIntegerField("发起人", null=True)
    asked_by_member = models.BooleanField("本人申请", default=False)
    created_at = models.DateTimeField("发起时间")
    finished_at = models.DateTimeField("办结时间", null=True)

    class Meta:
        verbose_name = "组织关系转接"
        indexes = [
            models.Index(fields=["state", "due_on"], name="transfer_state"),
            models.Index(fields=["holder", "due_on"], name="transfer_holder"),
            models.Index(fields=["person", "-id"], name="transfer_person"),
        ]
        constraints = [
            # two deeds at once: one person is never on two ways
            models.UniqueConstraint(fields=["person"], condition=Q(state__in=OPEN), name="transfer_one_open"),
            models.CheckConstraint(
                condition=Q(direction="in") | (Q(person__isnull=False) & Q(from_org__isnull=False)), name="transfer_from"
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.name}:{self.direction}:{self.state}"

    @property
    def org(self) -> Organisation:
        """The organisation that acts: the one set for the deed, else who has it in hand."""
        return getattr(self, "acting", None) or self.holder or self.to_org or self.from_org

    @property
    def org_id(self) -> int:
        """Its id, for the fact."""
        return self.org.pk

    @property
    def is_open(self) -> bool:
        """Whether it is still on its way."""
        return self.state in OPEN

    @property
    def from_text(self) -> str:
        """Where from, in words."""
        return self.from_org.name if self.from_org_id else self.from_name

    @property
    def to_text(self) -> str:
        """Where to, in words."""
        place = self.to_org or self.to_committee
        return place.name if place else self.to_name


class Newcomer(models.Model):
    """转入人员资料: who comes with a letter from outside, kept sealed until the branch accepts, then wiped."""

    transfer = models.OneToOneField(Transfer, on_delete=models.PROTECT, related_name="newcomer")
    identity_sealed = models.TextField(blank=True, default="")
    identity_hash = models.CharField(max_length=64, null=True)
    identity_masked = models.CharField("身份证号", max_length=30, blank=True, default="")
    phone_sealed = models.TextField(blank=True, default="")
    phone_masked = models.CharField("电话", max_length=30, blank=True, default="")
    kind = models.CharField("人员类别", max_length=12, choices=Membership.KINDS)
    joined_on = models.DateField("入党日期")
    formal_on = models.DateField("转正日期", null=True)
    live = models.BooleanField(default=True)

    class Meta:
        verbose_name = "转入人员资料"
        constraints = [
            models.UniqueConstraint(fields=["identity_hash"], condition=Q(live=True), name="newcomer_once"),
        ]

    def __str__(self) -> str:
        return str(self.transfer_id)

    def seal(self, identity: str, phone: str) -> None:
        """Put checked numbers in sealed."""
        self.identity_sealed = encrypt(identity, context="newcomer.identity")
        self.identity_hash = keyed_hash(identity, context="person.identity")
        self.phone_sealed = encrypt(phone, context="newcomer.phone") if phone else ""

    def unsealed(self) -> tuple[str, str]:
        """Identity number and phone, for the deed that registers the person."""
        return (
            decrypt(self.identity_sealed, context="newcomer.identity"), decrypt(self.phone_sealed, context="newcomer.phone"),
        )  # fmt: skip


class LetterSeries(models.Model):
    """介绍信编号: the last number that a committee gave out in a year; its row is the lock that keeps numbers without holes."""

    issuer = org_key("开具党委")
    series = models.CharField("种类", max_length=40, blank=True, default="")  # "" letters, else the pack's paper
    year = models.PositiveSmallIntegerField("年度")
    last = models.PositiveIntegerField("最后一号", default=0)

    class Meta:
        verbose_name = "介绍信编号"
        constraints = [models.UniqueConstraint(fields=["issuer", "series", "year"], name="letter_series_once")]

    def __str__(self) -> str:
        return f"{self.issuer_id}:{self.year}:{self.last}"


class Letter(models.Model):
    """介绍信: one sheet in three parts (存根、介绍信、回执), ours with a number of our series, or keyed in from outside.

    A lost or returned one is void and keeps its number; `replaces` names the one before.
    """

    STATES = (("live", _("有效")), ("void", _("已作废")), ("used", _("已收到回执")))

    transfer = models.ForeignKey(Transfer, on_delete=models.PROTECT, related_name="letters")
    issuer = org_key("开具党委", null=True)
    issuer_name = models.CharField("开具党组织（市外）", max_length=200, blank=True, default="")
    year = models.PositiveSmallIntegerField("年度", null=True)
    number = models.PositiveIntegerField("号", null=True)
    serial = models.CharField("编号", max_length=120)
    issued_on = models.DateField("开具日期")
    days = models.PositiveSmallIntegerField("有效期（天）")
    expires_on = models.DateField("有效期至")
    extended = models.PositiveSmallIntegerField("延期次数", default=0)
    state = models.CharField("状态", max_length=8, choices=STATES, default="live")
    void_reason = models.CharField("作废原因", max_length=200, blank=True, default="")
    replaces = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")
    issued_by = models.BigIntegerField("经办人", null=True)
    receipt_on = models.DateField("回执日期", null=True)
    receipt_by = models.CharField("回执单位", max_length=200, blank=True, default="")

    class Meta:
        verbose_name = "介绍信"
        constraints = [
            models.UniqueConstraint(fields=["issuer", "year", "number"], name="letter_number_once"),
            models.UniqueConstraint(fields=["transfer"], condition=Q(state="live"), name="letter_one_live"),
            models.UniqueConstraint(
                fields=["issuer_name", "serial"], condition=Q(issuer__isnull=True) & ~Q(state="void"),
                name="letter_outside_once",
            ),
        ]  # fmt: skip

    def __str__(self) -> str:
        return self.serial


class Stay(models.Model):
    """流动党员登记: a member away whose 组织关系 stays at home: since when, where to, who keeps contact, who hosts."""

    STATES = (("away", _("外出")), ("returned", _("已返回")), ("transferred", _("已转接组织关系")))

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    org = org_key("组织关系所在支部")
    place = models.CharField("外出地点", max_length=60)
    abroad = models.BooleanField("在国（境）外", default=False)
    since = models.DateField("外出日期")
    back_by = models.DateField("预计返回", null=True)
    contact = models.ForeignKey(Person, verbose_name="联系人", null=True, on_delete=models.PROTECT, related_name="+")
    host = org_key("流入地党支部", null=True)
    document = models.CharField("外出凭证", max_length=40, blank=True, default="")
    document_number = models.CharField("凭证编号", max_length=40, blank=True, default="")
    state = models.CharField("状态", max_length=12, choices=STATES, default="away")
    ended_on = models.DateField("返回日期", null=True)
    asked_on = models.DateField("询问是否转接", null=True)
    stays_because = models.CharField("暂不转接的原因", max_length=200, blank=True, default="")
    last_contact = models.DateField("最近联系")

    class Meta:
        verbose_name = "流动党员登记"
        indexes = [
            models.Index(fields=["org", "state"], name="stay_org"),
            models.Index(fields=["host"], name="stay_host"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(state="away"), name="stay_one_open"),
        ]  # fmt: skip

    def __str__(self) -> str:
        return f"{self.person_id}:{self.place}"


class StayPaper(models.Model):
    """外出凭证: a letter of proof or a card of a stay away, with a number of the committee's series for its kind.

    One that is lost or replaced is void and keeps its number; one that was given back is handed in.
    """

    STATES = (("live", _("有效")), ("void", _("已作废")), ("handed_in", _("已收回")))

    stay = models.ForeignKey(Stay, on_delete=models.PROTECT, related_name="papers")
    document = models.CharField("种类", max_length=40)
    issuer = org_key("开具党委")
    year = models.PositiveSmallIntegerField("年度")
    number = models.PositiveIntegerField("号")
    serial = models.CharField("编号", max_length=160)
    purpose = models.CharField("用途", max_length=60)
    starts_on = models.DateField("外出日期")
    until = models.DateField("预计返回", null=True)
    issued_on = models.DateField("开具日期")
    issued_by = models.BigIntegerField("经办人", null=True)
    state = models.CharField("状态", max_length=10, choices=STATES, default="live")
    void_reason = models.CharField("作废原因", max_length=200, blank=True, default="")
    replaces = models.ForeignKey("self", null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "外出凭证"
        constraints = [
            models.UniqueConstraint(fields=["issuer", "document", "year", "number"], name="stay_paper_number_once"),
            models.UniqueConstraint(fields=["stay"], condition=Q(state="live"), name="stay_paper_one_live"),
        ]

    def __str__(self) -> str:
        return self.serial


class Contact(models.Model):
    """联系记录: that contact was made, or tried in vain, on a day; not what was said nor where the person is."""

    WAYS = (
        ("phone", _("电话")),
        ("online", _("网络")),
        ("visit", _("上门")),
        ("family", _("通过家属、熟人")),
        ("other", _("其他")),
    )

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    org = org_key("支部")
    on = models.DateField("日期")
    way = models.CharField("方式", max_length=8, choices=WAYS)
    made = models.BooleanField("联系上了")
    by = models.BigIntegerField("经办人", null=True)

    class Meta:
        verbose_name = "联系记录"
        indexes = [models.Index(fields=["person", "-on"], name="contact_person")]
        constraints = [models.UniqueConstraint(fields=["person", "on", "way", "made"], name="contact_once")]

    def __str__(self) -> str:
        return f"{self.person_id}:{self.on}"


class HostReport(models.Model):
    """流入地反馈: what the host branch reports home of a member's year (民主评议)."""

    stay = models.ForeignKey(Stay, on_delete=models.PROTECT, related_name="reports")
    year = models.PositiveSmallIntegerField("年度")
    opinion = models.CharField("意见", max_length=300)
    by = models.BigIntegerField("经办人", null=True)
    at = models.DateTimeField("反馈时间")

    class Meta:
        verbose_name = "流入地反馈"
        constraints = [models.UniqueConstraint(fields=["stay", "year"], name="host_report_once")]

    def __str__(self) -> str:
        return f"{self.stay_id}:{self.year}"


class StandingCase(models.Model):
    """党籍处理: proposed by people, decided by the branch meeting, approved by the higher organisation."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    org = org_key("支部")
    kind = models.CharField("事项", max_length=40)
    finding = models.CharField("支部核实的情况", max_length=500)
    since = models.DateField("事由起始", null=True)
    until = models.DateField("改正期限", null=True)
    state = models.CharField("状态", max_length=14, choices=CASE_STATES, default=PROPOSED)
    version = models.PositiveIntegerField(default=1)
    proposed_at = models.DateTimeField("提出时间")
    proposed_by = models.BigIntegerField("提出人", null=True)
    meeting_on = models.DateField("支部大会日期", null=True)
    entitled = models.PositiveIntegerField("应到会有表决权人数", null=True)
    present = models.PositiveIntegerField("实到会有表决权人数", null=True)
    yes = models.PositiveIntegerField("赞成", null=True)
    no = models.PositiveIntegerField("反对", null=True)
    abstain = models.PositiveIntegerField("弃权", null=True)
    approver = org_key("批准机关", null=True)
    approved_on = models.DateField("批准日期", null=True)
    approval_number = models.CharField("批准文号", max_length=60, blank=True, default="")
    answer = models.CharField("批复、结果", max_length=300, blank=True, default="")
    barred_until = models.DateField("不得重新入党至", null=True)

    class Meta:
        verbose_name = "党籍处理"
        indexes = [models.Index(fields=["org", "state"], name="case_org")]
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(state__in=CASE_OPEN), name="case_one_open"),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}:{self.kind}:{self.state}"
