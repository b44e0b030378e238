"""Data sets over HTTP: what the page asks for, and files that mean harm."""

import io
import stat
import time
import zipfile

import numpy as np
import PIL.Image
import pytest
from starlette.testclient import TestClient

from gazo.web.app import create_app


def png(seed, shape=(20, 16)):
    buffer = io.BytesIO()
    PIL.Image.fromarray(np.random.default_rng(seed).integers(0, 255, shape).astype(np.uint8)).save(buffer, "PNG")
    return buffer.getvalue()


def archive(entries, kind=zipfile.ZIP_DEFLATED):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", kind) as file:
        for name, content in entries:
            file.writestr(name, content)
    return buffer.getvalue()


def finished(client, answer):
    assert answer.status_code == 200, answer.text
    deadline = time.monotonic() + 60
    while (told := client.get(f"/api/sets/jobs/{answer.json()['job']}").json())["state"] == "running":
        assert time.monotonic() < deadline
        time.sleep(0.02)
    return told


def begin(client, *files):
    token = client.post("/api/uploads/incoming").json()["token"]
    sent = client.post(f"/api/uploads/incoming/{token}/files", files=[("files", file) for file in files])
    return token, sent


def taken(client, *files, **choices):
    token, sent = begin(client, *files)
    assert sent.json() == {"faults": []}
    looked = finished(client, client.post(f"/api/uploads/incoming/{token}/look", json={}))["result"]
    uses = {one["name"]: one["use"] for one in looked["columns"]}
    body = {"name": "試験", "columns": uses, **choices}
    return finished(client, client.post(f"/api/uploads/incoming/{token}/take", json=body))["result"]


@pytest.fixture
def made(client):
    table = "file,label,patient_id,view,age,date\n" + "".join(
        f"{n}.png,{'ab'[n % 2]},{n // 2},{'PA' if n % 3 else 'AP'},{30 + n},2024-01-{n + 1:02d}\n" for n in range(12)
    )
    return taken(client, *[(f"{n}.png", png(n)) for n in range(12)], ("t.csv", table.encode()))


def test_a_set_and_its_rows(client, made):
    listed = client.get("/api/sets").json()["sets"]
    assert [(one["id"], one["rows"], one["name"]) for one in listed] == [(made, 12, "試験")]
    whole = client.get(f"/api/sets/{made}").json()
    assert whole["roles"] == {"label": "label", "patient": "patient", "date": "date"}
    assert (whole["patients"], [one["images"] for one in whole["balance"]]) == (6, [6, 6])
    page = client.get(f"/api/sets/{made}/rows", params={"start": 2, "count": 3, "column": "label", "value": "a"}).json()
    assert page["total"] == 6
    assert [row["row"] for row in page["rows"]] == [4, 6, 8]
    assert page["rows"][0]["address"] == f"set:{made}:4"
    assert page["rows"][0]["cells"]["view"] == "PA"
    assert "file" not in page["rows"][0]["cells"]
    assert client.get("/api/images/thumbnail", params={"address": f"set:{made}:4"}).status_code == 200
    only = client.get(f"/api/sets/{made}/rows?only=7&only=3&only=99").json()
    assert [row["row"] for row in only["rows"]] == [7, 3]


def test_names_roles_and_corrections(client, made):
    assert client.put(f"/api/sets/{made}", json={"name": "胸部"}).json()["name"] == "胸部"
    assert client.put(f"/api/sets/{made}/roles", json={"roles": {"label": "view"}}).json()["balance"][0]["name"] == "PA"
    fixed = client.post(f"/api/sets/{made}/fixes", json={"fixes": [{"column": "view", "to": "正面", "old": "PA"}]}).json()
    assert (fixed["balance"][0]["name"], fixed["fixes"]) == ("正面", 1)
    assert client.delete(f"/api/sets/{made}/fixes/last").json()["balance"][0]["name"] == "PA"
    wrong = client.put(f"/api/sets/{made}", json={"nam": "x"})
    assert (wrong.status_code, wrong.json()["code"]) == (422, "G-WEB-001")


def test_a_cohort_with_its_diagram(client, made):
    asked = {"conditions": [{"sign": "=", "column": "view", "values": ["PA"]}, {"sign": "one"}], "name": "PA"}
    flow = client.post(f"/api/sets/{made}/cohort/preview", json=asked).json()
    assert [(step["images_out"], step["images"], step["patients"]) for step in flow["steps"]] == [(4, 8, 6), (2, 6, 6)]
    new = client.post(f"/api/sets/{made}/cohort", json=asked).json()["id"]
    whole = client.get(f"/api/sets/{new}").json()
    assert (whole["rows"], whole["parent"]) == (6, {"id": made, "name": "試験"})
    figure = client.get(f"/api/sets/{new}/flow.svg?language=ja")
    assert (figure.headers["content-type"], b"<svg" in figure.content) == ("image/svg+xml", True)
    assert client.get(f"/api/sets/{made}/flow.png").json()["code"] == "G-SET-086"


def test_the_division_as_a_file(client, made):
    told = client.post(f"/api/sets/{made}/split", json={"kind": "folds", "folds": 3}).json()
    assert len(told["table"]["rows"]) == 9
    file = client.post(f"/api/sets/{made}/split.csv?language=en", json={"kind": "holdout", "validation_share": 0.0})
    lines = file.content.decode("utf-8-sig").splitlines()
    part = dict(line.split(",")[1::2] for line in lines[1:])  # patient -> part
    assert lines[0] == "row,patient,label,split"
    assert {line.split(",")[1]: line.split(",")[3] for line in lines[1:]} == part
    assert set(part.values()) == {"train", "test"}


def test_a_deleted_set_is_gone(client, place, made):
    assert client.delete(f"/api/sets/{made}").status_code == 204
    gone = client.get(f"/api/sets/{made}")
    assert (gone.status_code, gone.json()["code"]) == (404, "G-SET-001")
    assert not list((place / "data" / "sets").glob("*"))
    assert not (place / "data" / "keys" / f"{made}.csv").exists()


@pytest.mark.parametrize("id", ["%2e%2e", "..%2f..", "00000000", "x" * 300, "%00"])
def test_ids_are_no_paths(client, id):
    for path in ("", "/rows", "/check", "/table.csv", "/flow.svg"):
        answer = client.get(f"/api/sets/{id}{path}")
        assert answer.status_code in (400, 404, 422)
        assert answer.json()["ja"]


HARMFUL = {
    "slip": archive([("../../evil.png", png(1))]),
    "absolute": archive([("/elsewhere/evil.png", png(1))]),
    "drive": archive([("C:\\evil.png", png(1))]),
    "broken": b"PK\x03\x04" + b"\0" * 40,
}


@pytest.mark.parametrize("kind", [*HARMFUL, "symlink"])
def test_archives_that_lead_out_are_refused(client, place, tmp_path, kind):
    content = HARMFUL.get(kind)
    if content is None:
        buffer = io.BytesIO()
        with zipfile.ZipFile(buffer, "w") as file:
            link = zipfile.ZipInfo("link.png")
            link.external_attr = (stat.S_IFLNK | 0o777) << 16
            file.writestr(link, "/etc/passwd")
        content = buffer.getvalue()
    before = {path for path in tmp_path.rglob("*")}
    token, sent = begin(client, ("x.zip", content))
    assert sent.status_code == 200
    assert sent.json()["faults"][0]["code"] in ("G-IO-092", "G-IO-005")
    assert finished(client, client.post(f"/api/uploads/incoming/{token}/look", json={}))["result"]["kind"] == "nothing"
    client.delete(f"/api/uploads/incoming/{token}")
    assert {path for path in tmp_path.rglob("*") if path.is_file()} == {path for path in before if path.is_file()}


def test_a_bomb_is_stopped_while_it_unpacks(client, place, monkeypatch):
    import gazo.web.uploads as uploads

    real = uploads.arrived
    monkeypatch.setattr(uploads, "arrived", lambda incoming, paths: real(incoming, paths, limit_gb=0.002))
    bomb = archive([(f"{n}.png", b"\0" * 1_000_000) for n in range(50)])
    assert len(bomb) < 100_000
    token, sent = begin(client, ("x.zip", bomb))
    assert sent.json()["faults"][0]["code"] == "G-IO-094"
    kept = sum(path.stat().st_size for path in (place / "data").rglob("*") if path.is_file())
    assert kept < 100_000
    client.delete(f"/api/uploads/incoming/{token}")


@pytest.mark.parametrize("name", ["../../evil.png", "/etc/evil.png", "C:evil.png", "a/../../../evil.png", "a\\..\\..\\evil.png"])
def test_a_path_out_of_the_workspace_is_refused(client, place, tmp_path, name):
    token, sent = begin(client, (name, png(1)))
    assert (sent.status_code, sent.json()["code"]) == (404, "G-SET-051")
    assert not list(tmp_path.rglob("*evil*"))
    assert [path for path in (place / "data" / "incoming" / token).rglob("*") if path.is_file()] == []


def small(place, limit):
    return TestClient(create_app(place, upload_bytes=limit), base_url="http://127.0.0.1", raise_server_exceptions=False)


def kept(place):
    return [path for path in (place / "data").rglob("*") if path.is_file() and path.name != "received.json"]


def test_a_gigabyte_is_refused_by_what_it_says(place):
    with small(place, 1000) as client:
        token = client.post("/api/uploads/incoming").json()["token"]
        headers = {"content-length": str(1024**3), "content-type": "multipart/form-data; boundary=x"}
        answer = client.post(f"/api/uploads/incoming/{token}/files", content=b"--x", headers=headers)
        assert (answer.status_code, answer.json()["code"]) == (413, "G-WEB-013")
        assert kept(place) == []


def test_a_gigabyte_is_refused_by_what_it_sends(place):
    def endless():
        yield b'--x\r\ncontent-disposition: form-data; name="files"; filename="a.png"\r\n\r\n'
        for _ in range(100):
            yield b"\0" * 10_000

    with small(place, 200_000) as client:
        token = client.post("/api/uploads/incoming").json()["token"]
        headers = {"content-type": "multipart/form-data; boundary=x"}
        answer = client.post(f"/api/uploads/incoming/{token}/files", content=endless(), headers=headers)
        assert (answer.status_code, answer.json()["code"]) in ((413, "G-WEB-013"), (400, "G-WEB-013"))
        assert kept(place) == []


def test_a_broken_transfer_leaves_nothing(client, place):
    token = client.post("/api/uploads/incoming").json()["token"]
    headers = {"content-type": "multipart/form-data; boundary=x"}
    half = b'--x\r\ncontent-disposition: form-data; name="files"; filename="a.png"\r\n\r\n' + png(1)[:50]
    for content, kind in ((half, headers), (b"no parts", headers), (b"{}", {"content-type": "application/json"})):
        answer = client.post(f"/api/uploads/incoming/{token}/files", content=content, headers=kind)
        assert answer.json()["code"] == "G-SET-070", content
    assert kept(place) == []


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("a.png", b"MZ\x90\0" * 100),
        ("a.dcm", b"<html><script>alert(1)</script></html>" * 20),
        ("a.pt", b"\x80\x02cos\nsystem\n"),
        ("a.svg", b"<svg onload='x'/>"),
        ("a.nii.gz", b"\x1f\x8b" + b"x" * 50),
        ("a.npz", archive([("images.npy", b"\x93NUMPY\x01\0\x10\0{'descr': '|O'")])),
    ],
)
def test_files_of_a_wrong_kind_are_told(client, name, content):
    token, sent = begin(client, (name, content))
    assert sent.status_code == 200
    told = finished(client, client.post(f"/api/uploads/incoming/{token}/look", json={}))
    if told["state"] == "done":
        assert told["result"]["kind"] in ("nothing", "raw") or len(told["result"]["faults"]) == told["result"]["images"]
    else:
        assert told["error"]["ja"]
        assert not told["error"]["code"].startswith("G-SET-041")
    single = client.post("/api/uploads/files", files=[("files", (name, content))])
    assert single.status_code in (400, 404)
    assert single.json()["en"]


def test_folders_outside_the_roots_are_not_shown(client, tmp_path, monkeypatch):
    (tmp_path / "allowed" / "inner").mkdir(parents=True)
    (tmp_path / "secret").mkdir()
    (tmp_path / "allowed" / "way out").symlink_to(tmp_path / "secret")
    monkeypatch.setenv("GAZO_ROOTS", str(tmp_path / "allowed"))
    monkeypatch.setenv("HOME", str(tmp_path / "allowed"))
    roots = client.get("/api/uploads/places").json()
    assert str(tmp_path / "allowed") in roots["folders"]
    inside = client.get("/api/uploads/places", params={"at": str(tmp_path / "allowed")}).json()
    assert str(tmp_path / "allowed" / "inner") in inside["folders"]
    for bad in (
        str(tmp_path / "secret"),
        str(tmp_path / "allowed" / "way out"),
        str(tmp_path / "allowed" / ".." / "secret"),
        "/etc",
        "relative",
    ):
        answer = client.get("/api/uploads/places", params={"at": bad})
        assert answer.json()["code"] == "G-SET-056", bad
        assert client.post("/api/uploads/local", json={"path": bad}).json()["code"] == "G-SET-056"


def test_markup_comes_back_as_text(client):
    evil = "<img src=x onerror=alert(1)>"
    id = taken(
        client, ("1.png", png(1)), ("2.png", png(2)), ("t.csv", f'file,label,"{evil}"\n1.png,{evil},a\n2.png,b,b\n'.encode())
    )
    answer = client.get(f"/api/sets/{id}/rows")
    assert answer.headers["content-type"] == "application/json"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.json()["rows"][0]["cells"]["label"] == evil


@pytest.mark.slow
def test_the_web_process_does_not_import_torch(tmp_path):
    import subprocess
    import sys

    code = (
        "import sys; from pathlib import Path; from gazo.web.app import create_app; from starlette.testclient import TestClient\n"
        "from gazo.runs.workspace import workspace\n"
        f"c = TestClient(create_app(workspace({str(tmp_path)!r})), base_url='http://127.0.0.1')\n"
        "assert c.get('/api/sets').status_code == 200; assert c.get('/api/sets/samples').status_code == 200\n"
        "assert 'torch' not in sys.modules, 'torch'"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
