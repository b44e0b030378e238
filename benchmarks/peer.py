"""A peer that cannot share our environment: it gets its own, from `peers/NAME.txt`, made once below the temporary folder."""

import os
import subprocess
import sys
import tempfile
import venv
from pathlib import Path

HERE = Path(__file__).parent


class Peer:
    """A process in the peer's environment that does one piece of work for each line it is sent, and answers with CPU seconds."""

    def __init__(self, name: str, script: str, *arguments: str) -> None:
        command = [str(_python(name)), str(HERE / "peers" / script), *arguments]
        self.process = subprocess.Popen(
            command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=os.environ | {"OMP_NUM_THREADS": "1"}
        )

    def seconds(self) -> float:
        self.process.stdin.write("\n")
        self.process.stdin.flush()
        return float(self.process.stdout.readline())

    def close(self) -> None:
        self.process.stdin.close()
        self.process.wait()


def _python(name: str) -> Path:
    folder = Path(tempfile.gettempdir()) / "gazo-peers" / name
    python = folder / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
    if not (folder / "ready").exists():
        print(f"making the environment of {name} in {folder}", file=sys.stderr)
        venv.create(folder, with_pip=True, clear=True)
        install = [python, "-m", "pip", "install", "--quiet"]
        first = HERE / "peers" / f"{name}.first.txt"  # what a peer needs to be built
        if first.exists():
            subprocess.run([*install, "-r", first], check=True)
            install.append("--no-build-isolation")
        subprocess.run([*install, "-r", HERE / "peers" / f"{name}.txt"], check=True)
        (folder / "ready").touch()
    return python
