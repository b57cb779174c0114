from django.apps import AppConfig


class RoomConfig(AppConfig):
    """年度统计。"""

    name = "gongjian.outlets.statistics"
    label = "statistics"
    verbose_name = "年度统计"
    default_auto_field = "django.db.models.BigAutoField"
