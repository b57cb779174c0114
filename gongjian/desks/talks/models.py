"""Tables of talks and anniversaries. What was said is sealed, and is for the two alone."""

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.crypto import decrypt, encrypt
from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Person

NOTE = "talk.note"


class Talk(models.Model):
    """谈心谈话: two members of a branch talked on a day. `low` and `high` are the two, by id; the note is sealed."""

    FORMS = (("face", _("面谈")), ("visit", _("上门")), ("phone", _("电话")), ("video", _("视频")))
    LINES = (("committee", _("支委之间")), ("committee_and_members", _("支委和党员")), ("members", _("党员之间")))

    org = models.ForeignKey(Organisation, verbose_name="党支部", on_delete=models.PROTECT, related_name="+")
    low = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    high = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    line = models.CharField("范围", max_length=24, choices=LINES)
    on = models.DateField("日期", db_column="on_day")
    form = models.CharField("方式", max_length=8, choices=FORMS)
    note_sealed = models.TextField(blank=True, default="")
    recorded_by = models.BigIntegerField("记录人")
    recorded_at = models.DateTimeField("记录时间")
    fact = models.BigIntegerField(null=True)
    withdrawn_at = models.DateTimeField("撤回时间", null=True)
    withdrawn_by = models.BigIntegerField("撤回人", null=True)

    class Meta:
        verbose_name = "谈心谈话"
        indexes = [
            models.Index(fields=["org", "on"], name="talk_org"),
            models.Index(fields=["low", "on"], name="talk_low"),
            models.Index(fields=["high", "on"], name="talk_high"),
        ]
        constraints = [
            models.CheckConstraint(condition=Q(low__lt=F("high")), name="talk_two"),
            models.UniqueConstraint(
                fields=["low", "high", "on"], condition=Q(withdrawn_at__isnull=True), name="talk_once_a_day"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.low_id}×{self.high_id} {self.on}"

    @property
    def note(self) -> str:
        """The private note, readable."""
        return decrypt(self.note_sealed, context=NOTE)

    @note.setter
    def note(self, text: str) -> None:
        self.note_sealed = encrypt(text, context=NOTE)

    def other(self, person: int) -> int:
        """The other one's id."""
        return self.high_id if person == self.low_id else self.low_id


class Wish(models.Model):
    """政治生日意愿: whether somebody wants a card, and whether their name may stand on the branch's list. No row: no."""

    person = models.OneToOneField(Person, on_delete=models.PROTECT, related_name="+")
    card = models.BooleanField("准备贺卡", default=False)
    listed = models.BooleanField("在支部公开", default=False)
    changed_at = models.DateTimeField("时间")

    class Meta:
        verbose_name = "政治生日意愿"
        constraints = [models.CheckConstraint(condition=Q(card=True) | Q(listed=False), name="wish_listed_with_card")]

    def __str__(self) -> str:
        return str(self.person_id)


class Card(models.Model):
    """政治生日贺卡: prepared some days before, sent by the secretary to the one person it is for."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    org = models.ForeignKey(Organisation, verbose_name="党支部", on_delete=models.PROTECT, related_name="+")
    day = models.DateField("政治生日")
    years = models.PositiveSmallIntegerField("党龄")
    words = models.CharField("寄语", max_length=300)
    prepared_at = models.DateTimeField("准备时间")
    sent_at = models.DateTimeField("送出时间", null=True)
    sent_by = models.ForeignKey(Person, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "政治生日贺卡"
        indexes = [models.Index(fields=["org", "day"], name="card_org")]
        constraints = [models.UniqueConstraint(fields=["person", "day"], name="card_once_a_year")]

    def __str__(self) -> str:
        return f"{self.person_id} {self.day}"
