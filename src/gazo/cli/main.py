"""``gazo``: the command line. Options of methods come from their signatures; nothing heavy is imported before it is needed."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from importlib import import_module

from gazo.cli.words import Parser, spoken_by_argparse
from gazo.core.errors import GazoError
from gazo.core.language import Text, speaking

# command -> (module with `add(parser)` and `act(arguments) -> exit code`, what it is for)
COMMANDS: dict[str, tuple[str, Text]] = {
    "demo": (
        "gazo.cli.demo",
        Text("シミュレーションの胸部 X 線で学習から報告書まで", "from simulated chest radiographs to a report"),
    ),
    "app": ("gazo.cli.app", Text("ブラウザの作業画面を開く", "the workbench in the browser")),
    "learn": ("gazo.cli.learn", Text("画像とラベルから学習し、評価する", "learn from images with labels, and evaluate")),
    "predict": ("gazo.cli.predict", Text("学習済みの結果で画像を判定する", "let a finished run judge other images")),
    "run": ("gazo.cli.run", Text("レシピを実行、または中断した実行を再開する", "run a recipe, or resume an interrupted run")),
    "rerun": ("gazo.cli.rerun", Text("同じ数値になるか、もう一度実行して比べる", "repeat a run and compare to the last digit")),
    "compare": ("gazo.cli.compare", Text("実行結果を並べて比べる", "lay runs side by side")),
    "report": (
        "gazo.cli.report",
        Text("報告書を作り直す (言語の変更など)", "write a run's report again, in another language too"),
    ),
    "export": (
        "gazo.cli.export",
        Text("図、表、モデル (ONNX)、再現スクリプトなどを書き出す", "figures, tables, the model (ONNX), a Python script ..."),
    ),
    "runs": ("gazo.cli.runs", Text("実行結果の一覧", "the runs of the workspace")),
    "study": ("gazo.cli.study", Text("研究をまとめ、同僚に渡す", "keep a study together and hand it to a colleague")),
    "data": ("gazo.cli.data", Text("データを調べる、表と結合する", "look at data, join a table with images")),
    "process": ("gazo.cli.process", Text("画像処理 (1 枚、フォルダ全体、複数の処理)", "process an image or a whole folder")),
    "measure": (
        "gazo.cli.measure",
        Text("物理的な画質を測る (MTF、ウィーナースペクトルなど)", "measure physical image quality (MTF, NPS ...)"),
    ),
    "stats": (
        "gazo.cli.measure",
        Text(
            "統計解析 (ROC、読影実験、一致度、群間比較、生存時間)",
            "statistics (ROC, reader studies, agreement, groups, survival)",
        ),
    ),
    "radiomics": (
        "gazo.cli.measure",
        Text("ラジオミクス (特徴量、選択、分類、予後)", "radiomics (features, selection, classification, prognosis)"),
    ),
    "reading": (
        "gazo.cli.reading",
        Text("読影実験 (作成、持ち出し、統合、書き出し)", "reading experiments: make, hand out, merge, export"),
    ),
    "phantom": ("gazo.cli.phantom", Text("シミュレーション画像を作る", "simulate images with known truth")),
    "list": ("gazo.cli.list", Text("できることの一覧", "everything gazo can do")),
    "systems": ("gazo.cli.systems", Text("画像通信の項目と対応状況", "the systems of the booklet and what exists")),
    "reproduce": ("gazo.cli.reproduce", Text("項目の検証を実行する", "run the proof of a system")),
    "check": ("gazo.cli.check", Text("講習前に環境とデータを確かめる", "test machine, installation and data before a seminar")),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; 0 when it did what was asked, 1 for an error with a code, 2 for a wrong call, 130 after Ctrl-C."""
    words = list(sys.argv[1:] if arguments is None else arguments)
    chosen, words = _language(words)
    with speaking(chosen), spoken_by_argparse():
        try:
            return _run(words)
        except GazoError as error:
            print(error, file=sys.stderr)
            return 1
        except KeyboardInterrupt:
            print(Text("中断しました。", "Interrupted."), file=sys.stderr)
            return 130
        except BrokenPipeError:
            sys.stderr.close()
            return 1


def _run(words: list[str]) -> int:
    top = Parser(prog="gazo", description=str(Text("医用画像研究のための道具", "A workbench for medical-image research")))
    top.add_argument("--version", dest="door_version", action="store_true", help=str(Text("版を表示", "show the version")))
    top.add_argument("--language", choices=("ja", "en"), help=str(Text("表示の言語", "language of texts")))
    commands = top.add_subparsers(dest="command", metavar="COMMAND")
    wanted = next((word for word in words if not word.startswith("-")), "")
    for name, (module, purpose) in COMMANDS.items():
        parser = commands.add_parser(name, help=str(purpose), description=str(purpose))
        if name == wanted:
            import_module(module).add(parser)
    parsed = top.parse_args(words)
    if parsed.door_version:
        from gazo import __version__

        print(__version__)
        return 0
    if not parsed.command:
        top.print_help()
        return 2
    return int(import_module(COMMANDS[parsed.command][0]).act(parsed))


def _language(words: list[str]) -> tuple[str | None, list[str]]:
    """`--language` may stand anywhere; it also chooses the language of reports."""
    for i, word in enumerate(words):
        if word.startswith("--language="):
            return _known(word.partition("=")[2]), words[:i] + words[i + 1 :]
        if word == "--language" and i + 1 < len(words):
            return _known(words[i + 1]), words[:i] + words[i + 2 :]
    return None, words


def _known(word: str) -> str:
    if word not in ("ja", "en"):
        print("gazo: --language ja | en", file=sys.stderr)
        raise SystemExit(2)
    return word


if __name__ == "__main__":
    sys.exit(main())
