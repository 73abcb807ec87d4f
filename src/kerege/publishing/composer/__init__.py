"""Staff pages: compose, check and approve a release."""
