from django.apps import AppConfig


class RoomConfig(AppConfig):
    """谈心谈话。"""

    name = "gongjian.desks.talks"
    label = "talks"
    verbose_name = "谈心谈话"
    default_auto_field = "django.db.models.BigAutoField"
