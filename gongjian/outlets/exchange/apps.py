from django.apps import AppConfig


class RoomConfig(AppConfig):
    """导入导出。"""

    name = "gongjian.outlets.exchange"
    label = "exchange"
    verbose_name = "导入导出"
    default_auto_field = "django.db.models.BigAutoField"
