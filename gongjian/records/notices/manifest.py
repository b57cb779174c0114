from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.manifest import FactKind, Job, Manifest, MenuEntry, Permission

MANIFEST = Manifest(
    room="notices",
    title=_("消息"),
    facts=(
        FactKind("channels.chosen", _("选定接收方式"), _("本人要不要站外消息、要哪些渠道；不含邮箱和电话")),
        FactKind("robot.added", _("登记群机器人"), _("给组织登记一个群机器人；含渠道，不含地址")),
        FactKind("robot.closed", _("停用群机器人"), _("地址已清除；含渠道")),
    ),
    permissions=(Permission("notices.manage", _("管理消息渠道"), _("登记群机器人，看待发消息和失败的原因，重新发送")),),
    menu=(
        MenuEntry(_("消息渠道"), "notices:outbox", icon="send", needs="notices.manage", order=76, group="keeping"),
        MenuEntry(_("接收方式"), "notices:channels", icon="bell", order=60, face="more"),
    ),
    jobs=(
        Job("notices.terms", "gongjian.records.notices.jobs.remind_terms", _("任期届满前提醒"), at="07:30"),
        Job("notices.requests", "gongjian.records.notices.jobs.tell_requests", _("告知更正申请"), every=60),
        Job("notices.digests", "gongjian.records.notices.jobs.digest", _("准备每日摘要"), every=600),
        Job("notices.send", "gongjian.records.notices.jobs.send", _("发送站外消息"), every=20),
    ),
)
