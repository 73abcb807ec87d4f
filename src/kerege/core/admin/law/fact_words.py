"""Facts and articles of the law in the words of a page."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from kerege.core.admin.law.fact_values import say_source, say_value
from kerege.vocabulary import confirmations, corrections
from kerege.vocabulary.law_parts import LawArticle, LegalBasis, Quorum
from kerege.vocabulary.pack import active_pack
from kerege.vocabulary.profile import Profile, ProfileFact, read_profile
from kerege.vocabulary.profile_parts import Deadline, Fact, FurtherPhone, NoticePeriod, ServiceTerm
from kerege.web import partial_dates
from kerege.web.navigation import navigation
from kerege.web.templatetags.kerege import code, language

ISO_DATE = re.compile(r"\b\d{4}-\d{2}-\d{2}\b")


@dataclass(frozen=True)
class FactLine:
    """A fact in words: label, value, source, and its confirmation if it holds."""

    path: str
    label: str
    value: str
    source: str
    # in words that the source is no act; "" for a source that was read
    suggestion: str
    confirmed: bool
    confirmation: confirmations.Confirmation | None
    correction: corrections.Correction | None = None
    # the package has another value than when the fact was corrected
    is_package_newer: bool = False


@dataclass(frozen=True)
class PlaceLine:
    """A place of Kerege that serves an article; without an address it is not open to the reader."""

    label: str
    url_name: str


@dataclass(frozen=True)
class ArticleView:
    """An article as the page shows it."""

    article: LawArticle
    duty: str
    missing: str
    actors: str
    clocks: list[FactLine]
    acts: list[FactLine]
    places: list[PlaceLine]
    fact: FactLine


def read_facts(profile: Profile) -> dict[str, FactLine]:
    """Return every fact of the profile in words, by path."""
    held = confirmations.read_home()
    corrected = corrections.current(corrections.read_home(), timezone.localdate())
    shipped = {fact.path: confirmations.digest_of(fact.fact) for fact in read_profile(active_pack()).facts()}
    lines = {fact.path: _line_of(fact, held) for fact in profile.facts()}
    return {
        path: replace(line, correction=row, is_package_newer=shipped.get(path) != _first_base(path))
        if (row := corrected.get(path))
        else line
        for path, line in lines.items()
    }


def _first_base(path: str) -> str:
    """Return the digest of the fact of the package that the first correction of a fact replaced."""
    rows = [row for row in corrections.read_home() if row.path == path]
    return min(rows, key=lambda row: row.from_on).base


def _line_of(fact: ProfileFact, held: Mapping[str, confirmations.Confirmation]) -> FactLine:
    row = held.get(fact.path)
    holds = row if row and row.digest == confirmations.digest_of(fact.fact) else None
    value = "" if isinstance(fact.fact, LawArticle | LegalBasis) else say_term(fact.fact) or say_value(fact.fact)
    return FactLine(
        path=fact.path,
        label=label_of(fact),
        value=_say_dates(value),
        source=_say_dates(fact.source),
        suggestion=say_source(fact.source),
        confirmed=fact.confirmed,
        confirmation=holds,
    )


def _say_dates(text: str) -> str:
    """Return a text of the profile with its dates as the reader writes them."""
    return ISO_DATE.sub(lambda match: partial_dates.words(date.fromisoformat(match[0])), text)


def label_of(fact: ProfileFact) -> str:
    """Return the label of a fact: title of an act or article, name of a number, or that of the list."""
    if isinstance(fact.fact, FurtherPhone):
        return fact.fact.name.in_language(language())
    if isinstance(fact.fact, LegalBasis):
        return fact.fact.title.in_language(language())
    if isinstance(fact.fact, LawArticle):
        title = fact.fact.title.in_language(language())
        return _("Article %(number)s. %(title)s") % {"number": fact.fact.number, "title": title}
    return code(fact.path, "profile_fact")


def say_term(fact: Fact) -> str:
    """Return the value of a clock or a quorum in words; '' for any other fact."""
    if isinstance(fact, Deadline):
        words = ngettext("%(n)d working day", "%(n)d working days", fact.business_days)
        return words % {"n": fact.business_days}
    if isinstance(fact, NoticePeriod):
        return ngettext("%(n)d day", "%(n)d days", fact.days) % {"n": fact.days}
    if isinstance(fact, ServiceTerm):
        return _("%(n)d months, at most %(most)d") % {"n": fact.months, "most": fact.extended_months}
    return _say_quorum(fact) if isinstance(fact, Quorum) else ""


def _say_quorum(fact: Quorum) -> str:
    if fact.parts is None:
        return _("not known")
    share = {"parts": fact.parts, "whole": fact.whole}
    words = _("more than %(parts)d/%(whole)d of the members") if fact.above else _("%(parts)d/%(whole)d of the members")
    return words % share


def list_articles(profile: Profile, facts: Mapping[str, FactLine], roles: frozenset[str]) -> list[ArticleView]:
    """Return the articles in words; places are linked for roles whose menu holds them."""
    items = {item.url_name: item for item in navigation.all()}
    spoken = language()
    return [
        ArticleView(
            article=article,
            duty=article.duty.in_language(spoken),
            missing=article.missing.in_language(spoken) if article.missing else "",
            actors=", ".join(code(kind, "agency_kind") for kind in article.actors),
            clocks=[facts[path] for path in article.clocks],
            acts=[facts[f"legal_basis.{basis}"] for basis in article.acts],
            places=[
                PlaceLine(str(items[name].label), name if items[name].open_to(roles) else "") for name in article.places
            ],
            fact=facts[f"law.{article.id}"],
        )
        for article in profile.law
    ]
