"""WSGI application of the server."""

from __future__ import annotations

import gc
import os

from django.core.wsgi import get_wsgi_application
from django.urls import reverse

from kerege.config import parent_watch
from kerege.linkage import register_matching

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "kerege.config.settings")

parent_watch.end_with_parent()
application = get_wsgi_application()
register_matching.load_model()
reverse("accounts:start")  # loads every view, which takes a second: before the port opens, not at the first visit
# exclude all objects loaded so far from garbage collection: scanning them again slows every page down
gc.freeze()
gc.set_threshold(10_000, 10, 10)
