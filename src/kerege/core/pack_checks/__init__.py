"""Checks of a pack before it is installed: every fault at once."""

from kerege.core.pack_checks.check_pack import PackReport, check_pack, list_faults

__all__ = ["PackReport", "check_pack", "list_faults"]
