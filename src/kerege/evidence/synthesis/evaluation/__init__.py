"""Utility and risk of synthetic records, and the page that reports them."""
