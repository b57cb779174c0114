from django.apps import AppConfig


class RoomConfig(AppConfig):
    """换届选举。"""

    name = "gongjian.desks.elections"
    label = "elections"
    verbose_name = "换届选举"
    default_auto_field = "django.db.models.BigAutoField"
