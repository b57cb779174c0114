from django.apps import AppConfig


class RoomConfig(AppConfig):
    """运维。"""

    name = "gongjian.outlets.upkeep"
    label = "upkeep"
    verbose_name = "运维"
    default_auto_field = "django.db.models.BigAutoField"
