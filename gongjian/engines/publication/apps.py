from django.apps import AppConfig


class RoomConfig(AppConfig):
    """公示。"""

    name = "gongjian.engines.publication"
    label = "publication"
    verbose_name = "公示"
    default_auto_field = "django.db.models.BigAutoField"
