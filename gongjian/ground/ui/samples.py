"""样例: what the gallery shows: each component with its code, on invented values; nothing here comes from a database."""

import re
from datetime import date, datetime
from pathlib import Path
from types import SimpleNamespace

from django import forms
from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from . import icons
from .looks import KNOWN
from .widgets import MonthInput, SearchSelect, Switch

PARTS = Path(__file__).parent / "templates" / "ui" / "samples"


def titles() -> dict[str, str]:
    """The parts of the gallery in their order: file name and title."""
    return {
        "badge": _("状态"),
        "statbox": _("数字"),
        "card": _("卡片"),
        "listing": _("列表"),
        "datatable": _("小表"),
        "progress": _("进度"),
        "steps": _("步骤"),
        "timeline": _("经过"),
        "deflist": _("名称与内容"),
        "tabs": _("页签"),
        "chips": _("条件"),
        "alert": _("提示"),
        "empty": _("空状态"),
        "form": _("表单"),
        "confirm": _("确认"),
        "path": _("位置"),
        "qr": _("二维码"),
        "masked": _("遮蔽"),
        "icon": _("图标"),
    }


class SampleForm(forms.Form):
    """A form with every kind of field."""

    name = forms.CharField(
        label=gettext_lazy("活动名称"),
        max_length=40,
        help_text=gettext_lazy("写清楚做什么，例如“十一月支部党员大会”。"),
    )
    kind = forms.ChoiceField(
        label=gettext_lazy("活动类型"),
        choices=[("", "——"), ("meeting", gettext_lazy("支部党员大会")), ("lecture", gettext_lazy("党课"))],
    )
    on = forms.DateField(label=gettext_lazy("日期"), widget=forms.DateInput)
    starts = forms.DateTimeField(label=gettext_lazy("开始时间"), required=False, widget=forms.DateTimeInput)
    period = forms.CharField(label=gettext_lazy("补哪个月"), required=False, widget=MonthInput)
    organisation = forms.CharField(
        label=gettext_lazy("组织"),
        required=False,
        widget=SearchSelect(lambda: reverse("ui:gallery_options")),
        help_text=gettext_lazy("输入名称或拼音首字母，从提示中选择。"),
    )
    minutes = forms.IntegerField(label=gettext_lazy("时长（分钟）"), required=False, min_value=1)
    shape = forms.ChoiceField(
        label=gettext_lazy("方式"),
        widget=forms.RadioSelect,
        choices=[("here", gettext_lazy("现场")), ("away", gettext_lazy("线上")), ("both", gettext_lazy("现场与线上"))],
    )
    tags = forms.MultipleChoiceField(
        label=gettext_lazy("对象"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        choices=[("formal", gettext_lazy("正式党员")), ("probationary", gettext_lazy("预备党员"))],
    )
    note = forms.CharField(label=gettext_lazy("备注"), required=False, widget=forms.Textarea(attrs={"rows": 3}))
    paper = forms.FileField(label=gettext_lazy("附件"), required=False)
    remind = forms.BooleanField(label=gettext_lazy("提前一天提醒参加人"), required=False, widget=Switch)
    agreed = forms.BooleanField(label=gettext_lazy("我已核对以上内容"))


ROWS = ((12, "kept"), (9, "on_track"), (6, "at_risk"), (2, "short"), (11, "made_good"))


def _names() -> list[str]:
    return [
        _("前锋社区第一党支部"),
        _("前锋社区第二党支部"),
        _("向阳路小区党支部"),
        _("河湾村党支部"),
        _("同心联合党支部"),
    ]


class SampleListing:
    """A stand-in with the face of a `Listing`, so that the gallery needs no table."""

    problems: tuple = ()
    searchable, query, search_hint, hidden, filter_form = True, "", "", (), None
    count, more_than_counted, narrowed = 10_000, True, True
    previous_url = first_url = next_url = clear_url = "?#listing"
    empty = empty_hint = ""

    def __init__(self) -> None:
        from_kinds = (
            ("name", _("名称"), "text"),
            ("done", _("本年次数"), "number"),
            ("on", _("最近一次"), "date"),
            ("state", _("状态"), "badge"),
        )
        self.columns = [
            SimpleNamespace(key=key, title=title, kind=kind, phone="", help="") for key, title, kind in from_kinds
        ]
        self.headings = [
            {"column": column, "url": "?#listing" if number < 3 else "", "state": "descending" if number == 1 else ""}
            for number, column in enumerate(self.columns)
        ]
        self.export_urls = self.exports = [("xlsx", "?#listing"), ("csv", "?#listing")]
        self.chips = [{"label": _("状态"), "text": _("预警"), "url": "?#listing"}]
        self.lines = [
            SimpleNamespace(
                cells=[
                    SimpleNamespace(column=self.columns[0], text=name, url="?#listing", look=None),
                    SimpleNamespace(column=self.columns[1], text=done, url="", look=None),
                    SimpleNamespace(column=self.columns[2], text=f"2026-11-{done + 3:02}", url="", look=None),
                    SimpleNamespace(column=self.columns[3], text=state, url="", look=KNOWN[state]),
                ]
            )
            for name, (done, state) in zip(_names(), ROWS, strict=True)
        ]


def _context(request: HttpRequest) -> dict:
    wrong = SampleForm({"name": "", "kind": "meeting", "on": "2026-13-40", "shape": "here", "agreed": "on"})
    wrong.auto_id = "wrong_%s"
    wrong.is_valid()
    return {
        "known": list(KNOWN),
        "icons": sorted(icons.names()),
        "sample_listing": SampleListing(),
        "columns": [_("组织"), _("应到"), _("实到")],
        "table": [[name, 30, done] for name, (done, _state) in zip(_names(), ROWS, strict=True)],
        "states": [("draft", _("起草")), ("planned", _("计划")), ("held", _("召开")), ("signed_off", _("签认"))],
        "entries": [
            {
                "at": datetime(2026, 11, 18, 20, 5),
                "title": _("支部书记签认"),
                "who": _("李建华"),
                "icon": "signature",
                "tone": "good",
                "text": _("应到 23 人，实到 21 人。"),
            },
            {"at": datetime(2026, 11, 18, 19, 30), "title": _("活动结束，记录已提交"), "icon": "notes", "tone": "info"},
            {"at": date(2026, 11, 12), "title": _("列入计划"), "who": _("李建华"), "icon": "calendar-plus"},
        ],
        "details": [
            (_("组织名称"), _("前锋社区第一党支部")),
            (_("成立日期"), "2009-07-01"),
            (_("届满日期"), ""),
            (_("党员"), 23),
        ],
        "tabs": [("all", _("全部"), "?#tabs", 128), ("plan", _("计划"), "?#tabs", 4), ("done", _("已办"), "?#tabs")],
        "filters": [
            {"label": _("街道"), "text": _("前锋街道"), "url": "?#chips"},
            {"label": _("状态"), "text": _("预警"), "url": "?#chips"},
        ],
        "crumbs": [(_("首页"), "/"), (_("组织"), "?#path"), _("前锋社区第一党支部")],
        "path": [
            SimpleNamespace(pk=1, short_name=_("市委"), name=_("市委")),
            SimpleNamespace(pk=2, short_name=_("前锋街道"), name=_("前锋街道党工委")),
            SimpleNamespace(pk=3, short_name=_("第一党支部"), name=_("前锋社区第一党支部")),
        ],
        "person": SimpleNamespace(phone_masked="138****5678", identity_masked="4503**********1234"),
        "form": SampleForm(),
        "wrong": wrong,
        "code_text": "https://localhost/checkin/sample",
        "here": request.path,
    }


def gallery(request: HttpRequest) -> dict:
    """Each part of the gallery: its title, how it looks and the code that draws it."""
    context = _context(request)
    parts = []
    for name, title in titles().items():
        code = (PARTS / f"{name}.html").read_text(encoding="utf-8")
        drawn = render_to_string(f"ui/samples/{name}.html", context, request)
        parts.append(
            {"id": name, "title": title, "drawn": drawn, "code": re.sub(r"^\{% load [^%]*%\}\n?", "", code).strip()}
        )
    return {"parts": parts}


def phone_frame(request: HttpRequest) -> None:
    """Give the request a bottom menu, as the entrance does for members."""
    request.phone_menu = [
        {"label": _("首页"), "url": "/", "icon": "home", "active": True},
        {"label": _("活动"), "url": "?活动", "icon": "calendar-event", "count": 2},
        {"label": _("签到"), "url": "?签到", "icon": "qrcode"},
        {"label": _("积分"), "url": "?积分", "icon": "medal"},
        {"label": _("我的"), "url": "?我的", "icon": "user"},
    ]


def phone(request: HttpRequest) -> dict:
    """What the sample of a member's page shows."""
    return _context(request)


def screen(request: HttpRequest) -> dict:
    """What the sample of a large screen shows."""
    return _context(request)


def options(query: str) -> list[tuple[str, str]]:
    """Names that hold the typed text, as suggestions."""
    return [(name, _("社区党组织")) for name in _names() if query in name]
