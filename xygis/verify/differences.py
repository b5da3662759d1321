"""Every value in which two documents differ, each with its path and what it is called; lists are matched by what their items are about."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from xygis.verify.result import Difference
from xygis.verify.words import both, key_word, shown

NONE = "没有"
_LAST_DIGITS = 1e-10  # of a number
_LEAST = 1e-8
_IDENTITIES = (
    ("rule", "layer"),
    ("id",),
    ("layer",),
    ("act", "phase", "level"),
    ("a", "b", "relation"),
    ("code",),
    ("fact",),
    ("step",),
    ("type",),
)
_PATCHES, _NUMBERED = "patches", ("id",)  # a patch is known by its number, however few share its rule
_NAMES = ("title", "name", "number", "act", "fact", "rule", "layer", "id", "code", "step", "file")


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """absent: paths that only one of the two has, of keys that came into being later. close: numbers that differ in the last digits."""

    differences: tuple[Difference, ...]
    absent: tuple[str, ...]
    close: int


def differences(old: Mapping[str, object], new: Mapping[str, object], *, titles: Mapping[str, str], same_version: bool) -> Found:
    """old: the report; new: as it comes out today. titles: layer id → what it is called.

    same_version: whether the same program wrote both; if not, keys that only one of them has are no differences.
    """
    walk = _Walk(titles, same_version)
    found = tuple(walk.of(old, new, "", (), ""))
    return Found(differences=found, absent=tuple(walk.absent), close=walk.close)


# Keys that reports of earlier versions lack: their absence alone is nothing that somebody did to a number.
_LATER = ("options", "files", "each", "boundary", "source", "file", "sha256")


class _Walk:
    def __init__(self, titles: Mapping[str, str], same_version: bool) -> None:
        self._titles, self._same_version = titles, same_version
        self.absent: dict[str, None] = {}
        self.close = 0

    def of(self, old: object, new: object, path: str, words: tuple[str, ...], key: str) -> Iterator[Difference]:
        if isinstance(old, dict) and isinstance(new, dict):
            yield from self._keys(old, new, path, words)
        elif isinstance(old, list) and isinstance(new, list):
            yield from self._items(old, new, path, words, key)
        elif _close(old, new):
            self.close += 1
        elif old != new or isinstance(old, bool) != isinstance(new, bool):
            yield _difference(path, words, *both(old, new, key))

    def _keys(self, old: dict[str, object], new: dict[str, object], path: str, words: tuple[str, ...]) -> Iterator[Difference]:
        for key in (*new, *(k for k in old if k not in new)):
            below = f"{path}.{key}" if path else key
            named = (*words, key_word(key))
            if key not in old:
                if key in _LATER or not self._same_version:
                    self.absent[_general(below)] = None
                else:
                    yield _difference(below, named, NONE, shown(new[key], key))
            elif key not in new:
                if self._same_version:
                    yield _difference(below, named, shown(old[key], key), NONE)
                else:
                    self.absent[_general(below)] = None
            else:
                yield from self.of(old[key], new[key], below, named, key)

    def _items(self, old: list[object], new: list[object], path: str, words: tuple[str, ...], key: str) -> Iterator[Difference]:
        names = _matched(old, new, _IDENTITIES if key != _PATCHES else (_NUMBERED, *_IDENTITIES))
        if names is None:
            if len(old) != len(new):
                yield _difference(path, (*words, "项数"), str(len(old)), str(len(new)))
            for i, (a, b) in enumerate(zip(old, new, strict=False)):
                yield from self.of(a, b, f"{path}[{i}]", (*words, self._item(b, key, i)), key)
            return
        before, after = names
        for name, j in after.items():
            if name not in before:
                yield _difference(f"{path}[{j}]", (*words, self._item(new[j], key, j)), NONE, "有")
            else:
                i = before[name]
                yield from self.of(old[i], new[j], f"{path}[{i}]", (*words, self._item(new[j], key, j)), key)
        for name, i in before.items():
            if name not in after:
                yield _difference(f"{path}[{i}]", (*words, self._item(old[i], key, i)), "有", NONE)
        if list(before) != list(after) and before.keys() == after.keys():
            yield _difference(path, (*words, "次序"), _order(before), _order(after))

    def _item(self, item: object, key: str, number: int) -> str:
        """What an item of a list is called: by its name, a layer by its title."""
        if isinstance(item, dict):
            if isinstance(layer := item.get("layer"), str) and layer in self._titles and "title" not in item:
                return f"“{self._titles[layer]}”"
            if key == _PATCHES and isinstance(item.get("rule"), str) and isinstance(mark := item.get("id"), str) and mark:
                return f"“{mark[:40]}（{'，'.join(str(item[k])[:40] for k in ('rule', 'county') if item.get(k))}）”"
            for name in _NAMES:
                if isinstance(value := item.get(name), str) and value:
                    lead = f"{item['rule']} " if name == "title" and isinstance(item.get("rule"), str) else ""
                    return f"“{lead}{value[:40]}”"
        return f"第 {number + 1} 项"


def _close(old: object, new: object) -> bool:
    """Numbers that another processor or library may give: at most a hundred-millionth of a m² or a millimetre on the globe apart."""
    numbers = type(old) is float and type(new) is float
    return numbers and old != new and math.isclose(old, new, rel_tol=_LAST_DIGITS, abs_tol=_LEAST)  # type: ignore[arg-type]  # floats, as asked


def _matched(
    old: Sequence[object], new: Sequence[object], identities: Sequence[tuple[str, ...]]
) -> tuple[dict[tuple[str, ...], int], dict[tuple[str, ...], int]] | None:
    """(what each item is about → its place) of both lists, by the first identity that tells all items apart."""
    if not all(isinstance(one, dict) for one in (*old, *new)):
        return None
    for keys in identities:
        sides = []
        for items in (old, new):
            side = {
                tuple(map(str, (one.get(k) for k in keys))): i for i, one in enumerate(items) if isinstance(one, dict) and keys[0] in one
            }
            sides.append(side)
        if len(sides[0]) == len(old) and len(sides[1]) == len(new) and (old or new):
            return sides[0], sides[1]
    return None


def _order(names: Mapping[tuple[str, ...], int]) -> str:
    return shown([name[0] for name in names])


def _general(path: str) -> str:
    """parcels[3].boundary → parcels[].boundary"""
    return "".join(c for c in path if not c.isdigit()) if "[" in path else path


def _difference(path: str, words: tuple[str, ...], reported: str, recomputed: str) -> Difference:
    return Difference(path=path, words=" · ".join(words), reported=reported, recomputed=recomputed)
