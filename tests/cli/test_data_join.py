"""An Excel table with full-width and shortened IDs finds its DICOM images."""

from pydicom import dcmread
from pydicom.data import get_testdata_file

from gazo.cli.main import main
from gazo.core import Table, Text
from gazo.io.rows import read_rows
from gazo.io.write_table import write_table


def test_dicom_is_joined_by_the_real_patient_id(tmp_path):
    (tmp_path / "dicom").mkdir()
    for number in ("00000123", "00000124"):
        image = dcmread(get_testdata_file("CT_small.dcm", download=False))
        image.PatientID, image.SOPInstanceUID = number, f"1.2.{number.lstrip('0')}"
        image.file_meta.MediaStorageSOPInstanceUID = image.SOPInstanceUID
        image.save_as(tmp_path / "dicom" / f"{number}.dcm")
    headings = (Text("患者ID", "患者ID"), Text("診断", "診断"))
    write_table(Table(Text("表", "table"), headings, (("１２３", "良性"), ("124", "悪性"))), tmp_path / "表.xlsx")
    words = ["data", "join", str(tmp_path / "表.xlsx"), str(tmp_path / "dicom"), "--patient", "患者ID", "--label", "診断"]
    assert main([*words, "--out", str(tmp_path / "結合.csv")]) == 0
    joined = read_rows(tmp_path / "結合.csv")
    assert sorted(joined.column("診断")) == ["悪性", "良性"]
