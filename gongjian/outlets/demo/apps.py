from django.apps import AppConfig


class RoomConfig(AppConfig):
    """演示城市。"""

    name = "gongjian.outlets.demo"
    label = "demo"
    verbose_name = "演示城市"
    default_auto_field = "django.db.models.BigAutoField"
