from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.manifest import FactKind, Job, Manifest, MenuEntry, Permission

MANIFEST = Manifest(
    room="exchange",
    title=_("导入导出"),
    facts=(
        FactKind("import.applied", _("导入"), _("一份文件写入系统；含表格、文件摘要、新增、更新和没有变化的行数")),
        FactKind("import.undone", _("撤销导入"), _("一次导入整份撤销；含表格和撤回的行数")),
        FactKind("sheet.exported", _("导出"), _("导出一张表格；含表格、格式和行数")),
    ),
    permissions=(
        Permission("exchange.import", _("导入"), _("上传表格、检查并写入；写什么还须有该项业务的管理权限")),
        Permission("exchange.export", _("导出"), _("导出可见范围内的表格，受保护信息只有掩码")),
    ),
    menu=(
        MenuEntry(
            _("导入导出"), "exchange:list", icon="arrows-exchange", needs="exchange.export", order=71, group="keeping"
        ),
    ),
    jobs=(
        Job("exchange.run", "gongjian.outlets.exchange.jobs.run", _("处理导入"), every=1),
        Job("exchange.tidy", "gongjian.outlets.exchange.jobs.tidy", _("清理导入文件"), at="03:20"),
    ),
)
