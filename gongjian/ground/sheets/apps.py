from django.apps import AppConfig


class RoomConfig(AppConfig):
    """表格。"""

    name = "gongjian.ground.sheets"
    label = "sheets"
    verbose_name = "表格"
    default_auto_field = "django.db.models.BigAutoField"
