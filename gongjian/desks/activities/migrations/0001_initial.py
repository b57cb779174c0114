import django.db.models.deletion
from django.db import migrations, models

import gongjian.desks.activities.models


class Migration(migrations.Migration):
    initial = True

    dependencies = [
        ("orgs", "0001_initial"),
        ("people", "0001_initial"),
    ]

    operations = [
        migrations.CreateModel(
            name="Activity",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("kind", models.CharField(max_length=40, verbose_name="类型")),
                ("title", models.CharField(max_length=120, verbose_name="主题")),
                ("starts_at", models.DateTimeField(verbose_name="开始时间")),
                ("ends_at", models.DateTimeField(verbose_name="结束时间")),
                ("place", models.CharField(blank=True, default="", max_length=120, verbose_name="地点")),
                ("agenda", models.JSONField(blank=True, default=list, verbose_name="议程")),
                (
                    "audience",
                    models.CharField(
                        choices=[
                            ("members", "全体党员"),
                            ("committee", "委员"),
                            ("group", "党小组党员"),
                            ("chosen", "指定人员"),
                            ("open", "自愿参加"),
                        ],
                        max_length=12,
                        verbose_name="参加范围",
                    ),
                ),
                ("counts_for", models.CharField(blank=True, max_length=7, null=True, verbose_name="补哪一期")),
                ("learning_minutes", models.PositiveIntegerField(default=0, verbose_name="学习时长（分钟）")),
                (
                    "state",
                    models.CharField(
                        choices=[
                            ("planned", "已安排"),
                            ("notified", "已通知"),
                            ("open", "签到中"),
                            ("held", "已召开"),
                            ("signed_off", "已签字确认"),
                            ("cancelled", "已取消"),
                        ],
                        default="planned",
                        max_length=12,
                        verbose_name="状态",
                    ),
                ),
                ("version", models.PositiveIntegerField(default=1)),
                ("expected_count", models.PositiveIntegerField(null=True, verbose_name="应到")),
                ("present_count", models.PositiveIntegerField(null=True, verbose_name="实到")),
                ("cancel_reason", models.CharField(blank=True, default="", max_length=200, verbose_name="取消原因")),
                ("created_by", models.BigIntegerField(null=True, verbose_name="安排人")),
                ("created_at", models.DateTimeField(verbose_name="安排时间")),
                ("signed_by", models.BigIntegerField(null=True, verbose_name="签字人")),
                ("signed_at", models.DateTimeField(null=True, verbose_name="签字时间")),
                ("secret", models.CharField(default=gongjian.desks.activities.models.new_secret, max_length=64)),
                ("source", models.CharField(max_length=120, null=True, unique=True)),
                (
                    "org",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="orgs.organisation",
                        verbose_name="举办组织",
                    ),
                ),
            ],
            options={
                "verbose_name": "活动",
            },
        ),
        migrations.CreateModel(
            name="Attendance",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                (
                    "status",
                    models.CharField(
                        choices=[("expected", "待签到"), ("present", "已到"), ("excused", "请假"), ("absent", "未到")],
                        default="expected",
                        max_length=12,
                        verbose_name="到会",
                    ),
                ),
                (
                    "role",
                    models.CharField(
                        choices=[("attendee", "参加"), ("chair", "主持"), ("lecturer", "主讲")],
                        default="attendee",
                        max_length=12,
                        verbose_name="角色",
                    ),
                ),
                (
                    "method",
                    models.CharField(
                        blank=True,
                        choices=[("code", "扫码"), ("list", "名单"), ("import", "导入")],
                        default="",
                        max_length=12,
                        verbose_name="签到方式",
                    ),
                ),
                ("checked_in_at", models.DateTimeField(null=True, verbose_name="签到时间")),
                ("rounds", models.PositiveSmallIntegerField(default=0)),
                (
                    "excuse_reason",
                    models.CharField(
                        blank=True,
                        choices=[
                            ("work", "工作原因"),
                            ("ill", "身体原因"),
                            ("away", "外出"),
                            ("family", "家庭原因"),
                            ("other", "其他"),
                        ],
                        default="",
                        max_length=12,
                        verbose_name="请假原因",
                    ),
                ),
                ("excuse", models.CharField(blank=True, default="", max_length=200, verbose_name="请假说明")),
                (
                    "excuse_state",
                    models.CharField(
                        blank=True,
                        choices=[("", ""), ("asked", "待审批"), ("approved", "已准假"), ("refused", "未准假")],
                        default="",
                        max_length=12,
                        verbose_name="请假审批",
                    ),
                ),
                ("reviewer", models.BigIntegerField(null=True, verbose_name="审批人")),
                ("by_hand", models.BooleanField(default=False)),
                ("wrong_codes", models.PositiveSmallIntegerField(default=0)),
                (
                    "activity",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="attendances",
                        to="activities.activity",
                    ),
                ),
                (
                    "person",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.PROTECT, related_name="+", to="people.person"
                    ),
                ),
            ],
            options={
                "verbose_name": "到会",
            },
        ),
        migrations.CreateModel(
            name="Minutes",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("notes", models.JSONField(default=list, verbose_name="逐项记录")),
                ("text", models.TextField(blank=True, default="", verbose_name="概述")),
                ("recorded_by", models.BigIntegerField(null=True, verbose_name="记录人")),
                ("recorded_at", models.DateTimeField(verbose_name="记录时间")),
                (
                    "activity",
                    models.OneToOneField(
                        on_delete=django.db.models.deletion.PROTECT, related_name="minutes", to="activities.activity"
                    ),
                ),
            ],
            options={
                "verbose_name": "会议记录",
            },
        ),
        migrations.CreateModel(
            name="Decision",
            fields=[
                ("id", models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name="ID")),
                ("position", models.PositiveSmallIntegerField(verbose_name="序号")),
                ("text", models.CharField(max_length=500, verbose_name="内容")),
                ("due_on", models.DateField(null=True, verbose_name="完成时限")),
                (
                    "owner",
                    models.ForeignKey(
                        null=True,
                        on_delete=django.db.models.deletion.PROTECT,
                        related_name="+",
                        to="people.person",
                        verbose_name="责任人",
                    ),
                ),
                (
                    "minutes",
                    models.ForeignKey(
                        on_delete=django.db.models.deletion.CASCADE, related_name="decisions", to="activities.minutes"
                    ),
                ),
            ],
            options={
                "verbose_name": "决定事项",
                "ordering": ["position"],
            },
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(fields=["org", "-starts_at", "-id"], name="activity_org"),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(fields=["-starts_at", "-id"], name="activity_time"),
        ),
        migrations.AddIndex(
            model_name="activity",
            index=models.Index(fields=["kind", "-starts_at"], name="activity_kind"),
        ),
        migrations.AddConstraint(
            model_name="activity",
            constraint=models.CheckConstraint(
                condition=models.Q(("ends_at__gt", models.F("starts_at"))), name="activity_times"
            ),
        ),
        migrations.AddIndex(
            model_name="attendance",
            index=models.Index(fields=["person", "activity"], name="attendance_person"),
        ),
        migrations.AddConstraint(
            model_name="attendance",
            constraint=models.UniqueConstraint(fields=("activity", "person"), name="attendance_once"),
        ),
        migrations.AddConstraint(
            model_name="attendance",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(("status", "present"), _negated=True),
                    models.Q(("checked_in_at__isnull", False), ("rounds__gt", 0)),
                    _connector="OR",
                ),
                name="attendance_present",
            ),
        ),
        migrations.AddConstraint(
            model_name="decision",
            constraint=models.UniqueConstraint(fields=("minutes", "position"), name="decision_position"),
        ),
    ]
