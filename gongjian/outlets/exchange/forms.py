"""Shapes of what is asked on the import and export pages."""

from django import forms
from django.utils.translation import gettext_lazy as _


class UploadForm(forms.Form):
    """上传: one file."""

    file = forms.FileField(
        label=_("填好的表格"), max_length=200,
        help_text=_(".xlsx、.xls 或 .csv，最大 40 MB、20 万行。先检查，您确认后才写入。"),
        error_messages={"required": _("请选择要上传的文件。"), "empty": _("文件是空的，请检查后重新上传。")},
        widget=forms.FileInput(attrs={"accept": ".xlsx,.xls,.csv"}),
    )  # fmt: skip


class ExportForm(forms.Form):
    """导出: which part of the tree, in which format."""

    org = forms.IntegerField(required=False)
    format = forms.ChoiceField(choices=(("xlsx", "Excel"), ("csv", "CSV")))
