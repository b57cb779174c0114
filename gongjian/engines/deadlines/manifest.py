from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.manifest import FactKind, Manifest

MANIFEST = Manifest(
    room="deadlines",
    title=_("时限"),
    facts=(
        FactKind("deadline.paused", _("暂停计时"), _("一件事的时限暂停；含哪个时限和原因的代码，不含说明")),
        FactKind("deadline.resumed", _("恢复计时"), _("暂停的时限继续走；含暂停的工作分钟数和新的到期时间")),
        FactKind("deadline.extension_asked", _("申请延期"), _("到期前申请延长时限；含天数，不含理由")),
        FactKind("deadline.extended", _("批准延期"), _("延期在到期前得到批准；含天数和新的到期时间")),
        FactKind("deadline.extension_refused", _("不批准延期"), _("时限不变")),
        FactKind("deadline.ran_out", _("时限到期"), _("到了时限还没有办成；含哪个时限和到期时间")),
    ),
)
