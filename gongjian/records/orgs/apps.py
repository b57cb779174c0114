from django.apps import AppConfig
from django.urls import reverse


class RoomConfig(AppConfig):
    """组织。"""

    name = "gongjian.records.orgs"
    label = "orgs"
    verbose_name = "组织"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Enter the names of organisations where facts are told."""
        from gongjian.records.facts import names
        from gongjian.records.orgs import queries

        names.enter(
            "organisation",
            names.Register(
                title="组织",
                names=queries.names,
                url=lambda ident: reverse("orgs:detail", args=[ident]),
                visible=lambda actor, code: queries.visible_to(actor, permission=code, dissolved=True).values("pk"),
            ),
        )
