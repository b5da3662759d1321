"""`xygis check --explain`: from fact to article, for the parcels that are named; and nothing changes for whoever does not ask."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import jsonschema
import pytest

from xygis.cli.terminal import width
from xygis.report.contract import ASSESSMENT_SCHEMA, load_schema

DAY = ("--on", "2026-11-24")
FARMLAND = """\
  永久基本农田  涉及 3.9710 公顷
    ■ 禁止  PBF-01 非农业建设占用永久基本农田
      项目  √ 非农业建设（按用途推定）；√ 永久用地（假定）；√ 申请用地（假定）
      例外  – 例外“选址难以避让的国家重点（重大）建设项目”未申请
      图层  √ 重叠面积 39,553.55 m² 至 39,866.90 m²（量算），大于 0 m²
      依据  土地管理法 第三十五条、第四十四条、第四十六条；基本农田保护条例 第十
            五条
    不适用  未申请“选址难以避让的国家重点（重大）建设项目” → PBF-02
            用途类别：工业（按用途推定） → PBF-04（问园地、造林、种草等 7 种）；
            PBF-12（问环卫）；PBF-13（问农业设施）
"""


@pytest.fixture
def traced(xygis, sample) -> dict[str, Any]:
    return dict(json.loads(xygis("check", sample, *DAY, "--json", "--explain").out))


def test_a_finding_is_traced_on_the_terminal(xygis, sample) -> None:
    """地块2: the facts with their source, what holds, the articles; then the rules that do not apply, and why. Within 80 columns."""
    run = xygis("check", sample, *DAY, "--explain", "地块2")
    assert 1 == run.code
    assert FARMLAND in run.out
    trace = run.out[run.out.index("判断过程") :]
    assert "地块2（2 号）  ■ 禁止" in trace and "地块3（" not in trace
    assert all(width(line) <= 80 for line in trace.splitlines())


def test_every_finding_of_the_demo_ends_in_its_rule_and_article(traced) -> None:
    """Each finding has exactly one trace, whose rule is its rule and whose articles are its articles."""
    for parcel in traced["parcels"]:
        trace = parcel["trace"]
        fired = [*trace["general"], *(e for layer in trace["layers"] for e in layer["fired"])]
        key = [(f["rule"], f["title"], f["verdict"], f["range"], f["basis"]) for f in parcel["findings"]]
        assert sorted(map(str, key)) == sorted(str((e["rule"], e["title"], e["verdict"], e["range"], e["basis"])) for e in fired)
        assert all(e["conditions"] and e["basis"] for e in fired)
        for e in (e for layer in trace["layers"] for e in layer["silent"]):
            failed = e["conditions"][e["failed"]]
            assert failed["met"] is (failed["kind"] == "claim")


def test_only_layers_it_has_to_do_with_are_traced(traced) -> None:
    """A layer that is clear and says nothing is not in the trace; every concerned one is."""
    for parcel in traced["parcels"]:
        layers = {layer["layer"] for layer in parcel["trace"]["layers"]}
        assert layers >= {m["layer"] for m in parcel["measures"] if m["state"] != "clear"}
        assert layers <= {m["layer"] for m in parcel["measures"] if m["state"] != "clear"} | {f["layer"] for f in parcel["findings"]}


def test_the_trace_is_added_and_nothing_else_changes(xygis, sample, traced) -> None:
    """The document fits its schema; without the trace it is, byte for byte, that of a plain check."""
    jsonschema.Draft202012Validator(load_schema(ASSESSMENT_SCHEMA)).validate(traced)
    for parcel in traced["parcels"]:
        del parcel["trace"]
    assert json.loads(xygis("check", sample, *DAY, "--json").out) == traced


def test_a_traced_report_can_be_verified(xygis, sample) -> None:
    """verify recomputes the trace of the parcels that have one."""
    assert 1 == xygis("check", sample, *DAY, "--explain", "5", "--out", "结果", "--format", "json").code
    assert 0 == xygis("verify", "结果/report.json", "--input", sample).code


def test_a_parcel_nobody_knows_is_wrong_usage(xygis, sample) -> None:
    """Exit 2 with the nearest name, before anything is measured."""
    run = xygis("check", sample, *DAY, "--explain", "地块22")
    assert 2 == run.code
    assert "地块2" in run.err


def test_a_hostile_name_stays_on_its_line(xygis, tmp_path) -> None:
    """Control characters of a parcel's name do not reach the terminal."""
    ring = [[112.2480, 32.0405], [112.2501, 32.0405], [112.2501, 32.0424], [112.2480, 32.0424], [112.2480, 32.0405]]
    feature = {"type": "Feature", "properties": {"XMMC": "地\x1b[31m块"}, "geometry": {"type": "Polygon", "coordinates": [ring]}}
    (tmp_path / "p.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": [feature]}), "utf-8")
    run = xygis("check", "p.geojson", *DAY, "--explain")
    assert "判断过程" in run.out and "[31m块（1 号）" in run.out and "\x1b" not in run.out


def test_a_plain_check_does_not_load_the_explaining_side(sample) -> None:
    """Whoever does not ask for reasons does not wait for the modules that give them."""
    program = f"""
import sys
from xygis.cli.main import main
sys.argv = ["xygis", "check", {str(sample)!r}, "--on", "2026-11-24"]
try:
    main()
except SystemExit:
    loaded = [m for m in sys.modules if m.split(".")[-1] in ("explanation", "trace_contract", "trace_words", "rule_words", "rule_page")]
    print(loaded, file=sys.stderr)
"""
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, encoding="utf-8", check=True)
    assert "[]" == done.stderr.splitlines()[-1]
