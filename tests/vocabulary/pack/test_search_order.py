"""Search order of packs: the folder of the environment, the installation, a package, Kerege itself."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from kerege.base.errors import BadInput
from kerege.vocabulary import codes, population, profile
from kerege.vocabulary.pack import active_pack, find_pack, search_order, using
from kerege.vocabulary.pack.pack import read_pack
from kerege.vocabulary.region_tiles import read_tiles

DESCRIPTION = """
id = "{id}"
version = "{version}"
format = 1
country = "{country}"
needs_kerege = ">=0.1"
publisher = "Office"
licence = "CC0-1.0"
sources = ["none"]
"""


def write_pack(folder: Path, name: str, version: str = "1.0", country: str = "XX") -> Path:
    """Write a folder with a description alone."""
    folder.mkdir(parents=True)
    (folder / "pack.toml").write_text(DESCRIPTION.format(id=name, version=version, country=country))
    return folder


@pytest.fixture(autouse=True)
def _home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("KEREGE_HOME", str(tmp_path / "home"))
    monkeypatch.delenv("KEREGE_PACK", raising=False)
    monkeypatch.delenv("KEREGE_COUNTRY", raising=False)
    search_order._packaged.cache_clear()


def install(tmp_path: Path, name: str) -> None:
    """Write a pack into the home and use it."""
    folder = write_pack(tmp_path / "home" / "packs" / "xx" / "1.0", name)
    (folder.parent / "current").write_text("1.0\n")


def install_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str) -> None:
    """Write a distribution whose entry point names a package of resources."""
    write_pack(tmp_path / "site" / "pack_of_xx", "packaged")
    (tmp_path / "site" / "pack_of_xx" / "__init__.py").write_text(code)
    info = tmp_path / "site" / "pack_of_xx-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: pack-of-xx\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[kerege.packs]\nxx = pack_of_xx\n")
    monkeypatch.syspath_prepend(str(tmp_path / "site"))


def test_the_pack_of_kazakhstan_is_built_in_and_the_default() -> None:
    pack = find_pack("KZ")
    assert (pack.identifier, pack.country, pack.origin) == ("kerege-kz", "KZ", "built in")
    assert search_order._active.__wrapped__() is pack


def test_a_pack_in_a_package_is_read_and_its_code_never_runs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_package(tmp_path, monkeypatch, "raise SystemExit")
    assert "xx" in search_order.countries()
    assert (find_pack("xx").identifier, find_pack("xx").origin) == ("packaged", "package")
    assert "pack_of_xx" not in sys.modules


def test_an_installed_pack_comes_before_a_package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install_package(tmp_path, monkeypatch, "")
    install(tmp_path, "installed")
    assert (find_pack("xx").identifier, find_pack("xx").origin) == ("installed", "installed")


def test_the_folder_of_the_environment_comes_first(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    install(tmp_path, "installed")
    monkeypatch.setenv("KEREGE_PACK", str(write_pack(tmp_path / "own", "own")))
    assert search_order._active.__wrapped__().identifier == "own"


def test_a_folder_of_another_country_than_the_environment_names_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("KEREGE_PACK", str(write_pack(tmp_path / "own", "own")))
    monkeypatch.setenv("KEREGE_COUNTRY", "kz")
    with pytest.raises(BadInput, match="is of XX"):
        search_order._active.__wrapped__()


def test_a_folder_without_a_description_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match=r"holds no pack\.toml"):
        read_pack(tmp_path, "folder")


@pytest.mark.parametrize("path", ["../secret", "lists/../../secret", "/etc/passwd", "", ".hidden", "link"])
def test_no_path_leads_out_of_a_pack(tmp_path: Path, path: str) -> None:
    folder = write_pack(tmp_path / "own", "own")
    (tmp_path / "secret").write_text("x")
    (folder / "link").symlink_to(tmp_path / "secret")
    with pytest.raises(ValueError, match="no such path"):
        read_pack(folder, "folder").read_bytes(path)


def test_the_hash_covers_every_byte_of_every_file(tmp_path: Path) -> None:
    folder = write_pack(tmp_path / "own", "own")
    (folder / "lists").mkdir()
    (folder / "lists" / "region.csv").write_text("code\n")
    before = read_pack(folder, "folder").manifest_hash
    assert before == read_pack(folder, "folder").manifest_hash
    (folder / "lists" / "region.csv").write_text("code\n\n")
    assert before != read_pack(folder, "folder").manifest_hash


def test_code_lists_and_figures_follow_the_pack_in_use(tmp_path: Path) -> None:
    folder = write_pack(tmp_path / "own", "own")
    (folder / "lists").mkdir()
    row = "code,parent,htcds,label:kk,label:ru,label:en\nXX-1,KZ,,а,б,First\n"
    (folder / "lists" / "region.csv").write_text(row)
    with using(read_pack(folder, "folder")) as _:
        assert codes.choices("region", "en") == [("XX-1", "First")]
        assert codes.code_list("offence").codes == {}
        assert (active_pack().identifier, read_tiles()) == ("own", ())
        assert population.bundled_populations() == {}
    assert len(codes.code_list("region").codes) > 15
    assert len(read_tiles()) == 20
    assert population.bundled_populations()


def test_a_part_of_the_profile_stands_in_one_file_only(tmp_path: Path) -> None:
    folder = write_pack(tmp_path / "own", "own")
    for name in ("profile.toml", "calendar.toml"):
        (folder / name).write_text('currency = "KZT"\n')
    with pytest.raises(BadInput, match=r"calendar\.toml: currency is in another file as well, keep one"):
        profile.read_profile(read_pack(folder, "folder"))
