from django.apps import AppConfig


class RoomConfig(AppConfig):
    """消息。"""

    name = "gongjian.records.notices"
    label = "notices"
    verbose_name = "消息"
    default_auto_field = "django.db.models.BigAutoField"
