"""Laws about errors: one code, one place, both languages, the prefix of the room."""

import re
from collections import Counter

import pytest

from gazo.core import errors
from gazo.runs.error_sites import CLASSES, CODE, error_sites, sites_in

JAPANESE = re.compile(r"[\u3041-\u30ff\u3400-\u9fff]")
PREFIXES = {
    "OPT": {"core"},
    "IMG": {"core"},
    "DISK": {"core"},
    "ENV": {"core"},
    "DATA": {"core", "datasets"},
    "CAT": {"runs"},
    "CHK": {"runs"},
    "IO": {"io"},
    "PRC": {"process"},
    "QUA": {"quality"},
    "STAT": {"stats"},
    "SURV": {"stats", "radiomics"},
    "LONG": {"radiomics"},
    "ROC": {"stats"},
    "AGR": {"stats"},
    "MRMC": {"stats"},
    "NET": {"nets"},
    "TRAIN": {"training"},
    "AUG": {"training"},
    "WEI": {"training"},
    "LEARN": {"learn"},
    "UNC": {"learn"},
    "CAD": {"learn"},
    "DEN": {"learn"},
    "DET": {"learn"},
    "EST": {"learn", "stats"},
    "TEST": {"stats"},
    "SEG": {"learn", "nets"},
    "PHA": {"phantoms"},
    "RAD": {"radiomics"},
    "RUN": {"runs"},
    "FIG": {"runs"},
    "STU": {"runs"},
    "DSG": {"nets", "learn"},
    "CLI": {"cli"},
    "EXP": {"runs", "web", "cli"},
    "LSN": {"runs", "web"},
    "JOB": {"runs"},
    "PRL": {"runs"},
    "READ": {"runs", "web"},
    "ANN": {"runs", "web"},
    "SET": {"runs", "datasets", "web"},
    "LIV": {"runs", "web"},
    "VIW": {"quality", "web"},
    "WEB": {"web"},
}


@pytest.fixture(scope="module")
def sites():
    return error_sites()


def place(site):
    return f"{site.code or '?'} {site.file}:{site.line}"


def test_every_error_has_a_code_of_the_right_form(sites):
    assert [place(s) for s in sites if not CODE.fullmatch(s.code)] == []


def test_every_code_stands_at_one_place(sites):
    twice = [code for code, times in Counter(s.code for s in sites).items() if times > 1]
    assert [place(s) for s in sites if s.code in twice] == []


def test_every_error_speaks_both_languages(sites):
    assert [place(s) for s in sites if not JAPANESE.search(s.text.ja)] == []
    assert [place(s) for s in sites if not s.text.en or JAPANESE.search(re.sub(r"\{[^}]*\}|\([^)]*\)", "", s.text.en))] == []


def test_the_two_languages_fill_in_the_same_things(sites):
    """What is put into the sentence at run time is the same in both; a hole missing in one language hides a fact from its reader."""
    wrong = [place(s) for s in sites if _holes(s.text.ja) != _holes(s.text.en)]
    assert wrong == []


def test_the_prefix_belongs_to_the_room(sites):
    wrong = [place(s) for s in sites if s.room not in PREFIXES.get(s.code[2:-4], set())]
    assert wrong == []


def test_every_class_of_the_tree_is_used_and_drawn(sites):
    drawn = set(re.findall(r"── (\w+)", errors.__doc__))
    assert drawn == set(CLASSES) - {"GazoError"}
    assert {s.kind for s in sites} >= drawn


def test_the_search_for_errors_sees_each_slip():
    found = sites_in(
        'raise DataError(code, en=f"a {len(b)}", ja=words)\nreturn errors.FileError("G-IO-001", en="a", ja=f"い {b.ja}")',
        "io/x.py",
    )
    assert [(s.code, s.kind, tuple(s.text)) for s in found] == [
        ("", "DataError", ("", "a {len(b)}")),
        ("G-IO-001", "FileError", ("い {b}", "a")),
    ]


def _holes(text):
    """What stands in braces, without what names a language (what_ja, 'en') and the marks of a list."""
    return Counter(re.sub(r"_(?:ja|en)\b|'[^']*'", "", hole) for hole in re.findall(r"\{([^{}]*)\}", text))
