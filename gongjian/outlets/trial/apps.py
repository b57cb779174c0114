from django.apps import AppConfig


class RoomConfig(AppConfig):
    """政策试算。"""

    name = "gongjian.outlets.trial"
    label = "trial"
    verbose_name = "政策试算"
    default_auto_field = "django.db.models.BigAutoField"
