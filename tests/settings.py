"""Settings of the tests: the production settings on a database that tests/databases.py chooses, and nothing slow."""

from tests import databases

databases.choose()  # before the settings below read the environment

from gongjian.config.settings import *  # noqa: E402, F403
from gongjian.config.settings import DATABASES  # noqa: E402

databases.fit(DATABASES["default"])

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
