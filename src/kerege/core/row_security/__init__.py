"""Row-level security of PostgreSQL: policies and the database backend that passes the session scope."""
