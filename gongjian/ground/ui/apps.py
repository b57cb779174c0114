from django.apps import AppConfig


class RoomConfig(AppConfig):
    """界面。"""

    name = "gongjian.ground.ui"
    label = "ui"
    verbose_name = "界面"
    default_auto_field = "django.db.models.BigAutoField"
