import subprocess
import sys
from typing import Annotated

import pytest

from gazo.core.image import Image
from gazo.core.operations import operation
from gazo.core.parameters import Ge, Label, Le, parameters_of
from gazo.core.registry import entries
from gazo.runs.catalog import catalog, options_of
from gazo.runs.inputs import inputs_of, is_folder


@pytest.fixture
def told(client):
    answer = client.get("/api/catalog")
    assert answer.status_code == 200
    return {(e["kind"], e["room"], e["name"]): e for e in answer.json()["entries"]}


def test_everything_registered_is_told(told):
    registered = {e.key for e in catalog() if e.kind in ("operation", "method")}
    assert set(told) == registered
    assert len(registered) > 80


def test_texts_come_in_both_languages(told):
    for entry in told.values():
        texts = [entry["label"], entry["group"]["label"]]
        texts += [t for o in entry["options"] for t in (o["label"], o["must"])] + [i["label"] for i in entry["inputs"]]
        assert all(set(text) == {"ja", "en"} and text["ja"] and text["en"] for text in texts), entry["name"]


def test_options_say_what_the_signature_says(told):
    for entry in catalog():
        if entry.key not in told:
            continue
        options = {o["name"]: o for o in told[entry.key]["options"]}
        assert list(options) == [p.name for p in options_of(entry)]
        for parameter in options_of(entry):
            option = options[parameter.name]
            assert option["required"] == parameter.required
            assert option["many"] == parameter.many
            assert option["choices"] == list(parameter.choices)
            if not parameter.many:
                assert option["limits"] == parameter.limits
            if not parameter.required:
                default = parameter.default
                assert option["default"] == (list(default) if isinstance(default, tuple) else default)


def test_a_default_is_a_value_the_form_allows(told):
    """What the form shows at first must pass its own check, or every form would begin with an error."""
    for entry in told.values():
        for option in entry["options"]:
            value = option["default"]
            if option["required"] or value is None:
                continue
            for one in value if option["many"] else [value]:
                if option["choices"]:
                    assert one in option["choices"]
                limits = option["limits"]
                assert "gt" not in limits or one > limits["gt"]
                assert "ge" not in limits or one >= limits["ge"]
                assert "lt" not in limits or one < limits["lt"]
                assert "le" not in limits or one <= limits["le"]


def test_a_default_of_none_may_be_left_empty(told):
    for entry in told.values():
        for option in entry["options"]:
            if not option["required"] and option["default"] is None:
                assert option["nullable"], (entry["name"], option["name"])


def test_inputs_are_those_of_the_signature(told):
    for entry in entries("operation"):
        wanted = [(i.name, i.is_image, i.many, i.required) for i in inputs_of(entry) if not is_folder(i)]
        assert [(i["name"], i["image"], i["many"], i["required"]) for i in told[entry.key]["inputs"]] == wanted


def test_a_list_tells_the_limits_of_its_items(told):
    gains = next(o for o in told["operation", "process", "multi-frequency-processing"]["options"] if o["name"] == "gains")
    assert (gains["type"], gains["many"], gains["limits"]) == ("float", True, {"ge": 0, "le": 10})
    assert gains["must"]["ja"] == "0 以上、10 以下の数 (コンマ区切り)"


def test_what_is_registered_later_appears(client, kept):
    before = client.get("/api/catalog").json()

    @operation("試験用の反転", "Flip for a test")
    def flip_for_a_test(image: Image, *, share: Annotated[float, Ge(0), Le(1), Label("割合", "Share")] = 1.0) -> Image:
        """Turn the image upside down."""
        return image.with_pixels(image.pixels[::-1])

    added = [e for e in client.get("/api/catalog").json()["entries"] if e["name"] == "flip-for-a-test"]
    assert len(added) == 1
    assert added[0] not in before["entries"]
    assert [o["name"] for o in added[0]["options"]] == [p.name for p in parameters_of(flip_for_a_test)]


@pytest.mark.slow
def test_the_catalog_needs_no_torch():
    code = "import sys; from gazo.web.routes.catalog import whole_catalog; whole_catalog(); sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
