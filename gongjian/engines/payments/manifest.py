from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.manifest import FactKind, Job, Manifest, Permission

MANIFEST = Manifest(
    room="payments",
    title=_("支付"),
    facts=(
        FactKind("payment.received", _("网上支付到账"), _("支付平台确认一笔订单已付款；不含金额")),
        FactKind("payment.disputed", _("支付金额不符"), _("支付平台报来的金额与订单不一致，没有入账")),
        FactKind("payment.refund_asked", _("发起退款"), _("原路退回一笔网上支付；含原因")),
        FactKind("payment.refunded", _("退款完成"), _("支付平台确认已退款")),
    ),
    permissions=(
        Permission("payments.view", _("查看支付订单"), _("所辖组织的网上支付订单和对账结果")),
        Permission("payments.refund", _("办理退款"), _("对没有入账或金额不符的订单原路退款")),
    ),
    jobs=(
        Job("payments.settle", "gongjian.engines.payments.jobs.settle", _("查询没有结果的支付订单"), every=60),
        Job("payments.bills", "gongjian.engines.payments.jobs.check_bills", _("与支付平台对账"), at="03:10"),
    ),
)
