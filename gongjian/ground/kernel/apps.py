from django.apps import AppConfig


class RoomConfig(AppConfig):
    """内核。"""

    name = "gongjian.ground.kernel"
    label = "kernel"
    verbose_name = "内核"
    default_auto_field = "django.db.models.BigAutoField"
