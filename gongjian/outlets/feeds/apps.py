from django.apps import AppConfig


class RoomConfig(AppConfig):
    """日历订阅。"""

    name = "gongjian.outlets.feeds"
    label = "feeds"
    verbose_name = "日历订阅"
    default_auto_field = "django.db.models.BigAutoField"
