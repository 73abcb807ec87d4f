"""Messages of this app: risks of a pair, and labels of fields, link origins and groups."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

# codes of MatchCandidate.risks; the conflict flags of the linkage package keep their own codes
RISKS: dict[str, Promise] = {
    "sex": _("The sex differs."),
    "birth_year": _("The years of birth are far apart."),
    "twin": _("Same family name and birth date, another given name: they may be twins."),
    "sibling": _("Same family name, another given name: they may be sisters or brothers."),
    "given": _("The given names differ."),
    "documents": _("Both have documents, and none has the same number."),
    "lent": _("Same document, but different given names: the document may have been lent."),
    "shared": _("One telephone or e-mail, but only an initial or no given name: relatives may share it."),
    "birth_date": _("Both records have a full date of birth, and the dates differ."),
    "size": _("Very many records would belong to one person."),
    "weakest": _("Two records of these persons contradict one another."),
    "open_cases": _("One agency has an open case for each of the two."),
    "cannot": _("A reviewer decided that two of these records are different persons."),
    "own": _("You registered both records: a colleague decides too."),
    "unlikely": _("The match weight is not conclusive."),
}
FIELDS: dict[str, Promise] = {
    "names": _("Names"),
    "birth_date": _("Born"),
    "gender": _("Gender"),
    "citizenships": _("Citizenships"),
    "documents": _("Documents"),
    "phones": _("Telephones"),
    "email": _("E-mail"),
    "address": _("Address"),
    "languages": _("Languages"),
    "safe_contact": _("Safe contact rules"),
    "contact_rules": _("Rules of contact"),
}
# how two records were linked; codes of the quality board
TIES: dict[str, Promise] = {
    "reviewed": _("People compared them"),
    "merged": _("One user merged them"),
    "machine": _("Linked automatically"),
}
SEXES: dict[str, Promise] = {"female": _("Women"), "male": _("Men")}
# language of a name, as far as the spelling shows it
LANGUAGES: dict[str, Promise] = {
    "kk": _("Kazakh"),
    "ru": _("Russian"),
    "uz": _("Uzbek"),
    "ky": _("Kyrgyz"),
    "tg": _("Tajik"),
    "tk": _("Turkmen"),
    "mixed": _("Different languages"),
}
SCRIPTS: dict[str, Promise] = {
    "cyrillic": _("Cyrillic letters"),
    "latin": _("Latin letters"),
    "arabic": _("Arabic letters"),
    "mixed": _("Different scripts"),
}
UNTOLD, OTHERS = _("Not determined"), _("Others")


def risk(code: str) -> str:
    """Return the text of a risk; an unknown code is returned as it is."""
    return str(RISKS.get(code, code))
