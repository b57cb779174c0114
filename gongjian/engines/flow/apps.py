from django.apps import AppConfig


class RoomConfig(AppConfig):
    """流转。"""

    name = "gongjian.engines.flow"
    label = "flow"
    verbose_name = "流转"
    default_auto_field = "django.db.models.BigAutoField"
