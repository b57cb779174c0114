from django.apps import AppConfig
from django.urls import reverse


class RoomConfig(AppConfig):
    """民主评议。"""

    name = "gongjian.desks.reviews"
    label = "reviews"
    verbose_name = "民主评议"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Enter the names of reviews where facts are told."""
        from gongjian.desks.reviews import queries
        from gongjian.records.facts import names

        register = names.Register("民主评议", queries.names, lambda ident: reverse("reviews:detail", args=[ident]))
        names.enter("review", register)
