"""WSGI: the program as a server sees it; in the embedded mode it starts the relay's thread beside itself."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "gongjian.config.settings")

from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.utils.module_loading import import_string

application = get_wsgi_application()
# Only now: what it stands on asks Django for its rooms.
application = import_string("gongjian.config.express.Express")(application)

if settings.RELAY == "thread":
    from gongjian.engines.relay.runner import start_thread

    start_thread()
