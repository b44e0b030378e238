"""Help and wrong calls: in Japanese where Japanese is spoken, and nothing a reader cannot use."""

import argparse
import json
import re
from importlib import import_module

import pytest

from gazo.cli.main import COMMANDS, main
from gazo.cli.words import Parser, spoken_by_argparse
from gazo.core import speaking
from gazo.nets.zoo import network_names

ENGLISH = re.compile(r"usage:|positional arguments|\boptions:|show this help|error:|default")
NO_PHYSICIST = re.compile(r"\bNone\b|[(\[]'|default: \(|既定: \(")


def pages(parser):
    """A parser and all below it."""
    yield parser
    for action in parser._actions:
        if isinstance(action, argparse._SubParsersAction):
            for below in action.choices.values():
                yield from pages(below)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_page_is_in_japanese_and_explains_every_argument(command):
    with speaking("ja"), spoken_by_argparse():
        top = Parser(prog=f"gazo {command}")
        import_module(COMMANDS[command][0]).add(top)
        for page in pages(top):
            text = page.format_help()
            assert not ENGLISH.search(text), text
            assert not NO_PHYSICIST.search(text), text
            assert not re.search("[a-z]{2,} [a-z]{2,} [a-z]{2,}", page.description or "")
            unexplained = [a.dest for a in page._actions if not a.help and not isinstance(a, argparse._SubParsersAction)]
            assert unexplained == []


def test_a_default_of_several_values_stands_as_it_is_typed(capsys):
    with pytest.raises(SystemExit):
        main(["learn", "compare-networks", "--help", "--language", "en"])
    assert "default: lenet, alexnet, resnet50" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["rerun"], "次の引数が必要です: run"),
        (["learn", "klassify"], "選択肢にありません: 'klassify'"),
        (["run"], "次のうち 1 つが必要です"),
        (["runs", "--hurry"], "知らない引数です: --hurry"),
        (["demo", "--patients"], "値を 1 つ指定してください"),
        (["demo", "--patients", "many"], "値が正しくありません: 'many'"),
    ],
)
def test_a_wrong_call_is_told_in_japanese(words, told, capsys):
    with pytest.raises(SystemExit) as stop:
        main([*words, "--language", "ja"])
    assert stop.value.code == 2
    told_at_all = capsys.readouterr().err
    assert told in told_at_all
    assert "エラー" in told_at_all
    assert "使い方" in told_at_all


def test_argparse_speaks_as_before_afterwards(capsys):
    with pytest.raises(SystemExit):
        main(["rerun", "--language", "ja"])
    capsys.readouterr()
    with speaking("ja"), pytest.raises(SystemExit):
        argparse.ArgumentParser(prog="other").parse_args(["--what"])
    assert "error: unrecognized arguments" in capsys.readouterr().err


def test_the_help_of_network_names_the_command_that_lists_them(capsys):
    with pytest.raises(SystemExit):
        main(["learn", "classify", "--help", "--language", "en"])
    assert "gazo list nets" in " ".join(capsys.readouterr().out.split())
    assert main(["list", "nets", "--language", "en"]) == 0
    listed = capsys.readouterr().out
    assert all(name in listed for name in network_names())


def test_list_shows_kinds_in_words_and_refuses_an_unknown_room(capsys):
    assert main(["list", "datasets", "--language", "ja"]) == 0
    listed = capsys.readouterr().out
    assert "機能" in listed
    assert "feature" not in listed
    assert main(["list", "datasets", "--json"]) == 0
    assert {entry["kind"] for entry in json.loads(capsys.readouterr().out)} == {"feature"}
    assert main(["list", "dataset", "--language", "en"]) == 1
    assert "G-CLI-002: there is no room 'dataset'. Did you mean 'datasets'?" in capsys.readouterr().err
