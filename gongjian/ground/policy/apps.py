from django.apps import AppConfig


class RoomConfig(AppConfig):
    """政策包。"""

    name = "gongjian.ground.policy"
    label = "policy"
    verbose_name = "政策包"
    default_auto_field = "django.db.models.BigAutoField"
