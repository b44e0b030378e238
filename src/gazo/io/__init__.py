"""Floor 2: one file per format. `read` and `write` for one image; `read_table`, `read_folder`, `read_npz`, `read_dicom_folder` for sets."""

from gazo.io.archive import unpack
from gazo.io.deidentify import Pseudonym, burned_in_doubt, deidentify
from gazo.io.dicom import read_dicom
from gazo.io.dicom_folder import read_dicom_folder
from gazo.io.dicom_series import read_series
from gazo.io.dicom_write import write_dicom
from gazo.io.files import read, write
from gazo.io.folder import read_folder
from gazo.io.import_dicom import import_dicom
from gazo.io.loader import FileLoader
from gazo.io.mask_files import read_masks, write_mask
from gazo.io.nifti import read_nifti
from gazo.io.npz import read_npz
from gazo.io.opencv import from_opencv, to_opencv
from gazo.io.pictures import read_picture
from gazo.io.raw import read_raw
from gazo.io.reader_study import read_reader_study
from gazo.io.rows import Rows, read_rows
from gazo.io.table import read_table
from gazo.io.write_reader_study import write_reader_study
from gazo.io.write_table import write_table

__all__ = [
    "FileLoader",
    "Pseudonym",
    "Rows",
    "burned_in_doubt",
    "deidentify",
    "from_opencv",
    "import_dicom",
    "read",
    "read_dicom",
    "read_dicom_folder",
    "read_folder",
    "read_masks",
    "read_nifti",
    "read_npz",
    "read_picture",
    "read_raw",
    "read_reader_study",
    "read_rows",
    "read_series",
    "read_table",
    "to_opencv",
    "unpack",
    "write",
    "write_dicom",
    "write_mask",
    "write_reader_study",
    "write_table",
]
