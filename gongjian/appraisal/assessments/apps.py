from django.apps import AppConfig
from django.urls import reverse


class RoomConfig(AppConfig):
    """标准化考评。"""

    name = "gongjian.appraisal.assessments"
    label = "assessments"
    verbose_name = "标准化考评"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        """Enter the names of assessments where facts are told."""
        from gongjian.appraisal.assessments import queries
        from gongjian.records.facts import names

        register = names.Register(
            "标准化考评", queries.names, lambda ident: reverse("assessments:detail", args=[ident])
        )
        names.enter("assessment", register)
