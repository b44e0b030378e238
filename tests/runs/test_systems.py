import dataclasses
import json
import re

from gazo.core.registry import entries
from gazo.runs.systems import checklist, systems

SIZES = {"C": 10, "D": 15, "K": 7, "E": 6, "G": 6, "W": 10, "P": 7, "M": 8, "S": 4, "N": 8, "B": 9}
JAPANESE = re.compile(r"[ぁ-んァ-ヶ一-龠]")
NAMES_OF_METHODS = {"FISTA"}


def test_every_row_of_the_checklist_is_there_once_and_in_order():
    expected = [f"{chapter}{number}" for chapter, rows in SIZES.items() for number in range(1, rows + 1)]
    assert [system.id for system in systems()] == expected


def test_names_are_in_the_language_they_say():
    for system in systems():
        assert system.name_en.isascii(), system
        assert JAPANESE.search(system.name_ja) or system.name_ja in NAMES_OF_METHODS, system
    names = [name for system in systems() for name in (system.name_ja, system.name_en) if name not in NAMES_OF_METHODS]
    assert len(set(names)) == len(names)


def test_rows_show_what_is_tagged_and_proved():
    tagged = {(id, e.dotted) for e in entries() for id in e.booklet if e.kind != "proof"}
    assert {(s.id, dotted) for s in systems() for dotted in s.provides} == tagged
    assert {s.id: s.proof for s in systems() if s.proof} == {e.name: e.dotted for e in entries("proof")}


def test_tags_of_the_catalog_are_rows_of_the_checklist():
    systems()
    assert {id for e in entries() for id in e.booklet} <= set(checklist())


def test_rows_can_be_written_as_json():
    first = json.loads(json.dumps([dataclasses.asdict(s) for s in systems()]))[0]
    assert set(first) == {"id", "name_ja", "name_en", "room", "provides", "proof"}
