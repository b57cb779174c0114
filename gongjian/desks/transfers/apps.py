from django.apps import AppConfig


class RoomConfig(AppConfig):
    """组织关系。"""

    name = "gongjian.desks.transfers"
    label = "transfers"
    verbose_name = "组织关系"
    default_auto_field = "django.db.models.BigAutoField"
