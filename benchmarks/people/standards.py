"""Scripts and romanisations as their standards give them, one table each.

They are written from the standards alone.

ICAO Doc 9303 part 3; BGN/PCGN of Russian (1947), Kazakh, Kyrgyz, Uzbek (1979), Tajik (1994); GOST 7.79-2000 B;
ISO 9:1995; Kazakh Latin of 2017 (apostrophes), 2018 (acutes) and January 2021; Uzbek Latin of 1995; Turkmen Latin of
1999; the French spelling of Soviet passports; the Arabic script of Kazakhs in China.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import cache

VOWELS = "аәеёиӣоөуұүўӯыіэюя"


def _table(spec: str, base: dict[str, str] | None = None) -> dict[str, str]:
    """'а=a б=b ь=' as letters; a letter without a value is left out of names."""
    return (base or {}) | dict(pair.split("=") for pair in spec.split())


_PLAIN = _table(
    "а=a б=b в=v г=g д=d е=e ё=e ж=zh з=z и=i й=i к=k л=l м=m н=n о=o п=p р=r с=s т=t у=u ф=f "
    "х=kh ц=ts ч=ch ш=sh щ=shch ы=y ъ=ie ь= э=e ю=iu я=ia"
)
# What carriers and passports make of the letters that the table of ICAO leaves to each state.
ICAO = _table("ә=a ғ=g қ=k ң=n ө=o ұ=u ү=u һ=h і=i ў=u ҳ=kh ҷ=ch ӣ=i ӯ=u җ=zh", _PLAIN)
KAZAKH_PASSPORT = _table("й=y ю=yu я=ya ё=yo ъ= һ=h", ICAO)
BGN_RUSSIAN = _table("ё=yë й=y ъ=” ь=’ ю=yu я=ya", ICAO)
BGN_KAZAKH = _table("ә=ä ғ=gh қ=q ң=ng ө=ö ұ=u ү=ü һ=h і=i и=ī у=ū ё=yo э=ė ъ=” ь=’", BGN_RUSSIAN)
BGN_KYRGYZ = _table("ж=j ң=ng ө=ö ү=ü ё=yo", BGN_RUSSIAN)
BGN_UZBEK = _table("ж=j ғ=gh қ=q ҳ=h ў=ŭ ё=yo ъ=’", BGN_RUSSIAN)
BGN_TAJIK = _table("ғ=gh ӣ=í қ=q ӯ=ŭ ҳ=h ҷ=j ё=yo ъ=’", BGN_RUSSIAN)
GOST_B = _table("ё=yo й=j х=x ц=cz щ=shh ъ=`` ы=y` ь=` э=e` ю=yu я=ya", ICAO)
ISO_9 = _table(
    "ё=ë ж=ž й=j х=h ц=c ч=č ш=š щ=ŝ ъ=ʺ ы=y ь=ʹ э=è ю=û я=â ә=a̋ ғ=ġ қ=ķ ң=ņ ө=ô ұ=u̇ ү=ù һ=ḥ і=ì ў=ŭ "
    "ҳ=ḩ ҷ=ç ӣ=ī ӯ=ū җ=ž̦",
    _PLAIN,
)
KAZAKH_2021 = _table(
    "ә=ä ғ=ğ е=e ж=j и=i й=i қ=q ң=ñ ө=ö у=u ұ=ū ү=ü х=h һ=h ц=ts ч=ch ш=ş щ=ş ы=y і=ı э=e ю=iu я=ia ё=io ъ= ь= ", ICAO
)
KAZAKH_2018 = _table("ә=á ғ=ǵ и=ı й=ı ң=ń ө=ó у=ý ұ=u ү=ú ш=sh ч=ch щ=sh і=i ю=ıý я=ıa ё=ıo", KAZAKH_2021)
KAZAKH_2017 = _table("ә=a' ғ=g' и=i' й=i' ң=n' ө=o' у=y' ұ=u ү=u' ш=s' ч=c' щ=s' і=i ю=i'y' я=i'a ё=i'o", KAZAKH_2021)
UZBEK_LATIN = _table("ё=yo ж=j й=y х=x ҳ=h қ=q ғ=gʻ ў=oʻ ъ=ʼ ь= ы=i щ=sh ю=yu я=ya", ICAO)
TURKMEN_LATIN = _table("в=w ё=ýo ж=ž җ=j й=ý ң=ň ө=ö ү=ü ә=ä х=h ц=s ч=ç ш=ş щ=ş ы=y э=e ю=ýu я=ýa ъ= ", ICAO)
FRENCH = _table("ж=j у=ou ц=ts ч=tch ш=ch щ=chtch ы=y ю=iou я=ia й=i ъ= ё=e", ICAO)
TURKISH = _table("ж=j й=y х=h ч=ç ш=ş щ=ş ц=ts ы=ı ю=yu я=ya ё=yo ъ= ", ICAO)

_LATIN_VOWEL_Y = ("uz_latin", "bgn_ru", "bgn_uz", "bgn_tg")  # where е is ye at the start and after vowels and signs
_TABLES: dict[str, dict[str, str]] = {
    "icao": ICAO, "kk_passport": KAZAKH_PASSPORT, "bgn_ru": BGN_RUSSIAN, "bgn_kk": BGN_KAZAKH, "bgn_ky": BGN_KYRGYZ,
    "bgn_uz": BGN_UZBEK, "bgn_tg": BGN_TAJIK, "gost": GOST_B, "iso9": ISO_9, "kk_2021": KAZAKH_2021,
    "kk_2018": KAZAKH_2018, "kk_2017": KAZAKH_2017, "uz_latin": UZBEK_LATIN, "tk_latin": TURKMEN_LATIN,
    "french": FRENCH, "turkish": TURKISH,
}  # fmt: skip
_ARABIC = _table(
    "а=ا ә=ا б=ب в=ۆ г=گ ғ=ع д=د е=ە ж=ج з=ز и=ي й=ي к=ك қ=ق л=ل м=م н=ن ң=ڭ о=و ө=و п=پ р=ر с=س т=ت "
    "у=ۋ ұ=ۇ ү=ۇ ф=ف х=ح һ=ھ ц=تس ч=چ ш=ش щ=ش ы=ى і=ى э=ە ю=يۋ я=يا ё=يو ъ= ь="
)
_FRONT = re.compile("[әөүі]")
_HAS_ITS_OWN_SIGN = re.compile("[гке]")


def _french(text: str) -> str:
    """Before the letters: what depends on the neighbours."""
    text = re.sub("г(?=[еиыэ])", "gu", text)
    text = re.sub(f"(?<=[{VOWELS}])с(?=[{VOWELS}])", "ss", text)
    text = re.sub("ин$", "ine", text)
    return text.replace("кс", "x")


def _turkmen(text: str) -> str:
    text = text.replace("дж", "җ")
    return re.sub(f"(^|(?<=[{VOWELS}]))е", "ýe", text)


def _ye(text: str) -> str:
    return re.sub(f"(^|(?<=[{VOWELS}йъь]))е", "ye", text)


def _uzbek(text: str) -> str:
    text = re.sub(f"(?<=[{VOWELS}])ц", "ts", text).replace("ц", "s")
    return _ye(text).replace("сҳ", "s'h")


def _passport(text: str) -> str:
    return re.sub("^е(?=р)", "e", text).replace("ий", "iy")


def _arabic(text: str) -> str:
    """A word with front vowels starts with a hamza, unless another letter shows it already."""
    hamza = "ء" if _FRONT.search(text) and not _HAS_ITS_OWN_SIGN.search(text) else ""
    return hamza + "".join(_ARABIC.get(c, c) for c in text)


_BEFORE: dict[str, Callable[[str], str]] = {
    "french": _french,
    "tk_latin": _turkmen,
    "uz_latin": _uzbek,
    "kk_passport": _passport,
} | {name: _ye for name in _LATIN_VOWEL_Y if name != "uz_latin"}
STANDARDS = (*_TABLES, "arabic")


@cache
def _letters(standard: str) -> dict[int, str]:
    return {ord(letter): becomes for letter, becomes in _TABLES[standard].items()}


def romanised(text: str, standard: str) -> str:
    """Lower-case Cyrillic text by a standard, word by word."""
    return re.sub(r"[^\s-]+", lambda word: _word(word[0], standard), text)


def _word(word: str, standard: str) -> str:
    if standard == "arabic":
        return _arabic(word)
    if standard in _BEFORE:
        word = _BEFORE[standard](word)
    return word.translate(_letters(standard))
