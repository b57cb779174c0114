from django.apps import AppConfig


class RoomConfig(AppConfig):
    """文件。"""

    name = "gongjian.records.files"
    label = "files"
    verbose_name = "文件"
    default_auto_field = "django.db.models.BigAutoField"
