"""考评的状态: self → visiting → assessed → told (→ objected) → final → lapsed; cancelled is an end as well."""

from django.utils.translation import gettext_lazy as _

from gongjian.engines.flow.moves import Flow, Move

SELF, VISITING, ASSESSED, TOLD, OBJECTED = "self", "visiting", "assessed", "told", "objected"
FINAL, LAPSED, CANCELLED = "final", "lapsed", "cancelled"
STATES = (
    (SELF, _("自评")),
    (VISITING, _("走访核查")),
    (ASSESSED, _("已评定")),
    (TOLD, _("已告知")),
    (OBJECTED, _("有异议")),
    (FINAL, _("已生效")),
    (LAPSED, _("已失效")),
    (CANCELLED, _("已取消")),
)
LINE = (STATES[0], STATES[1], STATES[2], STATES[3], STATES[5])
UNDER_WAY = (SELF, VISITING, ASSESSED, TOLD, OBJECTED)
SCORED = (ASSESSED, TOLD, OBJECTED, FINAL, LAPSED)
ASSESS, OWN = "assessments.assess", "assessments.self"
FLOW = Flow(
    kind="assessment",
    states=STATES,
    moves=(
        Move("hand_in", _("交出自评"), (SELF,), VISITING, OWN, "assessment.self_assessed"),
        Move("return_self", _("退回自评"), (VISITING,), SELF, ASSESS, "assessment.self_returned"),
        Move("assess", _("评定"), (VISITING,), ASSESSED, ASSESS, "assessment.assessed"),
        Move("reopen", _("重新核查"), (ASSESSED,), VISITING, ASSESS, "assessment.reopened"),
        Move("tell", _("告知"), (ASSESSED,), TOLD, ASSESS, "assessment.told"),
        Move("object", _("提出异议"), (TOLD,), OBJECTED, OWN, "assessment.objected"),
        Move("uphold", _("异议成立，重新核查"), (OBJECTED,), VISITING, ASSESS, "assessment.objection_upheld"),
        Move("reject", _("异议不成立"), (OBJECTED,), TOLD, ASSESS, "assessment.objection_rejected"),
        # by the organisation that accepts, by the day's work when the time to object is over, or after an answer
        Move("conclude", _("生效"), (TOLD,), FINAL, "assessments.view", "assessment.concluded"),
        Move("lapse", _("失效"), (FINAL,), LAPSED, ASSESS, "assessment.lapsed"),
        Move("cancel", _("取消"), UNDER_WAY, CANCELLED, ASSESS, "assessment.cancelled"),
    ),
)
