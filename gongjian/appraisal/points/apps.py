from django.apps import AppConfig


class RoomConfig(AppConfig):
    """积分。"""

    name = "gongjian.appraisal.points"
    label = "points"
    verbose_name = "积分"
    default_auto_field = "django.db.models.BigAutoField"
