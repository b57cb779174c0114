from django.apps import AppConfig


class RoomConfig(AppConfig):
    """组织。"""

    name = "gongjian.records.orgs"
    label = "orgs"
    verbose_name = "组织"
    default_auto_field = "django.db.models.BigAutoField"
