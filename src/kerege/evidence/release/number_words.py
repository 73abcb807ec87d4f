"""Numbers written as words, in Kazakh, Russian and English.

Words that are also used without a number (one, both, pair) count as numbers before a word for people or cases only.
Ordinal numbers name a place in a series and are allowed, but not as the part of a whole (every third).
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator

# words for people and cases: a number before one of them is a figure, whatever else it could be
COUNTED = (
    r"(?:people|persons?|individuals?|victims?|survivors?|women|woman|men|man|girls?|boys?|children|child|minors?"
    r"|cases?|crimes?|services?|contacts?"
    r"|жертв|потерпевш|пострадавш|человек|люд|лиц\b|лица\b|женщин|мужчин|девоч|девуш|мальчик|дет|ребён|ребен|дел\b|случа"
    r"|преступлен|услуг|обращен"
    r"|адам|құрбан|жәбірленуш|әйел|ер\b|бала|қыз|іс\b|қылмыс|қызмет|өтініш)"
)
ENGLISH = (
    r"(?:two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
    r"|eighteen|nineteen|twenty|thirty|forty|fourty|fifty|sixty|seventy|eighty|ninety)s?"
    r"|(?:hundred|thousand|million|billion|dozen)s?"
    r"|twice|thrice|(?:double|triple|treble|halve)[ds]?|doubling|tripling|halving|quarters|halves"
)
RUSSIAN = (
    r"два|две|двух|двум|двумя|двое|двоих|двоим|двоими|три|тр[её]х|тр[её]м|тремя|трое|троих|троим|троими"
    r"|четыре|четыр[её]х|четыр[её]м|четырьмя|четверо|четверых|четверым|четверыми"
    r"|пять|пяти|пятью|шесть|шести|шестью|семь|семи|восемь|восьми|восемью|восьмью|девять|девяти|девятью"
    r"|десять|десяти|десятью|(?:пят|шест|сем|восьм|девят|десят)ер(?:о|ых|ым|ыми)"
    r"|(?:один|две|три|четыр|пят|шест|сем|восем|девят)надцат(?:ь|и|ью)|(?:два|три)дцат(?:ь|и|ью)|сорока?"
    r"|(?:пять|шесть|семь|восемь)десят|(?:пяти|шести|семи|восьми)десяти|(?:пятью|шестью|семью|восемью)десятью"
    r"|девяност[оа]|сто|ста|двести|двухсот|двумстам|двухстах|тр[её]хсот|триста|тр[её]мстам|четыреста|четыр[её]хсот"
    r"|(?:пять|шесть|семь|восемь|девять|пяти|шести|семи|восьми|девяти)сот|(?:пяти|шести|семи|восьми|девяти)ст(?:ам|ах)"
    r"|сот(?:ня|ни|ню|ней|ен|ням|нями|нях)|десят(?:ок|ка|ки|ков|кам|ками|ках)|дюжин\w*"
    r"|тысяч(?:а|и|у|ей|ью|ам|ами|ах)?|миллион(?:а|у|ом|ы|ов|ам|ами|ах)?|миллиард\w*|полтор[аы]|полутора"
    r"|половин\w*|четверть\w*|четверти|тр(?:еть|ети|етью|етей)(?=\s+(?:всех|из|от|жертв|потерпевш|люд|женщин|мужчин|дет))"
    r"|дважды|трижды|четырежды|вдвое|втрое|вчетверо|вполовину|двукратн\w*|тр[её]хкратн\w*"
    r"|удво(?:ил|ен|ит)\w*|утро(?:ил|ен|ит)\w*"
)
_CASES = r"(?:ден|дан|тен|тан|нан|нен|ге|ке|ға|қа|ні|ны|ді|ды|ті|ты|дің|дың|тің|тың|нің|ның|де|те|та|мен|бен|пен)?"
KAZAKH = (
    rf"(?:екі(?!\s+жыныс)|үш|төрт|бес|алты|жеті|сегіз|тоғыз|жиырма|отыз|қырық|елу|алпыс|жетпіс|сексен|тоқсан(?=\s+(?:{COUNTED}))"
    rf"|жүз(?!і)|мың|миллион|миллиард|жарты|ширек){_CASES}"
    r"|(?:екеу|үшеу|төртеу|бесеу|алтау|жетеу)\w*|онш?ақты|(?:жүз|мың)де?даған|жүздеген|мыңдаған|ондаған"
    r"|жартысы\w*|жарты(?:ның|ға|дан)|екі есе\w*"
)
BEFORE_COUNTED = (
    r"one|both|single|couple\s+of|pair\s+of|zero|один|одна|одно|одного|одной|одну|оба|обе|обоих|обеих|обоим|обеим|пар[аыу]"
    r"|единственн\w+|ноль|бір|жалғыз|нөл|он"
)
PARTS = (
    r"every\s+(?:second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|other)"
    r"|кажд\w+\s+(?:втор|трет|четв[её]рт|пят|шест|седьм|восьм|девят|десят)\w+"
    r"|әр\w*\s+(?:екінші|үшінші|төртінші|бесінші|алтыншы|жетінші|сегізінші|тоғызыншы|оныншы)"
    r"|(?<!first )(?<!second )(?<!other )half(?=\s+(?:of|the|all|were|are)\b)"
    r"|quarter(?=\s+of\s+(?:the|all|them|those)\b(?!\s+(?:year|[12]\d{3})))"
    r"|one[\s-]+(?:half|third|quarter|fourth|fifth|tenth)|third(?=\s+of\b)"
)
NUMBER_WORDS = re.compile(
    rf"(?<!\w)(?:{PARTS}|{ENGLISH}|{RUSSIAN}|{KAZAKH}|(?:{BEFORE_COUNTED})(?=\s+(?:[^\W\d]+\s+)?{COUNTED}))(?!\w)",
    re.IGNORECASE,
)
SPACED = re.compile(r"(?<!\w)(?:\w[ .*_·-]){2,}\w(?!\w)")  # a word with signs between its letters
ALIKE = ("aceopxyktmhb", "асеорхуктмнв")  # Latin and Cyrillic letters that look alike
TO_CYRILLIC = str.maketrans(ALIKE[0] + "i", ALIKE[1] + "і")
TO_LATIN = str.maketrans(ALIKE[1] + "і", ALIKE[0] + "i")


def find_number_word(text: str) -> str:
    """Return the first number that is written as a word, '' when there is none."""
    for invisible in ("", " "):
        for spelling in _spellings(_visible(text, invisible)):
            if match := NUMBER_WORDS.search(spelling):
                return match[0]
    return ""


def _visible(text: str, invisible: str) -> str:
    """Return a text in its usual letters, with another sign for those without width, and without accents."""
    plain = unicodedata.normalize("NFKC", text)
    kinds = [(sign, unicodedata.category(sign)) for sign in plain]
    return "".join(invisible if kind == "Cf" else sign for sign, kind in kinds if kind != "Mn")


def _spellings(text: str) -> Iterator[str]:
    """Yield a text as it is written, with letters of one alphabet, and with spaced words closed."""
    closed = SPACED.sub(lambda match: re.sub(r"[ .*_·-]", "", match[0]), text)
    for version in dict.fromkeys((text, closed)):
        lower = version.casefold()
        yield from dict.fromkeys((lower, lower.translate(TO_CYRILLIC), lower.translate(TO_LATIN)))
