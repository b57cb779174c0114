from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.manifest import Manifest, MenuEntry

MANIFEST = Manifest(
    room="statistics",
    title=_("年度统计"),
    # Whoever may see the people may see how many they are: no permission of its own.
    menu=(MenuEntry(_("党内统计"), "statistics:tables", icon="table", needs="people.view", order=34, group="team"),),
)
