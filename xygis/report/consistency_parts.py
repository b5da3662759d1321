"""Every table of a consistency report under its number: the page, the PDF and the Word file say 表7 of the same table."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence

from xygis.consistency.result import Consistency
from xygis.report import consistency_tables as tables
from xygis.report.cells import print_table
from xygis.report.consistency_causes import causes_table
from xygis.report.consistency_contract import consistency_json
from xygis.report.consistency_counts import counts_table
from xygis.report.consistency_heat import printed_heat, shades
from xygis.report.consistency_since import not_compared_table, since_groups_table, since_table
from xygis.report.consistency_uses import use_tables
from xygis.report.consistency_what_if import balance_table, changes_table
from xygis.report.document import TableBlock
from xygis.report.indicator_block import indicators_printed
from xygis.report.indicator_tables import by_county_table, how_table
from xygis.report.record_tables import versions_table
from xygis.report.table import Table
from xygis.report.wording import fingerprint

USES = "uses_"
_DISCLAIMER = "本报告由 xygis 依据上列数据与规则自动生成，供规划协调参考，不替代行政审批。"
_DEMO_DISCLAIMER = "本报告由 xygis 依据示意数据生成，用于演示，不作为行政审批依据。界线为示意，不代表行政区域界线。"


def numbered_tables(consistency: Consistency) -> dict[str, TableBlock]:
    """Key → table, in the order in which they stand; those without a row are left out. 表1 is the heat table."""
    found = {"heat": TableBlock(printed=printed_heat(consistency), label="表1", shades=shades(consistency))}
    for key, table in _listed(consistency):
        label = f"表{len(found) + 1}"
        if key == "indicators" and consistency.indicators:
            found[key] = indicators_printed(consistency.indicators, label)
        elif table is not None and table.rows:
            found[key] = TableBlock(printed=print_table(table), label=label)
    return found


def _listed(consistency: Consistency) -> Sequence[tuple[str, Table | None]]:
    return (
        ("conflicts", tables.conflicts_table(consistency)),
        ("sizes", tables.sizes_table(consistency)),
        ("no_data", tables.no_data_table(consistency)),
        ("balance", balance_table(consistency)),
        ("changes", changes_table(consistency)),
        *_since(consistency),
        ("types", tables.types_table(consistency)),
        ("counts", counts_table(consistency)),
        *((f"{USES}{i}", table) for i, table in enumerate(use_tables(consistency))),
        ("causes", causes_table(consistency)),
        ("findings", tables.findings_table(consistency)),
        ("lines", tables.lines_table(consistency)),
        ("pairs", tables.pairs_table(consistency)),
        ("indicators", None),
        ("indicators_by_county", by_county_table(consistency.indicators)),
        ("indicators_how", how_table(consistency.indicators)),
        ("quality", tables.quality_table(consistency)),
        ("layers", versions_table(consistency.layers)),
    )


def _since(consistency: Consistency) -> tuple[tuple[str, Table], ...]:
    """与上次比对."""
    tracking = consistency.tracking
    if tracking is None:
        return ()
    return (
        ("since_states", since_table(tracking)),
        ("since_not_compared", not_compared_table(tracking)),
        ("since_counties", since_groups_table(tracking.by_county, "各县（市、区）与上次比对", "县（市、区）")),
        ("since_types", since_groups_table(tracking.by_type, "各类型与上次比对", "类型")),
    )


def foot_line(consistency: Consistency, digest: str | None = None) -> str:
    """At the bottom of every sheet: day and fingerprint. digest: sha256 of the JSON, where it is known already."""
    digest = digest or json_digest(consistency_json(consistency))
    return f"基准日 {consistency.checked_on.isoformat()} · 报告指纹 {fingerprint(digest)}"


def json_digest(text: str) -> str:
    """sha256 of a report's JSON: what its fingerprint is taken from."""
    return hashlib.sha256(text.encode()).hexdigest()


def disclaimer(consistency: Consistency) -> str:
    """The last words of the report."""
    return _DEMO_DISCLAIMER if consistency.demo else _DISCLAIMER


def what_if_words(consistency: Consistency) -> str:
    """What was put in the place of what; "" where nothing was."""
    found = consistency.what_if
    if found is None:
        return ""
    return f"假设以 {found.file}（sha256 {found.sha256[:12]}）替换{found.title}；各项结论按替换后计"


def layer_notes(consistency: Consistency) -> tuple[str, ...]:
    """What is to be known of single layers."""
    return tuple(f"{r.layer.title}：{r.note}" for r in consistency.layers if r.note)


def tolerances(consistency: Consistency) -> str:
    """What counts as a difference, and what only as an inexact border."""
    t = dict(consistency.tolerances)
    return (
        f"平均宽小于 {t['contact_m']:g} m 的重叠为相接，不计；面积小于 {t['sliver_area_m2']:g} m² 或平均宽小于 {t['sliver_width_m']:g} m"
        " 的图斑为疑似边界误差（D10），单独列出，不作为一致。图斑按县（市、区）界切分，是否边界误差按切分前判断。"
    )
