from django.apps import AppConfig


class RoomConfig(AppConfig):
    """支付。"""

    name = "gongjian.engines.payments"
    label = "payments"
    verbose_name = "支付"
    default_auto_field = "django.db.models.BigAutoField"
