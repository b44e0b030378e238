"""The texts of the page in a pack; it is read where no gazo is, so it carries its own table in both languages."""

from __future__ import annotations

from gazo.core.language import Text

_WORDS: dict[str, Text] = {
    "begin": Text("読影を始める", "Begin reading"),
    "session": Text("セッション {n} / {of}", "Session {n} of {of}"),
    "case": Text("{n} / {of}", "{n} / {of}"),
    "training": Text("練習", "Training"),
    "monitor": Text("モニタ (機種、大きさ、校正)", "Monitor (model, size, calibration)"),
    "ambient": Text("環境光 (lx、部屋の明るさ)", "Ambient light (lx, or how bright the room is)"),
    "reader": Text("読影者: {name}", "Reader: {name}"),
    "about": Text(
        "回答はこのブラウザに自動で保存されます。終わったら回答ファイルを保存し、研究者に送ってください。",
        "Answers are kept in this browser by themselves. At the end save the return file and send it to the researcher.",
    ),
    "keys": Text(
        "左ドラッグ: 階調　ホイール・右ドラッグ: 拡大　中ボタン・Shift+ドラッグ: 移動　ダブルクリック: 元に戻す　数字キー: 回答　Enter: 次へ　Backspace: 前へ",
        "Left drag: window · wheel, right drag: zoom · middle button, Shift+drag: pan · double click: reset · digits: answer · Enter: next · Backspace: back",
    ),
    "fit": Text("全体", "Fit"),
    "actual": Text("等倍", "1:1"),
    "invert": Text("反転", "Invert"),
    "no_image": Text(
        "画像 {n} を開けません。ZIP ファイルをもう一度すべて展開してください。",
        "Image {n} cannot be opened. Unpack the whole ZIP again.",
    ),
    "next": Text("次へ", "Next"),
    "back": Text("前へ", "Back"),
    "answer_first": Text("すべての項目に答えてから進んでください。", "Answer every part first."),
    "save_return": Text("回答ファイルを保存", "Save the return file"),
    "load_return": Text("保存した回答ファイルから続ける", "Go on from a saved return file"),
    "wrong_file": Text("この読影セットの回答ファイルではありません。", "This is no return file of this pack."),
    "not_kept": Text(
        "このブラウザには保存できません。休む前に回答ファイルを保存してください。",
        "This browser keeps nothing. Save the return file before you stop.",
    ),
    "finished": Text("すべての画像を読影しました。ありがとうございました。", "All images are read. Thank you."),
    "opens": Text("次のセッションは {when} に始められます。", "The next session opens on {when}."),
    "break": Text("{n} 分経ちました。目を休めてください。", "{n} minutes have passed. Rest your eyes."),
    "go_on": Text("続ける", "Go on"),
    "rating": Text("病変がある確信度", "Confidence that there is a lesion"),
    "rating_1": Text("確実にない", "Definitely none"),
    "rating_2": Text("おそらくない", "Probably none"),
    "rating_3": Text("どちらともいえない", "Undecided"),
    "rating_4": Text("おそらくある", "Probably there"),
    "rating_5": Text("確実にある", "Definitely there"),
    "no": Text("なし", "No"),
    "yes": Text("あり", "Yes"),
    "marks": Text("病変をクリックし、確信度を付けてください ({n} 個)", "Click on lesions and rate each mark ({n})"),
    "one_mark": Text("最も疑わしい 1 点をクリックし、確信度を付けてください", "Click on the most suspicious place and rate it"),
    "no_marks": Text("病変がなければ、そのまま次へ進みます。", "Without a lesion just go on."),
    "remove": Text("マークを消す", "Remove the mark"),
    "grade_1": Text("1 不良", "1 poor"),
    "grade_2": Text("2 やや不良", "2 fair"),
    "grade_3": Text("3 普通", "3 moderate"),
    "grade_4": Text("4 良好", "4 good"),
    "grade_5": Text("5 非常に良好", "5 excellent"),
    "fulfilled_0": Text("満たさない", "Not fulfilled"),
    "fulfilled_1": Text("満たす", "Fulfilled"),
    "pair": Text("どちらが優れていますか", "Which one is better?"),
    "pair_left": Text("左が優れる {n}", "Left better {n}"),
    "pair_right": Text("右が優れる {n}", "Right better {n}"),
    "pair_same": Text("差なし", "No difference"),
    "rank": Text("優れている順に画像をクリックしてください", "Click on the images, the best one first"),
    "again": Text("やり直す", "Start again"),
    "language": Text("English", "日本語"),
}


def page_words() -> dict[str, dict[str, str]]:
    """Every text in both languages, by its name."""
    return {name: {"ja": text.ja, "en": text.en} for name, text in _WORDS.items()}
