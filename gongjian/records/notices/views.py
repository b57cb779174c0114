"""Pages: one's own channels on the phone; for the IT administrator the channels' state, robots, and the outbox."""

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as lazy
from django.views.decorators.http import require_POST

from gongjian.ground import policy
from gongjian.ground.kernel import clock
from gongjian.ground.kernel.access import needs, signed_in
from gongjian.ground.kernel.errors import Invalid
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.lists import Column, Listing
from gongjian.ground.ui.looks import Look
from gongjian.ground.ui.shortcuts import page
from gongjian.records.notices import actions, forms, queries
from gongjian.records.orgs import queries as orgs

LOOKS = {
    "waiting": Look("info", "clock", lazy("待发")),
    "sending": Look("info", "send", lazy("发送中")),
    "sent": Look("good", "check", lazy("已发")),
    "given_up": Look("bad", "alert-circle", lazy("发不出去")),
    "held": Look("quiet", "minus", lazy("本周已满，不发")),
    "dropped": Look("quiet", "ban", lazy("已关闭，不发")),
}


@signed_in
def channels(request: HttpRequest) -> HttpResponse:
    """接收方式: outside messages on or off, by which channel, and quiet hours."""
    actor, rule = request.actor, policy.current().notices
    known = queries.choice_of(actor)
    phone = queries.own_phone(actor)
    hours = (known.quiet_begins, known.quiet_ends) if known else (rule.quiet.begins, rule.quiet.ends)
    form = forms.ChoiceForm(
        request.POST if request.method == "POST" else None, quiet=rule.quiet,
        known_mail=known.address_masked if known else "", phone=phone, channels=queries.ready_channels(),
        initial={
            "outside": bool(known and known.outside), "mail": bool(known and known.mail), "sms": bool(known and known.sms),
            "quiet_begins": hours[0], "quiet_ends": hours[1],
        },
    )  # fmt: skip
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with attempt(request, form, _("已按您的意愿保存。")) as ok:
            actions.choose(
                by=actor, outside=data["outside"], mail=data.get("mail", False), sms=data.get("sms", False),
                address=data.get("address", ""), quiet_begins=_hour(data["quiet_begins"]),
                quiet_ends=_hour(data["quiet_ends"]),
            )  # fmt: skip
        if ok:
            return redirect("notices:channels")
    urgency = {"urgent": _("马上"), "digest": _("每日摘要"), "inside": _("只在平台里")}
    return page(request, "notices/channels.html", {
        "form": form, "rule": rule, "ready": queries.ready_channels(),
        "kinds": [(kind.title, urgency[kind.urgency]) for kind in rule.kinds],
    })  # fmt: skip


def _hour(value: object) -> str:
    return value.strftime("%H:%M") if value else ""


@needs("notices.manage")
def outbox(request: HttpRequest) -> HttpResponse:
    """消息渠道: the channels' state, robots, the queue and what failed."""
    actor = request.actor
    listing = Listing(
        request, queries.outbox_for(actor),
        columns=[
            Column("title", _("内容"), phone="title"),
            Column("channel", _("渠道"), value=lambda row: row.get_channel_display()),
            Column("form", _("形式"), value=lambda row: row.get_form_display(), phone="hide"),
            Column("robot", _("发给"), value=lambda row: row.robot.org.name if row.robot else _("个人"), phone="meta"),
            Column("state", _("状态"), kind="badge", looks=LOOKS),
            Column("attempts", _("次数"), kind="number", phone="hide"),
            Column("due_at", _("应发时间"), kind="datetime"),
            Column("error", _("原因"), phone="meta"),
        ],
        filterset=forms.OutgoingFilter, search=("error", "title", "robot__org__name"), order=("-id",),
        export="xlsx,csv", name=_("待发消息"), empty=_("还没有站外消息"),
        empty_hint=_("有人打开邮件、短信，或者登记了群机器人以后，这里看得到每一条。"),
    )  # fmt: skip
    return listing.response("notices/outbox.html", {
        "states": queries.channel_states(clock.now()), "robots": list(queries.robots_for(actor)[:100]),
        "dead": list(queries.outbox_for(actor).filter(state="given_up").order_by("-id")[:20]),
        "dead_count": queries.outbox_for(actor).filter(state="given_up").count(), "mine": queries.choice_of(actor),
        "demo": queries.is_demo(),
    })  # fmt: skip


@needs("notices.manage")
def add_robot(request: HttpRequest) -> HttpResponse:
    """登记群机器人."""
    form = forms.RobotForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with attempt(request, form, _("已登记。可以发一条测试消息看看。")) as ok:
            org = orgs.by_code(request.actor, data["org"], permission="notices.manage")
            if org is None:
                raise Invalid(_("没有找到这个组织，或者它不在您的管理范围内。"), field="org")
            actions.add_robot(
                org=org, channel=data["channel"], token=data["token"], secret=data["secret"], by=request.actor
            )
        if ok:
            return redirect("notices:outbox")
    return page(request, "notices/robot.html", {"form": form})


@needs("notices.manage")
@require_POST
def close_robot(request: HttpRequest, robot_id: int) -> HttpResponse:
    """停用群机器人."""
    robot = queries.robot_for(request.actor, robot_id)
    with attempt(request, success=_("已停用，地址已清除。")):
        actions.close_robot(robot=robot, by=request.actor)
    return redirect("notices:outbox")


@needs("notices.manage")
@require_POST
def send_test(request: HttpRequest) -> HttpResponse:
    """测试消息: to oneself by mail or text message, or to a group."""
    asked = request.POST.get("robot", "")
    robot = queries.robot_for(request.actor, int(asked)) if asked.isdecimal() and len(asked) < 19 else None
    with attempt(request, success=_("测试消息已排队，二十秒内发出；结果看下面的列表。")):
        actions.send_test(by=request.actor, channel=request.POST.get("channel", ""), robot=robot)
    return redirect("notices:outbox")


@needs("notices.manage")
@require_POST
def send_again(request: HttpRequest) -> HttpResponse:
    """重新发送: one, or all that could not be sent."""
    asked = request.POST.get("message", "")
    ids = [int(asked)] if asked.isdecimal() and len(asked) < 19 else None
    count = actions.send_again(by=request.actor, ids=ids)
    messages.success(request, _("%(n)d 条已重新排队。") % {"n": count})
    return redirect("notices:outbox")
