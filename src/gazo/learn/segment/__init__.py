"""Segmentation of organs and other structures."""

from gazo.learn.segment.classical import ClassicalLungs
from gazo.learn.segment.fitted import FittedSegmenter, load
from gazo.learn.segment.losses import dice_loss
from gazo.learn.segment.measures import mask_measures
from gazo.learn.segment.results import SegmentationStudy
from gazo.learn.segment.segmenter import Segmenter

__all__ = ["ClassicalLungs", "FittedSegmenter", "SegmentationStudy", "Segmenter", "dice_loss", "load", "mask_measures"]
