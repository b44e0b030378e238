"""What detectors are made of: the losses of the article, the code of boxes, anchors, suppression, Selective Search, geometry."""

import math

import numpy as np
import pytest
import torch

from gazo.core.imageset import ImageSet
from gazo.learn.detect.boxes import decode, encode, suppressed, together
from gazo.learn.detect.cases import cases_of, from_square, to_square
from gazo.learn.detect.faster_rcnn import RATIOS, FasterRCNN
from gazo.learn.detect.feed import LESION, PROPOSAL, BoxFeed
from gazo.learn.detect.losses import box_loss, class_loss, proposal_loss, smooth_l1
from gazo.learn.detect.one_stage import OneStage
from gazo.learn.detect.selective_search import selective_search
from gazo.stats.detections import iou
from gazo.training.augment import NO_AUGMENTATION, Augmentation
from gazo.training.pixels import prepared_pixels


def test_smooth_l1_is_equation_7():
    x = torch.tensor([0.0, 0.5, 1.0, 2.0, -2.0, -0.5], dtype=torch.float64)
    assert smooth_l1(x).tolist() == [0, 0.125, 0.5, 1.5, 1.5, 0.125]
    near = torch.tensor([1 - 1e-7, 1 + 1e-7], dtype=torch.float64, requires_grad=True)
    smooth_l1(near).sum().backward()
    assert near.grad.tolist() == pytest.approx([1, 1], abs=1e-6)
    third = torch.linspace(-1, 1, 41, dtype=torch.float64)
    other = torch.nn.functional.smooth_l1_loss(third, torch.zeros(41, dtype=torch.float64), beta=1 / 9, reduction="none")
    assert torch.allclose(smooth_l1(third, beta=1 / 9), other)


def test_losses_by_hand():
    logits, labels = torch.tensor([0.0, math.log(3)]), torch.tensor([1.0, 0.0])
    assert class_loss(logits, labels).tolist() == pytest.approx([math.log(2), math.log(4)])
    assert class_loss(logits, labels, gamma=2).tolist() == pytest.approx([0.25 * math.log(2), 0.75**2 * math.log(4)])
    codes, true = torch.tensor([[0.5, 0, 2, -1], [9.0, 9, 9, 9]]), torch.zeros(2, 4)
    assert box_loss(codes, true)[0].item() == pytest.approx(0.125 + 0 + 1.5 + 0.5)
    sampled = proposal_loss(logits, labels, codes, true, locations=50)
    assert [v.item() for v in sampled] == pytest.approx([(math.log(2) + math.log(4)) / 2, 2.125 / 2])
    true[1] = -torch.inf  # background of an image without lesions
    assert proposal_loss(logits, labels, codes, true, locations=50)[1].item() == pytest.approx(2.125 / 2)
    paper = proposal_loss(logits, labels, codes, true, locations=50, normalisation="paper", box_weight=10, class_weight=3)
    assert [v.item() for v in paper] == pytest.approx([3 * (math.log(2) + math.log(4)) / 2, 10 * 2.125 / 50])


def test_boxes_and_their_codes_go_both_ways():
    rng = np.random.default_rng(0)
    low = torch.from_numpy(rng.uniform(0, 50, (20, 2)))
    boxes, anchors = (torch.hstack([low + d, low + d + torch.from_numpy(rng.uniform(4, 30, (20, 2)))]) for d in (0, 3))
    assert torch.allclose(decode(encode(boxes, anchors), anchors), boxes)
    by_hand = encode(torch.tensor([[10.0, 10, 30, 20]]), torch.tensor([[0.0, 0, 10, 10]]))
    assert by_hand[0].tolist() == pytest.approx([1.5, 1.0, math.log(2), 0])
    from torchvision.models.detection._utils import BoxCoder

    other = BoxCoder((1.0, 1.0, 1.0, 1.0)).encode([boxes], [anchors])[0]
    assert torch.allclose(encode(boxes, anchors), other)


def test_the_proposal_network_gives_w_h_k_boxes():
    from gazo.learn.detect.two_stage import boxes_alone

    net = FasterRCNN(size_px=64).build({"sides": [[6, 9, 14]]}, seed=0).eval()
    with torch.inference_mode():
        ((boxes, scores),) = boxes_alone(net, torch.zeros(1, 1, 64, 64))
    k = 3 * len(RATIOS)
    assert len(boxes) == len(scores) == 16 * 16 * k


def test_the_loss_the_network_is_trained_with_is_ours():
    """The sum over the anchors that the sampler drew, taken again with equations (4) to (7)."""
    spec = FasterRCNN(size_px=64, normalisation="paper", box_weight=10.0, focal_gamma=0.0)
    network = spec.build({"sides": [[8, 12, 16]]}, seed=0).proposals
    torch.manual_seed(1)
    labels = [torch.tensor([1.0, 0, 0, 1, 0, 0, -1, 0, 0] * 4)]
    said, codes, true = torch.randn(36, 1), torch.randn(36, 4), torch.randn(36, 4)
    first, second = network.compute_loss(said, codes, labels, [true])
    counted = labels[0] >= 0
    assert first.item() == pytest.approx(class_loss(said[counted, 0], labels[0][counted]).mean().item(), rel=1e-5)
    assert second.item() == pytest.approx(10 * box_loss(codes, true)[labels[0] == 1].sum().item() / 4, rel=1e-5)


def test_suppression_keeps_the_surest_of_doubles():
    boxes = torch.tensor([[0.0, 0, 10, 10], [1, 1, 11, 11], [20, 20, 30, 30], [0, 0, 10, 4]])
    assert suppressed(boxes, torch.tensor([0.8, 0.9, 0.1, 0.7]), 0.3).tolist() == [1, 3, 2]
    both = together([(boxes[:1], torch.tensor([0.8])), (boxes[1:3], torch.tensor([0.6, 0.4]))], 0.5)
    assert both[0].tolist() == [boxes[0].tolist(), boxes[2].tolist()]
    assert both[1].tolist() == pytest.approx([0.7, 0.2])


def test_selective_search_finds_discs_and_does_not_mind_the_scale_of_grey():
    rng = np.random.default_rng(0)
    y, x = np.mgrid[:96, :96] + 0.5
    centres, radii = [(20, 30), (60, 20), (70, 70), (30, 75)], [6, 9, 12, 7]
    plane = rng.normal(1000, 15, (96, 96))
    for (cx, cy), r in zip(centres, radii, strict=True):
        plane += 300 * ((x - cx) ** 2 + (y - cy) ** 2 < r**2)
    pixels = np.clip(plane, 0, 65535).astype(np.uint16)
    found = selective_search(pixels, seed=0, most=300)
    true = [(cx - r, cy - r, 2 * r, 2 * r) for (cx, cy), r in zip(centres, radii, strict=True)]
    assert len(found) <= 300
    assert iou(np.hstack([found[:, :2], found[:, 2:] - found[:, :2]]), true).max(0).min() > 0.7
    again = selective_search(pixels.astype(float) * 7 + 100, seed=0, most=300)
    assert np.array_equal(found, again)
    assert not np.array_equal(selective_search(pixels, seed=1, most=20), found[:20])
    flat = selective_search(np.full((32, 32), 9, np.uint8), seed=0)
    assert flat.tolist() == [[0, 0, 32, 32]]


@pytest.mark.parametrize("fit", ["pad", "stretch"])
def test_boxes_follow_the_image_into_its_square(fit):
    """A bright rectangle lies where its box says, also after the way back."""
    from gazo.core.image import Image

    pixels = np.zeros((60, 150), np.uint16)
    pixels[20:40, 90:120] = 1000
    box = np.array([[90.0, 20, 30, 20]])
    square = prepared_pixels(Image(pixels), size_px=128, channels=1, fit=fit)[0] > 30000
    rows, columns = np.flatnonzero(square.any(1)), np.flatnonzero(square.any(0))
    corners = to_square(box, (60, 150), 128, fit)
    assert corners[0] == pytest.approx([columns[0], rows[0], columns[-1] + 1, rows[-1] + 1], abs=0.6)
    assert from_square(corners, (60, 150), 128, fit) == pytest.approx(box)


def spots(n=4, size=64):
    """A disc an image, known to the pixel."""
    y, x = np.mgrid[:size, :size] + 0.5
    rng = np.random.default_rng(0)
    places = rng.uniform(15, size - 15, (n, 2))
    pixels = [100 + 900 * ((x - cx) ** 2 + (y - cy) ** 2 < 36) for cx, cy in places]
    return ImageSet.from_arrays(np.array(pixels, np.uint16), boxes=[[(cx - 6, cy - 6, 12, 12)] for cx, cy in places])


def test_augmentation_moves_boxes_with_the_image():
    with cases_of(spots(), OneStage(size_px=64)) as cases:
        places = {row: np.array([[0.0, 0, 10, 10]]) for row in range(4)}
        strong = Augmentation(rotation_deg=15, translation_percent=10, scale_percent=20, flip="both")
        feed = BoxFeed(cases, np.arange(4), 4, 0, strong, places)
        batch = next(iter(feed.epoch(0)))
        still = next(iter(BoxFeed(cases, np.arange(4), 4, 0, NO_AUGMENTATION, places).in_order()))
        assert still.targets[:, 1, 4].tolist() == [PROPOSAL] * 4
    for image, boxes in zip(batch.images[:, 0], batch.targets, strict=True):
        (lesion,) = boxes[boxes[:, 4] == LESION, :4]
        bright = torch.nonzero(image > image.mean() + 1.5 * image.std()).float().mean(0).flip(0) + 0.5
        assert ((lesion[:2] + lesion[2:]) / 2 - bright).abs().max() < 1.5
        assert (lesion[2:] - lesion[:2]).mean().item() == pytest.approx(12, rel=0.6)
    assert not torch.equal(batch.targets, still.targets)


@pytest.mark.slow
@pytest.mark.parametrize(
    ("spec", "sides"),
    [
        (FasterRCNN(size_px=96, backbone="alexnet"), [[12, 20, 30]]),
        (FasterRCNN(size_px=96, backbone="googlenet"), [[12, 20, 30]]),
        (FasterRCNN(size_px=96, backbone="mobilenet_v3_large_320"), [[8], [16], [32]]),
        (OneStage(size_px=96, network="ssdlite"), []),
        (OneStage(size_px=96, network="fcos"), []),
    ],
    ids=lambda value: getattr(value, "backbone", getattr(value, "network", "")),
)
def test_every_network_gives_a_loss_and_boxes(spec, sides):
    """Also of images without a lesion."""
    net = spec.seeded({"sides": sides, "side": 12.0}, 0)
    box = torch.tensor([[[20.0, 20, 40, 40, LESION]]])
    loss = net.train()(torch.randn(2, 1, 96, 96), torch.cat([box, 0 * box]))
    loss.backward()
    assert torch.isfinite(loss)
    with torch.inference_mode():
        ((boxes, scores),) = net.eval()(torch.randn(1, 1, 96, 96))
    assert boxes.shape == (len(scores), 4)
    assert (boxes >= 0).all()
    assert (boxes <= 96).all()
