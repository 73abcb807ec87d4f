"""Services that write to the vault."""
