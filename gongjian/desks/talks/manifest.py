from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.manifest import FactKind, Job, Manifest, MenuEntry, Permission

MANIFEST = Manifest(
    room="talks",
    title=_("谈心谈话"),
    facts=(
        FactKind("talk.held", _("谈心谈话"), _("支部里两位党员谈心谈话；含日期、范围、方式，不含是谁、谈了什么")),
        FactKind("talk.withdrawn", _("撤回谈心谈话"), _("更正一条谈心谈话的记录")),
        FactKind("birthday.wished", _("政治生日意愿"), _("本人同意或者不再同意准备政治生日贺卡、在支部公开")),
        FactKind("birthday.card_sent", _("送出政治生日贺卡"), _("支部给本人送出贺卡；含党龄")),
    ),
    permissions=(
        Permission("talks.take_part", _("谈心谈话"), _("记录本人的谈心谈话，定政治生日意愿")),
        Permission("talks.view", _("查看谈心谈话"), _("所在支部谁和谁谈过、还缺谁；看不到谈话内容")),
        Permission("talks.cards", _("政治生日贺卡"), _("修改和送出贺卡")),
    ),
    menu=(
        MenuEntry(_("谈心谈话"), "talks:matrix", icon="message-circle", needs="talks.view", order=43, group="life"),
        MenuEntry(_("谈心"), "talks:mine", icon="message-circle", needs="talks.take_part", order=42, face="more"),
    ),
    jobs=(Job("talks.cards", "gongjian.desks.talks.jobs.prepare", _("准备政治生日贺卡"), at="08:00"),),
    todos="gongjian.desks.talks.queries.todos",
)
