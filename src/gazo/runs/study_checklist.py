"""What a paper on a method that judges images has to report: a short list in our own words, and what gazo knows of each item.

After CLAIM 2024 (Tejani et al., Radiology: Artificial Intelligence 2024; 6(4): e240300), TRIPOD+AI 2024 (Collins et al., BMJ 2024; 385:
e078378) and STARD 2015 (Bossuyt et al., BMJ 2015; 351: h5527). It helps to think of everything and replaces neither: journals want the originals.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gazo.core.errors import GazoError, OptionError, nearest
from gazo.core.language import Text
from gazo.core.results import Table
from gazo.datasets.leak_report import CLEAN, FOUND
from gazo.datasets.leak_report import TITLE as LEAK_REPORT
from gazo.learn.classify.results import ClassificationStudy
from gazo.runs.export_runs import is_finished, outcome_of, task_label
from gazo.runs.recipe import Recipe, read_recipe
from gazo.runs.section import Section
from gazo.runs.sections import interval
from gazo.runs.study import Answer, Study, write_study
from gazo.stats.paired import PairedComparison

CITATION = Text(
    "CLAIM 2024 (Tejani ら, Radiol Artif Intell 2024;6(4):e240300)、TRIPOD+AI (Collins ら, BMJ 2024;385:e078378)、STARD 2015 (Bossuyt ら, BMJ 2015;351:h5527) をもとに、項目を gazo の言葉でまとめたものです。投稿には原本のチェックリストを使ってください。",
    "After CLAIM 2024 (Tejani et al., Radiol Artif Intell 2024;6(4):e240300), TRIPOD+AI (Collins et al., BMJ 2024;385:e078378) and STARD 2015 (Bossuyt et al., BMJ 2015;351:h5527), in gazo's own words. Submit the original checklists to a journal.",
)


@dataclass(frozen=True)
class Item:
    """One thing to report, under the part of the paper where it belongs."""

    key: str
    part: Text
    text: Text
    source: str


_BOTH, _CLAIM, _TRIPOD = "CLAIM, TRIPOD+AI, STARD", "CLAIM, TRIPOD+AI", "TRIPOD+AI"
_TITLE, _AIM = Text("題名・抄録", "Title and abstract"), Text("目的", "Aim")
_PATIENTS, _TRUTH = Text("対象と画像", "Patients and images"), Text("正解", "Reference standard")
_PARTS, _MODEL = Text("データの分割", "Data partitions"), Text("モデルと学習", "Model and training")
_JUDGED, _RESULTS = Text("評価", "Evaluation"), Text("結果", "Results")
_END = Text("考察・その他", "Discussion and other")

ITEMS = (
    Item("title", _TITLE, Text("題名か抄録で、用いた AI の種類と評価の対象がわかる", "Title or abstract tell the kind of AI and what was evaluated"), _BOTH),
    Item("aim", _AIM, Text("目的と、臨床のどの場面で使うことを想定するか", "The aim, and the place in clinical work it is meant for"), _BOTH),
    Item("design", _PATIENTS, Text("前向き研究か後ろ向き研究か", "Prospective or retrospective"), _BOTH),
    Item("ethics", _PATIENTS, Text("倫理審査の承認番号と、同意またはオプトアウト", "Ethics approval, and consent or its waiver"), _BOTH),
    Item("eligibility", _PATIENTS, Text("施設、期間、対象の選び方", "Institutions, period and how patients were chosen"), _BOTH),
    Item("exclusions", _PATIENTS, Text("除外基準と除外数 (流れ図)", "Exclusions with their numbers (flow diagram)"), _BOTH),
    Item("acquisition", _PATIENTS, Text("撮影装置と撮影条件", "Equipment and how the images were taken"), _CLAIM),
    Item("anonymity", _PATIENTS, Text("匿名化の方法", "How images were de-identified"), _CLAIM),
    Item("preprocessing", _PATIENTS, Text("前処理 (大きさ、階調、切り出しなど)", "Preprocessing: size, grey scale, cropping"), _CLAIM),
    Item("missing", _PATIENTS, Text("欠測と、読めない画像・判定できない画像の扱い", "What was done with missing data and images that could not be read or judged"), _BOTH),
    Item("truth", _TRUTH, Text("正解の決め方と、それを選んだ理由", "How the truth was established, and why so"), _BOTH),
    Item("readers", _TRUTH, Text("正解を付けた人の数・経験、盲検、一致度", "Who set it: number, experience, blinding, agreement"), _BOTH),
    Item("partition", _PARTS, Text("学習・検証・テストの分け方 (患者単位か) と割合", "Training, validation and test parts: by patient? which shares?"), _CLAIM),
    Item("size", _PARTS, Text("症例数とその根拠", "Number of cases, and why so many"), _BOTH),
    Item("model", _MODEL, Text("モデルの構造、入力と出力", "The model: its structure, inputs and outputs"), _CLAIM),
    Item("start", _MODEL, Text("重みの初期値 (事前学習の有無)", "First weights (pretrained or not)"), _CLAIM),
    Item("training", _MODEL, Text("データ拡張、学習の設定、最終モデルの選び方", "Augmentation, settings of training, choice of the final model"), _CLAIM),
    Item("software", _MODEL, Text("ソフトウェアとバージョン", "Software with versions"), _CLAIM),
    Item("imbalance", _MODEL, Text("クラスの偏りへの対処と、確率の再較正", "What was done about unequal classes, and recalibration of probabilities"), _TRIPOD),
    Item("metrics", _JUDGED, Text("評価指標と信頼区間の求め方", "Figures of merit and how their intervals were made"), _BOTH),
    Item("threshold", _JUDGED, Text("閾値の決め方 (テストデータを使っていないか)", "How thresholds were set (not on test data?)"), _BOTH),
    Item("comparison", _JUDGED, Text("比較の相手と検定", "What it was compared with, and by which test"), _BOTH),
    Item("calibration", _JUDGED, Text("予測した確率の較正 (確率を使う場合)", "Calibration, where probabilities are used"), _TRIPOD),
    Item("fairness", _JUDGED, Text("性別・年齢・施設などの集団ごとの成績 (公平性)", "Performance in groups such as sex, age and hospital (fairness)"), _CLAIM),
    Item("explanation", _JUDGED, Text("判断の根拠を示した方法 (ヒートマップなど)", "How decisions were explained (heat maps and others)"), "CLAIM"),
    Item("leaks", _JUDGED, Text("データの漏洩がないことの確認", "How leaks between the parts were ruled out"), "CLAIM"),
    Item("external", _JUDGED, Text("他施設のデータでの検証", "Test on data from elsewhere"), _CLAIM),
    Item("table", _RESULTS, Text("対象者の特徴 (分割ごと)", "Who the patients were, part by part"), _BOTH),
    Item("performance", _RESULTS, Text("テストデータでの成績と信頼区間", "Performance on the test part with intervals"), _BOTH),
    Item("failures", _RESULTS, Text("間違えた症例の分析", "What went wrong in the cases judged wrongly"), _CLAIM),
    Item("limits", _END, Text("限界と、結果を当てはめられる範囲", "Limits, and to whom the results apply"), _BOTH),
    Item("protocol", _END, Text("研究計画書の登録・公開", "Registration and availability of the protocol"), _CLAIM),
    Item("public", _END, Text("患者・市民の参画", "Involvement of patients and the public"), _TRIPOD),
    Item("sharing", _END, Text("データ・コード・モデルの公開の有無", "Whether data, code and model are available"), _CLAIM),
    Item("funding", _END, Text("資金源と利益相反", "Funding and interests"), _BOTH),
)  # fmt: skip
STATES = {
    "open": Text("未記入", "open"),
    "reported": Text("記載した", "reported"),
    "not applicable": Text("該当しない", "not applicable"),
}


def answer_items(study: Study, answers: Mapping[str, Answer], place: Path) -> Study:
    """The study with some items answered; an item that is not on the list is refused."""
    known = [item.key for item in ITEMS]
    for key in answers:
        if key not in known:
            hint = nearest(key, known)
            raise OptionError(
                "G-STU-030",
                en=f"the checklist has no item '{key}'. {hint.en}",
                ja=f"チェックリストに項目「{key}」はありません。{hint.ja}",
            )
    return write_study(replace(study, checklist={**study.checklist, **answers}), place)


def suggestions(study: Study, place: Path) -> dict[str, Text]:
    """What gazo knows of the items from the facts of the study and from its runs; sentences to start from."""
    found: dict[str, list[Text]] = {}
    for key, fact in (("ethics", study.ethics), ("eligibility", study.period), ("exclusions", study.exclusions)):
        if fact:
            found[key] = [Text(fact, fact)]
    for folder in (place / "runs" / name for name in study.runs):
        if is_finished(folder):
            for key, text in _of_run(folder):
                found.setdefault(key, []).append(text)
    return {key: Text(*("\n".join(dict.fromkeys(lines)) for lines in zip(*texts, strict=True))) for key, texts in found.items()}


def _of_run(folder: Path) -> Iterator[tuple[str, Text]]:
    """What one finished run says to the items."""
    try:
        recipe, outcome = read_recipe(folder), outcome_of(folder)
    except GazoError:  # of another gazo
        return
    yield from known_of(recipe, outcome)


def known_of(recipe: Recipe, outcome: Any) -> Iterator[tuple[str, Text]]:
    """What a run knows of the items, whatever the family of its method."""
    if recipe.rows:
        yield "size", Text(f"画像 {recipe.rows} 枚。", f"{recipe.rows} images.")
    yield "software", _software(recipe)
    if recipe.task[0] == "learn" and recipe.data:
        yield from _learned(recipe)
    if is_study(outcome):
        yield from _judged(outcome)


def is_study(outcome: Any) -> bool:
    """Whether a result judges a method on parts of its own: classification, detection, segmentation, estimation, noise reduction."""
    return isinstance(getattr(outcome, "plan", None), Text) and bool(getattr(outcome, "metrics", ()))


def _software(recipe: Recipe) -> Text:
    used = [
        f"{name} {recipe.packages[name]}"
        for name in ("gazo", "python", "torch")
        if recipe.packages.get(name, "absent") != "absent"
    ]
    label, listed = task_label(recipe), ", ".join(used)
    return Text(f"{label.ja}: {listed}。", f"{label.en}: {listed}.")


def _learned(recipe: Recipe) -> Iterator[tuple[str, Text]]:
    options = recipe.options
    label, networks = task_label(recipe), [name for name in options.get("networks") or [options.get("network", "")] if name]
    size = options.get("size_px")
    said = [Text(f"手法 {label.ja}", f"method: {label.en}")]
    if networks:
        names = ", ".join(Path(str(name).removeprefix("file:").removeprefix("design:")).name for name in networks)
        said.append(Text(f"ネットワーク {names}", f"network {names}"))
    if size:
        said.append(Text(f"入力 {size} × {size} px", f"input {size} x {size} px"))
    yield "model", _list(said)
    if size and "fit_to_square" in options:
        yield "preprocessing", Text(f"{size} px の正方形にし、画像ごとに平均 0・標準偏差 1 とした。", f"Made square, {size} px, each image scaled to mean 0 and standard deviation 1.")  # fmt: skip
    if options.get("blank", "none") != "none":
        yield "preprocessing", Text("マスクの外を画素値 0 とした。", "Everything outside the mask was set to 0.")
    if options.get("weights", "none") == "none":
        yield "start", Text("乱数による初期値 (事前学習なし)。", "Random first weights, not pretrained.")
    else:
        yield "start", Text("事前学習した重みを初期値とした。", "First weights from earlier training.")
    rate, epochs = options.get("learning_rate"), options.get("epochs")
    if epochs:
        yield "training", Text(f"{epochs} エポック、学習率 {rate}。データ拡張の設定は再現のための記録にある。", f"{epochs} epochs, learning rate {rate}; augmentation as in the record for repeating.")  # fmt: skip
    if "balance" in options:
        yield "imbalance", _balance(options)


def _balance(options: Mapping[str, Any]) -> Text:
    """What was done about unequal classes, with the options' own names."""
    if options.get("balance") == "none" and options.get("loss", "cross-entropy") == "cross-entropy":
        return Text("対処なし (交差エントロピー)。", "Nothing (cross entropy).")
    told = f"balance {options.get('balance')}, loss {options.get('loss', 'cross-entropy')}"
    return Text(f"{told}。", f"{told}.")


def _judged(outcome: Any) -> Iterator[tuple[str, Text]]:
    """What any study says of its judgement."""
    yield "partition", Text(f"{outcome.plan.ja}。", f"{outcome.plan.en}.")
    first = outcome.metrics[:3]
    yield "performance", _list([Text(f"{one.name.ja} {interval(one)}", f"{one.name.en} {interval(one)}") for one in first])
    yield "metrics", _list([Text(f"{one.name.ja} ({one.method})", f"{one.name.en} ({one.method})") for one in first])
    pair = getattr(outcome, "against_baseline", None)
    if isinstance(pair, PairedComparison):
        p = "p < 0.001" if pair.p < 0.001 else f"p = {pair.p:.3f}"
        names = pair.second.name
        yield "comparison", Text(f"{names.ja}との差: {p} ({pair.method})。", f"Against {names.en}: {p} ({pair.method}).")
    if getattr(outcome, "examples", ()):
        yield "failures", Text("判断の例 (正誤) が結果の図にある。", "Right and wrong examples stand among the figures.")
    for leaks in _leaks(outcome):
        found = [row[0] for row in leaks.rows if row[1].en == FOUND.en]
        if found:
            yield (
                "leaks",
                Text(f"要確認: {'、'.join(f.ja for f in found)}。", f"To be looked at: {', '.join(f.en for f in found)}."),
            )
        else:
            clean = sum(row[1].en == CLEAN.en for row in leaks.rows)
            blank = len(leaks.rows) - clean
            yield "leaks", Text(f"漏洩は見つからなかった ({clean} 項目は問題なし、{blank} 項目は調べられない)。", f"No leak found: {clean} checks clean, {blank} not possible.")  # fmt: skip
    if isinstance(outcome, ClassificationStudy):
        yield from _classified(outcome)


def _classified(outcome: ClassificationStudy) -> Iterator[tuple[str, Text]]:
    if len(outcome.classes) == 2:
        yield (
            "threshold",
            Text(
                "検証データで Youden 指数が最大となる値とした。",
                "The value with the highest Youden index in the validation part.",
            ),
        )
    if outcome.reliability is not None:
        ece, brier = outcome.reliability.ece, outcome.reliability.brier.brier
        yield "calibration", Text(f"ECE {ece:.3f}、Brier スコア {brier:.3f}。", f"ECE {ece:.3f}, Brier score {brier:.3f}.")
    if outcome.examples:
        title = outcome.examples[0].title
        yield "explanation", Text(f"{title.ja}。", f"{title.en}.")


def _leaks(outcome: Any) -> Iterator[Table]:
    """The leak report of a study: a field of its own, or among the tables about the data."""
    own = getattr(outcome, "leaks", None)
    yield from (table for table in ((own,) if own is not None else getattr(outcome, "data", ())) if table.title == LEAK_REPORT)


def run_checklist(recipe: Recipe | None, outcome: Any) -> tuple[Section, ...]:
    """The checklist as the page of one learning run: what the run knows, and a blank for everything else."""
    if recipe is None or recipe.task[0] != "learn" or not is_study(outcome):
        return ()
    known: dict[str, list[Text]] = {}
    for key, text in known_of(recipe, outcome):
        known.setdefault(key, []).append(text)
    rows = tuple(
        (
            i.part,
            i.text,
            Text(*(" ".join(lines) for lines in zip(*known[i.key], strict=True))) if i.key in known else None,
            i.source,
        )
        for i in ITEMS
    )
    headings = (
        Text("区分", "Part"),
        Text("報告すること", "To be reported"),
        Text("この実行でわかること", "Known from this run"),
        Text("出典", "Source"),
    )
    count = Text(f"{len(ITEMS)} 項目中 {len(known)} 項目はこの実行からわかります。残りは研究者が記入します。", f"This run knows of {len(known)} of {len(ITEMS)} items; the rest is for the researcher to fill in.")  # fmt: skip
    table = Table(Text("報告のチェックリスト", "Reporting checklist"), headings, rows)
    return (Section("checklist", Text("報告のチェックリスト", "Reporting checklist"), (CITATION, count), (), (table,)),)


def _list(texts: Sequence[Text]) -> Text:
    return Text("、".join(text.ja for text in texts) + "。", ", ".join(text.en for text in texts) + ".")


def plain(study: Study, place: Path) -> list[dict[str, Any]]:
    """Every item with its answer and what gazo knows, for forms."""
    known = suggestions(study, place)
    return [
        {
            "key": item.key, "part": item.part, "text": item.text, "source": item.source,
            "state": study.checklist.get(item.key, Answer()).state, "answer": study.checklist.get(item.key, Answer()).text,
            "known": known.get(item.key),
        }
        for item in ITEMS
    ]  # fmt: skip
