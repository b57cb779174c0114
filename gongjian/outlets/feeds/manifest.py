from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.manifest import FactKind, Manifest

MANIFEST = Manifest(
    room="feeds",
    title=_("日历订阅"),
    facts=(
        FactKind("feed.opened", _("开通日历订阅"), _("本人或某组织的活动可以订阅到手机日历；不含地址")),
        FactKind("feed.renewed", _("更换订阅地址"), _("旧地址从此失效")),
        FactKind("feed.closed", _("停用日历订阅"), _("地址从此失效")),
    ),
)
