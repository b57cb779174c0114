from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.manifest import Job, Manifest

MANIFEST = Manifest(
    room="openapi",
    title=_("开放接口"),
    jobs=(
        Job("openapi.forget", "gongjian.outlets.openapi.idempotency.forget_old", _("清理过期的幂等记录"), at="03:10"),
    ),
)
