from django.apps import AppConfig


class RoomConfig(AppConfig):
    """人员。"""

    name = "gongjian.records.people"
    label = "people"
    verbose_name = "人员"
    default_auto_field = "django.db.models.BigAutoField"
