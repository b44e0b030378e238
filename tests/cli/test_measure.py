"""`gazo measure`: a run from any measurement; its inputs by content, its report, its repetition, its comparison."""

import csv
import json

import numpy as np
import openpyxl
import pytest
from scipy.ndimage import gaussian_filter

import gazo
from gazo.cli.main import main
from gazo.core import Image
from gazo.io import write_table
from gazo.io.workbook import write_workbook
from gazo.quality import dqe, mtf_edge, nps_iec, snr
from gazo.runs.measurement_sections import sheets
from gazo.runs.ownership import read_status
from gazo.runs.start import read_result
from gazo.runs.worker import work

SECRET = ("YAMADA^TARO", "ID-4711-SECRET", "SECRET HOSPITAL")


@pytest.fixture(scope="module")
def images(tmp_path_factory):
    """Edges turned by 2 and 3 degrees (two shots each), flats, and a flat without spacing, 0.15 mm."""
    folder = tmp_path_factory.mktemp("画像 山田")
    rng = np.random.default_rng(0)
    row, column = np.mgrid[:1024, :1024]
    for name, degrees, shots in (("two", 2, 2), ("three", 3, 2)):
        edge = (column - 512 - (row - 512) * np.tan(np.radians(degrees)) > 0).astype(float)
        edge = gaussian_filter(edge.reshape(256, 4, 256, 4).mean((1, 3)), 0.6)
        for shot in range(shots):
            write(folder / f"{name}{shot}.tif", 200 + 1000 * edge + rng.normal(0, 4, edge.shape))
    (folder / "flats").mkdir()
    for number in range(6):
        write(folder / "flats" / f"{number}.tif", rng.normal(1000, 20, (256, 256)))
    gazo.write(Image(rng.integers(0, 200, (64, 64), dtype=np.uint8)), folder / "plain.png")
    return folder


def write(path, pixels):
    gazo.write(Image(pixels.astype("float32"), spacing_mm=(0.15, 0.15), meaning="linear exposure"), path)


@pytest.fixture
def place(tmp_path, monkeypatch):
    """A workspace; the work of a run is done in this process, and no report is written, which takes most of the time."""
    monkeypatch.setattr("gazo.runs.worker.write_outputs", lambda *_: None)
    return settled(tmp_path, monkeypatch)


@pytest.fixture
def reported(tmp_path, monkeypatch):
    """The same with reports."""
    return settled(tmp_path, monkeypatch)


def settled(tmp_path, monkeypatch):
    monkeypatch.setenv("GAZO_HOME", str(tmp_path / "workspace"))
    for module in ("cli.finish", "runs.rerun"):
        monkeypatch.setattr(f"gazo.{module}.run", in_this_process)
    return tmp_path / "workspace"


def in_this_process(folder, on_event):
    work(folder)
    return read_status(folder)


def run_of(place, name):
    (folder,) = (place / "runs").glob(f"*-{name}-????")
    return folder


def test_a_run_holds_the_result_of_python_and_everything_a_paper_needs(images, reported, capsys):
    place = reported
    edges = [str(images / "two0.tif"), str(images / "two1.tif")]
    assert main(["measure", "mtf-edge", *edges, "--name", "mtf", "--json"]) == 0
    told = json.loads(capsys.readouterr().out)
    folder = run_of(place, "mtf")
    found, wanted = read_result(folder), mtf_edge([gazo.read(edge) for edge in edges])
    np.testing.assert_array_equal(found.curve.y, wanted.curve.y)
    assert found.mtf50 == wanted.mtf50
    assert told["values"]["mtf50"]["value"] == wanted.mtf50.value
    page = (folder / "report.html").read_text("utf-8")
    assert wanted.sentence.en in page.replace("&#39;", "'")
    assert "frequency of 50 % MTF" in page
    assert page.count("data:image/") >= 3
    with open(folder / "tables" / "curve.csv", encoding="utf-8-sig", newline="") as file:
        rows = list(csv.reader(file))
    assert rows[0][1] == "MTF"
    np.testing.assert_array_equal([float(row[1]) for row in rows[1:]], wanted.curve.y)
    book = openpyxl.load_workbook(folder / "tables" / "all.xlsx")
    assert {"values", "curve", "methods"} <= set(book.sheetnames)
    assert len(book["curve"]._charts) == 1
    assert book["curve"]["B2"].value == wanted.curve.y[0]
    assert book["methods"]["A2"].value == wanted.sentence.en
    assert {f.name for f in (folder / "figures").iterdir()} >= {"curve.svg", "curve.png", "shown.png"}
    for file in folder.rglob("*"):
        if file.is_file():
            content = file.read_bytes().decode("utf-8", "ignore")
            assert "山田" not in content, file.name
            assert "two0" not in content, file.name
            assert str(images) not in content, file.name


def test_the_recipe_names_no_place_and_is_run_again_elsewhere(images, place, tmp_path, capsys, monkeypatch):
    assert main(["measure", "snr", str(images / "two0.tif"), "--name", "snr"]) == 0
    folder = run_of(place, "snr")
    recipe = json.loads((folder / "recipe.json").read_text("utf-8"))
    assert recipe["task"] == ["quality", "snr"]
    assert recipe["rows"] == 1
    assert main(["rerun", folder.name]) == 0
    (tmp_path / "sent.json").write_text(json.dumps(recipe))
    monkeypatch.setenv("GAZO_HOME", str(tmp_path / "colleague"))
    assert main(["run", str(tmp_path / "sent.json")]) == 1
    assert "G-RUN-006" in capsys.readouterr().err
    assert main(["run", str(tmp_path / "sent.json"), "--data", str(images / "flats")]) == 1
    assert "G-RUN-036" in capsys.readouterr().err
    assert main(["run", str(tmp_path / "sent.json"), "--data", str(images)]) == 0
    (again,) = (tmp_path / "colleague" / "runs").iterdir()
    assert (again / "results.json").read_bytes() == (folder / "results.json").read_bytes()


def test_changed_images_are_refused(images, place, tmp_path, capsys):
    copy = tmp_path / "copy.tif"
    copy.write_bytes((images / "two0.tif").read_bytes())
    assert main(["measure", "snr", str(copy), "--name", "snr"]) == 0
    copy.write_bytes((images / "two1.tif").read_bytes())
    assert main(["rerun", run_of(place, "snr").name]) == 1
    assert "G-RUN-035" in capsys.readouterr().err


def test_results_of_runs_and_of_other_programs_are_inputs(images, place, tmp_path, capsys):
    assert main(["measure", "mtf-edge", str(images / "two0.tif"), "--name", "mtf"]) == 0
    assert (
        main(
            [
                "measure",
                "nps-iec",
                str(images / "flats"),
                "--normalize",
                "relative",
                "--roi-px",
                "64",
                "--overlap-px",
                "32",
                "--name",
                "nps",
            ]
        )
        == 0
    )
    mtf, nps = (run_of(place, name) for name in ("mtf", "nps"))
    write_table(read_result(mtf).curve.table(), tmp_path / "mtf.csv")
    write_workbook(sheets(read_result(mtf)), tmp_path / "all.xlsx")
    words = ["measure", "dqe", "--nnps", f"run:{nps.name}/curve_u", "--kerma-ugy", "2.5"]
    assert main([*words, "--mtf", f"run:{mtf.name}/curve", "--name", "fromrun"]) == 0
    assert main([*words, "--mtf", str(tmp_path / "mtf.csv"), "--name", "fromcsv"]) == 0
    assert main([*words, "--mtf", str(tmp_path / "all.xlsx"), "--name", "fromexcel"]) == 1
    assert "G-RUN-027" in capsys.readouterr().err  # its first sheet holds the values
    wanted = dqe(
        mtf_edge([gazo.read(images / "two0.tif")]).curve,
        nps_iec(
            [gazo.read(p) for p in sorted((images / "flats").iterdir())], normalize="relative", roi_px=64, overlap_px=32
        ).curve_u,
        kerma_ugy=2.5,
    )
    for name in ("fromrun", "fromcsv"):
        found = read_result(run_of(place, name)).curve
        np.testing.assert_array_equal(found.y, wanted.curve.y)
        np.testing.assert_array_equal(found.low, wanted.curve.low)
    recipe = json.loads((run_of(place, "fromrun") / "recipe.json").read_text("utf-8"))
    assert recipe["inputs"]["mtf"]["from"] == f"run:{mtf.name}/curve"
    assert recipe["data"] == ""
    assert main(["rerun", run_of(place, "fromcsv").name]) == 0
    assert main([*words, "--mtf", f"run:{mtf.name}/curvy"]) == 1
    assert "Did you mean 'curve'?" in capsys.readouterr().err
    assert main(["measure", "nnps", "--spectrum", f"run:{mtf.name}"]) == 1
    assert "G-RUN-026" in capsys.readouterr().err


def test_comparison_lays_curves_over_each_other_with_their_difference(images, place, tmp_path, capsys):
    for name in ("two", "three"):
        assert main(["measure", "mtf-edge", str(images / f"{name}0.tif"), str(images / f"{name}1.tif"), "--name", name]) == 0
    two, three = run_of(place, "two").name, run_of(place, "three").name
    capsys.readouterr()
    assert main(["compare", two, three, "--json"]) == 0
    found = json.loads(capsys.readouterr().out)
    curves = {c["name"]: c for c in found["compared"]}
    assert len(curves["curve"]["curves"]) == 2
    first, second = (read_result(run_of(place, name)) for name in ("two", "three"))
    apart = curves["curve"]["differences"][0]["y"]["$array"]
    count = min(len(first.curve.y), len(second.curve.y)) // 2
    np.testing.assert_allclose(
        apart[:count], (second.curve.y - first.curve.y)[:count], atol=2e-3
    )  # their frequencies differ by cos(angle)
    row = next(row for row in found["values"]["rows"] if row[0]["$text"][1] == "frequency of 50 % MTF")
    value, low, high = row[-3:]
    assert value == pytest.approx(second.mtf50.value - first.mtf50.value)
    assert value - low == pytest.approx(np.hypot(second.mtf50.value - second.mtf50.low, first.mtf50.high - first.mtf50.value))
    assert high - value == pytest.approx(np.hypot(second.mtf50.high - second.mtf50.value, first.mtf50.value - first.mtf50.low))
    assert main(["measure", "snr", str(images / "two0.tif"), "--name", "snr"]) == 0
    assert main(["compare", two, run_of(place, "snr").name]) == 1
    assert "G-RUN-040" in capsys.readouterr().err


@pytest.fixture
def presented(tmp_path):
    """A radiograph FOR PRESENTATION with a planted name."""
    import pydicom

    pixels = np.random.default_rng(0).integers(900, 1100, (64, 64), dtype=np.uint16)
    gazo.write(Image(pixels, spacing_mm=(0.2, 0.2), modality="DX"), tmp_path / "p.dcm")
    one = pydicom.dcmread(tmp_path / "p.dcm")
    one.PatientName, one.PatientID, one.InstitutionName = SECRET
    one.save_as(tmp_path / "p.dcm")
    return tmp_path / "p.dcm"


def test_images_for_presentation_are_refused_unless_accepted(presented, place, capsys):
    assert main(["measure", "snr", str(presented)]) == 1
    assert "G-RUN-021" in capsys.readouterr().err
    assert list((place / "runs").iterdir()) == []
    assert main(["measure", "snr", str(presented), "--accept-presentation", "--name", "snr"]) == 0
    folder = run_of(place, "snr")
    assert "FOR PRESENTATION" in str(read_result(folder).warnings[0])
    assert main(["rerun", folder.name]) == 0
    for file in folder.rglob("*"):
        if file.is_file():
            assert not any(word.encode() in file.read_bytes() for word in SECRET), file.name


def test_a_failed_measurement_leaves_nothing(images, place, capsys):
    assert main(["measure", "mtf-edge", str(images / "plain.png"), "--language", "ja"]) == 1
    err = capsys.readouterr().err
    assert "画素間隔" in err
    assert "Traceback" not in err
    assert "--resume" not in err
    assert list((place / "runs").iterdir()) == []
    assert main(["measure", "snr", str(images / "plain.png"), "--spacing-mm", "0.2"]) == 0


def test_raw_files_and_a_mask(place, tmp_path):
    pixels = np.random.default_rng(0).integers(900, 1100, (40, 50)).astype(">u2")
    (tmp_path / "a.raw").write_bytes(b"head" + pixels.tobytes())
    mask = np.zeros((40, 50), np.uint8)
    mask[10:30, 10:40] = 255
    gazo.write(Image(mask, meaning="mask"), tmp_path / "mask.png")
    words = ["measure", "snr", str(tmp_path / "a.raw"), "--raw", "40x50:uint16:big:header=4:spacing=0.2", "--name", "raw"]
    assert main(words) == 0
    image = Image(pixels.astype(np.uint16), spacing_mm=(0.2, 0.2))
    assert read_result(run_of(place, "raw")).ratio == snr(image).ratio
    assert main([*words[:-1], "masked", "--mask", str(tmp_path / "mask.png")]) == 0
    wanted = snr(image, mask=Image(mask, meaning="mask"))
    assert read_result(run_of(place, "masked")).ratio == wanted.ratio


def test_the_table_that_names_the_images_is_the_session(images, place, tmp_path, capsys):
    """`gazo measure detector SESSION.csv`: columns besides the file names go to the operation, the names do not."""
    rows = [("flats/0.tif", "flat", 1.0), ("flats/1.tif", "flat", 1.0)]
    with open(images / "session.csv", "w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("file", "role", "kerma_ugy"), *rows])
    from gazo.runs.image_files import files_at

    found = files_at([images / "session.csv"])
    assert [name.split("/")[-1] for name in found.names] == ["0.tif", "1.tif"]
    assert [h.en for h in found.table.headings] == ["role", "kerma_ugy"]
    assert found.table.rows == (("flat", 1.0), ("flat", 1.0))


@pytest.mark.slow
def test_a_page_of_a_comparison(images, place, tmp_path, capsys):
    for name in ("two", "three"):
        assert main(["measure", "mtf-edge", str(images / f"{name}0.tif"), "--name", name]) == 0
    runs = [run_of(place, name).name for name in ("two", "three")]
    assert main(["compare", *runs, "--out", str(tmp_path / "page.html"), "--language", "ja"]) == 0
    page = (tmp_path / "page.html").read_text("utf-8")
    assert page.count("data:image/svg") >= 4
    assert "測定値の比較" in page


@pytest.mark.slow
def test_through_a_process_of_its_own(images, tmp_path, monkeypatch, capsys):
    monkeypatch.setenv("GAZO_HOME", str(tmp_path / "workspace"))
    assert main(["measure", "snr", str(images / "two0.tif"), "--name", "own"]) == 0
    assert "report.html" in capsys.readouterr().out
    assert main(["rerun", run_of(tmp_path / "workspace", "own").name]) == 0


def test_grid_factors_and_drls_by_their_commands(place, capsys):
    """Their options are called `version` and have results without images; both once failed."""
    assert main(["measure", "grid-factors", "--scatter-to-primary", "2", "--json"]) == 0
    total = (0.70 + 0.16 * 2) / 3
    values = json.loads(capsys.readouterr().out)["values"]
    assert values["contrast_improvement"]["value"] == pytest.approx(0.70 / total)
    assert main(["measure", "drl-compare", "--version", "japan-2015"]) == 1
    assert "G-RUN-038" in capsys.readouterr().err
    with pytest.raises(SystemExit):
        main(["measure", "drl-compare", "--help"])
    assert "--processes" not in capsys.readouterr().out


def test_a_range_is_not_called_a_confidence_interval():
    from gazo.core.language import Text
    from gazo.core.results import Estimate
    from gazo.runs.sections import interval

    kerma = Estimate(Text("線量", "kerma"), 2.0, 1.5, 2.5, method="range when the region is shrunk by up to 10 %")
    assert "CI" not in interval(kerma)
    assert "1.500–2.500" in interval(kerma)


@pytest.mark.parametrize(
    ("phantom", "beside"), [("scatter-phantom", ("primary.tif", "details.png")), ("raw-panel", ("gain.tif", "defects.png"))]
)
def test_a_phantom_with_maps_writes_all_of_them_into_a_new_folder(tmp_path, capsys, phantom, beside):
    target = tmp_path / "new" / "deep" / "one.tif"
    assert main(["phantom", phantom, str(target), "--size-px", "64"]) == 0
    assert target.exists()
    assert all((target.parent / f"one-{name}").exists() for name in beside)
