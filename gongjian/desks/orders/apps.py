from django.apps import AppConfig


class RoomConfig(AppConfig):
    """点单。"""

    name = "gongjian.desks.orders"
    label = "orders"
    verbose_name = "点单"
    default_auto_field = "django.db.models.BigAutoField"
