"""Compiled catalogues of messages in the languages of a pack, which Django reads.

A pack holds texts (`locale/LANGUAGE/django.po`) and no compiled file. A message that nobody translated has the text of
the first fallback language, so that Django never falls back by itself to another language of the country.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import Path

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from django.utils.translation import to_locale

from kerege.base import files
from kerege.vocabulary import languages
from kerege.vocabulary.pack import Pack, active_pack

OWN = Path(__file__).parent.parent / "web" / "locale"
Forms = tuple[str, ...]


def locale_paths() -> list[Path]:
    """Return the folders of catalogues: Kerege's own one after that of the country's further languages."""
    tags = [tag for tag in languages.offered() if tag not in languages.BUILT_IN]
    return [_compiled(active_pack(), tags), OWN] if tags else [OWN]


def _compiled(pack: Pack, tags: list[str]) -> Path:
    """Return the folder of compiled catalogues; its name is the digest of all that they are made of."""
    texts = {tag: _own_text(tag) for tag in languages.BUILT_IN} | {tag: _text(pack, tag) for tag in tags}
    folder = files.home() / "catalogues" / hashlib.sha256(repr(sorted(texts.items())).encode()).hexdigest()[:32]
    if not folder.is_dir():
        with files.atomic_dir(folder) as part:
            for tag in tags:
                _write(part / to_locale(tag) / "LC_MESSAGES", _complete(tag, texts))
    return folder


def _own_text(tag: str) -> str:
    path = OWN / tag / "LC_MESSAGES" / "django.po"
    return path.read_text(encoding="utf-8") if path.is_file() else ""


def _text(pack: Pack, tag: str) -> str:
    path = f"locale/{tag}/django.po"
    return pack.read_text(path) if pack.has(path) else ""


def _write(folder: Path, catalogue: Catalog) -> None:
    folder.mkdir(parents=True)
    with (folder / "django.mo").open("wb") as file:
        write_mo(file, catalogue)


def _complete(tag: str, texts: dict[str, str]) -> Catalog:
    """Return the catalogue of a language with a text for every message."""
    complete = _read(texts[tag], tag)  # with the plural rule of the translators
    chain = [complete, *(_read(texts[name], name) for name in languages.chain(tag) if name != tag and texts.get(name))]
    for message in _wanted(_read(texts[languages.BUILT_IN[0]], languages.BUILT_IN[0])):
        forms = next((forms for source in chain if (forms := _forms(source, message))), _as_forms(message.id))
        string = _fitted(forms, complete.num_plurals) if message.pluralizable else forms[0]
        complete.add(message.id, string, context=message.context)
    return complete


def _read(text: str, tag: str) -> Catalog:
    return read_po(BytesIO(text.encode()), locale=tag.replace("-", "_"))


def _wanted(catalogue: Catalog) -> Iterator[Message]:
    return (message for message in catalogue if message.id)


def _forms(catalogue: Catalog, message: Message) -> Forms:
    """Return the forms of a message in a catalogue, () if it is not wholly translated."""
    same = catalogue.get(message.id, message.context)
    forms = _as_forms(same.string) if same and not same.fuzzy else ()
    return forms if all(forms) else ()


def _as_forms(text: str | Forms | list[str] | None) -> Forms:
    return (text,) if isinstance(text, str) else tuple(text or ())


def _fitted(forms: Forms, number: int) -> Forms:
    """Return so many forms; of another language the first is for one, the last for many."""
    return forms if len(forms) == number else (forms[0], *(forms[-1:] * (number - 1)))
