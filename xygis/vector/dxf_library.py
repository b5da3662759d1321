"""ezdxf, loaded without what it does besides reading: no list of the system's fonts, no file in anybody's cache, no log on the terminal."""

from __future__ import annotations

import contextlib
import io
import logging
import os
import sys
import tempfile
from pathlib import Path
from types import ModuleType

from xygis.errors import UnsafeFile, Where

_NO_FONTS = '{"version": 2, "font-faces": []}'


def drawing_library() -> ModuleType:
    """The module. Raises UnsafeFile where an ezdxf.ini in the working folder keeps it from loading."""
    logging.getLogger("ezdxf").setLevel(logging.CRITICAL)
    if "ezdxf" not in sys.modules:
        _first_time()
    import ezdxf

    return ezdxf


def _first_time() -> None:
    """On its first import it would look through all fonts and write what it found into the user's cache."""
    before = {k: os.environ.get(k) for k in ("XDG_CACHE_HOME", "EZDXF_CONFIG_FILE")}
    with tempfile.TemporaryDirectory(prefix="xygis-") as folder:
        cache = Path(folder) / "ezdxf"
        cache.mkdir()
        (cache / "font_manager_cache.json").write_text(_NO_FONTS, encoding="utf-8")
        os.environ["XDG_CACHE_HOME"] = folder
        os.environ.pop("EZDXF_CONFIG_FILE", None)
        try:
            with contextlib.redirect_stdout(io.StringIO()):
                import ezdxf  # noqa: F401
        except (SystemExit, Exception) as error:
            if not Path("ezdxf.ini").exists():
                raise
            raise UnsafeFile(
                what="当前文件夹里的 ezdxf.ini 不是可用的设置文件",
                where=Where(file="ezdxf.ini"),
                why=str(error)[:100],
                fix="请移走这个文件，或换一个文件夹运行",
            ) from error
        finally:
            for key, value in before.items():
                if value is None:
                    os.environ.pop(key, None)
                else:
                    os.environ[key] = value
