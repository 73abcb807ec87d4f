"""Pages for sign-in, sessions, users and their rights."""
