"""Editing the catalogue keeps what a person wrote around it."""

from __future__ import annotations

import tomllib

import pytest

from xygis.atlas.catalogue_text import CatalogueText
from xygis.errors import BadCatalogue

TEXT = """\
# the head of the file
[atlas]
name = "甲"   # a name

# first layer
[[layer]]
id = "a"
title = "甲"
source = { file = "a.gpkg", layer = "A" } # where it lies
extent = [
  [[1, 2], [3, 4]], # one ring
  [[5, 6]],
]
provenance = \"\"\"
[[layer]]
id = "not a header"
\"\"\"

[layer.fields]
id = ["BSM"]
zone = ["GHFQDM"]  # zones

# second layer, written another way
[[layer]]
id = "b"
source.file = "b.gpkg"
source.layer = "B"
fields = { zone = ["X"] }
"""


def test_only_the_edited_key_changes() -> None:
    """One key of one layer is set; every other line, with its comments, stays to the letter."""
    text = CatalogueText(TEXT)
    text.edit_layer("b", {"fields": {"zone": ["Y", "X"]}})
    assert text.text() == TEXT.replace('fields = { zone = ["X"] }', 'fields = { zone = ["Y", "X"] }')


def test_values_over_several_lines_and_dotted_keys_go_whole() -> None:
    """Removing extent, provenance and source leaves no line of them behind."""
    text = CatalogueText(TEXT)
    text.edit_layer("a", {"extent": None, "provenance": None})
    text.edit_layer("b", {"source": {"file": "local/b.gpkg", "layer": "B"}})
    said = tomllib.loads(text.text())
    assert set(said["layer"][0]) == {"id", "title", "source", "fields"}
    assert said["layer"][1]["source"] == {"file": "local/b.gpkg", "layer": "B"}
    assert "one ring" not in text.text()
    assert "# second layer, written another way" in text.text()


def test_section_of_fields_is_edited_in_place() -> None:
    """A new alias goes into [layer.fields]; its neighbours stay as they were written."""
    text = CatalogueText(TEXT)
    text.edit_layer("a", {"fields": {"id": ["编号", "BSM"], "zone": ["GHFQDM"]}})
    assert text.text() == TEXT.replace('id = ["BSM"]', 'id = ["编号", "BSM"]')


def test_new_key_goes_before_the_sections_of_its_layer() -> None:
    """A version added to a layer belongs to it and not to its [layer.fields]."""
    text = CatalogueText(TEXT)
    text.edit_layer("a", {"version": "2022-11-07", "status": "draft"})
    assert tomllib.loads(text.text())["layer"][0]["version"] == "2022-11-07"


def test_awkward_text_survives() -> None:
    """Quotes, backslashes, line breaks and control characters in a file name come back as they were."""
    text = CatalogueText(TEXT)
    awkward = '永农"甲"\\乙\n\x7f\u2028.gpkg'
    text.edit_layer("a", {"provenance": awkward})
    assert tomllib.loads(text.text())["layer"][0]["provenance"] == awkward


def test_catalogue_without_layer_headers_is_refused() -> None:
    """Layers written as one inline list cannot be edited by table, and that is said."""
    with pytest.raises(BadCatalogue, match=r"\[\[layer\]\]|登记"):
        CatalogueText('layer = [{ id = "a" }]\n').edit_layer("a", {"version": "2022-11-07"})
