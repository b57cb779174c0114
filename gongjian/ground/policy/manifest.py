"""The plate on the door of the packs (政策包)."""

from django.utils.translation import gettext_noop as _

from gongjian.ground.kernel.manifest import Manifest, Permission

MANIFEST = Manifest(
    room="policy",
    title=_("政策包"),
    permissions=(Permission("policy.view", _("查看政策"), _("查看现行规定动作、积分规则和指标口径")),),
)
