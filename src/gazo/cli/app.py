"""``gazo app``: the workbench in the browser."""

from __future__ import annotations

import argparse

from gazo.cli.options import add_workspace
from gazo.core.language import Text
from gazo.runs.workspace import workspace


def add(parser: argparse.ArgumentParser) -> None:
    """Where to serve, and with what."""
    parser.add_argument("--demo", action="store_true", help=str(Text("すぐ試せる研究を用意して開く", "with a ready study to try things on")))  # fmt: skip
    parser.add_argument("--port", type=int, default=None, help=str(Text("ポート番号", "port")))
    parser.add_argument(
        "--host", default="127.0.0.1",
        help=str(Text("このコンピューター以外から使うときのアドレス (トークンが必要になります)", "address for use from other machines; a token is then asked for")),
    )  # fmt: skip
    parser.add_argument("--no-browser", action="store_true", help=str(Text("ブラウザを開かない", "do not open a browser")))
    add_workspace(parser)


def act(arguments: argparse.Namespace) -> int:
    """Serve until Ctrl-C."""
    from gazo.web.serve import serve

    place = workspace(arguments.workspace)
    if arguments.demo:
        from gazo.web.demo import prepare

        prepare(place)
    serve(place, host=arguments.host, port=arguments.port, browser=not arguments.no_browser)
    return 0
