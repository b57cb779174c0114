from django.db import models
from django.db.models import F, Q

from gongjian.ground.policy.models import PackVersion
from gongjian.outlets.trial.states import BUSY, DRAFT_STATES, DRAFTING, TRIAL_STATES, WAITING
from gongjian.records.orgs.models import Organisation


class Draft(models.Model):
    """政策草案: what somebody wants to change in the city's pack, until it is published or given up.

    `base` is the content of the newest pack when it was begun, `uploaded` that of files given instead (null: none),
    `edits` what was changed in the forms on top. `revision` counts saves: who saves over another's is told.
    """

    title = models.CharField("名称", max_length=80)
    reason = models.TextField("理由", blank=True, default="")
    state = models.CharField("状态", max_length=10, choices=DRAFT_STATES, default=DRAFTING)
    pack = models.CharField("政策包", max_length=64)
    base = models.JSONField()
    base_version = models.CharField("底稿版本", max_length=32)
    base_digest = models.CharField(max_length=64)
    uploaded = models.JSONField(null=True)
    edits = models.JSONField(default=dict)
    revision = models.PositiveIntegerField(default=1)
    author = models.BigIntegerField("起草人", null=True)
    created_at = models.DateTimeField("起草时间")
    changed_at = models.DateTimeField("最近修改")
    effective_from = models.DateField("生效日期", null=True)
    version = models.CharField("版本号", max_length=32, blank=True, default="")
    submitted_by = models.BigIntegerField("提交人", null=True)
    submitted_at = models.DateTimeField("提交时间", null=True)
    decided_by = models.BigIntegerField("批准人", null=True)
    decided_at = models.DateTimeField("批准时间", null=True)
    returned = models.CharField("退回意见", max_length=500, blank=True, default="")
    published = models.ForeignKey(PackVersion, null=True, on_delete=models.PROTECT, related_name="+")

    class Meta:
        verbose_name = "政策草案"
        indexes = [models.Index(fields=["state", "-id"], name="policy_draft_state")]
        constraints = [
            models.CheckConstraint(
                condition=Q(decided_by__isnull=True) | ~Q(decided_by=F("submitted_by")), name="policy_draft_two_persons"
            ),
            models.CheckConstraint(
                condition=~Q(state="published") | Q(published__isnull=False), name="policy_draft_published_as_version"
            ),
        ]

    def __str__(self) -> str:
        return self.title


class Trial(models.Model):
    """试算: a draft replayed over a year beside the pack it starts from; its parts are judged by whoever is free.

    `before` and `after` are the two packs' contents as they were judged, `upto` the stream's last number then.
    """

    draft = models.ForeignKey(Draft, on_delete=models.CASCADE, related_name="trials")
    year = models.PositiveSmallIntegerField("年度")
    state = models.CharField("状态", max_length=10, choices=TRIAL_STATES, default=WAITING)
    before = models.JSONField()
    after = models.JSONField()
    digest = models.CharField(max_length=64)
    day = models.DateField("试算日")
    upto = models.BigIntegerField()
    asked_by = models.BigIntegerField("发起人", null=True)
    asked_at = models.DateTimeField("发起时间")
    started_at = models.DateTimeField("开始时间", null=True)
    finished_at = models.DateTimeField("结束时间", null=True)
    failure = models.CharField("失败原因", max_length=500, blank=True, default="")
    results = models.JSONField(null=True)

    class Meta:
        verbose_name = "试算"
        indexes = [models.Index(fields=["draft", "-id"], name="policy_trial_draft")]
        constraints = [
            models.UniqueConstraint(
                fields=["draft", "year", "digest"], condition=Q(state__in=BUSY), name="policy_trial_one_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.draft_id} {self.year}"


class Part(models.Model):
    """试算的一部分: some subjects of a trial, judged by one process; its result stays when the process is killed."""

    STATES = (("waiting", "等待"), ("working", "进行"), ("done", "完成"))
    KINDS = (("standings", "达标"), ("organisation", "组织积分"), ("person", "党员积分"))

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="parts")
    kind = models.CharField(max_length=12, choices=KINDS)
    place = models.PositiveIntegerField()
    low = models.BigIntegerField()
    high = models.BigIntegerField()
    weight = models.PositiveIntegerField()
    state = models.CharField(max_length=8, choices=STATES, default="waiting")
    claim = models.CharField(max_length=32, blank=True, default="")
    heartbeat = models.DateTimeField(null=True)
    attempts = models.PositiveSmallIntegerField(default=0)
    result = models.JSONField(null=True)

    class Meta:
        verbose_name = "试算的一部分"
        indexes = [models.Index(fields=["state", "trial", "place"], name="policy_trial_part_state")]
        constraints = [models.UniqueConstraint(fields=["trial", "place"], name="policy_trial_part_once")]

    def __str__(self) -> str:
        return f"{self.trial_id} {self.kind} {self.low}"


class Lack(models.Model):
    """试算中的不达标: an organisation that lacks something of a duty by either pack, counted in periods of the year."""

    trial = models.ForeignKey(Trial, on_delete=models.CASCADE, related_name="lacks")
    org = models.ForeignKey(Organisation, verbose_name="组织", on_delete=models.PROTECT, related_name="+")
    duty = models.CharField("规定动作", max_length=60)
    short_before = models.PositiveSmallIntegerField("现行：不达标")
    short_after = models.PositiveSmallIntegerField("草案：不达标")
    good_before = models.PositiveSmallIntegerField("现行：已补")
    good_after = models.PositiveSmallIntegerField("草案：已补")

    class Meta:
        verbose_name = "试算中的不达标"
        constraints = [models.UniqueConstraint(fields=["trial", "org", "duty"], name="policy_trial_lack_once")]

    def __str__(self) -> str:
        return f"{self.org_id} {self.duty}"
