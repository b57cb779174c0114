"""Settings for looking at the interface alone: no business room, a database in memory."""

from gongjian.config.settings import *  # noqa: F403

DEBUG = True
DEMO = True
SECRET_KEY = "only-for-tests"
DATABASES = {"default": {"ENGINE": "django.db.backends.sqlite3", "NAME": ":memory:"}}
INSTALLED_APPS = [
    "django.contrib.contenttypes",
    "django.contrib.auth",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "gongjian.ground.ui.apps.RoomConfig",
    "django.forms",
]
AUTH_USER_MODEL = "auth.User"
SESSION_ENGINE = "django.contrib.sessions.backends.signed_cookies"
MIDDLEWARE = [
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
]
ROOT_URLCONF = "tests.ui.entrance"
CSRF_FAILURE_VIEW = "gongjian.ground.ui.views.csrf_failure"
WSGI_APPLICATION = None
