"""An entrance for looking at the interface alone: a menu, a reader and a log-in page, made up."""

from types import SimpleNamespace

from django import forms
from django.urls import include, path

from gongjian.ground.ui import samples, views
from gongjian.ground.ui.shortcuts import page


class Entrance:
    """Puts on the request what the real entrance does."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        request.actor = SimpleNamespace(kind="person", name="李建华", is_authenticated=True)
        request.unread = 3
        names = [("首页", "home"), ("组织", "sitemap"), ("党员", "users"), ("活动", "calendar-event"), ("积分", "medal")]
        request.menu = [
            {"label": label, "url": f"?{icon}", "icon": icon, "active": icon == "sitemap", "children": []}
            for label, icon in names
        ]
        request.menu.append(
            {"label": "系统", "icon": "settings", "url": "", "active": False,
             "children": [{"label": "导入", "url": "?in", "active": False}, {"label": "授权", "url": "?a", "active": False}]}
        )  # fmt: skip
        return self.get_response(request)


class LoginForm(forms.Form):
    login = forms.CharField(label="用户名")
    password = forms.CharField(label="密码", widget=forms.PasswordInput)
    remember = forms.BooleanField(label="记住我", required=False)


def login(request):
    logins = [
        {"username": "secretary", "name": "李建华", "role": "社区第一党支部书记", "password": "demo"},
        {"username": "member", "name": "王秀英", "role": "党员", "password": "demo"},
    ]
    return page(request, "account/login.html", {"form": LoginForm(), "demo_logins": logins})


def here(request):
    return page(request, "ui/gallery.html", samples.gallery(request))


notices = ([path("notices/", here, name="list")], "notices")
workbench = ([path("search/", here, name="search"), path("me/", here, name="me")], "workbench")
urlpatterns = [
    path("ui/", include("gongjian.ground.ui.urls")),
    path("", include(notices)),
    path("", include(workbench)),
    path("login/", login, name="account_login"),
    path("logout/", login, name="account_logout"),
    path("error/<int:status>/", views.error_page),
]
handler400, handler403, handler404, handler500 = views.bad_request, views.forbidden, views.not_found, views.server_error
