from django.apps import AppConfig


class RoomConfig(AppConfig):
    """文书。"""

    name = "gongjian.ground.paper"
    label = "paper"
    verbose_name = "文书"
    default_auto_field = "django.db.models.BigAutoField"
