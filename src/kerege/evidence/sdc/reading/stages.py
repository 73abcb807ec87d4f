"""Labels that name a step in the course of a case, such as `Detected`, `Assisted` or `Осуждено`.

Of two steps of one course, the people of the later one can be among those of the earlier one. Other units, as victims
and suspects or people and crimes, have courses of their own.
"""

from __future__ import annotations

import re
from functools import cache

from kerege.evidence.sdc.reading.column_names import folded
from kerege.evidence.sdc.reading.units_of_people import names_people

HELP, JUSTICE, OTHERS = "help", "justice", "others"
# participles and nouns for people: `assistance` and `shelter` are kinds of services, not steps
_OF_ALL = (
    r"detected|identified|registered|recorded|reported|presumed|recogni[sz]ed|confirmed|screened|interviewed|referred"
    r"|notified|released|completed|closed|received|opened|initiated|applied|applicants|entered|admitted|requested|identifications"
    r"|выявлен|установлен|идентифицирован|зарегистрирован|учт[её]н|признан|опрошен|обратил|перенаправлен|направлен"
    r"|освобожд[её]н|заверш[её]н|окончен|поступил|принят|анықтал|тіркел|танылған|танылды|жіберіл|жолданған|жүгін"
    r"|босатыл|аяқтал|қабылдан"
)
_OF_HELP = (
    r"assisted|supported|helped|sheltered|accommodated|housed|rehabilitated|reintegrated|returned|returnees|repatriated"
    r"|compensated|granted|treated|counselled|beneficiaries|получил|получивш|оказан[аоы]?\b|предоставлен|обслужен"
    r"|размещ[её]н|реабилитирован|реинтегрирован|возвращ[её]н|вернул|репатриирован|алған|алды\b|көрсетіл|орналастырыл"
    r"|оңалтыл|қайтарыл|қайтқан|оралған|берілді|берілген"
)
_OF_JUSTICE = (
    r"suspect|accused|arrest|detained|charged|indicted|indictments|prosecuted|prosecutions|tried|convict|sentenced"
    r"|imprisoned|defendants|investigated|investigations|punished|подозреваем|обвиняем|обвин[её]н|задержан|арестован"
    r"|осужд[её]н|привлеч[её]н|расследован|возбужд|наказан|күдікті|айыптал|ұсталған|ұсталды|қамауға|соттал|тергел"
    r"|жауапқа"
)
_UNITS_OF_ROWS = r"\bcases?\b|crime|offence|incident|\bдел[оа]?\b|преступлен|правонаруш|қылмыс|\bіс(?:тер)?\b"
_VICTIMS = r"victim|survivor|жертв|потерпевш|пострадавш|құрбан|жәбірлен"
_PATTERNS = {
    kind: re.compile(rf"(?<!\w)(?:non[- ])?(?:{words})", re.I)
    for kind, words in ((OTHERS, _OF_ALL), (HELP, _OF_HELP), (JUSTICE, _OF_JUSTICE))
}
_ROWS, _PEOPLE = re.compile(_UNITS_OF_ROWS, re.I), re.compile(_VICTIMS, re.I)


@cache
def kinds_of_stage(label: str) -> frozenset[str]:
    """Return the courses to which a step can belong, none for other labels.

    Two labels can be steps of one course if they share an element: help for victims, or justice, in people or in cases,
    of one year.
    """
    name = folded(label)
    kinds = {kind for kind, pattern in _PATTERNS.items() if pattern.search(name)}
    if not kinds and not names_people(label):
        return frozenset()
    courses = {HELP, JUSTICE} if kinds <= {OTHERS} else kinds - {OTHERS}
    if _PEOPLE.search(name):
        courses &= {HELP}
    unit = " ".join(["cases" if _ROWS.search(name) else "people", *re.findall(r"\d+", name)])
    return frozenset(f"{course} of {unit}" for course in courses)
