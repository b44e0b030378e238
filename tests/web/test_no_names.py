"""Names and numbers planted wherever files can carry them: after they were taken in, looked at and worked with, only the key table knows them."""

import io
import json
import struct
import time
import zipfile

import numpy as np
import openpyxl
import PIL.Image
import PIL.PngImagePlugin
import pydicom
import pytest
import SimpleITK
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, generate_uid

pytestmark = pytest.mark.slow
# Each is found nowhere in gazo itself.
NAMES = (
    *("YAMADAPLANT", "TAROPLANTED", "山田植込", "ヤマダウエコ", "HOSPITALPLANT", "植込病院", "DRPLANTED", "TECHPLANT"),
    *(
        "8675309421",
        "ACC5550199",
        "19470523",
        "1947-05-23",
        "PRIVPLANT",
        "COMMENTPLANT",
        "INSURPLANT",
        "FOLDERPLANT",
        "FILEPLANT",
    ),
    *(
        "PNGTEXTPLANT",
        "TIFFTAGPLANT",
        "EXIFPLANT",
        "NIFTIPLANT",
        "CITYPLANT",
        "090PLANT1234",
        "SHEETPLANT",
        "2024-04-01",
        "20240401",
    ),
)


@pytest.fixture
def heard(client, monkeypatch):
    """Everything the server answers from here on."""
    answers = []
    plain = client.send

    def send(request, **options):
        answer = plain(request, **options)
        answers.append((str(request.url), answer.read(), str(answer.headers).encode()))
        return answer

    monkeypatch.setattr(client, "send", send)
    return answers


def pixels(seed, shape=(48, 40), high=4000):
    return np.random.default_rng(seed).integers(0, high, shape).astype(np.uint16)


def planted_dicom(number, modality="DX"):
    dataset = Dataset()
    dataset.SpecificCharacterSet = "ISO_IR 192"
    dataset.PatientName = "YAMADAPLANT^TAROPLANTED=山田植込"
    dataset.PatientID = f"8675309421-{number % 2}"
    dataset.PatientBirthDate = dataset.StudyDate = "19470523"
    dataset.PatientSex, dataset.PatientAge = "M", "077Y"
    dataset.OtherPatientIDs, dataset.PatientAddress = "8675309421", "CITYPLANT"
    dataset.InstitutionName, dataset.InstitutionalDepartmentName = "HOSPITALPLANT", "植込病院"
    dataset.ReferringPhysicianName = dataset.PerformingPhysicianName = dataset.OperatorsName = "DRPLANTED^A"
    dataset.AccessionNumber, dataset.StudyID = "ACC5550199", "ACC5550199"
    dataset.PatientComments = dataset.ImageComments = dataset.StudyDescription = dataset.SeriesDescription = (
        "COMMENTPLANT YAMADAPLANT"
    )
    dataset.RequestedProcedureDescription = dataset.ProtocolName = "COMMENTPLANT"
    dataset.StationName, dataset.DeviceSerialNumber = "TECHPLANT", "8675309421"
    dataset.add_new(0x00091010, "LO", "PRIVPLANT")
    dataset.add_new(0x00090010, "LO", "PRIVPLANT")
    dataset.ManufacturerModelName = "YAMADAPLANT room"  # a name in a text that may stay otherwise
    dataset.Modality, dataset.SOPClassUID = modality, "1.2.840.10008.5.1.4.1.1.1.1"
    dataset.ViewPosition = "PA"
    dataset.SOPInstanceUID, dataset.StudyInstanceUID, dataset.SeriesInstanceUID = (generate_uid() for _ in range(3))
    dataset.Rows, dataset.Columns = 48, 40
    dataset.SamplesPerPixel, dataset.PhotometricInterpretation = 1, "MONOCHROME2"
    dataset.BitsAllocated, dataset.BitsStored, dataset.HighBit, dataset.PixelRepresentation = 16, 12, 11, 0
    dataset.ImagerPixelSpacing = [0.2, 0.2]
    dataset.PixelData = pixels(number).tobytes()
    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.file_meta.SourceApplicationEntityTitle = "HOSPITALPLANT"
    buffer = io.BytesIO()
    dataset.save_as(buffer, enforce_file_format=True)
    return b"DRPLANTED".ljust(128, b" ") + buffer.getvalue()[128:]


def planted_png(number):
    info = PIL.PngImagePlugin.PngInfo()
    info.add_text("Patient", "PNGTEXTPLANT")
    info.add_text("gazo", json.dumps({"gazo": {"unit": "PNGTEXTPLANT", "meaning": "YAMADAPLANT", "history": [
        {"name": "PNGTEXTPLANT", "version": 1, "options": {"of": "YAMADAPLANT"}}]}}))  # fmt: skip
    info.add_itxt("Comment", "山田植込")
    buffer = io.BytesIO()
    PIL.Image.fromarray((pixels(number) >> 4).astype(np.uint8)).save(buffer, "PNG", pnginfo=info)
    return buffer.getvalue()


def planted_tiff(number):
    import tifffile

    buffer = io.BytesIO()
    tifffile.imwrite(buffer, pixels(number), description="TIFFTAGPLANT", extratags=[(315, "s", 0, "TIFFTAGPLANT", True)])
    return buffer.getvalue()


def planted_jpeg(number):
    buffer = io.BytesIO()
    exif = PIL.Image.Exif()
    exif[0x9C9D] = "EXIFPLANT".encode("utf-16-le")
    exif[0x010E] = "EXIFPLANT"
    PIL.Image.fromarray((pixels(number) >> 4).astype(np.uint8)).save(buffer, "JPEG", exif=exif, comment=b"EXIFPLANT")
    return buffer.getvalue()


def planted_nifti(tmp_path):
    volume = SimpleITK.GetImageFromArray(pixels(1, (5, 24, 24)).astype(np.int16))
    SimpleITK.WriteImage(volume, tmp_path / "v.nii")
    content = bytearray((tmp_path / "v.nii").read_bytes())
    content[148 : 148 + 80] = b"NIFTIPLANT YAMADAPLANT".ljust(80, b"\0")  # descrip
    content[228 : 228 + 24] = b"NIFTIPLANT".ljust(24, b"\0")  # aux_file
    content[14:32] = struct.pack("18s", b"NIFTIPLANT")  # db_name
    return bytes(content)


def workbook(files):
    book = openpyxl.Workbook()
    page = book.active
    page.title = "SHEETPLANT"
    page.append(["file", "患者ID", "氏名", "フリガナ", "生年月日", "保険番号", "施設", "label", "age", "撮影日", "備考"])
    for number, file in enumerate(files):
        page.append([file, f"8675309421-{number % 2}", "山田植込", "ヤマダウエコ", "1947-05-23", "INSURPLANT", "植込病院", "ab"[number % 2], 40 + number, "2024-04-01", "COMMENTPLANT"])  # fmt: skip
    buffer = io.BytesIO()
    book.save(buffer)
    return buffer.getvalue()


def finished(client, answer):
    assert answer.status_code == 200, answer.text
    key = answer.json()["job"]
    deadline = time.monotonic() + 60
    while (told := client.get(f"/api/sets/jobs/{key}").json())["state"] == "running":
        assert time.monotonic() < deadline
        time.sleep(0.02)
    assert told["state"] == "done", told
    return told["result"]


def take_in(client, files, **choices):
    """As the page does: send, look, take with what was proposed."""
    token = client.post("/api/uploads/incoming").json()["token"]
    sent = client.post(f"/api/uploads/incoming/{token}/files", files=[("files", (name, content)) for name, content in files])
    assert sent.json() == {"faults": []}, sent.text
    looked = finished(client, client.post(f"/api/uploads/incoming/{token}/look", json={}))
    assert client.get(f"/api/uploads/incoming/{token}/picture?row=0").headers["content-type"] == "image/png"
    uses = {one["name"]: one["use"] for one in looked["columns"]}
    cures = {group["key"]: {"take": True, "rectangles": [[0, 0, 10, 5]]} for group in looked["groups"]}
    body = {"name": "研究用", "columns": uses, "cures": cures, **choices}
    return finished(client, client.post(f"/api/uploads/incoming/{token}/take", json=body)), looked


def traces(place, heard):
    """Where planted words are: (where, word) in files, file names, answers; as UTF-8, UTF-16 and cp932, in archives too."""
    forms = [(word, form) for word in NAMES for form in {word.encode(c) for c in ("utf-8", "utf-16-le", "utf-16-be", "cp932")}]
    forms += [(word, json.dumps(word).strip('"').encode()) for word in NAMES if not word.isascii()]
    found = set()

    def search(where, content):
        found.update((where, word) for word, form in forms if form in content)
        if content[:4] == b"PK\x03\x04":
            with zipfile.ZipFile(io.BytesIO(content)) as archive:
                for entry in archive.namelist():
                    search(f"{where}/{entry}", archive.read(entry))
        if content[:2] == b"\x1f\x8b":
            import gzip

            search(where + "/gz", gzip.decompress(content))

    for path in place.rglob("*"):
        inside = path.relative_to(place).as_posix()
        search(f"name of {inside}", inside.encode())
        if path.is_file() and not inside.startswith("data/keys/"):
            search(inside, path.read_bytes())
    for url, body, headers in heard:
        search(f"address {url}", url.encode())
        search(f"answer of {url}", body)
        search(f"headers of {url}", headers)
    return found


def look_around(client, id):
    for path in ("", "/rows?count=500", "/check", "/table.csv", "/table.xlsx"):
        assert client.get(f"/api/sets/{id}{path}").status_code == 200
    finished(client, client.post(f"/api/sets/{id}/check"))
    for row in range(3):
        address = f"set:{id}:{row}"
        for path in ("thumbnail", "facts", "raw"):
            answer = client.get(f"/api/images/{path}", params={"address": address})
            assert answer.status_code == 200, answer.text


def test_dicom(client, place, heard):
    files = [(f"FOLDERPLANT 山田植込/FILEPLANT_{n}.dcm", planted_dicom(n)) for n in range(4)]
    id, looked = take_in(client, files)
    assert (looked["kind"], looked["images"], looked["patients"]) == ("dicom", 4, 2)
    look_around(client, id)
    facts = client.get(f"/api/sets/{id}").json()
    assert facts["patients"] == 2
    assert facts["roles"]["patient"] == "patient"
    assert traces(place, heard) == set()
    keys = b"".join(path.read_bytes() for path in (place / "data" / "keys").iterdir())
    assert b"8675309421-1" in keys
    assert b"FILEPLANT_3" in keys  # the way back is there, and only there


def test_black_rectangles_reach_the_pixels(client, place):
    from gazo.runs.sets import images_of

    id, _ = take_in(client, [(f"{n}.dcm", planted_dicom(n)) for n in range(3)])
    images = images_of(id, place)
    for row in range(3):
        image = images[row].pixels
        assert len(np.unique(image[:5, :10])) == 1
        assert len(np.unique(image[5:, 10:])) > 500


def test_pictures_with_an_excel_table(client, place, heard):
    names = [f"FOLDERPLANT/山田植込_{n}_FILEPLANT.{'png' if n < 4 else 'tif' if n < 8 else 'jpg'}" for n in range(12)]
    made = [planted_png(n) if n < 4 else planted_tiff(n) if n < 8 else planted_jpeg(n) for n in range(12)]
    sheet = workbook([name.split("/")[1] for name in names])
    id, looked = take_in(client, [*zip(names, made, strict=True), ("FOLDERPLANT/DRPLANTED.xlsx", sheet)])
    assert looked["table"]["matched"] == 12
    uses = {one["name"]: one["use"] for one in looked["columns"]}
    assert {uses[name] for name in ("氏名", "フリガナ", "生年月日", "保険番号", "施設", "備考")} == {"leave"}
    assert (uses["患者ID"], uses["label"], uses["age"], uses["撮影日"]) == ("patient", "label", "keep", "date")
    look_around(client, id)
    facts = client.get(f"/api/sets/{id}").json()
    assert (facts["patients"], facts["rows"]) == (2, 12)
    assert traces(place, heard) == set()


def test_folders_of_patients_and_a_zip(client, place, heard):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for n in range(6):
            archive.writestr(f"FOLDERPLANT/YAMADAPLANT^TAROPLANTED {n // 2}/FILEPLANT{n}.png", planted_png(n))
        archive.writestr("FOLDERPLANT/HOSPITALPLANT.txt", "COMMENTPLANT")
        archive.writestr("FOLDERPLANT/x/FILEPLANT broken.png", b"\x89PNG\r\n\x1a\nYAMADAPLANT")
    id, looked = take_in(client, [("YAMADAPLANT.zip", buffer.getvalue())])
    folder = next(one for one in looked["columns"] if one["name"] == "folder")
    assert folder["use"] == "patient"  # three folders with "^" in their names are no classes
    assert looked["faults"]
    look_around(client, id)
    assert client.get(f"/api/sets/{id}").json()["rows"] == 6
    assert traces(place, heard) == set()


def test_nifti_and_a_single_file(client, place, heard, tmp_path):
    id, _ = take_in(client, [("FOLDERPLANT/山田植込.nii", planted_nifti(tmp_path))])
    assert client.get("/api/images/facts", params={"address": f"set:{id}:0"}).status_code == 200
    for name, content in (("山田植込.png", planted_png(1)), ("FILEPLANT.dcm", planted_dicom(9))):
        sent = client.post("/api/uploads/files", files=[("files", (name, content))])
        address = sent.json()["files"][0]["address"]
        for path in ("thumbnail", "facts", "raw"):
            assert client.get(f"/api/images/{path}", params={"address": address}).status_code == 200
    assert traces(place, heard) == set()


def test_errors_name_no_file(client, place, heard):
    for name, content in (
        ("FILEPLANT.png", b"\x89PNG\r\n\x1a\nYAMADAPLANT"),
        ("YAMADAPLANT.exe", b"MZ"),
        ("山田植込.zip", b"PK\x03\x04YAMADAPLANT"),
    ):
        answer = client.post("/api/uploads/files", files=[("files", (name, content))])
        assert answer.status_code in (400, 404), answer.text
        assert answer.json()["ja"]
    token = client.post("/api/uploads/incoming").json()["token"]
    client.post(
        f"/api/uploads/incoming/{token}/files",
        files=[("files", ("YAMADAPLANT.csv", b"a,b\n1,2\n")), ("files", ("山田植込.pdf", b"%PDF"))],
    )
    looked = finished(client, client.post(f"/api/uploads/incoming/{token}/look", json={}))
    assert looked["kind"] == "nothing"
    client.delete(f"/api/uploads/incoming/{token}")
    assert traces(place, heard) == set()


def test_a_table_joined_later(client, place, heard):
    id, _ = take_in(client, [(f"FILEPLANT_{n}.dcm", planted_dicom(n)) for n in range(4)])
    sheet = "患者ID,氏名,再発,判定日\r\n8675309421-0,山田植込,あり,2024-05-01\r\n8675309421-1,山田植込,なし,2024-06-01\r\n999,TAROPLANTED,なし,\r\n".encode(
        "cp932"
    )
    sent = client.post(f"/api/uploads/tables/{id}", files=[("files", ("山田植込.csv", sheet))]).json()
    assert (sent["on"], sent["matched"]) == ("patient", 4)
    assert [fault["line"] for fault in sent["faults"]] == [4]
    uses = {one["name"]: one["use"] for one in sent["columns"]}
    assert uses["氏名"] == "leave"
    facts = client.post(
        f"/api/uploads/tables/{id}/join", json={"token": sent["token"], "columns": uses | {"再発": "label"}}
    ).json()
    assert facts["roles"]["label"] == "再発"
    assert {one["name"]: one["images"] for one in facts["balance"]} == {"あり": 2, "なし": 2}
    assert traces(place, heard) == set()


def ended(client, run):
    deadline = time.monotonic() + 120
    while (told := client.get(f"/api/runs/{run}").json())["state"] not in ("finished", "failed"):
        assert time.monotonic() < deadline, told
        time.sleep(0.3)
    assert told["state"] == "finished", told
    return told


def test_a_chain_a_measurement_their_reports_and_exports(client, place, heard):
    id, _ = take_in(client, [(f"FOLDERPLANT/FILEPLANT_{n}.dcm", planted_dicom(n)) for n in range(3)])
    steps = [{"operation": "unsharp-mask", "options": {"radius_mm": 1.0}}]
    addresses = [f"set:{id}:{row}" for row in range(3)]
    began = client.post("/api/operations/apply", json={"steps": steps, "images": addresses})
    assert began.status_code == 200, began.text
    asked = {"room": "quality", "operation": "snr", "inputs": {"image": [addresses[0]]}, "opened": {"accept_presentation": True}}
    measured = client.post("/api/operations/measure", json=asked)
    assert measured.status_code == 200, measured.text
    runs = [answer.json()["run"] for answer in (began, measured)]
    for run in runs:
        ended(client, run)
        for path in (f"/api/runs/{run}/events", f"/api/runs/{run}/log", f"/api/results/{run}"):
            assert client.get(path).status_code == 200, path
        for part in client.get(f"/api/exports/{run}/parts").json():
            client.get(f"/api/exports/{run}/parts/{part['name'] if isinstance(part, dict) else part}")
        client.get(f"/api/exports/{run}/workbook")
        client.get(f"/api/report/page?run={run}&language=ja")
    kept = client.post("/api/operations/keep", json={"run": runs[0], "name": "処理後"}).json()["set"]
    look_around(client, kept)
    client.get("/api/runs")
    assert client.post("/api/help-report", json={"screen": "/data", "kind": "text"}).status_code == 200
    client.post("/api/studies", json={"name": "study"})
    assert client.post("/api/studies/study/runs", json={"runs": [runs[1]]}).status_code == 200
    client.get("/api/studies/study/report")
    packed = finished(client, client.post("/api/studies/study/export", json={"images": True}))
    assert client.get(f"/api/studies/exports/{packed['token']}").content[:2] == b"PK"
    assert traces(place, heard) == set()


def test_the_search_finds_what_is_there(client, place, heard):
    (place / "runs" / "leak.bin").write_bytes(b"x" + "山田植込".encode("utf-16-le"))
    assert traces(place, heard) == {("runs/leak.bin", "山田植込")}


def test_planted_files_are_planted():
    assert pydicom.dcmread(io.BytesIO(planted_dicom(1))).PatientName.family_name == "YAMADAPLANT"
    assert b"PNGTEXTPLANT" in planted_png(1)
    assert b"TIFFTAGPLANT" in planted_tiff(1)
    assert b"EXIFPLANT" in planted_jpeg(1)
