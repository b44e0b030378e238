"""The items of three forms for radiomics studies: RQS, METRICS and CLEAR. Numbers are those of the papers, words are ours.

RQS: Lambin et al. 2017, Nat Rev Clin Oncol 14:749 (16 items, -8 to 36 points). METRICS: Kocak et al. 2024, Insights Imaging 15:8, table 1
(30 items in 9 categories, weights). CLEAR: Kocak et al. 2023, Insights Imaging 14:75 (58 items). An item whose number, points or weight
was not compared with its paper is marked `verified=False`; the report shows that.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from gazo.core.language import Text

Form = Literal["rqs", "metrics", "clear"]
Condition = Literal["segmentation", "automatic-segmentation", "hand-crafted", "tabular", "deep-learning"]


@dataclass(frozen=True)
class FormItem:
    """One item of a form.

    Parameters
    ----------
    number : in the paper.
    group : section or category.
    text : what is asked, in our words.
    points : RQS: the sums that can be given; else (0, weight).
    condition : METRICS: the item counts only when the study has this.
    essential : CLEAR: False for the two items that are welcome but not needed.
    verified : number and points were compared with the paper.
    """

    number: int
    group: Text
    text: Text
    points: tuple[float, ...] = (0, 1)
    condition: Condition | None = None
    essential: bool = True
    verified: bool = True


_NO = Text("全項目", "all items")
RQS: tuple[FormItem, ...] = tuple(
    FormItem(number, _NO, Text(ja, en), points)
    for number, points, ja, en in (
        (1, (0, 1, 2), "撮像プロトコル (詳しい記載 +1、公開プロトコル +1)", "Imaging protocol (well documented +1, public protocol +1)"),
        (2, (0, 1), "複数の輪郭 (読影者・方法・揺らぎ) での検討", "Several segmentations (readers, methods, perturbations)"),
        (3, (0, 1), "全装置でのファントム試験", "Phantom study on all scanners"),
        (4, (0, 1), "複数時点の撮像", "Imaging at several time points"),
        (5, (-3, 3), "特徴量の削減または多重検定の補正 (なし -3、あり +3)", "Feature reduction or correction for multiple tests (neither -3, either +3)"),
        (6, (0, 1), "画像以外の因子を含む多変量解析", "Multivariable analysis with factors other than images"),
        (7, (0, 1), "生物学的な背景との関連の検討", "Biological correlates examined"),
        (8, (0, 1), "しきい値によるリスク群の検討", "Cut-off analysis (risk groups)"),
        (9, (0, 1, 2), "識別能の統計量と有意性 (+1)、再標本化 (+1)", "Discrimination with significance (+1), resampling (+1)"),
        (10, (0, 1, 2), "較正の統計量と有意性 (+1)、再標本化 (+1)", "Calibration with significance (+1), resampling (+1)"),
        (11, (0, 7), "登録された前向き研究", "Prospective study in a trial register"),
        (12, (-5, 2, 3, 4, 5), "検証 (なし -5、同施設 +2、他施設 1 つ +3、2 つまたは既報の再検証 +4、3 つ以上 +5)",
         "Validation (none -5, same institute +2, one other +3, two others or of a published signature +4, three or more +5)"),
        (13, (0, 2), "現在の標準的方法との比較", "Comparison with the current gold standard"),
        (14, (0, 2), "臨床での有用性 (決定曲線など)", "Clinical utility (such as a decision curve)"),
        (15, (0, 1), "費用対効果", "Cost-effectiveness"),
        (16, (0, 1, 2, 3, 4), "公開 (画像 +1、輪郭 +1、プログラム +1、特徴量 +1)", "Open science (images +1, contours +1, code +1, features +1)"),
    )
)  # fmt: skip

_METRICS_GROUPS = {
    "design": Text("研究デザイン", "Study design"),
    "imaging": Text("画像データ", "Imaging data"),
    "segmentation": Text("領域抽出", "Segmentation"),
    "extraction": Text("画像処理と特徴量の抽出", "Image processing and feature extraction"),
    "features": Text("特徴量の処理", "Feature processing"),
    "preparation": Text("モデル作成の準備", "Preparation for modelling"),
    "comparison": Text("評価指標と比較", "Metrics and comparison"),
    "testing": Text("検証", "Testing"),
    "open": Text("公開", "Open science"),
}
LAST_VERIFIED_METRICS = 23  # weights of later items are remembered, not compared; all 30 sum to 1.0000
METRICS: tuple[FormItem, ...] = tuple(
    FormItem(number, _METRICS_GROUPS[group], Text(ja, en), (0, weight), condition, verified=number <= LAST_VERIFIED_METRICS)
    for number, group, weight, condition, ja, en in (
        (1, "design", 0.0368, None, "指針・チェックリストの遵守", "A guideline or checklist was followed"),
        (2, "design", 0.0735, None, "対象集団を代表する適格基準", "Eligibility gives a representative population"),
        (3, "design", 0.0919, None, "質の高い、明確な基準診断", "A sound, clearly defined reference standard"),
        (4, "imaging", 0.0438, None, "多施設の画像", "Images of several centres"),
        (5, "imaging", 0.0292, None, "診療に使える撮像法", "An imaging technique used in practice"),
        (6, "imaging", 0.0438, None, "撮像条件の記載", "Acquisition parameters told"),
        (7, "imaging", 0.0292, None, "撮像と基準診断の間隔", "Interval between image and reference"),
        (8, "segmentation", 0.0337, "segmentation", "領域抽出の方法の記載", "Segmentation described"),
        (9, "segmentation", 0.0225, "automatic-segmentation", "全自動抽出の評価", "Automatic segmentation formally assessed"),
        (10, "segmentation", 0.0112, "segmentation", "テスト例の輪郭が 1 人または自動", "Test contours by one reader or a program"),
        (11, "extraction", 0.0622, None, "適切な前処理とその記載", "Suitable, described preprocessing"),
        (12, "extraction", 0.0311, "hand-crafted", "標準化されたソフトウェア (IBSI)", "Standardised software (IBSI)"),
        (13, "extraction", 0.0415, None, "抽出条件の記載", "Extraction settings told"),
        (14, "features", 0.0200, "tabular", "再現性の低い特徴量の除去", "Features that do not repeat removed"),
        (15, "features", 0.0200, "tabular", "重複する特徴量の除去", "Redundant features removed"),
        (16, "features", 0.0300, "tabular", "データ数に見合う特徴量数", "Number of features fits the data"),
        (17, "features", 0.0200, "deep-learning", "深層学習の頑健性の評価", "Robustness of deep learning assessed"),
        (18, "preparation", 0.0599, None, "適切なデータ分割 (漏れなし)", "Proper partition, no leak"),
        (19, "preparation", 0.0300, None, "交絡因子の扱い", "Confounders handled"),
        (20, "comparison", 0.0352, None, "課題に合う評価指標", "Metrics that suit the task"),
        (21, "comparison", 0.0234, None, "不確かさ (信頼区間など)", "Uncertainty (such as intervals)"),
        (22, "comparison", 0.0176, None, "較正の評価", "Calibration assessed"),
        (23, "comparison", 0.0117, None, "単一種の画像、またはそれが劣ることの証明", "One kind of image, or proof that it is worse"),
        (24, "comparison", 0.0293, None, "画像以外の方法との比較、付加価値", "Comparison with a non-radiomic method, added value"),
        (25, "comparison", 0.0176, None, "単純なモデルとの比較", "Comparison with a simple model"),
        (26, "testing", 0.0375, None, "内部検証", "Internal test"),
        (27, "testing", 0.0749, None, "外部検証", "External test"),
        (28, "open", 0.0075, None, "データの公開", "Data available"),
        (29, "open", 0.0075, None, "プログラムの公開", "Code available"),
        (30, "open", 0.0075, None, "モデルの公開", "Model available"),
    )
)  # fmt: skip

# Sections of CLEAR with their first item.
_CLEAR_SECTIONS: Mapping[int, Text] = {
    1: Text("題名", "Title"), 2: Text("抄録", "Abstract"), 3: Text("キーワード", "Keywords"), 4: Text("緒言", "Introduction"),
    7: Text("方法: デザイン", "Methods: design"), 13: Text("方法: データ", "Methods: data"), 19: Text("方法: 領域抽出", "Methods: segmentation"),
    21: Text("方法: 前処理", "Methods: preprocessing"), 25: Text("方法: 特徴量抽出", "Methods: feature extraction"),
    29: Text("方法: データの準備", "Methods: data preparation"), 34: Text("方法: モデル", "Methods: modelling"),
    38: Text("方法: 評価", "Methods: evaluation"), 44: Text("結果", "Results"), 49: Text("考察", "Discussion"), 53: Text("公開", "Open science"),
}  # fmt: skip
_CLEAR_WORDS = (
    ("ラジオミクスとわかる題名", "Title names radiomics"), ("要点を含む抄録", "Abstract with the essentials"),
    ("適切なキーワード", "Fitting keywords"), ("背景", "Background"), ("ラジオミクスを使う理由", "Why radiomics"), ("目的", "Aims"),
    ("指針・チェックリストの遵守", "Guideline followed"), ("倫理", "Ethics"), ("症例数の計算", "Sample size"),
    ("前向き・後ろ向きの別", "Prospective or retrospective"), ("適格基準", "Eligibility"), ("解析の流れ図", "Flow chart of the technique"),
    ("データの出所", "Source of data"), ("他研究との重複", "Overlap with other studies"), ("データの分け方", "Partition of data"),
    ("撮像条件", "Imaging protocol"), ("画像以外の因子の定義", "Non-radiomic factors defined"), ("基準診断の定義", "Reference standard defined"),
    ("領域抽出の方法", "How segmented"), ("領域抽出をした人", "Who segmented"), ("画像の前処理", "Image preprocessing"),
    ("リサンプリング", "Resampling"), ("離散化", "Discretisation"), ("画像の種類 (原画像・フィルター)", "Image types (original, filtered)"),
    ("抽出の方法とソフトウェア", "Extraction and software"), ("特徴量の種類", "Feature classes"), ("特徴量の数", "Number of features"),
    ("その他の設定が初期値であることの記載", "Other settings at their defaults"), ("欠測の扱い", "Missing data"),
    ("クラスの偏り", "Class imbalance"), ("領域抽出の再現性", "Reliability of segmentation"), ("尺度の変換", "Scaling"),
    ("次元の削減", "Dimension reduction"), ("アルゴリズム", "Algorithm"), ("学習と調整", "Training and tuning"), ("交絡の扱い", "Confounders"),
    ("モデルの選び方", "Choice of the model"), ("検証の方法", "How tested"), ("評価指標とその理由", "Metrics and why"),
    ("不確かさ", "Uncertainty"), ("成績の統計的比較", "Statistical comparison"), ("画像以外・併用との比較", "Against non-radiomic and combined"),
    ("説明可能性", "Interpretability"), ("患者背景", "Baseline characteristics"), ("対象選択の流れ図", "Flow chart of patients"),
    ("特徴量の統計", "Feature statistics"), ("モデルの成績", "Performance"), ("画像以外・併用との比較の結果", "Result of those comparisons"),
    ("主な結果", "Main findings"), ("先行研究との違い", "Previous work"), ("実際的な意義", "Practical meaning"), ("長所と限界", "Strengths and limits"),
    ("画像と輪郭の公開", "Images and contours shared"), ("特徴量の公開", "Features shared"), ("前処理の設定の公開", "Preprocessing shared"),
    ("解析プログラムの公開", "Modelling code shared"), ("モデルの公開", "Model shared"), ("そのまま使えるシステムの公開", "Ready-to-use system shared"),
)  # fmt: skip
CLEAR: tuple[FormItem, ...] = tuple(
    FormItem(number, _CLEAR_SECTIONS[max(first for first in _CLEAR_SECTIONS if first <= number)], Text(*words), essential=number not in (53, 58))
    for number, words in enumerate(_CLEAR_WORDS, 1)
)  # fmt: skip
FORMS: Mapping[str, tuple[FormItem, ...]] = {"rqs": RQS, "metrics": METRICS, "clear": CLEAR}
TITLES: Mapping[str, Text] = {
    "rqs": Text("RQS (Lambin 2017)", "RQS (Lambin 2017)"),
    "metrics": Text("METRICS (Kocak 2024)", "METRICS (Kocak 2024)"),
    "clear": Text("CLEAR (Kocak 2023)", "CLEAR (Kocak 2023)"),
}
