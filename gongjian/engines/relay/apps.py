from django.apps import AppConfig


class RoomConfig(AppConfig):
    """传递。"""

    name = "gongjian.engines.relay"
    label = "relay"
    verbose_name = "传递"
    default_auto_field = "django.db.models.BigAutoField"
