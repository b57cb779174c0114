from django.apps import AppConfig


class RoomConfig(AppConfig):
    """台账。"""

    name = "gongjian.engines.ledger"
    label = "ledger"
    verbose_name = "台账"
    default_auto_field = "django.db.models.BigAutoField"
