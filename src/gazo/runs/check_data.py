"""The part of `gazo check` that looks at a folder of images: can it be opened, and what would spoil a study made of it?

What is told names no file, no column, no class and no patient, because it is meant to be sent to a teacher.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np

from gazo.core.errors import DataError, GazoError
from gazo.core.imageset import ImageSet
from gazo.core.language import Text
from gazo.datasets.checks import DataReport, check
from gazo.datasets.source import open_images
from gazo.runs.check import CheckItem, Verdict, unwell, well

LOOKED_AT = 500  # of more images, this many spread evenly are read, so that the check of an archive takes a minute
VERDICT: dict[str, Verdict] = {"serious": "fault", "warning": "warning", "note": "ok"}
# What each kind of finding of `gazo.datasets.check` means, with its cure; {n} is the number of images (or of findings) concerned.
CURES = {
    "unreadable": Text("読み込めない画像が {n} 枚あります。取り直すか、除いてください。", "unreadable images: {n}. Fetch the files again or leave them out."),
    "not-finite": Text("数値でない画素のある画像が {n} 枚あります。書き出し直してください。", "images with pixels that are no numbers: {n}. Export them again."),
    "blank": Text("何も写っていない画像が {n} 枚あります。除いてください。", "blank images: {n}. Leave them out."),
    "label-missing": Text("ラベルのない画像が {n} 枚あります。書き加えるか、除いてください。", "images without label: {n}. Add the label or leave them out."),
    "one-class": Text("クラスが 1 つしかありません。別のクラスの画像を加えてください。", "there is a single class. Add images of another one."),
    "class-few": Text("患者が 10 人未満のクラスが {n} つあります。症例を増やすか、クラスをまとめてください。", "classes with fewer than 10 patients: {n}. Add cases or join classes."),
    "class-rare": Text("極端に少数のクラスが {n} つあります。正解率でなく AUC で評価し、--balance を検討してください。", "classes far rarer than the others: {n}. Judge by AUC, not by accuracy, and consider --balance."),
    "patient-unknown": Text("患者の列が指定されていません。学習するときに --patient で指定してください。", "no patient column is named. Name it with --patient when learning."),
    "patient-missing": Text("患者 ID のない画像が {n} 枚あります。表に書き加えてください。", "images without patient ID: {n}. Add it to the table."),
    "age-impossible": Text("年齢がありえない値の行が {n} 行あります。入力を確かめてください。", "rows with an impossible age: {n}. Check what was typed."),
    "depth-mixed": Text("ビット数・カラーが他と異なる画像が {n} 枚あります。同じ設定で書き出し直してください。", "images of another bit depth or colour: {n}. Export all in one way."),
    "outlier-mean": Text("明るさが他と大きく異なる画像が {n} 枚あります。目で確かめてください。", "images far brighter or darker than the others: {n}. Look at them."),
    "outlier-contrast": Text("コントラストが他と大きく異なる画像が {n} 枚あります。目で確かめてください。", "images far off in contrast: {n}. Look at them."),
    "copies": Text("複製またはほぼ同じ画像が {n} 枚あります。除くか、同じ患者としてください。", "images that are copies of each other: {n}. Leave copies out or file them under one patient."),
    "copies-across-patients": Text("別々の患者とされた同じ画像が {n} 枚あります。患者 ID を確かめてください。", "equal images filed under different patients: {n}. Check the patient IDs."),
    "copies-across-labels": Text("異なるラベルの付いた同じ画像が {n} 枚あります。ラベルを確かめてください。", "equal images with different labels: {n}. Check the labels."),
    "leak-patient": Text("学習とテストの両方に入った患者の画像が {n} 枚あります。患者単位で分け直してください。", "images whose patient is in more than one part: {n}. Divide the data again by patient."),
    "leak-copies": Text("学習とテストの両方に入った複製が {n} 枚あります。分け直してください。", "copies in more than one part: {n}. Divide the data again."),
    "shortcut": Text("クラスによって異なる撮影条件が {n} 項目あります。同じ条件の画像を集めるか、結果の解釈に注意してください。", "ways of taking images that differ between the classes: {n}. Collect images taken alike, or read results with care."),
    "imbalance": Text("クラス間で偏った項目 (年齢・性別) が {n} つあります。結果を群別にも示してください。", "columns (age, sex) that differ between the classes: {n}. Show results for groups as well."),
    "shift": Text("対象データと分布の異なる項目が {n} つあります。学習データを見直してください。", "measures that differ from the target data: {n}. Reconsider what is learned from."),
}  # fmt: skip


def judge_data(path: Path) -> list[CheckItem]:
    """Open what the user named, read its images (500 at most) and say what is wrong with them."""
    name = Text("データ", "Data")
    try:
        images = open_images(path)
        looked_at = _spread(images)
        report = check(looked_at)
    except GazoError as error:
        cannot = DataError(
            "G-CHK-020",
            en=f"the data cannot be used ({error.code}). See the whole sentence with `gazo data check PATH`, and put the folder or table right.",
            ja=f"データを使用できません ({error.code})。`gazo data check パス` で詳しい説明を確認し、フォルダまたは表を直してください。",
        )
        return [unwell(name, "fault", cannot)]
    total, read = len(images), len(looked_at)
    opened = well(name, f"画像 {total} 枚のうち {read} 枚を調べました。", f"{total} images, {read} of them looked at.")
    return [opened, *_unlabelled(images), *_findings(report)]


def _spread(images: ImageSet) -> ImageSet:
    rows = np.unique(np.linspace(0, len(images) - 1, min(len(images), LOOKED_AT)).astype(int))
    return images.take(rows)


def _unlabelled(images: ImageSet) -> list[CheckItem]:
    if images.has("label"):
        return []
    error = DataError(
        "G-CHK-021",
        en="the images have no labels, so no class can be learned. Name the column with --label, or sort the images into one folder a class.",
        ja="画像にラベルがないため、分類を学習できません。--label で列を指定するか、クラスごとのフォルダに分けてください。",
    )
    return [unwell(Text("ラベル", "Labels"), "warning", error)]


def _findings(report: DataReport) -> list[CheckItem]:
    """One item for each kind of finding; how many images (or, where none are named, how many findings) it concerns."""
    items = []
    for code in dict.fromkeys(finding.code for finding in report.findings):
        alike = report.of(code)
        concerned = len({row for finding in alike for row in finding.rows}) or len(alike)
        told = Text(*(words.format(n=concerned) for words in CURES[code]))
        items.append(CheckItem(Text("データ", "Data"), VERDICT[alike[0].severity], told, code))
    return items
