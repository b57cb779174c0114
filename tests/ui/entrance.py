"""An entrance for looking at the interface alone: a menu, a reader and a log-in page, made up."""

from functools import wraps
from types import SimpleNamespace

from django import forms
from django.urls import include, path

from gongjian.ground.kernel.access import public
from gongjian.ground.ui import samples, urls, views
from gongjian.ground.ui.shortcuts import page


def framed(view):
    """The view on a request that carries what the real entrance puts there for somebody logged in."""

    @wraps(view)
    def shown(request, *args, **kwargs):
        request.actor = SimpleNamespace(kind="person", name="李建华", is_authenticated=True)
        request.unread = 3
        names = [
            ("首页", "home"),
            ("组织", "sitemap"),
            ("党员", "users"),
            ("活动", "calendar-event"),
            ("积分", "medal"),
        ]
        request.menu = [
            {"label": label, "url": f"?{icon}", "icon": icon, "active": icon == "sitemap", "children": []}
            for label, icon in names
        ]
        children = [{"label": "导入", "url": "?in", "active": False}, {"label": "授权", "url": "?a", "active": False}]
        request.menu.append({"label": "系统", "icon": "settings", "url": "", "active": False, "children": children})
        return view(request, *args, **kwargs)

    return public(shown)


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


ui = ([path(str(page.pattern), framed(page.callback), name=page.name) for page in urls.urlpatterns], "ui")
notices = ([path("notices/", framed(here), name="list")], "notices")
workbench = ([path("search/", framed(here), name="search"), path("me/", framed(here), name="me")], "workbench")
urlpatterns = [
    path("ui/", include(ui)),
    path("", include(notices)),
    path("", include(workbench)),
    path("login/", framed(login), name="account_login"),
    path("logout/", framed(login), name="account_logout"),
    path("error/<int:status>/", framed(views.error_page)),
]
handler400, handler403, handler404, handler500 = views.bad_request, views.forbidden, views.not_found, views.server_error
