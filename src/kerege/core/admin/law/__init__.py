"""Pages of the law: its articles, the facts of the country profile, and their confirmation."""
