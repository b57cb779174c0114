from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.manifest import Manifest

MANIFEST = Manifest(room="demo", title=_("演示城市"))
