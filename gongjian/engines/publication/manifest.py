from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.manifest import FactKind, Manifest, MenuEntry, Permission

MANIFEST = Manifest(
    room="publication",
    title=_("公示"),
    facts=(
        FactKind("publication.posted", _("发布公示"), _("含公示的事项、起止日期与工作日数；数量为行数")),
        FactKind("publication.closed", _("结束公示"), _("公示期满；含公示的事项与结果")),
        FactKind("publication.cancelled", _("取消公示"), _("含公示的事项与原因")),
        FactKind("publication.objection_raised", _("收到异议"), _("含方式与提出日期，不含内容和提出人")),
        FactKind("publication.objection_answered", _("答复异议"), _("含异议是否成立，不含内容")),
    ),
    permissions=(
        Permission("publication.view", _("查看公示"), _("本地、本支部正在公示的事项，并可提出异议")),
        Permission("publication.manage", _("办理公示"), _("发布、登记和答复异议、结束、取消")),
    ),
    menu=(
        MenuEntry(_("公示"), "publication:list", icon="speakerphone", needs="publication.view", order=44, group="life"),
        MenuEntry(_("公示"), "publication:list", icon="speakerphone", needs="publication.view", order=60, face="more"),
    ),
    todos="gongjian.engines.publication.todos.waiting",
)
