"""Compiles the kernel when a wheel or an editable install is made; a machine without a compiler gets a pure wheel."""

from __future__ import annotations

import importlib.util
import sysconfig
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface


class KernelHook(BuildHookInterface):  # type: ignore[type-arg]  # the config class is hatchling's own
    """Puts the library into the wheel, which then fits one platform but every Python."""

    PLUGIN_NAME = "custom"

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:
        """Called by hatchling before the files are gathered."""
        if self.target_name != "wheel":
            return
        path = Path(self.root) / "xygis" / "overlay" / "kernel" / "build.py"
        spec = importlib.util.spec_from_file_location("xygis_kernel_build", path)
        assert spec is not None and spec.loader is not None
        build = importlib.util.module_from_spec(spec)
        spec.loader.exec_module(build)
        made = build.compile_kernel()
        if made is not None:
            build_data["artifacts"].append(f"/{made.relative_to(self.root).as_posix()}")
            build_data["pure_python"] = False
            build_data["tag"] = f"py3-none-{sysconfig.get_platform().replace('-', '_').replace('.', '_')}"
