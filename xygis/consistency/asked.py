"""`Asked`: what a run is asked for besides the day, as files and layer names; and the run that does it, again and again alike."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date
from pathlib import Path
from tempfile import TemporaryDirectory

from xygis.atlas.atlas import Atlas
from xygis.consistency.earlier import read_earlier
from xygis.consistency.ground_plan import Progress
from xygis.consistency.notes_file import read_notes
from xygis.consistency.noting import noted
from xygis.consistency.result import AskedFor, Consistency
from xygis.consistency.run import consistency, consistency_with
from xygis.consistency.tracking import tracked
from xygis.consistency.trend import with_trend
from xygis.overlay.store import LayerStore
from xygis.vector.foreign import sha256_of


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """layers: two ids, or None for all. revised: (layer id, file that takes its place). since: an earlier report. notes: filled in."""

    layers: tuple[str, ...] | None = None
    revised: tuple[str, Path] | None = None
    since: Path | None = None
    notes: Path | None = None


def consistency_asked(
    asked: Asked, atlas: Atlas, *, on: date, store: LayerStore | None = None, progress: Progress | None = None
) -> Consistency:
    """The comparison with all that was asked. Files that cannot be read are told before the work, not after."""
    earlier = read_earlier(asked.since) if asked.since is not None else None
    rows = read_notes(asked.notes) if asked.notes is not None else None
    layers = tuple(atlas.layer(name).id for name in asked.layers) if asked.layers else None
    store = store or LayerStore()
    if asked.revised is None:
        result = consistency(atlas, on=on, layers=layers, store=store, progress=progress)
    else:
        from xygis.atlas.adopt import draft_layer

        layer, file = asked.revised
        with TemporaryDirectory(prefix="xygis-") as folder:
            draft = draft_layer(atlas, file, layer, Path(folder))
            result = consistency_with(atlas, draft, on=on, layers=layers, store=store, progress=progress)
    if earlier is not None:
        result = tracked(result, earlier)
        result = replace(result, indicators=with_trend(result.indicators, earlier.document))
    if rows is not None and asked.notes is not None:
        result = noted(result, rows, asked.notes.name)
    files = {"replace": asked.revised[1] if asked.revised else None, "since": asked.since, "notes": asked.notes}
    said = tuple((name, str(path), sha256_of(path)) for name, path in files.items() if path is not None)
    return replace(result, asked=AskedFor(layers=layers, files=said))
