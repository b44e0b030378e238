import pickle
import threading

import pytest

from gazo.core import errors
from gazo.core.errors import DataError, GazoError, nearest
from gazo.core.language import Text, language, speaking

VARIABLES = ("GAZO_LANG", "LC_ALL", "LC_MESSAGES", "LANG")


@pytest.fixture
def clean(monkeypatch):
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.parametrize("name", VARIABLES)
def test_the_environment_chooses_the_language(clean, name):
    assert language() == "en"
    clean.setenv(name, "ja_JP.UTF-8")
    assert language() == "ja"
    clean.setenv(name, "C.UTF-8")
    assert language() == "en"


def test_the_first_variable_that_says_something_wins(clean):
    clean.setenv("LANG", "ja_JP.UTF-8")
    clean.setenv("LC_ALL", "")
    assert language() == "ja"
    clean.setenv("GAZO_LANG", "en")
    assert language() == "en"


def test_a_block_speaks_its_language_and_then_the_old_one_returns(clean):
    text = Text(ja="画像", en="image")
    with speaking("ja"):
        assert str(text) == "画像"
        with speaking(None):
            assert str(text) == "画像"
        with speaking("en"):
            assert f"{text}" == "image"
        assert str(text) == "画像"
    assert str(text) == "image"


def test_one_thread_does_not_change_the_language_of_another(clean):
    heard = []
    with speaking("ja"):
        other = threading.Thread(target=lambda: heard.append(language()))
        other.start()
        other.join()
    assert heard == ["en"]


@pytest.mark.parametrize("kind", [k for k in vars(errors).values() if isinstance(k, type) and issubclass(k, GazoError)])
def test_every_class_speaks_both_languages_and_survives_pickling(kind):
    error = pickle.loads(pickle.dumps(kind("G-XX-009", en="what came", ja="受け取ったもの")))  # noqa: S301 - our own bytes
    assert type(error) is kind
    assert error.code == "G-XX-009"
    assert error.message("en") == "G-XX-009: what came"
    assert error.message("ja") == "G-XX-009: 受け取ったもの"
    with speaking("ja"):
        assert str(error) == "G-XX-009: 受け取ったもの"


def test_errors_hold_texts_not_the_language_they_were_made_in():
    with speaking("ja"):
        error = DataError("G-XX-001", en="a", ja="い")
    with speaking("en"):
        assert str(error) == "G-XX-001: a"


@pytest.mark.parametrize(
    ("name", "known", "hint"), [("resnet81", ["resnet18", "lenet"], "'resnet18'"), ("zzz", ["b", "a"], "Known are: a, b")]
)
def test_the_nearest_word_is_suggested_or_all_are_listed(name, known, hint):
    assert hint in nearest(name, known).en


def test_a_long_list_is_cut():
    hint = nearest("zzzz", [f"網{n}" for n in range(100)])
    assert hint.en.endswith("...")
    assert hint.ja.count(",") < 50
