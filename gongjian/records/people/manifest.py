from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.manifest import FactKind, Manifest, MenuEntry, Panel, Permission

MANIFEST = Manifest(
    room="people",
    title=_("人员"),
    facts=(
        FactKind("person.registered", _("人员登记"), _("登记一名人员")),
        FactKind("person.corrected", _("资料更正"), _("含更正的字段名，不含内容")),
        FactKind("person.unmasked", _("查看受保护信息"), _("谁为了什么用途查看了哪一项；本人可见")),
        FactKind("person.exported", _("导出受保护信息"), _("谁为了什么用途导出了包含此人完整信息的名单；本人可见")),
        FactKind("member.admitted", _("党员登记"), _("成为某支部的党员；含正式或预备")),
        FactKind("member.became_formal", _("转为正式党员"), _("含转正日期")),
        FactKind("member.moved", _("组织关系变动"), _("含原支部与新支部")),
        FactKind("member.state_changed", _("党籍状态变动"), _("含原状态、新状态与原因")),
        FactKind("member.left", _("党员减少"), _("去世、除名等；含原因")),
        FactKind("appointment.started", _("任职"), _("含职务、是否兼职、派出单位")),
        FactKind("appointment.ended", _("免职"), _("含职务与原因")),
        FactKind("relation.started", _("建立关系"), _("居民、志愿者、联建员等")),
        FactKind("relation.ended", _("结束关系"), _("含种类")),
        FactKind("circumstance.noted", _("登记不计入应到情形"), _("某党员有不计入应到的情形；不含是哪一种")),
        FactKind("circumstance.consented", _("上级同意不计入应到"), _("登记上级组织的同意；含同意日期")),
        FactKind("circumstance.ended", _("不计入应到情形结束"), _("含结束日期")),
        FactKind("person.withdrawn", _("撤回导入的人员"), _("撤回一次导入所登记的人员；更正其登记的事实")),
        FactKind("appointment.withdrawn", _("撤回导入的任职"), _("撤回一次导入所登记的任职；更正其任职的事实")),
        FactKind("person.correction_asked", _("申请更正资料"), _("本人申请更正自己的资料；含项目，不含内容")),
        FactKind("person.correction_answered", _("答复更正申请"), _("含是否采纳与理由")),
    ),
    permissions=(
        Permission("people.view", _("查看人员"), _("姓名、所在支部等；受保护信息只显示掩码")),
        Permission("people.view_protected", _("查看受保护信息"), _("证件号、电话、住址，须写明用途，并告知本人")),
        Permission("people.view_own", _("查看自己的档案"), _("每个人都能查看自己的档案")),
        Permission("people.manage", _("管理人员"), _("登记、更正、任免、组织关系变动")),
    ),
    sheets=("gongjian.records.people.sheets.PEOPLE", "gongjian.records.people.sheets.APPOINTMENTS"),
    menu=(
        MenuEntry(_("人员"), "people:list", icon="users", needs="people.view", order=30, group="team"),
        MenuEntry(_("我的档案"), "people:me", icon="user-circle", order=2),
        MenuEntry(_("我的"), "people:me", icon="user-circle", order=80, face="phone"),
    ),
    panels=(Panel("orgs.detail", "people:officers", needs="people.view", title=_("班子与委员"), order=10),),
)
