from django.apps import AppConfig
from django.urls import reverse


class RoomConfig(AppConfig):
    """组织生活。"""

    name = "gongjian.desks.activities"
    label = "activities"
    verbose_name = "组织生活"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Enter the names of activities where facts are told, and the carrier where organisations merge."""
        from gongjian.desks.activities import queries
        from gongjian.desks.activities.actions.succession import ActivitiesCarrier
        from gongjian.desks.activities.models import Activity, Participation, Series
        from gongjian.ground.kernel.scope import scope_q
        from gongjian.records.facts import names
        from gongjian.records.orgs.succession import carriers

        def activity_of_part(ident: int) -> str:
            activity = Participation.objects.filter(pk=ident).values_list("activity", flat=True).first()
            return reverse("activities:joint", args=[activity]) if activity else ""

        for kind, title, model, titles, url in (
            ("activity", "活动", Activity, queries.names_by_id, lambda pk: reverse("activities:detail", args=[pk])),
            ("participation", "联合开展", Participation, queries.joining_names, activity_of_part),
            ("series", "系列活动", Series, queries.series_names, lambda pk: reverse("activities:series", args=[pk])),
        ):
            names.enter(
                kind,
                names.Register(
                    title=title,
                    names=titles,
                    url=url,
                    visible=lambda actor, code, model=model: model.objects.filter(
                        scope_q(actor, code, prefix="org__")
                    ).values("pk"),
                ),
            )
        carriers.append(ActivitiesCarrier())
