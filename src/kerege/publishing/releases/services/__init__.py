"""Services that write releases: compose, check, approve, appoint deputies."""
