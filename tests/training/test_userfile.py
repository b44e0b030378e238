import hashlib
import sys
import textwrap

import pytest
import torch

from gazo.core.errors import DataError, FileError, OptionError
from gazo.training.userfile import load_user_network, user_file

GOOD = """
    import torch
    from torch import nn

    class Net(nn.Module):
        def __init__(self, classes, channels=1):
            super().__init__()
            self.body = nn.Sequential(nn.Conv2d(channels, 4, 3), nn.BatchNorm2d(4), nn.Dropout(0.5), nn.AdaptiveAvgPool2d(1))
            self.head = nn.Linear(4, classes)

        def forward(self, x):
            return self.head(self.body(x).flatten(1))
"""
SHAPE = {"classes": 3, "channels": 1, "size_px": 32}


@pytest.fixture
def written(tmp_path):
    def write(text, name="mynet.py"):
        path = tmp_path / name
        path.write_text(textwrap.dedent(text), encoding="utf-8")
        return path

    return write


def load(path, **options):
    return load_user_network(path, **{"trust": True, **SHAPE, **options})


@pytest.mark.parametrize("file", ["mynet.py", "私の ネット①.py"])
@pytest.mark.parametrize("spelled", ["{}", "file:{}", "file:{}:Net"])
def test_a_users_class_becomes_a_network_that_trains(written, file, spelled):
    path = written(GOOD, file)
    net = load(spelled.format(path))
    assert net.training
    x, y = torch.randn(8, 1, 32, 32), torch.arange(8) % 3
    optimiser = torch.optim.SGD(net.parameters(), 0.1)
    before = net.head.weight.clone()
    torch.nn.functional.cross_entropy(net(x), y).backward()
    optimiser.step()
    assert not torch.equal(before, net.head.weight)


def test_nothing_is_run_without_trust_and_the_refusal_says_so(written, tmp_path):
    path = written(f"open({str(tmp_path / 'ran')!r}, 'w').close()\n" + textwrap.dedent(GOOD))
    with pytest.raises(OptionError, match="G-WEI-021") as caught:
        load(path, trust=False)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    for sentence, word in ((caught.value.text.en, "executed"), (caught.value.text.ja, "実行")):
        assert digest in sentence
        assert word in sentence
    assert not (tmp_path / "ran").exists()
    assert user_file(f"file:{path}:Net").sha256 == digest
    load(path)
    assert (tmp_path / "ran").exists()


def test_what_is_run_is_told_first(written, tmp_path):
    path = written(GOOD)
    events = []
    load(path, on_event=events.append)
    assert [e.facts for e in events] == [{"file": "mynet.py", "sha256": user_file(path).sha256}]
    assert user_file(path).sha256 in events[0].stage.en


@pytest.mark.parametrize(
    "signature",
    [
        "num_classes, in_channels, img_size",
        "n_classes, in_chans=3, **rest",
        "*, classes, channels, size_px, depth=2",
        "classes, channels",
    ],
)
def test_other_peoples_names_for_the_numbers_are_understood(written, signature):
    text = f"""
    from torch import nn
    def build({signature}):
        given = locals()
        classes = given.get("num_classes") or given.get("n_classes") or given["classes"]
        channels = given.get("in_channels") or given.get("in_chans") or given["channels"]
        assert given.get("img_size", 32) == 32
        return nn.Sequential(nn.Conv2d(channels, 5, 3), nn.AdaptiveAvgPool2d(1), nn.Flatten(), nn.Linear(5, classes))
    """
    net = load(f"file:{written(text)}:build", channels=2)
    assert net(torch.zeros(2, 2, 32, 32)).shape == (2, 3)


def test_random_numbers_and_running_means_do_not_depend_on_the_check(written):
    after = []
    for name, forward in (("calm.py", "return self"), ("drawing.py", "torch.rand(5); return self")):
        torch.manual_seed(0)
        net = load(written(GOOD.replace("return self", forward), name))
        after.append((net.head.weight, torch.rand(3)))
        assert torch.equal(net.body[1].running_mean, torch.zeros(4))
    assert torch.equal(after[0][0], after[1][0])
    assert torch.equal(after[0][1], after[1][1])


def test_neighbours_can_be_imported_and_the_path_is_restored(written):
    written("WIDTH = 7\n", "blocks_of_mine.py")
    path = written("from blocks_of_mine import WIDTH\n" + textwrap.dedent(GOOD).replace("4", "WIDTH"))
    before = list(sys.path)
    assert load(path).head.in_features == 7
    assert sys.path == before
    del sys.modules["blocks_of_mine"]


@pytest.mark.parametrize("name", ["absent.py", "notes.txt", "absent.py:Net", "plain"])
def test_file_that_is_not_there(tmp_path, name):
    (tmp_path / "notes.txt").write_text("x")
    with pytest.raises(FileError, match="G-WEI-020") as caught:
        load(f"file:{tmp_path / name}")
    assert str(tmp_path) not in str(caught.value)


TWO = GOOD + "\n    class Other(Net):\n        hidden = True\n\n    NUMBER = 5\n"
WRONG = {
    "syntax": ("def f(:\n", "", "G-WEI-022.*SyntaxError.*line 1"),
    "raises at import": ("x = 1\nraise ValueError('bad luck')\n", "", r"G-WEI-022.*ValueError: bad luck \(line 2\)"),
    "exits": ("import sys; sys.exit(3)", "", "G-WEI-022.*SystemExit"),
    "nul bytes": ("x = '\0'", "", "G-WEI-022"),
    "no class": ("x = 1", "", "G-WEI-023.*0 module classes"),
    "only an imported class": ("from torch.nn import Linear", "", "G-WEI-023.*0 module classes"),
    "two classes": (TWO, "", "G-WEI-023.*2 module classes.*Net, Other"),
    "wrong name": (TWO, ":Ohter", "G-WEI-024.*'Ohter'.*"),
    "a number": (TWO, ":NUMBER", "G-WEI-024.*'NUMBER'"),
    "wants more": (GOOD.replace("classes, channels=1", "classes, depth, width"), "", "G-WEI-025.*depth, width"),
    "constructor raises": (GOOD.replace("super().__init__()", "1 / 0"), "", r"G-WEI-026.*ZeroDivisionError: division by zero \(line 7\)"),
    "returns no module": ("def make(classes):\n    return [classes]\n", ":make", "G-WEI-027.*list"),
    "forward raises": (GOOD.replace(".flatten(1)", ""), "", r"G-WEI-028.*RuntimeError: .*line 12\)"),
    "too deep for the image": (GOOD.replace("channels, 4, 3)", "channels, 4, 40)"), "", "G-WEI-028.*32, 32"),
    "no forward": ("from torch import nn\nclass Net(nn.Module):\n    ok = True\n", "", "G-WEI-028.*NotImplementedError"),
    "wrong shape": (GOOD.replace("Linear(4, classes)", "Linear(4, classes + 1)"), "", r"G-WEI-029.*\(2, 3\); \(2, 4\) came"),
    "a tuple": (GOOD.replace("return self", "return x, self"), "", "G-WEI-029.*tuple came"),
    "nothing to learn": (
        "from torch import nn\nclass Net(nn.Module):\n    def forward(self, x):\n        return x.mean((2, 3)).expand(-1, 3)\n",
        "",
        "G-WEI-030",
    ),
}  # fmt: skip


@pytest.mark.parametrize("case", WRONG)
def test_each_fault_is_one_sentence_with_the_users_own_words(written, case):
    text, name, wanted = WRONG[case]
    with pytest.raises((DataError, OptionError), match=wanted) as caught:
        load(f"file:{written(text)}{name}")
    assert "\n" not in caught.value.text.en + caught.value.text.ja
    assert caught.value.__cause__ is None
    assert caught.value.text.ja != caught.value.text.en
