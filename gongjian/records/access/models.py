import hashlib

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.db.models import Q

from gongjian.records.orgs.models import Organisation
from gongjian.records.people.models import Dated, Person


class UserManager(BaseUserManager):
    """账号的建立。"""

    def create_user(self, username: str, password: str | None = None, **fields: object) -> "User":
        """A new account; without a password it cannot log in until one is set."""
        user = self.model(username=self.model.normalize_username(username), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str) -> "User":
        """By log-in name, whatever the case."""
        return self.get(username__iexact=username)


class User(AbstractBaseUser):
    """账号: how a person logs in. What they may do hangs on the person's grants and posts, not on the account."""

    username = models.CharField("登录名", max_length=60, unique=True)
    email = models.EmailField("电子邮箱", blank=True, default="")
    person = models.OneToOneField(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    is_active = models.BooleanField("启用", default=True)
    created_at = models.DateTimeField(auto_now_add=True)
    password_changed_at = models.DateTimeField(null=True, blank=True)
    must_change_password = models.BooleanField("须更换初始密码", default=False)

    objects = UserManager()
    USERNAME_FIELD = "username"
    EMAIL_FIELD = "email"

    class Meta:
        verbose_name = "账号"
        constraints = [models.UniqueConstraint(models.functions.Lower("username"), name="user_name_any_case")]

    def __str__(self) -> str:
        return self.username


class OldPassword(models.Model):
    """用过的密码: hashes, so that the last few are not taken again (the pack says how many)."""

    user = models.ForeignKey(User, on_delete=models.CASCADE, related_name="+")
    password = models.CharField(max_length=128)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = "用过的密码"

    def __str__(self) -> str:
        return f"{self.user_id}"


class RoleGrant(Dated):
    """授权: a role of the pack, held by a person at a node of the tree, along 隶属 or 属地, from one day to another."""

    LINES = (("parent", "隶属"), ("territory", "属地"))

    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    role = models.CharField("角色", max_length=40)
    org = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    line = models.CharField("沿", max_length=10, choices=LINES, default="parent")
    reason = models.CharField("事由", max_length=200, blank=True, default="")
    given_by = models.BigIntegerField(null=True)

    class Meta:
        verbose_name = "授权"
        indexes = [models.Index(fields=["person", "ends_on"], name="grant_person")]
        constraints = [
            models.UniqueConstraint(
                fields=["person", "role", "org", "line"], condition=Q(ends_on__isnull=True), name="grant_one_open"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.person_id}:{self.role}@{self.org_id}"


class ApiToken(models.Model):
    """接口令牌: acts as its owner, narrowed to a list of permissions; only its hash is kept."""

    user = models.ForeignKey(User, on_delete=models.PROTECT, related_name="+")
    name = models.CharField("名称", max_length=60)
    digest = models.CharField(max_length=64, unique=True)
    hint = models.CharField("开头", max_length=12)
    scopes = models.JSONField("范围", default=list)
    created_at = models.DateTimeField(auto_now_add=True)
    expires_on = models.DateField("失效日")
    last_used_on = models.DateField(null=True)
    revoked_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = "接口令牌"

    def __str__(self) -> str:
        return self.name

    @staticmethod
    def digest_of(token: str) -> str:
        """What is kept of a token: it has 256 random bits, so a plain hash is enough."""
        return hashlib.sha256(token.encode()).hexdigest()
