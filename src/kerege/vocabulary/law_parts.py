"""Parts of a country profile on the law: acts, articles, stays of foreigners, the compensation fund."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal

from pydantic import Field, model_validator

from kerege.vocabulary.profile_parts import CountryCode, Fact, ProfilePart, TranslatedText, Words, code_in


class LegalBasis(Fact):
    """Legal act: title, number in the national register of acts, and the subjects that it covers."""

    id: str = Field(pattern="^[a-z0-9-]+$")
    title: TranslatedText
    adopted: date
    identifier: str = ""
    covers: list[
        Literal[
            "framework", "sharing", "risk", "services", "identification", "data", "offences", "compensation", "plan"
        ]
    ] = Field(min_length=1)


class LawArticle(Fact):
    """Article of the law: duty, who must act, clocks, acts, and the places of Kerege that serve it.

    `read` states how much of the text was read. `clocks` are paths of facts of the profile, `acts` ids of legal bases,
    `places` names of addresses. `missing` names what Kerege does not serve yet.
    """

    id: str = Field(pattern="^[a-z0-9-]+$")
    number: Words
    read: Literal["full", "excerpt", "title", "no"]
    title: TranslatedText
    duty: TranslatedText
    actors: list[Annotated[str, code_in("agency_kind")]] = []
    clocks: list[Words] = []
    acts: list[Words] = []
    places: list[Words] = []
    missing: TranslatedText | None = None


class VisaFreeStay(Fact):
    """Rule of a stay without a visa: days in a row, and days in total within a moving window.

    Citizens of the countries of `union` may stay `union_at_once` days in a row.
    """

    window_days: int = Field(ge=1, le=730)
    most_days: int = Field(ge=1, le=730)
    at_once: int = Field(ge=1, le=730)
    union: list[CountryCode] = []
    union_at_once: int = Field(ge=1, le=730)
    first_day_counts: bool


class StayNotices(Fact):
    """Numbers of days before the end of a right to stay at which a task is due."""

    days: list[Annotated[int, Field(ge=1, le=180)]] = Field(min_length=1)


class VictimPermit(Fact):
    """Residence permit of a victim: its length in months if it was read, and the steps to it."""

    months: int | None = Field(default=None, ge=1, le=120)
    steps: list[Annotated[str, code_in("stay_step")]] = []
    not_for_union: list[Annotated[str, code_in("stay_step")]] = []


class LegalStay(ProfilePart):
    """Rules on how long a foreigner may stay; without `visa_free` no last day of such a stay is computed."""

    visa_free: VisaFreeStay | None = None
    notice: StayNotices
    victim_permit: VictimPermit


class CompensationFund(Fact):
    """Offences whose victims the state's fund pays, and the factor of the index that the law states.

    Both are empty where no act on a fund was read.
    """

    offences: list[Annotated[str, code_in("offence")]] = []
    factor: int | None = Field(default=None, ge=1, le=1000)


class Quorum(Fact):
    """Share of the member bodies whose presence a session of a commission needs: `parts` of `whole`.

    `above` asks for more than this share. Both numbers are empty where the act was not read.
    """

    parts: int | None = Field(default=None, ge=1, le=100)
    whole: int | None = Field(default=None, ge=1, le=100)
    above: bool = False

    @model_validator(mode="after")
    def _is_a_share(self) -> Quorum:
        if (self.parts is None) != (self.whole is None):
            raise ValueError("parts and whole come together")
        if (self.parts or 0) > (self.whole or 0):
            raise ValueError("parts is greater than whole")
        return self

    def needed(self, members: int) -> int | None:
        """Return the smallest number of bodies that must be present, None where the share is not known.

        Examples
        --------
        >>> half = Quorum(confirmed=False, source="x", parts=1, whole=2, above=True)
        >>> half.needed(6), half.needed(7)
        (4, 4)
        """
        if self.parts is None or self.whole is None:
            return None
        present, rest = divmod(members * self.parts, self.whole)
        return present + (self.above or rest > 0)
