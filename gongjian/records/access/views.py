"""Pages of log-in, grants, accounts, and of one's own account and its safety."""

from typing import Any

from allauth.account.views import LoginView
from allauth.mfa.models import Authenticator
from axes.decorators import axes_dispatch, axes_form_invalid
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.decorators import method_decorator
from django.utils.translation import gettext as _

from gongjian.ground import policy
from gongjian.ground.kernel.access import needs, public, signed_in
from gongjian.ground.kernel.errors import Invalid
from gongjian.ground.ui.deeds import attempt
from gongjian.ground.ui.lists import Column, Listing
from gongjian.ground.ui.shortcuts import page
from gongjian.records.access import actions, queries
from gongjian.records.access.demo import demo_logins
from gongjian.records.access.forms import AccountForm, GiveForm, ReasonForm, TokenForm
from gongjian.records.orgs import queries as orgs
from gongjian.records.people import queries as people


@method_decorator(axes_dispatch, name="dispatch")
@method_decorator(axes_form_invalid, name="form_invalid")
class LogIn(LoginView):
    """登录: allauth's, with failures counted by axes and the demo's log-ins beside it."""

    def get_context_data(self, **kwargs: Any) -> dict:
        """The page's data; the log-ins only in a demo."""
        context = super().get_context_data(**kwargs)
        context["demo_logins"] = demo_logins() if settings.DEMO else []
        return context


log_in = public(LogIn.as_view())


def locked_out(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
    """After too many wrong passwords (django-axes calls this)."""
    minutes = policy.current().settings.lockout.minutes
    error = Invalid(_("密码连续输错太多次，请 %(n)s 分钟后再试；忘记密码请联系管理员重置。") % {"n": minutes})
    return page(request, "ui/problem.html", {"error": error}, status=429)


@needs("access.view")
def grants(request: HttpRequest) -> HttpResponse:
    """授权列表."""
    roles = {role.id: role.title for role in policy.current().roles}
    ended = request.GET.get("ended") == "1"
    listing = Listing(
        request, queries.grants_visible_to(request.actor, ended=ended),
        columns=[
            Column("person.name", _("姓名"), phone="title"),
            Column("role", _("角色"), value=lambda row: roles.get(row.role, row.role)),
            Column("org.name", _("组织"), link=lambda row: reverse("orgs:detail", args=[row.org_id])),
            Column("line", _("沿"), value=lambda row: row.get_line_display()),
            Column("starts_on", _("起"), kind="date"),
            Column("ends_on", _("止"), kind="date"),
            Column("reason", _("事由"), phone="hide"),
            Column("id", "", value=lambda row: _("收回") if row.ends_on is None else "", export=False,
                   link=lambda row: reverse("access:end", args=[row.pk]) if row.ends_on is None else ""),
        ],
        search=("person__name", "org__name", "person__initials"), order=("-starts_on", "-id"), export="xlsx,csv",
        name=_("授权"), empty=_("还没有单独的授权"), empty_hint=_("书记等职务的权限随任职自动取得，不在此列。"),
    )  # fmt: skip
    return listing.response("access/grants.html", {"ended": ended})


@needs("access.grant")
def give(request: HttpRequest, person: int) -> HttpResponse:
    """授予角色."""
    who = people.get_for(request.actor, person)
    form = GiveForm(request.POST or None, initial={"person": who.pk})
    if request.method == "POST" and form.is_valid():
        data = form.cleaned_data
        with attempt(request, form, success=_("已授权。")) as ok:
            org = orgs.by_code(request.actor, data["org"], permission="access.grant")
            if org is None:
                raise Invalid(_("没有找到这个组织，或者它不在您的管理范围内；请填组织代码。"), field="org")
            actions.give(
                person=who, role=data["role"], org=org, by=request.actor, line=data["line"], until=data["until"], reason=data["reason"],
            )  # fmt: skip
        if ok:
            return HttpResponseRedirect(reverse("access:list"))
    return page(request, "access/form.html", {"form": form, "title": _("授予%(name)s角色") % {"name": who.name},
                                              "back": reverse("access:list"), "button": _("授权")})  # fmt: skip


@needs("access.grant")
def end(request: HttpRequest, grant: int) -> HttpResponse:
    """收回授权."""
    row = queries.grant_for(request.actor, grant)
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        with attempt(request, form, success=_("已收回授权。")) as ok:
            actions.end(grant=row, by=request.actor, reason=form.cleaned_data["reason"])
        if ok:
            return HttpResponseRedirect(reverse("access:list"))
    return page(request, "access/form.html", {"form": form, "title": _("收回授权"), "back": reverse("access:list"),
                                              "button": _("收回")})  # fmt: skip


@needs("access.users")
def accounts(request: HttpRequest) -> HttpResponse:
    """账号列表."""
    listing = Listing(
        request, queries.accounts_visible_to(request.actor),
        columns=[
            Column("username", _("登录名"), link=lambda row: reverse("access:account", args=[row.pk]), phone="title"),
            Column("person.name", _("姓名")),
            Column("is_active", _("启用"), kind="bool"),
            Column("last_login", _("最近登录"), kind="datetime"),
            Column("created_at", _("开通时间"), kind="datetime", phone="hide"),
        ],
        search=("username", "person__name", "person__initials"), order=("username", "id"), export="xlsx,csv",
        name=_("账号"), empty=_("还没有账号"), empty_hint=_("从人员页面为此人开通账号。"),
    )  # fmt: skip
    return listing.response("access/accounts.html", {})


@needs("access.users")
def open_account(request: HttpRequest, person: int) -> HttpResponse:
    """开通账号: the initial password is shown once."""
    who = people.get_for(request.actor, person, permission="access.users")
    form = AccountForm(request.POST or None, initial={"person": who.pk, "username": who.pinyin})
    if request.method == "POST" and form.is_valid():
        password = actions.initial_password()
        with attempt(request, form) as ok:
            actions.open_account(
                username=form.cleaned_data["username"], by=request.actor, person=who, password=password, first=True
            )
        if ok:
            return page(request, "access/handover.html", {
                "name": who.name, "username": form.cleaned_data["username"], "password": password,
            })  # fmt: skip
    return page(request, "access/form.html", {"form": form, "title": _("为%(name)s开通账号") % {"name": who.name},
                                              "back": reverse("access:accounts"), "button": _("开通")})  # fmt: skip


@needs("access.users")
def account(request: HttpRequest, user: int) -> HttpResponse:
    """一个账号: close, reopen, reset the password."""
    row = queries.account_for(request.actor, user)
    if request.method == "POST":
        deed = request.POST.get("deed")
        with attempt(request) as ok:
            if deed == "reset":
                password = actions.reset_password(user=row, by=request.actor)
            elif deed in ("close", "open"):
                actions.set_active(
                    user=row, active=deed == "open", by=request.actor, reason=request.POST.get("reason", "")
                )
            else:
                raise Invalid(_("没有这个操作。"))
        if ok and deed == "reset":
            return page(request, "access/handover.html", {
                "name": row.person.name, "username": row.username, "password": password,
            })  # fmt: skip
        if ok:
            messages.success(request, _("已更新。"))
        return HttpResponseRedirect(reverse("access:account", args=[row.pk]))
    totp = Authenticator.objects.filter(user=row, type="totp").exists()
    return page(request, "access/account.html", {"account": row, "person": row.person, "totp": totp})


@signed_in
def security(request: HttpRequest) -> HttpResponse:
    """账号与安全: password, second factor, sessions, tokens, and which roles one holds why."""
    roles = {role.id: role.title for role in policy.current().roles}
    grants = [
        {"role": roles.get(g.role, g.role), "org": g.org, "explicit": g.explicit, "line": g.line}
        for g in request.actor.grants
    ]
    names = orgs.names([g["org"] for g in grants])
    for entry in grants:
        entry["org"] = names.get(entry["org"], "")
    return page(request, "access/security.html", {
        "grants": grants, "totp": Authenticator.objects.filter(user=request.user, type="totp").exists(),
        "needs_totp": queries.needs_second_factor(request.actor), "account": request.user,
        "tokens": list(queries.tokens_of(request.user.pk)[:50]) if request.actor.may("access.tokens") else None,
    })  # fmt: skip


@needs("access.tokens")
def issue_token(request: HttpRequest) -> HttpResponse:
    """签发接口令牌: its text is shown once."""
    form = TokenForm(request.POST or None, actor=request.actor)
    if request.method == "POST" and form.is_valid():
        with attempt(request, form) as ok:
            row, text = actions.issue_token(user=request.user, by=request.actor, **form.cleaned_data)
        if ok:
            return page(request, "access/token.html", {"token": row, "text": text})
    return page(request, "access/form.html", {"form": form, "title": _("签发接口令牌"), "button": _("签发"),
                                              "back": reverse("access:security")})  # fmt: skip


@needs("access.tokens")
def revoke_token(request: HttpRequest, token: int) -> HttpResponse:
    """吊销接口令牌."""
    if request.method == "POST":
        row = queries.tokens_of(request.user.pk).select_related("user").filter(pk=token).first()
        with attempt(request, success=_("已吊销。")):
            if row is None:
                raise Invalid(_("没有这个令牌。"))
            actions.revoke_token(token=row, by=request.actor)
    return HttpResponseRedirect(reverse("access:security"))
