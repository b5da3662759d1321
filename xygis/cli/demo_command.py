"""`xygis demo`: the whole job on the bundled data, with a summary that is read in ten seconds."""

from __future__ import annotations

import shutil
import time
from pathlib import Path

import click

from xygis.atlas.atlas import Atlas
from xygis.atlas.verdict import DEMO_STAMP, Verdict
from xygis.check.assessment import Assessment
from xygis.check.run import check
from xygis.cli.progress import pair_progress, parcel_progress, prepare_progress
from xygis.cli.terminal import day, error_text, marked
from xygis.consistency.result import Consistency
from xygis.consistency.run import consistency
from xygis.intake.read import read_submission
from xygis.numbers import count, hectares
from xygis.outputs import DEFAULT_FORMATS
from xygis.overlay.store import LayerStore
from xygis.remedy.run import with_remedies
from xygis.report.headline import headline
from xygis.saving import save_assessment, save_consistency

_SAMPLE = Path("layers") / "demo" / "示例地块.txt"


@click.command(name="demo", short_help="用自带数据走完全部流程")
@click.option(
    "--out", "out_dir", metavar="目录", default="示例结果", show_default=True, type=click.Path(path_type=Path), help="结果写到这个目录"
)
@click.option("--on", "on_text", metavar="日期", help="基准日，默认今天")
def command(out_dir: Path, on_text: str | None) -> None:
    """审查自带的五个示例地块，比对控制线和规划，写出报告和地图。走完即退出码 0。

    \b
    例：xygis demo --out 示例结果
    """
    start = time.monotonic()
    on = day(on_text)
    atlas = Atlas.open()
    store = LayerStore(progress=prepare_progress)
    parcels_dir, plans_dir = out_dir / "地块", out_dir / "多规合一"
    parcels_dir.mkdir(parents=True, exist_ok=True)
    sample = parcels_dir / _SAMPLE.name
    shutil.copyfile(atlas.root / _SAMPLE, sample)  # beside the report, so that verify finds it
    submission = read_submission(sample, envelope=atlas.envelope)
    assessment = with_remedies(check(submission, atlas, on=on, store=store, progress=parcel_progress), atlas, store=store)
    plans = consistency(atlas, on=on, store=store, progress=pair_progress)
    saved = save_assessment(assessment, parcels_dir, DEFAULT_FORMATS)
    for failure in (*saved.failed, *save_consistency(plans, atlas, plans_dir).failed):
        click.echo(error_text(failure, closing=False), err=True)
    click.echo("\n".join(_lines(atlas, assessment, plans, parcels_dir, plans_dir)))
    click.echo(f"\n用时 {time.monotonic() - start:.1f} 秒。接着试：xygis check {sample} --on 2027-01-01")


def _lines(atlas: Atlas, assessment: Assessment, plans: Consistency, parcels_dir: Path, plans_dir: Path) -> list[str]:
    compared = f"{len(plans.pairs)} 对" + (f"，另 {len(plans.no_data)} 对缺数据" if plans.no_data else "")
    patches, area_m2 = plans.patch_count, plans.patch_m2
    return [
        DEMO_STAMP,
        "",
        f"图集    {atlas.name}，{len(atlas.layers)} 个图层，规则 {assessment.rules_count} 条",
        f"审查    {_SAMPLE.name}，{len(assessment.parcels)} 个地块",
        f"比对    控制线之间、规划之间，{compared}",
        "",
        f"{marked(assessment.verdict)}  示例地块：{_tally(assessment)}",
        f"        {headline(assessment).rstrip('。')}",
        *(f"        {p.name}  {marked(p.verdict)}  {p.findings[0].title if p.findings else '未发现冲突'}" for p in assessment.parcels),
        f"        报告    {parcels_dir / 'report.html'}",
        f"        打印    {parcels_dir / 'report.pdf'}",
        f"        地图    {parcels_dir / 'map.html'}",
        f"{marked(plans.verdict)}  多规合一：差异图斑 {count(patches)} 个，{hectares(area_m2)} 公顷",
        f"        报告    {plans_dir / 'report.html'}",
        f"        打印    {plans_dir / 'report.pdf'}",
    ]


def _tally(assessment: Assessment) -> str:
    counts = {v: sum(p.verdict is v for p in assessment.parcels) for v in Verdict}
    return "，".join(f"{n} 个{v.label}" for v, n in counts.items() if n)
