"""WSGI: the program as a server sees it; in the embedded mode it starts the relay's thread beside itself."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongjian.config.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application

application = get_wsgi_application()

if settings.RELAY == "thread":
    from gongjian.engines.relay.runner import start_thread

    start_thread()
