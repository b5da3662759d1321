"""A small atlas, two parcels and a signed report of them, as `xygis check --sign` writes it; made once, copied for each test."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime
from pathlib import Path
from typing import Any

from tests.check.sites import small_atlas
from xygis.atlas.atlas import Atlas
from xygis.atlas.bundled import bundled_root
from xygis.check.run import check
from xygis.intake.read import read_submission
from xygis.overlay.store import LayerStore
from xygis.saving import save_assessment
from xygis.verify import keys, signing
from xygis.verify.result import CauseKind, Verification
from xygis.verify.run import verify

DAY = date(2026, 11, 24)
AT = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
LAYERS = ("counties", "ecological_red_line", "urban_growth_boundary")
FORMATS = ("html", "json", "gpkg", "geojson", "csv", "map", "pdf")
OTHERS = ("report.docx", "report.xlsx")  # of formats whose writers are not asked here: a signature covers any file
POINTS = (
    (3508825.355, 37517328.692),
    (3508684.011, 37517308.354),
    (3508638.860, 37517150.312),
    (3508846.719, 37517180.222),
)  # on the red line


@dataclass(frozen=True, slots=True)
class Desk:
    """One folder: atlas/, 地块.txt, 结果/ with its signature, 张工.key and .pub."""

    root: Path
    store: LayerStore
    atlas_root: Path

    @property
    def input(self) -> Path:
        return self.root / "地块.txt"

    @property
    def out(self) -> Path:
        return self.root / "结果"

    @property
    def report(self) -> Path:
        return self.out / "report.json"

    @property
    def public(self) -> Path:
        return self.root / "张工.pub"

    @property
    def atlas(self) -> Atlas:
        return Atlas.open(self.atlas_root)

    def verify(self, path: Path | None = None, **more: Any) -> Verification:
        return verify(path or self.out, self.atlas, store=self.store, **more)

    def change(self, edit: Callable[[dict[str, Any]], object]) -> None:
        """Edits report.json, and takes away what would tell of it: the signature and the page."""
        document = json.loads(self.report.read_text("utf-8"))
        edit(document)
        self.report.write_text(json.dumps(document), "utf-8")
        for name in ("report.sig", "report.html", "brief.html"):
            (self.out / name).unlink(missing_ok=True)

    def sign(self, key: Path | None = None) -> None:
        files = [p for p in self.out.iterdir() if p.name != "report.sig"]
        signing.sign(self.out, files, keys.private_key(key or self.root / "张工.key"), at=AT, signer="张工")

    def copy(self, root: Path, *, atlas: bool) -> Desk:
        """atlas: whether it is to be spoilt too."""
        shutil.copytree(self.root, root, ignore=None if atlas else shutil.ignore_patterns("atlas"))
        return Desk(root, self.store, root / "atlas" if atlas else self.atlas_root)


def parcel_txt(points: tuple[tuple[float, float], ...] = POINTS, producer: str = "甲单位") -> bytes:
    """A boundary TXT of one ring; points are (north, east)."""
    head = ["[属性描述]", f"数据产生单位={producer}", "坐标系=2000国家大地坐标系", "几度分带=3", "投影类型=高斯克吕格", "计量单位=米"]
    head += ["带号=37", "精度=0.001", "转换参数=,,,,,,", "[地块坐标]", f"{len(points) + 1},,1,地块1,面,,工业用地,,@"]
    rows = [f"J{i % len(points) + 1},1,{n:.3f},{e:.3f}" for i, (n, e) in enumerate((*points, points[0]))]
    return ("\r\n".join([*head, *rows]) + "\r\n").encode("gb18030")


def make(root: Path) -> Desk:
    (root / "atlas").mkdir(parents=True)
    small_atlas(root / "atlas", LAYERS)
    shutil.copytree(bundled_root() / "maps", root / "atlas" / "maps")
    desk = Desk(root, LayerStore(root.parent / "cache"), root / "atlas")
    desk.input.write_bytes(parcel_txt())
    atlas = desk.atlas
    submission = replace(read_submission(desk.input, envelope=atlas.envelope), path="../地块.txt")  # as called from 结果/
    assessment = check(submission, atlas, on=DAY, store=desk.store)
    save_assessment(assessment, desk.out, FORMATS)
    for name in OTHERS:
        (desk.out / name).write_bytes(b"%demo 1234.5678" * 40)
    keys.new_key(root / "张工.key")
    desk.sign()
    return desk


def kinds(result: Verification) -> list[CauseKind]:
    return [c.kind for c in result.causes]


def said(result: Verification) -> str:
    """Everything that the causes say."""
    return "\n".join("\n".join([c.text, *c.details]) for c in result.causes)
