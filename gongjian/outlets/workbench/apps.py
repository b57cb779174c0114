from django.apps import AppConfig


class RoomConfig(AppConfig):
    """工作台。"""

    name = "gongjian.outlets.workbench"
    label = "workbench"
    verbose_name = "工作台"
    default_auto_field = "django.db.models.BigAutoField"
