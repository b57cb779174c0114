from django.utils.translation import gettext_lazy as _

from gongjian.ground.kernel.manifest import FactKind, Manifest, MenuEntry, Permission

MANIFEST = Manifest(
    room="access",
    title=_("授权"),
    facts=(
        FactKind("grant.given", _("授权"), _("在某组织授予某人一个角色；含角色、沿隶属或属地、起止")),
        FactKind("grant.ended", _("收回授权"), _("含角色与原因")),
        FactKind("account.created", _("开通账号"), _("含登录名")),
        FactKind("account.opened", _("恢复账号"), _("含原因")),
        FactKind("account.reset", _("重置密码"), _("给出新的初始密码，并清除两步验证")),
        FactKind("account.closed", _("停用账号"), _("含原因")),
        FactKind("token.issued", _("签发接口令牌"), _("含名称与范围")),
        FactKind("token.revoked", _("吊销接口令牌"), _("含名称")),
    ),
    permissions=(
        Permission("access.view", _("查看授权")),
        Permission("access.grant", _("授权管理"), _("授予和收回角色")),
        Permission("access.users", _("账号管理"), _("开通、停用账号，重置密码")),
        Permission("access.tokens", _("接口令牌"), _("为自己签发接口令牌")),
    ),
    menu=(MenuEntry(_("授权"), "access:list", icon="key", needs="access.view", order=72, group="keeping"),),
)
