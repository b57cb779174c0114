from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.manifest import FactKind, Manifest, MenuEntry, Permission

MANIFEST = Manifest(
    room="reviews",
    title=_("民主评议"),
    facts=(
        FactKind("review.opened", _("开始民主评议"), _("支部开始一个年度的民主评议；含年度、参加人数")),
        FactKind("review.self_rated", _("完成自评"), _("某人交了自评，只记一次；不含内容和等次")),
        FactKind("review.peers_rated", _("参加互评"), _("某人参加互评，只记一次；不含对谁、说了什么")),
        FactKind("review.guest_added", _("邀请参加评议"), _("组织关系在别处的流动党员在这里参加评议")),
        FactKind("review.guest_removed", _("撤回邀请"), _("流动党员不在这里参加评议")),
        FactKind("review.ballot_opened", _("开始民主测评"), _("开始无记名测评；票数在投票里")),
        FactKind("review.ballot_counted", _("测评结束"), _("测评已计票，进入评定")),
        FactKind("review.graded", _("评定等次"), _("某人的年度等次；含年度、等次，不含理由")),
        FactKind("review.closed", _("民主评议完成"), _("等次已评定并告知本人；含年度、各等次人数")),
        FactKind("review.corrected", _("更正等次"), _("更正某人的等次；含更正前后的等次，不含原因")),
        FactKind("review.reported", _("反馈评议结果"), _("流动党员的评议结果反馈给组织关系所在支部")),
        FactKind("review.acknowledged", _("知悉评议结果"), _("本人看过自己的评议结果")),
        FactKind("review.followed_up", _("评议后谈话"), _("对基本合格、不合格的党员谈话；含日期")),
        FactKind("review.cancelled", _("取消民主评议"), _("含年度；原因在评议里")),
    ),
    permissions=(
        Permission("reviews.view", _("查看民主评议"), _("所辖支部民主评议的进度和各等次人数")),
        Permission("reviews.results", _("查看评议结果"), _("所辖党员的评议等次和理由")),
        Permission("reviews.run", _("组织民主评议"), _("开始、邀请、测评、取消")),
        Permission("reviews.decide", _("评定等次"), _("评定、更正、谈话记录")),
        Permission("reviews.take_part", _("参加民主评议"), _("本人自评、互评、看自己的结果")),
    ),
    menu=(MenuEntry(_("民主评议"), "reviews:list", icon="stars", needs="reviews.view", order=42, group="life"),),
    todos="gongjian.desks.reviews.queries.todos",
    files=(("review", "gongjian.desks.reviews.permissions.file_gate"),),
)
