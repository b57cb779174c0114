from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.manifest import Job, Manifest

MANIFEST = Manifest(
    room="relay",
    title=_("传递"),
    jobs=(Job("facts.seal", "gongjian.records.facts.seal.seal", _("每日封存事实"), at="00:10"),),
)
