"""Zips as planners pack them, and what must not be opened: links, bombs, addresses, devices."""

from __future__ import annotations

import warnings
import zipfile
from pathlib import Path

import pytest
from boundary_files import block, moved, square, write
from gis_files import HOLED, codes, read, write_shapefile

from xygis.errors import (
    DamagedFile,
    FileMissing,
    InputError,
    UnknownFormat,
    UnsafeFile,
)
from xygis.intake.read import read_submission


def test_a_zip_from_chinese_windows(tmp_path: Path) -> None:
    """GBK names, a folder, a readme beside the shapefile: one submission, with the sha of the zip and names as a person knows them."""
    path = write_shapefile(tmp_path / "地块.shp", [HOLED], names=["甲"])
    with zipfile.ZipFile(tmp_path / "包.zip", "w") as archive:
        for part in (".shp", ".shx", ".dbf", ".prj"):
            info = zipfile.ZipInfo(f"图/地块{part}".encode("gbk").decode("cp437"))
            archive.writestr(info, path.with_suffix(part).read_bytes())
        archive.writestr("readme.txt", "hello")
    got = read(tmp_path / "包.zip")
    assert got.parcels[0].geometry.area == 8_400.0
    assert got.path == str(tmp_path / "包.zip")
    assert "member_ignored" in codes(got)


def test_a_zip_of_several_txt_is_one_submission(tmp_path: Path) -> None:
    """Two boundary files of one system: all parcels; of two kinds: refused, they may be the same parcels twice."""
    one, two = (
        write(tmp_path / "一.txt", block(moved(square(0, 0, 100)))),
        write(tmp_path / "二.txt", block(moved(square(300, 0, 50)), name="二号")),
    )
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        archive.write(one, "一.txt")
        archive.write(two, "二.txt")
    assert [p.name for p in read(tmp_path / "a.zip").parcels] == ["地块1", "二号"]
    shape = write_shapefile(tmp_path / "s.shp", [HOLED], names=["甲"])
    with zipfile.ZipFile(tmp_path / "a.zip", "a") as archive:
        for part in (".shp", ".shx", ".dbf"):
            archive.write(shape.with_suffix(part), f"s{part}")
    with pytest.raises(UnknownFormat, match="几种格式"):
        read(tmp_path / "a.zip")


def zipped(path: Path, *entries: tuple[str | zipfile.ZipInfo, bytes]) -> Path:
    with warnings.catch_warnings(), zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        warnings.simplefilter("ignore")
        for name, content in entries:
            archive.writestr(name, content)
    return path


def link(name: str) -> zipfile.ZipInfo:
    info = zipfile.ZipInfo(name)
    info.external_attr = 0o120777 << 16
    return info


@pytest.mark.parametrize(
    "entry",
    [
        ("../evil.txt", b"x"),
        ("a/../../evil.txt", b"x"),
        ("/etc/evil.txt", b"x"),
        ("C:\\evil.txt", b"x"),
        ("..\\..\\evil.txt", b"x"),
        (link("link.txt"), b"/etc/passwd"),
        ("inner.zip", b"PK\x03\x04" + bytes(30)),
        ("inner.dat", b"Rar!\x1a\x07\x00"),
        ("good.txt", b"a second file of that name"),
        ("bad\nname.txt", b"x"),
    ],
)
def test_one_unsafe_entry_refuses_the_whole_zip(tmp_path: Path, entry: tuple[str | zipfile.ZipInfo, bytes]) -> None:
    """Path escape, absolute path, link, archive in the archive, name twice, control character: nothing is written outside."""
    good = write(tmp_path / "good.txt", block(moved(square(0, 0, 100)))).read_bytes()
    (tmp_path / "in").mkdir()
    path = zipped(tmp_path / "in" / "a.zip", ("good.txt", good), entry)
    with pytest.raises(UnsafeFile):
        read(path)
    assert sorted(p.name for p in tmp_path.rglob("*")) == ["a.zip", "good.txt", "in"]


def test_zip_bombs(tmp_path: Path) -> None:
    """60 MB of zeros in 60 kB, 3000 entries: refused; a broken archive and an empty one as well."""
    with pytest.raises(UnsafeFile, match="炸弹"):
        read(zipped(tmp_path / "a.zip", ("a.txt", bytes(60 << 20))))
    with pytest.raises(InputError):
        read(zipped(tmp_path / "b.zip", *((f"{i}.txt", b"x") for i in range(3000))))
    whole = zipped(tmp_path / "c.zip", ("a.txt", b"x" * 5000)).read_bytes()
    (tmp_path / "c.zip").write_bytes(whole[: len(whole) // 2])
    with pytest.raises(DamagedFile):
        read(tmp_path / "c.zip")
    with pytest.raises(UnknownFormat):
        read(zipped(tmp_path / "d.zip"))


@pytest.mark.parametrize(
    "name", ["/vsicurl/http://a.b/c.shp", "http://a.b/c.zip", "https://a.b/c.zip", "/vsizip/a.zip/b.shp", "file:///etc/passwd"]
)
def test_addresses_and_virtual_paths_are_refused(name: str) -> None:
    """Nothing is ever fetched."""
    with pytest.raises(UnsafeFile):
        read_submission(name)


def test_a_virtual_data_source_is_refused_by_content(tmp_path: Path) -> None:
    """A VRT under another name would make GDAL open other files."""
    (tmp_path / "a.shp").write_text("<OGRVRTDataSource><OGRVRTLayer/></OGRVRTDataSource>")
    with pytest.raises(UnsafeFile):
        read(tmp_path / "a.shp")


def test_devices_folders_and_names_that_cannot_be(tmp_path: Path) -> None:
    """A device is never read; a plain folder, an endless name and a name with NUL are refused."""
    with pytest.raises(UnsafeFile):
        read(Path("/dev/zero"))
    with pytest.raises(UnknownFormat):
        read(tmp_path)
    for name in ("a" * 5000, "a\0b"):
        with pytest.raises(FileMissing):
            read_submission(name)
