"""Japanese for what results and recipes name in English only: how an interval was made, and the entries of a recipe."""

from __future__ import annotations

import re

from gazo.core.language import Text
from gazo.core.parameters import parameters_of
from gazo.datasets.source import open_images
from gazo.learn.protocol import Protocol
from gazo.runs.recipe import Recipe
from gazo.runs.tasks import entry_of

# Phrases of `Estimate.method`; names of authors and years stay as they are.
_PHRASES = {
    r"maximum likelihood": "最尤法",
    r"bootstrap over (\d+) tiles of the region": r"領域の小区画 \1 個のブートストラップ",
    r"least squares, t distribution": "t 区間 (最小二乗法)",
    r"least squares": "最小二乗法",
    r"t distribution": "t 区間",
    r"F distribution": "F 分布による区間",
    r"Lin, Fisher's z": "Lin の分散、Fisher の z 変換",
    r"none: a single image has no interval": "なし: 画像が 1 枚のみ",
    r"none: all values are equal": "なし: すべて同じ値",
    r"none: no spread, or perfect correlation": "なし: ばらつきがない、または完全な相関",
    r"t, least squares": "t 区間 (最小二乗法)",
    r"noncentral t, Hedges 1981": "非心 t 分布 (Hedges 1981)",
    r"noncentral F, Steiger 2004": "非心 F 分布 (Steiger 2004)",
    r"noncentral chi-square": "非心 χ² 分布",
    r"inverted test, Lehmann 1975": "検定の反転 (Lehmann 1975)",
    r"t, mixed model": "t 区間 (混合モデル)",
    r"conditional, exact": "条件付き最尤法、正確な区間",
    r"Fisher's z, within patients": "Fisher の z 変換 (患者内)",
    r"Fisher's z, (Bonett & Wright 2000|Fieller 1957|Kerby 2014)": r"Fisher の z 変換 (\1)",
    r"^Fisher's z$": "Fisher の z 変換",
    r"none: all differences have one sign": "なし: 差の符号がすべて同じ",
    r"none: too few patients for an interval of this level": "なし: この信頼係数の区間には患者が少ない",
    r"none: a plan has no interval": "なし: 計画値に区間はない",
    r"none: fewer than 5 patients": "なし: 5 人未満",
    r"none: no event in a group": "なし: 該当者のいない群がある",
    r"none: a row or column is empty": "なし: 空の行または列がある",
    r"none: no discordant pairs": "なし: 不一致の組がない",
    r"none: it describes these patients, 1 is sphericity": "なし: 対象者の記述 (1 なら球面性が成り立つ)",
    r"t, weighted fit": "t 区間 (重み付き当てはめ)",
    r"t, (\d+) (?:repeats|images)": r"t 区間 (繰り返し \1 回)",
    r"t, logarithm, (\d+) groups of regions in (\d+) image\(s\), correlation of overlapping ones included": r"t 区間 (対数、画像 \2 枚の関心領域 \1 組、重なりの相関を含む)",
    r"geometric mean, t interval over repeats": "t 区間 (幾何平均、繰り返し間)",
    r"t interval over repeats": "t 区間 (繰り返し間)",
    r"Bayes decision by the true densities": "真の密度によるベイズ判定 (区間なし)",
    r"t, logarithm": "t 区間 (対数)",
    r"inversion of the band": "信頼帯からの逆算",
    r"standard error of the line": "直線の標準誤差",
    r"order statistics, binomial": "順序統計量 (二項分布)",
    r"fewer than six values have no such interval": "6 個未満では区間を求められない",
    r"region too small for an interval": "領域が小さく区間を求められない",
    r"single measurement": "1 回の測定",
    r"one (?:exposure|image|mean frame)": "1 枚の画像",
    r"too few repeats": "繰り返しが少ない",
    r"expanded uncertainty k = 2, given": "拡張不確かさ (k = 2、指定値)",
    r"identity, no interval exists": "恒等式 (区間なし)",
    r"counted pixels": "画素の計数",
    r"range of the single lines": "各線の範囲",
    r"range of 95 % of the features": "特徴量の 95 % が入る範囲",
    r"range of 95 % of the fits": "学習の 95 % が入る範囲",
    r"counted items": "項目の計数",
    r"limits of TTF and NPS": "TTF と NPS の信頼限界",
    r"trace moved by 1.96 SD of its rest": "静止時の 1.96 SD だけ波形を動かした範囲",
    r"Welch, Bonferroni": "Welch (Bonferroni 補正)",
    r"^given$": "指定値",
    r"undefined: one class only in truth or prediction": "定義されない: 正解または予測が 1 クラスのみ",
    r"undefined: one class only": "定義されない: 1 クラスのみ",
    r"undefined: no such case": "定義されない: 該当する例がない",
    r"none: the probabilities separate the classes completely": "なし: 確率がクラスを完全に分けている",
    r"infinitesimal jackknife by patient": "患者単位の無限小ジャックナイフ法",
    r"none: all pairs are ordered alike": "なし: すべての組の順序が同じ",
    r"none asked for": "求めていない",
    r"no event yet": "まだイベントなし",
    r"beyond the last follow-up": "最長の観察期間より後",
    r"log-log": "log-log 変換",
    r"REML, t with (\d+) df": r"REML、自由度 \1 の t 分布",
    r"bootstrap by patient": "患者単位のブートストラップ",
    r"bootstrap": "ブートストラップ",
    r"(\d+) resamples": r"再標本 \1 回",
    r"percentile": "パーセンタイル法",
    r"\(by patient\)": "(患者単位)",
    r"sandwich by patient": "患者単位のサンドイッチ分散",
    r"logistic recalibration": "ロジスティック再較正",
    r"Dirichlet posterior, Jeffreys prior": "ディリクレ事後分布 (Jeffreys 事前分布)",
    r"unpaired \(conservative: the paired variance is 0\)": "対応なし (対応ありの分散が 0 のため保守的)",
    r"paired": "対応あり",
    r" placements": " の順位",
    r"score": "スコア法",
    r"logit": "ロジット変換",
    r", of TP": "、対象: TP",
    r", ": "、",
}
_ENTRIES = {
    "task": "手法", "data": "データ", "seed": "乱数の種", "threads": "スレッド数", "processes": "プロセス数", "machine": "計算機",
}  # fmt: skip


def method_in_words(method: str) -> Text:
    """How an interval was made, in both languages; what is not known stays as it is."""
    found = method
    for phrase, japanese in _PHRASES.items():
        found = re.sub(phrase, japanese, found)
    return Text(found, method)


def entries_in_words(recipe: Recipe) -> dict[str, Text]:
    """What each entry of a recipe is called; in Japanese its label, with the name that a command takes."""
    found = {name: Text(japanese, name) for name, japanese in _ENTRIES.items()}
    for target, part in ((open_images, "source."), (Protocol, "protocol."), (entry_of(recipe.task).target, "")):
        for p in parameters_of(target):
            found[f"{part}{p.name}"] = Text(f"{p.label.text.ja} ({p.name})", f"{part}{p.name}")
    return found
