from django.apps import AppConfig


class RoomConfig(AppConfig):
    """组织生活。"""

    name = "gongjian.desks.activities"
    label = "activities"
    verbose_name = "组织生活"
    default_auto_field = "django.db.models.BigAutoField"
