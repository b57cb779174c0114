from django.apps import AppConfig


class RoomConfig(AppConfig):
    """时限。"""

    name = "gongjian.engines.deadlines"
    label = "deadlines"
    verbose_name = "时限"
    default_auto_field = "django.db.models.BigAutoField"
