from django.apps import AppConfig
from django.urls import reverse


class RoomConfig(AppConfig):
    """人员。"""

    name = "gongjian.records.people"
    label = "people"
    verbose_name = "人员"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Enter the names of people where facts are told, and the carrier of members where organisations merge."""
        from gongjian.records.facts import names
        from gongjian.records.orgs.succession import carriers
        from gongjian.records.people import queries
        from gongjian.records.people.actions.succession import PeopleCarrier

        names.enter(
            "person",
            names.Register(
                title="人员",
                names=queries.names,
                url=lambda ident: reverse("people:detail", args=[ident]),
                visible=lambda actor, code: queries.visible_to(actor, permission=code).values("pk"),
            ),
        )
        carriers.append(PeopleCarrier())
