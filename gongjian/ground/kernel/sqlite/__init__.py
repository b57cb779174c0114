"""SQLite of the embedded mode: Django's own backend, with writers of one process in a queue."""
