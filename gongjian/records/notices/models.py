from django.db import models
from django.db.models import Q

from gongjian.records.people.models import Person


class Notice(models.Model):
    """消息: something the product tells one person, once (`key` is unique), in the product itself."""

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    kind = models.CharField("种类", max_length=40)
    title = models.CharField("标题", max_length=200)
    body = models.TextField("正文", blank=True, default="")
    link = models.CharField("去处", max_length=200, blank=True, default="")
    key = models.CharField(max_length=160, unique=True)
    created_at = models.DateTimeField()
    read_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = "消息"
        indexes = [
            models.Index(fields=["person", "-created_at", "-id"], name="notice_person"),
            models.Index(fields=["person"], condition=Q(read_at__isnull=True), name="notice_unread"),
        ]

    def __str__(self) -> str:
        return self.title
