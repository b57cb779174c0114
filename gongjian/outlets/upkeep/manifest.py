from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.manifest import Manifest

MANIFEST = Manifest(room="upkeep", title=_("运维"))
