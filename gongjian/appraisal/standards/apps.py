from django.apps import AppConfig


class RoomConfig(AppConfig):
    """达标。"""

    name = "gongjian.appraisal.standards"
    label = "standards"
    verbose_name = "达标"
    default_auto_field = "django.db.models.BigAutoField"
