from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.manifest import FactKind, Job, Manifest, MenuEntry, Panel, Permission

MANIFEST = Manifest(
    room="assessments",
    title=_("标准化考评"),
    facts=(
        FactKind("assessment.opened", _("开始考评"), _("按一份标准清单开始考评一个组织、小区或服务中心；含清单")),
        FactKind("assessment.self_assessed", _("交出自评"), _("被考评的组织交了自评，进入走访；含清单")),
        FactKind("assessment.self_returned", _("退回自评"), _("请被考评的组织重新自评；原因在考评里")),
        FactKind("assessment.visited", _("走访核查"), _("某人走访后交回评分；数量为评的条目数；含清单、走访日期")),
        FactKind("assessment.settled", _("商定一条评分"), _("走访的评分不一致，或者没有评到的，由考评人商定；含清单、条目")),
        FactKind("assessment.assessed", _("评定"), _("按记录和走访算出得分；含清单、得分、得分率、结论")),
        FactKind("assessment.reopened", _("重新核查"), _("评定以后发现问题，回到走访；原因在考评里")),
        FactKind("assessment.told", _("告知考评结果"), _("结果告知被考评的组织，可以提出异议；含清单、结论、异议截止日")),
        FactKind("assessment.objected", _("对考评结果有异议"), _("被考评的组织提出异议；理由在考评里")),
        FactKind("assessment.objection_upheld", _("异议成立"), _("回到走访，重新核查")),
        FactKind("assessment.objection_rejected", _("异议不成立"), _("维持结果；答复在考评里")),
        FactKind(
            "assessment.concluded", _("考评结果生效"),
            _("含清单、得分、得分率、结论、复查日、失效日，小区和服务中心的编号；其他房间据此认定"),
        ),
        FactKind("assessment.lapsed", _("考评结果失效"), _("由新结果代替、到期没有复查或者撤销；含清单、原先的结论、怎样失效")),
        FactKind("assessment.cancelled", _("取消考评"), _("结果生效之前取消；原因在考评里")),
    ),
    permissions=(
        Permission("assessments.view", _("查看标准化考评"), _("所辖组织、小区、服务中心的考评情况和依据")),
        Permission("assessments.self", _("自评"), _("填自评，对结果提出异议")),
        Permission("assessments.visit", _("走访核查"), _("走访所辖组织、小区、服务中心，现场评分")),
        Permission("assessments.assess", _("评定"), _("开始考评、评定、告知、答复异议、撤销结果；须在被考评组织的上级")),
    ),
    menu=(
        MenuEntry(
            _("标准化考评"), "assessments:overview", icon="clipboard-check", needs="assessments.view", order=52,
            group="judging",
        ),
        MenuEntry(_("走访"), "assessments:visits", icon="map-pin", needs="assessments.visit", order=46, face="more"),
    ),
    panels=(Panel("orgs.detail", "assessments:panel_org", "assessments.view", _("标准化考评"), order=35),),
    jobs=(Job("assessments.daily", "gongjian.appraisal.assessments.jobs.daily", _("考评到期"), at="06:20"),),
    todos="gongjian.appraisal.assessments.todos.todos",
    files=(("assessment", "gongjian.appraisal.assessments.permissions.file_gate"),),
)  # fmt: skip
