"""Settings (设置): read from the environment, with defaults that run embedded on one machine without any set-up.

Everything a district's IT person may set is named GONGJIAN_… and listed in docs/howto/install.md.
"""

import secrets
from pathlib import Path

import environ
from csp.constants import NONE, SELF

env = environ.Env()
PACKAGE = Path(__file__).resolve().parent.parent
HOME = Path(env.str("GONGJIAN_HOME", default=str(Path.cwd() / ".gongjian")))


def _secret(name: str) -> str:
    """A key from the environment, or one made at the first start and kept in HOME, readable by its owner only."""
    given = env.str(name, default="")
    if given:
        return given
    path = HOME / (name.lower() + ".key")
    if not path.exists():
        HOME.mkdir(parents=True, exist_ok=True)
        try:
            with open(path, "x", encoding="ascii") as out:
                path.chmod(0o600)
                out.write(secrets.token_urlsafe(48))
        except FileExistsError:  # another process of ours was first
            pass
    return path.read_text(encoding="ascii")


DEBUG = env.bool("GONGJIAN_DEBUG", default=False)
DEMO = env.bool("GONGJIAN_DEMO", default=False)
SECRET_KEY = _secret("GONGJIAN_SECRET_KEY")
FIELD_KEY = _secret("GONGJIAN_FIELD_KEY")
ALLOWED_HOSTS = env.list("GONGJIAN_HOSTS", default=["127.0.0.1", "localhost", "[::1]", "testserver"])
CSRF_TRUSTED_ORIGINS = env.list("GONGJIAN_ORIGINS", default=[])
PACK = env.str("GONGJIAN_PACK", default="")
# name → {"provider": "local", "url": …, "merchant": …, "key": …, "base": our own address as the provider reaches it}
PAYMENTS = env.json("GONGJIAN_PAYMENTS", default={})
RELAY = env.str(
    "GONGJIAN_RELAY", default="thread"
)  # thread: inside this process · worker: gongjian worker · manual: tests

# --- messages to the outside (站外消息); none of it in a pack -------------------------------------------------------
OWN_ADDRESS = env.str("GONGJIAN_ADDRESS", default="")  # https://dj.example.gov.cn, for the links in messages
MAIL_ON = bool(env.str("GONGJIAN_EMAIL", default=""))  # smtp+tls://user:password@host:587
if MAIL_ON:
    for _name, _value in env.email_url("GONGJIAN_EMAIL").items():
        globals()[_name] = _value
DEFAULT_FROM_EMAIL = env.str("GONGJIAN_MAIL_FROM", default="gongjian@localhost")
# {"url": …, "method": "POST", "as": "json|form|query", "headers": {…}, "fields": {"mobile": "{phone}", "content": "{text}"},
#  "ok": {"field": "code", "equals": "0"}}
SMS = env.json("GONGJIAN_SMS", default={})
WECOM = env.str("GONGJIAN_WECOM", default="https://qyapi.weixin.qq.com/cgi-bin/webhook/send")
DINGTALK = env.str("GONGJIAN_DINGTALK", default="https://oapi.dingtalk.com/robot/send")

INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "whitenoise.runserver_nostatic",
    "django.contrib.staticfiles",
    "django.contrib.humanize",
    "csp",
    "django_htmx",
    "django_filters",
    "gongjian.ground.kernel.apps.RoomConfig",
    "gongjian.ground.policy.apps.RoomConfig",
    "gongjian.ground.ui.apps.RoomConfig",
    "gongjian.ground.sheets.apps.RoomConfig",
    "gongjian.ground.paper.apps.RoomConfig",
    "gongjian.records.facts.apps.RoomConfig",
    "gongjian.records.files.apps.RoomConfig",
    "gongjian.records.orgs.apps.RoomConfig",
    "gongjian.records.people.apps.RoomConfig",
    "gongjian.records.places.apps.RoomConfig",
    "gongjian.records.access.apps.RoomConfig",
    "gongjian.records.notices.apps.RoomConfig",
    "gongjian.engines.relay.apps.RoomConfig",
    "gongjian.engines.ledger.apps.RoomConfig",
    "gongjian.engines.flow.apps.RoomConfig",
    "gongjian.engines.deadlines.apps.RoomConfig",
    "gongjian.engines.payments.apps.RoomConfig",
    "gongjian.engines.publication.apps.RoomConfig",
    "gongjian.engines.voting.apps.RoomConfig",
    "gongjian.desks.activities.apps.RoomConfig",
    "gongjian.desks.dues.apps.RoomConfig",
    "gongjian.desks.reviews.apps.RoomConfig",
    "gongjian.desks.talks.apps.RoomConfig",
    "gongjian.desks.elections.apps.RoomConfig",
    "gongjian.desks.transfers.apps.RoomConfig",
    "gongjian.desks.admissions.apps.RoomConfig",
    "gongjian.desks.orders.apps.RoomConfig",
    "gongjian.appraisal.points.apps.RoomConfig",
    "gongjian.appraisal.standards.apps.RoomConfig",
    "gongjian.appraisal.assessments.apps.RoomConfig",
    "gongjian.outlets.workbench.apps.RoomConfig",
    "gongjian.outlets.dashboards.apps.RoomConfig",
    "gongjian.outlets.feeds.apps.RoomConfig",
    "gongjian.outlets.statistics.apps.RoomConfig",
    "gongjian.outlets.openapi.apps.RoomConfig",
    "gongjian.outlets.exchange.apps.RoomConfig",
    "gongjian.outlets.trial.apps.RoomConfig",
    "gongjian.outlets.demo.apps.RoomConfig",
    "gongjian.outlets.burden.apps.RoomConfig",
    "gongjian.outlets.upkeep.apps.RoomConfig",
    "allauth",  # below our rooms, so that our templates win
    "allauth.account",
    "allauth.mfa",
    "allauth.usersessions",
    "axes",
    "django.forms",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "django.middleware.gzip.GZipMiddleware",
    "csp.middleware.CSPMiddleware",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "django_htmx.middleware.HtmxMiddleware",
    "gongjian.config.middleware.ActorMiddleware",
    "allauth.account.middleware.AccountMiddleware",
    "gongjian.records.access.activity.SessionActivityMiddleware",
    "gongjian.config.middleware.AccountGateMiddleware",
    "gongjian.config.middleware.DeclaredAccessMiddleware",
    "gongjian.outlets.openapi.idempotency.IdempotencyMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "gongjian.config.urls"
WSGI_APPLICATION = "gongjian.config.wsgi.application"
AUTH_USER_MODEL = "access.User"
AUTHENTICATION_BACKENDS = [
    "axes.backends.AxesStandaloneBackend",
    "allauth.account.auth_backends.AuthenticationBackend",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": "django.contrib.auth.password_validation.UserAttributeSimilarityValidator",
     "OPTIONS": {"user_attributes": ("username",)}},
    {"NAME": "django.contrib.auth.password_validation.CommonPasswordValidator"},
    {"NAME": "gongjian.records.access.passwords.PackPasswordValidator"},
]  # fmt: skip
LOGIN_URL = "account_login"
LOGIN_REDIRECT_URL = "/"
ACCOUNT_ADAPTER = "gongjian.records.access.adapters.AccountAdapter"
ACCOUNT_LOGIN_METHODS = {"username"}
ACCOUNT_SIGNUP_FIELDS = ["username*", "password1*", "password2*"]
ACCOUNT_EMAIL_VERIFICATION = "none"
ACCOUNT_LOGOUT_REDIRECT_URL = "/"
ACCOUNT_SESSION_REMEMBER = True
ACCOUNT_REAUTHENTICATION_REQUIRED = True
ACCOUNT_FORMS = {"login": "gongjian.records.access.forms.LoginForm"}
ACCOUNT_RATE_LIMITS = {"login_failed": False}  # django-axes counts failures, in the database and by the pack
MFA_ADAPTER = "gongjian.records.access.adapters.MFAAdapter"
MFA_SUPPORTED_TYPES = ["totp", "recovery_codes"]
MFA_TOTP_ISSUER = "共建"
USERSESSIONS_TRACK_ACTIVITY = False  # at each request it would be a commit; our middleware does it now and then
AXES_FAILURE_LIMIT = "gongjian.records.access.passwords.failure_limit"
AXES_COOLOFF_TIME = "gongjian.records.access.passwords.cool_off"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_LOCKOUT_CALLABLE = "gongjian.records.access.views.locked_out"
AXES_USERNAME_FORM_FIELD = "login"
AXES_USERNAME_CALLABLE = "gongjian.records.access.passwords.client_username"
AXES_RESET_ON_SUCCESS = True
AXES_DISABLE_ACCESS_LOG = True
AXES_ENABLE_ADMIN = False
AXES_IPWARE_PROXY_COUNT = env.int("GONGJIAN_PROXIES", default=0) or None
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.messages.context_processors.messages",
            ],
        },
    }
]
FORM_RENDERER = "django.forms.renderers.TemplatesSetting"

DATABASE_URL = env.str("GONGJIAN_DATABASE", default=f"sqlite:///{HOME / 'gongjian.sqlite3'}")
DATABASES = {"default": env.db_url_config(DATABASE_URL)}
if DATABASES["default"]["ENGINE"].endswith("sqlite3"):
    # Deferred transactions lost writes under load in a trial (SAFETY.md): take the write lock at once and wait for it.
    DATABASES["default"]["ENGINE"] = "gongjian.ground.kernel.sqlite"
    DATABASES["default"]["OPTIONS"] = {
        "timeout": 20,
        "transaction_mode": "IMMEDIATE",
        "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL; PRAGMA cache_size=-65536;",
    }
else:
    DATABASES["default"]["CONN_HEALTH_CHECKS"] = True
DATABASES["default"].setdefault("CONN_MAX_AGE", 600)  # a fresh connection for each request costs as much as a page

LANGUAGE_CODE = "zh-hans"
LANGUAGES = [("zh-hans", "中文"), ("en", "English")]
LOCALE_PATHS = [PACKAGE / "locale"]
TIME_ZONE = "Asia/Shanghai"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = env.str("GONGJIAN_STATIC_ROOT", default=str(HOME / "static"))
WHITENOISE_USE_FINDERS = True
Path(STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # WhiteNoise complains about a folder that is not there
MEDIA_ROOT = HOME / "files"

PASSWORD_HASHERS = [
    "django.contrib.auth.hashers.PBKDF2PasswordHasher",
]
CSRF_FAILURE_VIEW = "gongjian.ground.ui.views.csrf_failure"
CONTENT_SECURITY_POLICY = {
    "DIRECTIVES": {
        "default-src": [SELF], "img-src": [SELF, "data:"], "object-src": [NONE], "base-uri": [SELF],
        "frame-ancestors": [NONE], "form-action": [SELF],
    }
}  # fmt: skip
X_FRAME_OPTIONS = "DENY"
SECURE_CONTENT_TYPE_NOSNIFF = True
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SECURE_PROXY_SSL_HEADER = (
    ("HTTP_X_FORWARDED_PROTO", "https") if env.bool("GONGJIAN_BEHIND_PROXY", default=False) else None
)
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = env.bool("GONGJIAN_HTTPS", default=False)
DATA_UPLOAD_MAX_MEMORY_SIZE = 5 * 1024 * 1024
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * 1024 * 1024
