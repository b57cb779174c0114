from django.apps import AppConfig


class RoomConfig(AppConfig):
    """授权。"""

    name = "gongjian.records.access"
    label = "access"
    verbose_name = "授权"
    default_auto_field = "django.db.models.BigAutoField"
