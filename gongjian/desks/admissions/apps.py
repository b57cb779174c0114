from django.apps import AppConfig


class RoomConfig(AppConfig):
    """发展党员。"""

    name = "gongjian.desks.admissions"
    label = "admissions"
    verbose_name = "发展党员"
    default_auto_field = "django.db.models.BigAutoField"
