"""One HTML file that runs its own scripts and nothing else: everything inside it, each script and style sheet named by its hash.

The policy has no 'unsafe-inline': a script that a name would bring onto the page is not on the list and does not run.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Sequence
from typing import Any

from xygis.cartography.svg import text
from xygis.errors import BadStyle, Where
from xygis.visible import tame

_OUTSIDE = re.compile(r"<(?:script|link|img|iframe|source|object|embed)[^>]*\s(?:src|href|data)\s*=[^>]*>")


def offline_page(*, title: str, styles: Sequence[str], body: str, body_class: str = "", data: Any, scripts: Sequence[str]) -> str:
    """A whole page. body: markup of our own making; data: put into the JSON block `xygis-data`. Raises BadStyle as `check_inside` does."""
    styles, scripts = [_embeddable(s) for s in styles], [_embeddable(s) for s in scripts]
    html = (
        f'<!DOCTYPE html><html lang="zh-CN"><head><meta charset="utf-8">'
        f'<meta http-equiv="Content-Security-Policy" content="{policy(scripts, styles)}">'
        f'<meta name="viewport" content="width=device-width,initial-scale=1"><title>{text(title)}</title>'
        f'{"".join(f"<style>{s}</style>" for s in styles)}</head><body class="{body_class}">{body}'
        f'<script type="application/json" id="xygis-data">{dumps(data)}</script>{"".join(f"<script>{s}</script>" for s in scripts)}</body></html>\n'
    )
    check_inside(html)
    return html


def policy(scripts: Sequence[str], styles: Sequence[str]) -> str:
    """The content policy that lets exactly these scripts and style sheets in, and no request out."""
    allowed = (" ".join(f"'sha256-{_digest(s)}'" for s in some) for some in (scripts, styles))
    return "default-src 'none'; script-src {}; style-src {}; base-uri 'none'; form-action 'none'".format(*allowed)


def check_inside(html: str) -> None:
    """Raises BadStyle where a page would load anything from outside itself."""
    found = _OUTSIDE.search(html)
    if found:
        raise BadStyle(what="地图页引用了外部资源", where=Where(excerpt=(found[0],)), fix="请把该文件放入 maps/vendor 并登记")


def dumps(data: Any) -> str:
    """JSON that cannot end the block it lies in, nor turn round the lines that it is written in."""
    dumped = tame(json.dumps(data, ensure_ascii=False, separators=(",", ":")))
    return (
        dumped.replace("<", "\\u003c")
        .replace(">", "\\u003e")
        .replace("&", "\\u0026")
        .replace("\u2028", "\\u2028")
        .replace("\u2029", "\\u2029")
    )


def _embeddable(content: str) -> str:
    """Script or style text that cannot end its element, with the line ends that a browser hashes."""
    return re.sub(r"</(script|style)", r"<\\/\1", content.replace("\r\n", "\n").replace("\r", "\n"))


def _digest(content: str) -> str:
    return base64.b64encode(hashlib.sha256(content.encode("utf-8")).digest()).decode("ascii")
