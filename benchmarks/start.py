"""How long `import gazo` and `gazo --help` take: the best of ten processes each."""

import subprocess
import sys
import time

from heading import print_heading


def best(command: list[str], times: int = 10) -> float:
    found = []
    for _ in range(times):
        start = time.perf_counter()
        subprocess.run(command, check=True, capture_output=True)
        found.append(time.perf_counter() - start)
    return min(found)


def main() -> None:
    print_heading()
    empty = best([sys.executable, "-c", ""])
    print(f"empty Python: {empty:.2f} s")
    print(f"import gazo: {best([sys.executable, '-c', 'import gazo']):.2f} s (bar 0.5)")
    print(f"gazo --help: {best([sys.executable, '-m', 'gazo.cli.main', '--help']):.2f} s (bar 0.5)")


if __name__ == "__main__":
    main()
