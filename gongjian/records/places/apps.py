from django.apps import AppConfig


class RoomConfig(AppConfig):
    """阵地。"""

    name = "gongjian.records.places"
    label = "places"
    verbose_name = "阵地"
    default_auto_field = "django.db.models.BigAutoField"
