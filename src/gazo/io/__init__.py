"""Floor 2: one file per format. `read` and `write` for one image; `read_table`, `read_folder`, `read_npz` for sets."""

from gazo.io.files import read, write
from gazo.io.folder import read_folder
from gazo.io.loader import FileLoader
from gazo.io.npz import read_npz
from gazo.io.rows import Rows, read_rows
from gazo.io.table import read_table

__all__ = ["FileLoader", "Rows", "read", "read_folder", "read_npz", "read_rows", "read_table", "write"]
