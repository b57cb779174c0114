"""发展档案的状态: under_way until the papers are filed (done) or it ends otherwise; a step moves it within under_way."""

from django.utils.translation import gettext_lazy as _

from gongjian.engines.flow.moves import Flow, Move

UNDER_WAY, DONE, ENDED = "under_way", "done", "ended"
STATES = ((UNDER_WAY, _("进行中")), (DONE, _("已完成")), (ENDED, _("已终止")))

FLOW = Flow(
    kind="admission",
    states=STATES,
    moves=(
        Move("finish", _("完成"), (UNDER_WAY,), DONE, "admissions.keep", "admission.finished"),
        Move("end", _("终止"), (UNDER_WAY,), ENDED, "admissions.keep", "admission.ended"),
    ),
)
