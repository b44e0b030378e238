"""What a timing means nothing without: machine, load, versions."""

import os
import platform
from importlib.metadata import version
from pathlib import Path


def print_heading(*packages: str) -> None:
    """Print processor, cores, load and versions."""
    info = Path("/proc/cpuinfo")
    names = (
        [line.partition(":")[2].strip() for line in info.read_text().splitlines() if line.startswith("model name")]
        if info.exists()
        else []
    )
    load = ", ".join(f"{x:.2f}" for x in os.getloadavg()) if hasattr(os, "getloadavg") else "not known"
    print(
        f"{names[0] if names else platform.processor()}, {os.cpu_count()} cores, load {load}, Python {platform.python_version()}"
    )
    print(", ".join(f"{name} {version(name)}" for name in ("gazo", *packages)))
