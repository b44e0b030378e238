"""Reader studies from every format of the field: what is read, what is written, and what a broken file is told."""

from dataclasses import replace

import numpy as np
import pytest

from gazo.core.errors import DataError, FileError
from gazo.io import read_reader_study, write_reader_study
from gazo.stats.delong import auc_value
from gazo.stats.reader_study import ReaderStudy

LONG = "reader,test,case,truth,rating\nA,CT,1,0,1\nA,CT,2,1,3\nA,MR,1,0,2\nA,MR,2,1,4.5\nB,CT,1,0,1\nB,CT,2,1,2\nB,MR,1,0,1\nB,MR,2,1,5\n"


def study(seed=0, tests=2, readers=3, cases=20):
    ratings = np.round(np.random.default_rng(seed).normal(50, 12, (tests, readers, cases)), 3)
    truth = np.arange(cases) >= cases // 2
    names = [tuple(str(n + 1) for n in range(size)) for size in (tests, readers, cases)]
    return ReaderStudy(*names, truth, np.arange(cases), ratings)


@pytest.fixture
def put(tmp_path):
    def write(text, name="study.txt", encoding="utf-8"):
        path = tmp_path / name
        path.write_bytes(text.encode(encoding))
        return path

    return write


def test_long_table(put):
    found = read_reader_study(put(LONG, "a.csv"))
    assert (found.tests, found.readers, found.cases) == (("CT", "MR"), ("A", "B"), ("1", "2"))
    assert found.truth.tolist() == [False, True]
    assert found.ratings.tolist() == [[[1, 3], [1, 2]], [[2, 4.5], [1, 5]]]
    assert found.complete


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932", "utf-16"])
def test_japanese_headings_words_and_full_width_numbers(put, encoding):
    text = "読影者,検査,症例,真値,評点,患者\n山田,CT,1,なし,１,p\n山田,CT,2,あり,３,p\n山田,CT,3,陰性,2,q\n"
    found = read_reader_study(put(text, "a.csv", encoding))
    assert found.readers == ("山田",)
    assert found.truth.tolist() == [False, True, False]
    assert found.ratings[0, 0].tolist() == [1, 3, 2]
    assert found.patients.tolist() == [0, 0, 1]


def test_missing_columns_of_test_and_reader_mean_one(put):
    found = read_reader_study(put("truth,rating\n0,1\n1,2\n0,3\n"))
    assert found.ratings.shape == (1, 1, 3)


def test_cases_that_were_not_read_are_gaps(put):
    found = read_reader_study(put(LONG.replace("B,CT,2,1,2\n", "B,CT,2,1,\n"), "a.csv"))
    assert np.isnan(found.ratings[0, 1, 1])
    assert not found.complete


def test_a_table_with_a_column_for_each_test(put):
    found = read_reader_study(put("id,patient,truth,AI,marker,sex\n1,p,0,.2,5,f\n2,q,1,.9,7,m\n3,r,1,.4,,f\n"))
    assert found.tests == ("id", "AI", "marker")
    assert found.ratings[1, 0].tolist() == [0.2, 0.9, 0.4]
    assert np.isnan(found.ratings[2, 0, 2])


def test_jlabroc(put):
    found = read_reader_study(put('Test\nKIT\n"High"\nCLL\n34\n33\n27\n*\n50 \n12\n*\n'))
    assert found.ratings.tolist() == [[[34, 33, 27, 50, 12]]]
    assert found.truth.tolist() == [False] * 3 + [True] * 2


@pytest.mark.parametrize(("star", "given"), [("*\n", None), ("* * * *\n", None), ("", 2)])
def test_jsrt_matrix(put, star, given):
    found = read_reader_study(put(f"1 2 3 4\n5 6 7 8\n{star}9 10 11 12\n"), negatives=given)
    assert found.truth.tolist() == [False, False, True]
    assert found.ratings[0].tolist() == [[1, 5, 9], [2, 6, 10]]  # S1R1, S1R2
    assert found.ratings[1].tolist() == [[3, 7, 11], [4, 8, 12]]


@pytest.mark.parametrize("star", ["* *", "*"])
def test_jsrt_reader_blocks(put, star):
    block = f'"High" "Low"\nL L\n34 36\n33 20\n{star}\n28 30\n39 32\n{star}\n'
    found = read_reader_study(put(f"STUDY:\nReader1\n{block}Reader 2\n{block.replace('34', '44')}"))
    assert (found.tests, found.readers) == (("High", "Low"), ("1", "2"))
    assert found.ratings[0].tolist() == [[34, 33, 28, 39], [44, 33, 28, 39]]
    assert found.truth.tolist() == [False, False, True, True]


def test_iowa_lrc_turns_a_scale_that_falls(put):
    text = (
        'title\nX\n  "CT A"  "MR"\n L S\n 1.0 5.0 normal one\n 2.0 4.0 case 2\n*\n 3.0 1.0 c\n*\nY\n 1 2\n 3 4\n*\n 5 6\n*\n#\n'
    )
    found = read_reader_study(put(text))
    assert (found.tests, found.readers) == (("CT A", "MR"), ("X", "Y"))
    assert found.ratings[0].tolist() == [[1, 2, 3], [1, 3, 5]]
    assert found.ratings[1].tolist() == [[-5, -4, -1], [-2, -4, -6]]


def test_imrmc(put):
    text = "front matter\nBEGIN DATA:\ntruth,n1,truth,0\ntruth,p1,truth,1\nR,n1,A,.5\nR,p1,A,1.5\nR,p1,B,2\n"
    found = read_reader_study(put(text))
    assert (found.tests, found.cases) == (("A", "B"), ("n1", "p1"))
    assert found.ratings[0].tolist() == [[0.5, 1.5]]
    assert np.isnan(found.ratings[1, 0, 0])


def workbook(path, sheets):
    import openpyxl

    book = openpyxl.Workbook()
    book.remove(book.active)
    for name, rows in sheets.items():
        page = book.create_sheet(name)
        for row in rows:
            page.append(row)
    book.save(path)
    return path


TRUTH = [["CaseID", "LesionID", "Weight"], [1, 0, 0], [2, 0, 0], [3, 1, 0.3], [3, 2, 0.7]]


def test_rjafroc_workbook_of_free_responses(tmp_path):
    path = workbook(
        tmp_path / "f.xlsx",
        {
            "Truth": TRUTH,
            "TP": [["ReaderID", "ModalityID", "CaseID", "LesionID", "TP_Rating"], [0, 1, 3, 2, 5]],
            "FP": [["ReaderID", "ModalityID", "CaseID", "FP_Rating"], [0, 1, 1, 2], [0, 1, 3, 6]],
        },
    )
    found = read_reader_study(path)
    assert found.free_response
    assert found.truth.tolist() == [False, False, True]
    assert found.ratings[0, 0].tolist() == [2, -np.inf, 6]
    assert sorted(zip(found.marks.case, found.marks.lesion, found.marks.rating, strict=True)) == [
        (0, -1, 2),
        (2, -1, 6),
        (2, 1, 5),
    ]
    assert found.lesions.weight.tolist() == [0.3, 0.7]


def test_rjafroc_workbook_of_plain_ratings(tmp_path):
    path = workbook(
        tmp_path / "r.xlsx",
        {
            "TRUTH": [["CaseID", "LesionID", "Weight"], [1, 0, 0], [2, 1, 1]],
            "TP": [["ReaderID", "ModalityID", "CaseID", "LesionID", "TP_Rating"], [0, "CT", 2, 1, 5]],
            "FP": [["ReaderID", "ModalityID", "CaseID", "FP_Rating"], [0, "CT", 1, 2]],
        },
    )
    found = read_reader_study(path)
    assert not found.free_response
    assert found.ratings.tolist() == [[[2, 5]]]


def test_a_mark_on_a_case_that_the_workbook_does_not_list(tmp_path):
    sheets = {
        "Truth": TRUTH,
        "TP": [["ReaderID", "ModalityID", "CaseID", "LesionID", "TP_Rating"], [0, 1, 3, 2, 5]],
        "FP": [["ReaderID", "ModalityID", "CaseID", "FP_Rating"], [0, 1, 77, 2]],
    }
    with pytest.raises(DataError, match=r"G-IO-164.*row 2.*'77'"):
        read_reader_study(workbook(tmp_path / "f.xlsx", sheets))


def test_long_table_in_excel(tmp_path):
    path = workbook(tmp_path / "l.xlsx", {"data": [row.split(",") for row in LONG.strip().split("\n")]})
    assert read_reader_study(path).ratings.shape == (2, 2, 2)


LESIONS = "case,lesion,weight,x,y,radius\n2,1,0,10,10,5\n2,2,0,14,10,5\n"


def test_marks_that_name_their_lesion(put):
    put("case,lesion,weight\n3,1,0\n3,2,0\n", "s_lesions.csv")
    marks = "treatment,reader,case,mark,lesion,rating\n1,1,1,NL,0,2\n1,1,3,LL,2,5\n1,1,3,LL,2,4\n1,1,3,NL,0,6\n"
    found = read_reader_study(put(marks, "s_marks.csv"))
    assert found.cases == ("1", "2", "3")  # the case without mark or lesion is there
    assert found.ratings[0, 0].tolist() == [2, -np.inf, 6]
    assert sorted(found.marks.rating.tolist()) == [2, 5, 6]  # of two marks on one lesion the better
    assert found.lesions.weight.tolist() == [0.5, 0.5]


def matched(put, marks, **options):
    put(LESIONS, "c_lesions.csv")
    put("case\n1\n2\n3\n", "c_cases.csv")
    found = read_reader_study(put("reader,case,x,y,rating\n" + marks, "c_marks.csv"), **options)
    return sorted(zip(found.marks.rating.tolist(), found.marks.lesion.tolist(), strict=True))


def test_the_best_mark_takes_the_nearest_lesion(put):
    assert matched(put, "A,2,11,10,3\nA,2,13,10,5\nA,2,40,40,9\nA,1,10,10,1\n") == [(1, -1), (3, 0), (5, 1), (9, -1)]


def test_a_mark_beside_a_taken_lesion_takes_the_free_one(put):
    assert matched(put, "A,2,13,10,5\nA,2,12.5,10,4\n") == [(4, 0), (5, 1)]


def test_further_marks_on_taken_lesions(put):
    marks = "A,2,13,10,5\nA,2,12,10,4\nA,2,12,11,3\n"
    assert matched(put, marks) == [(4, 0), (5, 1)]
    assert matched(put, marks, extra="false") == [(3, -1), (4, 0), (5, 1)]


def test_the_radius_may_be_given(put):
    assert matched(put, "A,2,13,10,5\n", radius=0.5) == [(5, -1)]


@pytest.mark.parametrize(("iou", "lesion"), [(0.3, 0), (0.35, -1)])
def test_boxes_hit_by_their_overlap(put, iou, lesion):
    """Two boxes of 10 x 10, one shifted by 5: overlap 50 / 150."""
    put("case,x,y,width,height\n2,0,0,10,10\n", "b_lesions.csv")
    found = read_reader_study(put("case,x,y,width,height,rating\n2,5,0,10,10,3\n1,0,0,5,5,1\n", "b_marks.csv"), iou=iou)
    assert found.marks.lesion[0] == lesion


def test_marks_of_lroc_have_one_place_a_case(put):
    put("case,lesion,weight\n2,1,0\n3,1,0\n", "l_lesions.csv")
    rows = "1,NL,0,28\n2,LL,1,70\n2,LL_IL,0,0\n3,LL,1,0\n3,LL_IL,0,29\n"
    found = read_reader_study(put("case,mark,lesion,rating\n" + rows, "l_marks.csv"))
    assert sorted(zip(found.marks.rating, found.marks.lesion, strict=True)) == [(28, -1), (29, -1), (70, 0)]


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_long_tables_come_back(tmp_path, name):
    ratings = study().ratings.copy()
    ratings[0, 1, 3] = np.nan
    before = replace(study(), ratings=ratings, patients=np.arange(20) // 2)
    write_reader_study(before, tmp_path / name)
    same(before, read_reader_study(tmp_path / name))


def test_matrices_come_back(tmp_path):
    write_reader_study(study(), tmp_path / "a.txt", format="jsrt")
    same(study(), read_reader_study(tmp_path / "a.txt"))


def test_jlabroc_comes_back(tmp_path):
    write_reader_study(study(), tmp_path / "a.txt", format="jlabroc", test=1, reader=2)
    found = read_reader_study(tmp_path / "a.txt")
    assert found.ratings[0, 0].tolist() == study().ratings[1, 2].tolist()
    assert found.truth.tolist() == study().truth.tolist()


def test_a_matrix_needs_two_tests(tmp_path):
    with pytest.raises(DataError, match="two tests"):
        write_reader_study(study(tests=1), tmp_path / "a.txt", format="jsrt")


def same(before, after):
    assert (after.tests, after.readers, after.cases) == (before.tests, before.readers, before.cases)
    assert after.truth.tolist() == before.truth.tolist()
    assert after.patients.tolist() == before.patients.tolist()
    np.testing.assert_array_equal(after.ratings, before.ratings)


BROKEN = {  # text, name, what the message must hold
    "no number": (LONG.replace("4.5", "high"), "a.csv", "G-IO-140", ["row 5", "'rating'", "high"]),
    "truth": (LONG.replace("A,CT,2,1", "A,CT,2,maybe"), "a.csv", "G-IO-141", ["row 3", "'truth'", "maybe"]),
    "no rating at all": ("truth,rating\n0,\n1,\n", "a.csv", "G-IO-142", []),
    "two truths": (LONG.replace("B,CT,2,1", "B,CT,2,0"), "a.csv", "G-IO-143", ["row 7", "'2'"]),
    "two patients": ("case,truth,rating,patient,test\n1,0,1,p,a\n2,1,2,q,a\n1,0,1,r,b\n", "a.csv", "G-IO-144", ["row 4", "'r'"]),
    "twice": (LONG + "A,CT,1,0,1\n", "a.csv", "G-IO-145", ["row 10", "row 2"]),
    "no truth": (LONG.replace(",0,", ",,"), "a.csv", "G-IO-146", ["'1'"]),
    "all negative": ("truth,rating\n0,1\n0,2\n", "a.csv", "G-IO-147", ["0 of 2"]),
    "no column of truth": ("reader,case,rating\nA,1,2\nA,2,3\n", "a.csv", "G-IO-148", ["'truth'", "reader, case, rating"]),
    "empty reader": (LONG.replace("B,MR,1", ",MR,1"), "a.csv", "G-IO-149", ["row 8", "'reader'"]),
    "no second part": ('T KIT "H" CLL 1 2 3 4 *\n', "a.txt", "G-IO-150", ["1 star"]),
    "matrix without star": ("1 2\n3 4\n5 6\n", "a.txt", "G-IO-151", ["3 cases", "negatives="]),
    "short row": ("1 2\n3 4\n*\n5 6 7\n", "a.txt", "G-IO-154", ["row 4", "2 ratings"]),
    "imrmc row": ("BEGIN DATA:\ntruth,1,truth,0\nR,1,A\n", "a.txt", "G-IO-152", ["row 3", "R,1,A"]),
    "block without stars": (
        'Reader1\n"A" "B"\nL L\n1 2\n* *\n3 4\n* *\nReader2\n"A" "B"\nL L\n1 2\n',
        "a.txt",
        "G-IO-153",
        ["'2'"],
    ),
    "letters in a block": ('Reader1\n"A" "B"\nL L\n1 x\n* *\n3 4\n* *\n', "a.txt", "G-IO-140", ["row 4", "column 2", "'x'"]),
    "letters in a matrix": ("1 2 3 4\n1 2 y 3\n*\n3 4 5 6\n", "a.txt", "G-IO-140", ["row 2", "column 3", "'y'"]),
    "lrc cut short": ('title\n0\n"A" "B"\nL L\n1 2\n2 2\n', "a.lrc", "G-IO-153", ["'0'", "line of stars"]),
    "marks alone": ("case,mark,lesion,rating\n1,NL,0,1\n", "z_marks.csv", "G-IO-160", ["z_lesions.csv"]),
    "another table": ("name,size\na,1\nb,2\n", "a.csv", "G-IO-161", ["name, size", "truth"]),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_broken_file_is_told_where_and_what_to_do(put, name):
    text, file, code, said = BROKEN[name]
    with pytest.raises(DataError) as caught:
        read_reader_study(put(text, file))
    assert caught.value.code == code
    assert all(word in str(caught.value) for word in said)


@pytest.mark.parametrize(
    ("lesions", "marks", "code"),
    [
        ("case,lesion\n2,1\n", "case,mark,lesion,rating\n1,NL,0,1\n2,LL,3,4\n", "G-IO-157"),
        ("case,lesion\n2,1\n", "case,x,y,rating\n2,1,1,4\n1,2,2,1\n", "G-IO-155"),
        ("case,x,y\n2,1,1\n", "case,x,y,rating\n2,1,1,4\n1,2,2,1\n", "G-IO-156"),
        ("case,lesion\n2,1\n2,1\n", "case,mark,lesion,rating\n1,NL,0,1\n2,LL,1,4\n", "G-IO-163"),
        ("number,x,y\n2,1,1\n", "case,x,y,rating\n2,1,1,4\n1,2,2,1\n", "G-IO-159"),
    ],
)
def test_broken_marks(put, lesions, marks, code):
    put(lesions, "m_lesions.csv")
    with pytest.raises(DataError) as caught:
        read_reader_study(put(marks, "m_marks.csv"))
    assert caught.value.code == code


def test_a_list_of_cases_that_contradicts_the_lesions(put):
    put("case,lesion\n2,1\n", "n_lesions.csv")
    put("case,truth\n1,0\n2,0\n", "n_cases.csv")
    with pytest.raises(DataError) as caught:
        read_reader_study(put("case,mark,lesion,rating\n1,NL,0,1\n", "n_marks.csv"))
    assert caught.value.code == "G-IO-158"


def test_bytes_that_are_no_text(tmp_path):
    path = tmp_path / "a.csv"
    path.write_bytes(bytes(range(128, 256)) * 4)
    with pytest.raises(FileError):
        read_reader_study(path)


@pytest.mark.parametrize(
    ("name", "shape", "area"),
    [
        ("mrmc/VanDyke.csv", (2, 5, 114), 0.91964573),
        ("mrmc/Kundel.csv", (3, 4, 190), None),
        ("mrmc/iMRMC_example.imrmc", (2, 5, 80), None),
        ("proproc/VD.lrc", (2, 5, 114), 0.91964573),
        ("proproc/TONY.lrc", (2, 5, 185), None),
        ("froc/dataset02_VANDYKE_ROC_marks.csv", (2, 5, 114), 0.91964573),
        ("froc/dataset04_FEDERICA_marks.csv", (5, 4, 200), 0.90425),
        ("froc/datasetCadLroc_marks.csv", (1, 10, 200), 0.816927083333),
    ],
)
def test_reference_files(shared, name, shape, area):
    path = shared / "reference" / "roc" / name
    if not path.is_file():
        pytest.skip(f"needs {path}")
    found = read_reader_study(path)
    assert found.ratings.shape == shape
    if area is not None:
        assert auc_value(found.truth, found.ratings[0, 0]) == pytest.approx(area, abs=1e-8)


def test_the_matrix_of_the_old_program(shared):
    path = shared / "reference" / "roc" / "jlabroc" / "mrmc_R5_TestSample2.txt"
    if not path.is_file():
        pytest.skip(f"needs {path}")
    assert read_reader_study(path, negatives=50).ratings.shape == (2, 5, 100)
