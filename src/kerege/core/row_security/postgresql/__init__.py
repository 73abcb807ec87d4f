"""Django's PostgreSQL backend with connections that pass the session scope before each statement."""
