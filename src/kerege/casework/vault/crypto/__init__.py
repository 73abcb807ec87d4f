"""Envelope encryption, encrypted file streams and form tokens."""
