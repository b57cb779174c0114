from django.apps import AppConfig
from django.urls import reverse


class RoomConfig(AppConfig):
    """阵地。"""

    name = "gongjian.records.places"
    label = "places"
    verbose_name = "阵地"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Enter the names of places where facts are told, and the carrier of coverage where organisations merge."""
        from gongjian.records.facts import names
        from gongjian.records.orgs.succession import carriers
        from gongjian.records.places import queries
        from gongjian.records.places.actions import PlacesCarrier

        names.enter(
            "place",
            names.Register(title="网格与小区", names=queries.names, url=lambda pk: reverse("places:detail", args=[pk])),
        )
        carriers.append(PlacesCarrier())
