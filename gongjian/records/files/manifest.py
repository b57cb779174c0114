from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.manifest import FactKind, Manifest

MANIFEST = Manifest(
    room="files",
    title=_("文件"),
    facts=(
        FactKind("file.kept", _("存入文件"), _("给某件事存入一份文件；含文件类型和字节数，不含文件名和内容")),
        FactKind("file.removed", _("撤下文件"), _("文件不再显示，内容按保管期限留存；含原因")),
    ),
)
