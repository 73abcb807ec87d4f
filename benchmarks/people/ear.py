"""Changes of names by agencies besides the standards.

They are russification, spelling by ear, slips of hands and scanners.
"""

from __future__ import annotations

import random
import re
import unicodedata

# How a Russian speaking clerk writes letters that Russian has not; the first is usual, the others are met too.
RUSSIFIED: dict[str, dict[str, tuple[str, ...]]] = {
    "kk": {"ә": ("а", "а", "я", "е"), "ғ": ("г",), "қ": ("к", "к", "х"), "ң": ("н", "н", "нг"), "ө": ("о", "у", "е"),
           "ұ": ("у", "у", "о"), "ү": ("у", "у", "ю"), "һ": ("х", "г", ""), "і": ("и", "и", "ы")},
    "uz": {"ў": ("у", "о", "у"), "қ": ("к", "к", "х"), "ғ": ("г",), "ҳ": ("х", "х", "г", ""), "ж": ("дж", "ж", "дж"),
           "ъ": ("", "ъ", "ь"), "о": ("о", "а", "о"), "ё": ("ё", "я")},
    "ky": {"ң": ("н", "нг"), "ө": ("о", "у", "е"), "ү": ("у", "ю"), "ж": ("ж", "дж", "ж")},
    "tg": {"ғ": ("г",), "қ": ("к", "к", "х"), "ҳ": ("х", "г", ""), "ҷ": ("дж", "ч", "ж"), "ӣ": ("и",), "ӯ": ("у", "о"),
           "ъ": ("", "ъ"), "о": ("о", "а", "о"), "ё": ("ё", "я")},
    "tk": {"ә": ("а", "э", "я"), "җ": ("дж",), "ң": ("н", "нг"), "ө": ("о", "е", "ё"), "ү": ("у", "ю")},
    "ru": {"ё": ("е", "ё")},
}  # fmt: skip
# Endings as Russian documents write them, before the letters.
_ENDINGS = (
    ("ұлы", ("улы", "улы", "оглы")),
    ("қызы", ("кызы", "кызы", "кизы")),
    (" ўғли", (" угли", " оглы", "угли")),
    (" қизи", (" кизи", " кызы", "кизи")),
    (" уулу", (" уулу", " улуу", "уулу")),
    ("тегі", ("теги",)),
)

# What is taken for what by ear, each way round; in Cyrillic and in Latin.
_CYRILLIC_BY_EAR = """
и=ы и=е о=а е=и ж=дж дж=ж х=к к=х г=к к=г б=п д=т т=д нн=н лл=л мм=м сс=с н=нн л=лл с=сс м=мм ия=ья ья=ия ие=е ъ= ь=
ий=и йы=и ау=ав э=е е=э ё=е ё=йо ч=ш щ=ш ш=щ бек=бег хан=кан мухам=магом жан=джан жан=ян гали=кали гали=али берд=бирд
я=а ю=у у=ю уа=ва ай=эй ей=ий ул=ол ур=ор гуль=гул гул=гуль кул=гуль назар=низар мурат=мырат мырат=мурат дин=ддин лла=ла
нур=нор сар=сер мир=мыр рах=раг хме=гме мед=мет тт=т кб=гб лгат=лхат
"""
_LATIN_BY_EAR = """
y=i i=y kh=h h=kh kh=x x=kh h=x dj=j j=dj zh=j j=zh zh=dzh zh=g ye=e e=ye iy=y iy=i ii=iy ii=i ya=ia ia=ya yu=iu iu=yu
ia=ja sh=s sh=sch sh=ş ch=tch ch=c ts=c ts=tz ts=z q=k k=q gh=g g=gh u=oo u=ou ou=u w=v v=w ll=l nn=n ss=s
l=ll n=nn s=ss ks=x
ee=i a=o o=a e=i i=e i=ee '= ʻ= ʼ= ’= `= ev=yev yev=ev ov=ow y=j j=y ck=k c=k z=s f=ph ey=ei ei=ey ay=ai ai=ay iya=ia
iya=iia yy=y bek=beg khan=han zhan=jan zhan=dzhan gul=gyul gul=goul gül=gul uly=uly uly=oglu kyzy=kizi kyzy=qyzy
ä=a ö=o ü=u ö=oe ü=ue ş=sh ç=ch ı=i ğ=g ñ=n ū=u ž=zh ý=y ň=n š=sh č=ch ë=e ë=yo mukh=muh akhm=ahm rakh=rah
"""


def _pairs(text: str) -> tuple[tuple[str, str], ...]:
    return tuple((before, after) for before, after in (pair.split("=") for pair in text.split()))


CYRILLIC_BY_EAR, LATIN_BY_EAR = _pairs(_CYRILLIC_BY_EAR), _pairs(_LATIN_BY_EAR)
_NOT_MARKS = str.maketrans({"ı": "i", "ğ": "g"} | dict.fromkeys("’”ʹʺ`ʻʼ'"))


def russified(text: str, language: str, free: random.Random | None = None) -> str:
    """Lower-case text in Russian letters: the usual way, or with `free` any of those that are met."""

    def chosen(ways: tuple[str, ...]) -> str:
        return free.choice(ways) if free else ways[0]

    for ending, ways in _ENDINGS:
        if text.endswith(ending):
            text = text.removesuffix(ending) + chosen(ways)
    return "".join(chosen(RUSSIFIED[language].get(letter, (letter,))) for letter in text)


def by_ear(text: str, latin: bool, free: random.Random) -> str:
    """One or two confusions of sounds, where the text has any."""
    for _ in range(free.choice((1, 1, 1, 2))):
        able = [pair for pair in (LATIN_BY_EAR if latin else CYRILLIC_BY_EAR) if pair[0] in text]
        if not able:
            break
        before, after = free.choice(able)
        places = [match.start() for match in re.finditer(re.escape(before), text)]
        place = free.choice(places)
        text = text[:place] + after + text[place + len(before) :]
    return text


def without_marks(text: str) -> str:
    """Latin text as a machine-readable zone or a plain keyboard has it."""
    plain = unicodedata.normalize("NFD", text.translate(_NOT_MARKS))
    return "".join(letter for letter in plain if not unicodedata.combining(letter))


# Rows of keyboards; the Kazakh one is the Russian one with Kazakh letters in place of the digits.
_ROWS = {
    "ru": ("йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"),
    "kk": ("әіңғ,.үұқөһ", "йцукенгшщзхъ", "фывапролджэ", "ячсмитьбю"),
    "latin": ("qwertyuiop", "asdfghjkl", "zxcvbnm"),
}
KAZAKH_ON_DIGITS = str.maketrans("әіңғүұқөһ", "2345890-=")
WRONG_LAYOUT = str.maketrans("йцукенгшщзхъфывапролджэячсмитьбю", "qwertyuiop[]asdfghjkl;'zxcvbnm,.")
LOOK_ALIKE = str.maketrans("аеорсухікАЕОРСХІКВМНТ", "aeopcyxikAEOPCXIKBMHT")
_SCANNED = {"o": "0", "l": "i", "i": "l", "rn": "m", "m": "rn", "cl": "d", "u": "v", "e": "c", "h": "b", "n": "h",
            "и": "н", "н": "и", "п": "л", "л": "п", "ш": "щ", "о": "с", "з": "э", "т": "г", "с": "е", "ы": "ь",
            "б": "6"}  # fmt: skip


def _neighbours(rows: tuple[str, ...]) -> dict[str, str]:
    near: dict[str, str] = {}
    for number, row in enumerate(rows):
        for place, letter in enumerate(row):
            around = row[max(place - 1, 0) : place] + row[place + 1 : place + 2]
            for other in rows[max(number - 1, 0) : number] + rows[number + 1 : number + 2]:
                around += other[place : place + 1]
            near[letter] = "".join(c for c in around if c.isalpha())
    return near


_NEAR = {name: _neighbours(rows) for name, rows in _ROWS.items()}


def mistyped(text: str, keyboard: str, free: random.Random) -> str:
    """One slip of a hand or, one time in six, of a scanner."""
    if len(text) < 3:
        return text
    place = free.randrange(1, len(text))
    letter = text[place]
    other = free.choice(_NEAR[keyboard].get(letter.lower()) or letter)
    other = other.upper() if letter.isupper() else other
    slip = free.random()
    if slip < 0.17:
        able = [part for part in _SCANNED if part in text]
        return text.replace(part := free.choice(able), _SCANNED[part], 1) if able else text
    if slip < 0.4:
        return text[:place] + other + text[place + 1 :]
    if slip < 0.65:
        return text[:place] + text[place + 1 :]
    if slip < 0.8:
        return text[: place - 1] + letter + text[place - 1] + text[place + 1 :]
    if slip < 0.9:
        return text[:place] + letter + text[place:]
    return text[:place] + other + text[place:]
