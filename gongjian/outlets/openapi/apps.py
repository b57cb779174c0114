from django.apps import AppConfig


class RoomConfig(AppConfig):
    """开放接口。"""

    name = "gongjian.outlets.openapi"
    label = "openapi"
    verbose_name = "开放接口"
    default_auto_field = "django.db.models.BigAutoField"
