from django.apps import AppConfig


class RoomConfig(AppConfig):
    """事实。"""

    name = "gongjian.records.facts"
    label = "facts"
    verbose_name = "事实"
    default_auto_field = "django.db.models.BigAutoField"
