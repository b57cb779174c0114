from django.apps import AppConfig


class RoomConfig(AppConfig):
    """党费。"""

    name = "gongjian.desks.dues"
    label = "dues"
    verbose_name = "党费"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Say what becomes of money paid online for dues."""
        from gongjian.desks.dues.actions.online import take_dues, where_next
        from gongjian.engines.payments.takers import Taker, enter

        enter("dues", Taker(take=take_dues, url=where_next))
