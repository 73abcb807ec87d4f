"""All methods side by side, and the rules that decide what may be published."""
