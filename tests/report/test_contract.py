"""The JSON contracts: every key, nothing rounded, unknown as null, and schemas that hold."""

import json
import subprocess
import sys

import jsonschema
import pytest
from sample_assessment import FLOOD, PBF, VARIANTS, three_parcels, with_refused

from xygis.errors import UnknownZone, Where
from xygis.report.contract import ASSESSMENT_SCHEMA, CONSISTENCY_SCHEMA, assessment_dict, error_dict, json_text, load_schema


def _valid(document, schema=ASSESSMENT_SCHEMA) -> bool:
    jsonschema.Draft202012Validator(load_schema(schema)).validate(json.loads(json_text(document)))
    return True


@pytest.mark.parametrize("variant", VARIANTS)
def test_every_assessment_fits_its_schema(variant):
    """One parcel or forty, hostile or empty: the document validates."""
    assert _valid(assessment_dict(VARIANTS[variant]()))


@pytest.mark.parametrize("schema", [ASSESSMENT_SCHEMA, CONSISTENCY_SCHEMA])
def test_the_schemas_are_schemas(schema):
    """Both shipped schemas are valid JSON Schema themselves."""
    jsonschema.Draft202012Validator.check_schema(load_schema(schema))


def test_the_schema_refuses_a_zero_for_missing_data():
    """A measure without data that says 0 m² does not validate."""
    document = assessment_dict(three_parcels())
    flood = next(m for m in document["parcels"][2]["measures"] if m["layer"] == FLOOD)
    flood["overlap_m2"] = 0.0
    with pytest.raises(jsonschema.ValidationError):
        _valid(document)


def test_numbers_are_unrounded():
    """The overlap in JSON is the measured float, digit for digit."""
    document = json.loads(json_text(assessment_dict(three_parcels())))
    farmland = next(m for m in document["parcels"][0]["measures"] if m["layer"] == PBF)
    assert (farmland["overlap_m2"], farmland["overlap_share"]) == (9_554.331, 9_554.331 / 149_527.268)


def test_missing_data_are_null():
    """Outside a layer's extent every number is null, but the unmapped area is known."""
    document = assessment_dict(three_parcels())
    flood = next(m for m in document["parcels"][2]["measures"] if m["layer"] == FLOOD)
    assert (
        flood["state"],
        flood["overlap_m2"],
        flood["distance_m"],
        flood["slivers"]["count"],
        flood["unmapped_m2"],
    ) == ("no_data", None, None, None, 42_247.004)


def test_a_layer_that_covers_some_parcels_only_is_partly_without_data():
    """Two parcels clear and one outside the extent: no_data, partial, no number, undetermined."""
    totals = {t["layer"]: t for t in assessment_dict(three_parcels())["totals"]["by_layer"]}
    flood = totals[FLOOD]
    assert (flood["state"], flood["partial"], flood["overlap_m2"], flood["verdict"]) == ("no_data", True, None, "undetermined")
    assert tuple(totals[PBF][k] for k in ("state", "partial", "overlap_m2", "verdict")) == ("concerned", False, 9_554.331, "prohibited")


def test_a_finding_tells_best_and_worst():
    """A grazed red line ranges from 符合 to 禁止 and says what would settle it."""
    grazed = next(f for f in assessment_dict(three_parcels())["parcels"][2]["findings"] if f["rule"] == "ESR-02")
    assert grazed["range"] == ["compliant", "prohibited"]
    assert grazed["needs"] == ["地块3 J1—J4 段界址核实说明"]


def test_refused_files_stand_among_the_sources():
    """With several files, the refused one keeps its place and carries its error."""
    good, refused = assessment_dict(with_refused())["sources"]
    assert None is good["error"]
    assert (refused["file"], refused["error"]["code"]) == ("襄州地块.txt", "unknown-zone")


def test_a_refusal_is_one_object_in_the_same_frame():
    """Refused input: undetermined, no parcels, and the error's four parts."""
    document = error_dict(UnknownZone(what="带号不对", where=Where(file="a.txt", line=9), fix="核对带号"))
    assert _valid(document)
    assert (document["verdict"], document["parcels"], document["error"]["where"]) == ("undetermined", [], "a.txt 第 9 行")


def test_the_same_assessment_gives_the_same_bytes():
    """Key order and numbers do not depend on the run."""
    assert json_text(assessment_dict(three_parcels())) == json_text(assessment_dict(three_parcels()))


def test_the_contract_loads_nothing_heavy():
    """Importing the JSON face loads no template engine, table or map library."""
    heavy = ("jinja2", "pandas", "geopandas", "pyogrio", "fiona", "folium", "matplotlib", "pyproj", "jsonschema")
    code = f"import sys, xygis.report.contract; print([m for m in {heavy} if m in sys.modules])"
    assert subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.strip() == "[]"
