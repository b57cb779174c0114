from django.apps import AppConfig


class RoomConfig(AppConfig):
    """负担计。"""

    name = "gongjian.outlets.burden"
    label = "burden"
    verbose_name = "负担计"
    default_auto_field = "django.db.models.BigAutoField"
