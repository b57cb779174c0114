from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.manifest import FactKind, Job, Manifest, MenuEntry, Permission

MANIFEST = Manifest(
    room="burden",
    title=_("负担计"),
    facts=(
        FactKind(
            "burden.approved",
            _("批准超出负担预算"),
            _("登记的政策包版本超出自己的负担预算，有人具名批准；含版本和超出几处，姓名和理由在版本里"),
        ),
    ),
    permissions=(
        Permission("burden.view", _("查看负担"), _("本系统每周向各种角色要了多少消息、填写、上传和时间；只有合计")),
    ),
    menu=(
        MenuEntry(_("负担计"), "burden:city", icon="gauge", needs="burden.view", order=56, group="judging"),
        MenuEntry(_("系统向我要了什么"), "burden:mine", icon="gauge", order=70, face="more"),
    ),
    jobs=(
        Job("burden.count", "gongjian.outlets.burden.jobs.count", _("统计每周负担"), at="03:40"),
        Job("burden.approvals", "gongjian.outlets.burden.jobs.note_approvals", _("记下负担批准"), every=60),
    ),
)
