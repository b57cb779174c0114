from django.apps import AppConfig


class RoomConfig(AppConfig):
    """表决。"""

    name = "gongjian.engines.voting"
    label = "voting"
    verbose_name = "表决"
    default_auto_field = "django.db.models.BigAutoField"
