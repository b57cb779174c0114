from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.manifest import Manifest

MANIFEST = Manifest(room="ledger", title=_("台账"))
