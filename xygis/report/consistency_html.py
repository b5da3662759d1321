"""The consistency report as one HTML page for the screen and A4 landscape; its first sheet stands alone."""

from __future__ import annotations

from xygis.consistency.result import Consistency
from xygis.report import consistency_first_page as first
from xygis.report.consistency_heat import COUNTED, heat_table
from xygis.report.consistency_parts import USES, disclaimer, foot_line, layer_notes, numbered_tables, tolerances, what_if_words
from xygis.report.consistency_since import remarks, since_line
from xygis.report.consistency_tables import quality_words
from xygis.report.indicator_block import chart
from xygis.report.indicator_rows import indicator_groups
from xygis.report.indicator_words import since_words
from xygis.report.pages import LANDSCAPE, render
from xygis.report.wording import fingerprint

_TABLES = (
    *("balance", "changes", "conflicts", "sizes", "no_data", "types", "counts", "causes", "findings", "lines", "pairs"),
    *("since_states", "since_not_compared", "since_counties", "since_types"),
    *("indicators", "indicators_by_county", "indicators_how", "quality", "layers"),
)


def consistency_html(
    consistency: Consistency, *, county_figure: str | None, map_page: str | None, map_note: str = "", digest: str | None = None
) -> str:
    """The report. county_figure: SVG of our own making; map_page: a whole HTML document for the screen; digest: of the JSON, if known."""
    from markupsafe import Markup

    tables = numbered_tables(consistency)
    box = first.verdict_box(consistency)
    context = {
        "atlas_name": consistency.atlas_name,
        "verdict": box.verdict,
        "facts": first.facts(consistency),
        "headline": box.headline,
        "sentence": box.sentence,
        "figures": box.figures,
        "heat": heat_table(consistency),
        "counted": COUNTED,
        "county_figure": Markup(county_figure) if county_figure else None,  # drawn by xygis.cartography, which escapes names
        "map_page": map_page,
        "what_if": consistency.what_if,
        "what_if_words": what_if_words(consistency),
        "map_note": map_note,
        "nothing_unknown": not consistency.no_data,
        "atlas_fingerprint": fingerprint(consistency.atlas_fingerprint),
        "rules_count": consistency.rules_count,
        "rules_fingerprint": fingerprint(consistency.rules_fingerprint),
        "layer_notes": layer_notes(consistency),
        "plane": consistency.plane,
        "tolerances": tolerances(consistency),
        "since": since_line(consistency.tracking) if consistency.tracking is not None else "",
        "since_remarks": remarks(consistency),
        "disclaimer": disclaimer(consistency),
        "indicator_groups": indicator_groups(consistency.indicators),
        "indicators_since": since_words(consistency.indicators),
        "bar": chart,
        "quality_words": quality_words(consistency),
        "uses": [table for key, table in tables.items() if key.startswith(USES)],
        **{key: tables.get(key) for key in _TABLES},
    }
    foot = foot_line(consistency, digest)
    return render("consistency.html.j2", context, title=first.TITLE, demo=consistency.demo, foot=foot, sheet=LANDSCAPE)
