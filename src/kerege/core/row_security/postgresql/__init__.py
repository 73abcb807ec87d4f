"""Django's PostgreSQL backend, with connections that tell the database who acts before each statement."""
