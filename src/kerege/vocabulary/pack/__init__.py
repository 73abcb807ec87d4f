"""Packs of countries: law, languages, regions, offences, calendar and texts as data, never code."""

from kerege.vocabulary.pack.pack import Pack
from kerege.vocabulary.pack.search_order import active_pack, built_in_pack, countries, find_pack, using

__all__ = ["Pack", "active_pack", "built_in_pack", "countries", "find_pack", "using"]
