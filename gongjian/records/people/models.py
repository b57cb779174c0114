from django.db import models
from django.db.models import F, Q

from gongjian.ground.kernel.crypto import decrypt
from gongjian.records.orgs.models import Organisation

PROTECTED = ("identity", "phone", "address")


class Person(models.Model):
    """人员: one human being, once. Being a member, a resident, a volunteer or an officer is a relation with dates.

    Identity number, phone and address are kept encrypted (`…_sealed`) and shown masked (`…_masked`); the first two are
    found by a keyed hash. Reading one in full goes through `actions.unmask`, which asks a purpose and leaves a fact.
    """

    SEXES = (("1", "男"), ("2", "女"), ("9", "未说明"))  # GB/T 2261.1

    name = models.CharField("姓名", max_length=60)
    pinyin = models.CharField(max_length=200, blank=True, default="")
    initials = models.CharField(max_length=60, blank=True, default="")
    sex = models.CharField("性别", max_length=1, choices=SEXES, default="9")
    ethnic = models.CharField("民族", max_length=2, blank=True, default="")  # GB/T 3304
    birth_date = models.DateField("出生日期", null=True, blank=True)
    education = models.CharField("学历", max_length=2, blank=True, default="")  # GB/T 4658
    degree = models.CharField("学位", max_length=3, blank=True, default="")  # GB/T 6864
    work_unit = models.CharField("工作单位", max_length=200, blank=True, default="")
    occupation = models.CharField("工作岗位", max_length=40, blank=True, default="")
    identity_sealed = models.TextField(blank=True, default="")
    identity_hash = models.CharField(max_length=64, null=True, unique=True)
    identity_masked = models.CharField("身份证号", max_length=30, blank=True, default="")
    phone_sealed = models.TextField(blank=True, default="")
    phone_hash = models.CharField(max_length=64, blank=True, default="", db_index=True)
    phone_masked = models.CharField("电话", max_length=30, blank=True, default="")
    address_sealed = models.TextField(blank=True, default="")
    address_masked = models.CharField("住址", max_length=60, blank=True, default="")
    died_on = models.DateField("去世日期", null=True, blank=True)
    registered_at = models.DateTimeField("登记时间")

    class Meta:
        verbose_name = "人员"
        indexes = [
            models.Index(fields=["name", "id"], name="person_name"),
            models.Index(fields=["initials"], name="person_initials"),
        ]

    def __str__(self) -> str:
        return self.name

    def unsealed(self, field: str) -> str:
        """The full value of a protected field; only for `actions.unmask` and exports that record their purpose."""
        if field not in PROTECTED:
            raise KeyError(field)
        return decrypt(getattr(self, f"{field}_sealed"), context=f"person.{field}")


class Dated(models.Model):
    """有起止的关系 (abstract): from a day (inside) to a day (outside); open while it lasts."""

    starts_on = models.DateField("起")
    ends_on = models.DateField("止（不含）", null=True, blank=True)
    end_reason = models.CharField("结束原因", max_length=200, blank=True, default="")

    class Meta:
        abstract = True

    @staticmethod
    def current_q(day, prefix: str = "") -> Q:
        """Condition: holds on that day."""
        return Q(**{f"{prefix}starts_on__lte": day}) & (
            Q(**{f"{prefix}ends_on__isnull": True}) | Q(**{f"{prefix}ends_on__gt": day})
        )


class Membership(Dated):
    """党员身份: the branch that holds a member's 组织关系, from one day to another.

    `state_since` is the day from which the 党籍 state holds (None: from the beginning). `end_kind` is one of the pack's
    kinds of leaving, `barred_until` the first day on which the person may be admitted again (DOMAIN 2.2.4).
    """

    KINDS = (("formal", "正式党员"), ("probationary", "预备党员"))
    STATES = (("normal", "正常"), ("suspended", "权利暂停"), ("stopped", "停止党籍"))

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="memberships")
    org = models.ForeignKey(Organisation, verbose_name="所在党支部", on_delete=models.PROTECT, related_name="+")
    group = models.ForeignKey(
        Organisation, verbose_name="党小组", null=True, blank=True, on_delete=models.PROTECT, related_name="+"
    )
    kind = models.CharField("人员类别", max_length=12, choices=KINDS)
    state = models.CharField("党籍状态", max_length=12, choices=STATES, default="normal")
    joined_on = models.DateField("入党日期")
    formal_on = models.DateField("转正日期", null=True, blank=True)
    mobile = models.BooleanField("流动党员", default=False)
    mobile_to = models.CharField("外出地点", max_length=60, blank=True, default="")
    lost_since = models.DateField("失去联系日期", null=True, blank=True)
    state_since = models.DateField("党籍状态起始", null=True, blank=True)
    end_kind = models.CharField("减少种类", max_length=40, blank=True, default="")
    barred_until = models.DateField("不得重新入党至", null=True, blank=True)

    class Meta:
        verbose_name = "党员身份"
        indexes = [models.Index(fields=["org", "ends_on"], name="membership_org")]
        constraints = [
            models.UniqueConstraint(fields=["person"], condition=Q(ends_on__isnull=True), name="membership_one_open"),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="membership_dates"
            ),
            models.CheckConstraint(
                condition=Q(kind="probationary") | Q(formal_on__isnull=False), name="membership_formal_has_date"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}@{self.org_id}"


class Appointment(Dated):
    """任职: a person in a post of an organisation, such as secretary or part-time member of a joint committee."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="appointments")
    org = models.ForeignKey(Organisation, verbose_name="组织", on_delete=models.PROTECT, related_name="+")
    post = models.CharField("职务", max_length=40)
    part_time = models.BooleanField("兼职", default=False)
    sending_unit = models.CharField("派出单位", max_length=200, blank=True, default="")

    class Meta:
        verbose_name = "任职"
        indexes = [
            models.Index(fields=["org", "ends_on"], name="appointment_org"),
            models.Index(fields=["person", "ends_on"], name="appointment_person"),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "org", "post"], condition=Q(ends_on__isnull=True), name="appointment_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}:{self.post}@{self.org_id}"


class Relation(Dated):
    """其他关系: resident, volunteer, liaison of a unit, community worker, applicant for membership, guest.

    An applicant is kept by admissions; a guest (流动党员 of another branch, DOMAIN 2.2.12) by transfers. Neither is made by
    hand, and a guest's particulars stay with the home branch: being a guest shows a person to nobody.
    """

    KINDS = (
        ("resident", "居民"), ("volunteer", "志愿者"), ("liaison", "共建联建员"), ("worker", "专职工作者"),
        ("applicant", "入党申请人"), ("guest", "流动党员（组织关系在外）"),
    )  # fmt: skip
    BY_HAND = KINDS[:-2]  # an applicant and a guest are made and ended by their rooms only

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="relations")
    org = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField("关系", max_length=12, choices=KINDS)

    class Meta:
        verbose_name = "关系"
        indexes = [models.Index(fields=["org", "kind", "ends_on"], name="relation_org")]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "org", "kind"], condition=Q(ends_on__isnull=True), name="relation_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}:{self.kind}@{self.org_id}"


class Circumstance(Dated):
    """不计入应到情形: why a member has no vote for a time, or may be left out of 应到会; `kind` is one of the pack's.

    Sensitive (illness, detention): read only by those who manage people at the member's branch, and by the member.
    `consented_by` is the higher organisation that agreed, `evidence` what its consent and the circumstance rest on.
    """

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="circumstances")
    kind = models.CharField("情形", max_length=40)
    evidence = models.CharField("依据说明", max_length=300)
    consented_by = models.CharField("同意的上级组织", max_length=120, blank=True, default="")
    consented_on = models.DateField("上级同意日期", null=True, blank=True)
    noted_by = models.BigIntegerField("登记人", null=True)

    class Meta:
        verbose_name = "不计入应到情形"
        indexes = [models.Index(fields=["person", "ends_on"], name="circumstance_person")]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "kind"], condition=Q(ends_on__isnull=True), name="circumstance_one_open"
            ),
            models.CheckConstraint(
                condition=Q(ends_on__isnull=True) | Q(ends_on__gte=F("starts_on")), name="circumstance_dates"
            ),
            models.CheckConstraint(
                condition=Q(consented_by="", consented_on__isnull=True)
                | (~Q(consented_by="") & Q(consented_on__isnull=False)),
                name="circumstance_consent",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}:{self.kind}"


class CorrectionRequest(models.Model):
    """更正申请: a person asks that something in their own record be put right; answered with reasons."""

    FIELDS = (
        ("name", "姓名"), ("sex", "性别"), ("ethnic", "民族"), ("birth_date", "出生日期"), ("identity", "身份证号"),
        ("phone", "电话"), ("address", "住址"), ("education", "学历"), ("degree", "学位"), ("work_unit", "工作单位"),
        ("membership", "党员身份"), ("post", "职务"), ("other", "其他"),
    )  # fmt: skip
    STATES = (("waiting", "待办理"), ("approved", "已采纳"), ("rejected", "未采纳"))

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    org = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    field = models.CharField("项目", max_length=20, choices=FIELDS)
    wanted = models.CharField("应当是", max_length=500)
    state = models.CharField("状态", max_length=12, choices=STATES, default="waiting")
    asked_at = models.DateTimeField("申请时间")
    answer = models.CharField("答复", max_length=500, blank=True, default="")
    answered_by = models.BigIntegerField(null=True)
    answered_at = models.DateTimeField("答复时间", null=True)

    class Meta:
        verbose_name = "更正申请"
        indexes = [models.Index(fields=["state", "asked_at"], name="correction_state")]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "field"], condition=Q(state="waiting"), name="correction_one_waiting"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}:{self.field}"
