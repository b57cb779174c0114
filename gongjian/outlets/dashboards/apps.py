from django.apps import AppConfig


class RoomConfig(AppConfig):
    """数据。"""

    name = "gongjian.outlets.dashboards"
    label = "dashboards"
    verbose_name = "数据"
    default_auto_field = "django.db.models.BigAutoField"
