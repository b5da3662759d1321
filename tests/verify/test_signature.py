"""A signature covers every file of a run: whatever is touched afterwards is found and named; anything unusual is refused."""

from __future__ import annotations

import base64
import json
import os
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest
from cryptography.hazmat.primitives import serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from tests.verify.desk import AT, FORMATS, OTHERS, Desk, kinds, said
from xygis.errors import OutputFailed, XygisError
from xygis.verify import keys, signing
from xygis.verify.checking import Checked, check_signature
from xygis.verify.result import CauseKind
from xygis.verify.signature_file import Entry, Signed, inside, written

SIGNED = (
    "report.html",
    "report.json",
    "map.html",
    "map.png",
    "maps.pdf",
    "conflicts.gpkg",
    "conflicts.geojson",
    "measures.csv",
    "summary.csv",
    "report.pdf",
    *OTHERS,
)


def checked(slip: Desk, key: Path | None = None) -> Checked:
    return check_signature(slip.out, slip.report, keys.public_key(key) if key is not None else None)


def told(found: Checked) -> str:
    return "\n".join("\n".join([c.text, *c.details]) for c in found.causes)


def message_of(path: Path) -> tuple[bytes, bytes, bytes]:
    """(bytes that are signed, signature, public key) by what the format says of itself, with nothing of ours."""
    document = json.loads(path.read_text("utf-8"))
    body = json.dumps(document["signed"], ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    signature, public = (base64.b64decode(text) for text in (document["signature"], document["signed"]["public_key"]))
    return f"xygis/signature/1 Ed25519\n{body}".encode(), signature, public


def test_another_program_agrees_with_the_signature(made: Desk, tmp_path: Path) -> None:
    """openssl, or where there is none the library called directly, verifies the documented bytes with the key that was handed out."""
    message, signature, public = message_of(made.out / "report.sig")
    (tmp_path / "message").write_bytes(message)
    (tmp_path / "signature").write_bytes(signature)
    pem = serialization.load_pem_public_key(made.public.read_bytes())
    assert isinstance(pem, Ed25519PublicKey) and pem.public_bytes_raw() == public
    if shutil.which("openssl"):
        call = ["openssl", "pkeyutl", "-verify", "-pubin", "-inkey", str(made.public), "-rawin"]
        done = subprocess.run([*call, "-in", "message", "-sigfile", "signature"], cwd=tmp_path, capture_output=True, text=True, check=False)
        assert "Verified Successfully" in done.stdout, done.stderr
    else:
        pem.verify(signature, message)


def test_every_file_of_the_run_is_signed(made: Desk) -> None:
    """The list is what was written, with size and sha256 as any other program counts them."""
    listed = {e["file"]: e for e in json.loads((made.out / "report.sig").read_text("utf-8"))["signed"]["files"]}
    assert set(SIGNED) == set(listed) == {p.name for p in made.out.iterdir()} - {"report.sig"}
    if shutil.which("sha256sum"):
        lines = subprocess.run(["sha256sum", *SIGNED], cwd=made.out, capture_output=True, text=True, check=True).stdout.splitlines()
        assert {name: e["sha256"] for name, e in listed.items()} == {line[66:]: line[:64] for line in lines}
    assert all((made.out / name).stat().st_size == e["size"] for name, e in listed.items())


def digit(path: Path) -> None:
    """Another figure in the first number that stands in the second half of the file; of a picture or archive, another byte."""
    data = bytearray(path.read_bytes())
    places = [i for i in range(len(data) // 2, len(data)) if chr(data[i]).isdigit()]
    at = places[0] if path.suffix not in (".png",) else len(data) // 2
    data[at] = data[at] ^ 1
    path.write_bytes(bytes(data))


@pytest.mark.parametrize("name", SIGNED)
def test_one_number_in_any_format_is_found(slip: Desk, name: str) -> None:
    """The file is named, and no other."""
    if name.endswith(".gpkg"):
        with sqlite3.connect(slip.out / name) as base:
            base.execute("update gpkg_contents set min_x = min_x + 0.001")
    else:
        digit(slip.out / name)
    found = checked(slip, slip.public)
    assert [CauseKind.SIGNATURE] == [c.kind for c in found.causes]
    assert found.causes[0].text.startswith(f"{name} ")
    if name.endswith(".gpkg"):
        assert "QGIS" in told(found) and "WAL" in told(found)


def test_a_tampered_page_fails_the_whole(slip: Desk) -> None:
    """The JSON recomputes to the last figure, and yet the report is not what was signed."""
    digit(slip.out / "report.html")
    result = slip.verify(key=slip.public)
    assert not result.same and not result.differences and "report.html" in said(result)


def cut(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-7])


def gone(path: Path) -> None:
    path.unlink()


def linked(path: Path) -> None:
    path.rename(path.with_name("elsewhere"))
    path.symlink_to("elsewhere")


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


@pytest.mark.parametrize(("spoil", "words"), [(cut, "少了 7 字节"), (gone, "不见了"), (linked, "链接"), (folder, "不是文件")])
def test_files_that_are_no_longer_there_are_named(slip: Desk, spoil: Callable[[Path], None], words: str) -> None:
    """Cut short, deleted, replaced by a link or a folder: said in words."""
    spoil(slip.out / "measures.csv")
    found = checked(slip)
    assert 1 == len(found.causes) and "measures.csv" in told(found) and words in told(found)


def edited(edit: Callable[[dict], object]) -> Callable[[bytes], bytes]:
    def change(data: bytes) -> bytes:
        document = json.loads(data)
        edit(document)
        return (json.dumps(document, ensure_ascii=False, indent=2, sort_keys=True) + "\n").encode()

    return change


TOUCHED = {
    "signer": edited(lambda d: d["signed"].update(signer="李工")),
    "digest": edited(lambda d: d["signed"]["files"][0].update(sha256="0" * 64)),
    "file taken off the list": edited(lambda d: d["signed"]["files"].pop(0)),
    "time": edited(lambda d: d["signed"].update(signed_at="2020-01-01T00:00:00+08:00")),
    "another key named": edited(lambda d: d["signed"].update(public_key=base64.b64encode(b"\1" * 32).decode())),
    "a key of no order": edited(lambda d: d["signed"].update(public_key=base64.b64encode(b"\0" * 32).decode(), signature="")),
    "signature": edited(lambda d: d.update(signature=base64.b64encode(b"\0" * 64).decode())),
    "short signature": edited(lambda d: d.update(signature="AAAA")),
    "an unsigned addition": edited(lambda d: d.update(note="已核")),
    "an addition to the list": edited(lambda d: d["signed"].update(note="已核")),
    "another algorithm": edited(lambda d: d.update(algorithm="none")),
    "another schema": edited(lambda d: d.update(schema="xygis/signature/2")),
    "size as text": edited(lambda d: d["signed"]["files"][0].update(size="12")),
    "size true": edited(lambda d: d["signed"]["files"][0].update(size=True)),
    "no list": edited(lambda d: d["signed"].update(files=None)),
    "half a surrogate": lambda data: data.replace(b'"\xe5\xbc\xa0\xe5\xb7\xa5"', b'"\\ud800"'),
    "a key twice": lambda data: data.replace(b'"algorithm": "Ed25519",', b'"algorithm": "none",\n  "algorithm": "Ed25519",'),
    "line ends": lambda data: data.replace(b"\n", b"\r\n"),
    "a blank more": lambda data: data + b" ",
    "cut": lambda data: data[: len(data) // 2],
    "empty": lambda data: b"",
    "no JSON": lambda data: b"\x00\xff" * 50,
    "a list": lambda data: b"[]",
    "deep": lambda data: b"[" * 100_000,
    "not a number": lambda data: data.replace(b'"size": ', b'"size": NaN, "x": ', 1),
}


@pytest.mark.parametrize("how", TOUCHED)
def test_the_signature_itself_cannot_be_touched(slip: Desk, how: str) -> None:
    """Every change to report.sig, down to a blank, is one cause that names it; nothing of its list is believed."""
    path = slip.out / "report.sig"
    before = path.read_bytes()
    path.write_bytes(TOUCHED[how](before))
    assert path.read_bytes() != before
    for key in (None, slip.public):
        found = checked(slip, key)
        assert 1 == len(found.causes) and "report.sig" in told(found) and found.signature is None


def test_a_number_and_its_digest_together_are_found(slip: Desk) -> None:
    """Whoever changes a number and then writes the new digest into the list lacks the key."""
    digit(slip.out / "measures.csv")
    size, sha256 = signing.digest(slip.out / "measures.csv")
    path = slip.out / "report.sig"

    def mend(document: dict) -> None:
        entry = next(e for e in document["signed"]["files"] if e["file"] == "measures.csv")
        entry.update(size=size, sha256=sha256)

    path.write_bytes(edited(mend)(path.read_bytes()))
    assert "对不上" in told(checked(slip))


def test_somebody_elses_key_is_seen_with_the_public_key(slip: Desk) -> None:
    """Signed again with another key: consistent in itself, so its fingerprint is told; refused where the public key is given."""
    digit(slip.out / "map.png")
    other, mark = keys.new_key(slip.root / "冒充.key")
    slip.sign(slip.root / "冒充.key")
    alone = checked(slip)
    assert not alone.causes and alone.signature is not None and alone.signature.expected is None
    assert any(mark in note and "谁都可以自造密钥" in note for note in alone.notes)
    found = checked(slip, slip.public)
    assert [CauseKind.SIGNATURE] == [c.kind for c in found.causes] and "不是给定的公钥签的" in told(found)
    assert not checked(slip, other).causes


def test_a_report_without_signature_is_refused_where_a_key_is_given(slip: Desk) -> None:
    """Taking the signature away does not help; without a key it is said that there is none."""
    (slip.out / "report.sig").unlink()
    assert "没有签名文件" in told(checked(slip, slip.public))
    assert not checked(slip).causes and "报告没有签名" in checked(slip).notes
    assert [CauseKind.SIGNATURE] == kinds(slip.verify(key=slip.public))


@pytest.mark.parametrize(
    "name", ["../../x", "/etc/hostname", "a/../../x", "..", "C:\\x", "a\\..\\..\\x", "a//b", "./a", "a\nb", "", " /a", "C:x"]
)
def test_a_list_cannot_lead_out_of_the_folder(slip: Desk, name: str) -> None:
    """Even where the key is right: the signature is refused as a whole, and no such file is opened."""
    assert not inside(name)
    key = keys.private_key(slip.root / "张工.key")
    entry = Entry(file=name, size=1, sha256="0" * 64)
    signed = Signed(files=(entry,), report=None, public_key=keys.raw(key.public_key()), signer=None, signed_at="2026", version="1")
    (slip.out / "report.sig").write_bytes(written(signed, key.sign(signed.message())))
    found = checked(slip, slip.public)
    assert "不能采信" in told(found) and found.signature is None


def test_a_signature_that_is_a_link_is_refused(slip: Desk) -> None:
    """What can be exchanged from elsewhere is no signature."""
    linked(slip.out / "report.sig")
    assert "链接" in told(checked(slip))


def test_files_beside_the_signed_ones_are_named(slip: Desk) -> None:
    """One that is called like a result of ours counts against the report; any other is only told."""
    (slip.out / "附件.pdf").write_bytes(b"x")
    assert not checked(slip).causes and any("附件.pdf" in n for n in checked(slip).notes)
    (slip.out / "Report.xls").write_bytes(b"x")
    (slip.out / "summary.xlsx").write_bytes(b"x")
    assert "summary.xlsx 不在签名之内" in told(checked(slip))


def test_a_page_of_another_run_is_seen_without_a_signature(slip: Desk) -> None:
    """The fingerprint printed in report.html is the sha256 of report.json."""
    slip.change(lambda d: None)
    (slip.out / "report.html").write_text("基准日 2026-11-24 · 报告指纹 0000 0000", "utf-8")
    result = slip.verify()
    assert [CauseKind.REPORT] == kinds(result) and "0000 0000" in said(result)


def test_a_new_run_takes_the_old_signature_away(slip: Desk) -> None:
    """Files that were replaced are not vouched for by the signature of the run before."""
    from xygis.check.run import check
    from xygis.intake.read import read_submission
    from xygis.saving import save_assessment

    found = check(read_submission(slip.input), slip.atlas, on=AT.date(), store=slip.store)
    save_assessment(found, slip.out, ("json",))
    assert not (slip.out / "report.sig").exists()
    assert set(FORMATS) and not (slip.out / "report.html").exists()


def test_a_new_key_is_for_its_owner_only(tmp_path: Path) -> None:
    """Mode 0600; neither file is ever overwritten; locked with a password where one is given."""
    path = tmp_path / "我.key"
    public, mark = keys.new_key(path)
    assert os.name != "posix" or 0o600 == path.stat().st_mode & 0o777
    assert keys.fingerprint(keys.public_key(public)) == mark
    for taken in (path, path.with_name("我.pem")):  # the second has the same public key
        before = path.read_bytes()
        with pytest.raises(OutputFailed, match="不会覆盖"):
            keys.new_key(taken)
        assert path.read_bytes() == before
    locked = tmp_path / "锁.key"
    keys.new_key(locked, "口令")
    assert keys.needs_password(locked) and not keys.needs_password(path)
    assert keys.private_key(locked, "口令")
    for wrong in (None, "别的"):
        with pytest.raises(XygisError, match="私钥") as stop:
            keys.private_key(locked, wrong)
        assert 2 == stop.value.exit_code


@pytest.mark.parametrize("data", [b"", b"x", b"-----BEGIN PRIVATE KEY-----\nAAAA\n-----END PRIVATE KEY-----\n", b"\x00" * 100_000])
def test_what_is_no_key_is_one_message(tmp_path: Path, data: bytes) -> None:
    """Empty, damaged or huge files; a public key in place of the private one and the reverse; a key of another kind."""
    path = tmp_path / "坏.key"
    path.write_bytes(data)
    for read in (keys.private_key, keys.public_key):
        with pytest.raises(XygisError):
            read(path)
    public, _ = keys.new_key(tmp_path / "好.key")
    with pytest.raises(XygisError):
        keys.private_key(public)
    with pytest.raises(XygisError, match="私钥"):
        keys.public_key(tmp_path / "好.key")
    curve = ec.generate_private_key(ec.SECP256R1())
    pem, form = serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8
    path.write_bytes(curve.private_bytes(pem, form, serialization.NoEncryption()))
    with pytest.raises(XygisError, match="Ed25519"):
        keys.private_key(path)
