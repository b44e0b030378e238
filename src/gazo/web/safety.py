"""Who may ask: this machine's browser and no other page in it.

Loopback addresses only, unless a token is set. A foreign Host is refused (a name that was bound to 127.0.0.1 from outside), a write
from a foreign Origin too (another page in the same browser). Pages may load nothing from elsewhere.
"""

from __future__ import annotations

import hmac
from collections.abc import Awaitable, Callable, MutableMapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qs, urlsplit

from gazo.core.errors import GazoError, OptionError
from gazo.web.faults import answer

Scope = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Send = Callable[[MutableMapping[str, Any]], Awaitable[None]]

COOKIE = "gazo-token"
LOOPBACK = ("127.0.0.1", "localhost", "::1")
BODY_BYTES = 2 * 1024**2  # of an ordinary request; uploads have their own limit
UPLOAD_BYTES = 8 * 1024**3
_WRITES = ("POST", "PUT", "PATCH", "DELETE")
_POLICY = (
    "default-src 'self'; img-src 'self' blob: data:; style-src 'self' 'unsafe-inline'; connect-src 'self'; "
    "object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'self'; frame-src 'self'"
)
_HEADERS = {
    "content-security-policy": _POLICY,
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
}


@dataclass(frozen=True)
class Guard:
    """Middleware that lets only honest requests through and adds the headers that keep pages to themselves.

    Parameters
    ----------
    app : the application behind it.
    hosts : names under which the server may be addressed.
    token : asked of everyone when not empty, once as ``?token=...``, then as a cookie.
    upload_bytes : limit of one request below ``/api/uploads``.
    """

    app: Any
    hosts: tuple[str, ...] = LOOPBACK
    token: str = ""
    upload_bytes: int = UPLOAD_BYTES

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        fault = self._fault(scope, headers)
        if fault is not None:
            await answer(fault[0], fault[1])(scope, receive, send)
            return
        cookie = self._first_visit(scope)

        async def with_headers(message: MutableMapping[str, Any]) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *self._added(message, cookie)]
            await send(message)

        await self.app(scope, _limited(receive, self._limit(scope)), with_headers)

    def _fault(self, scope: Scope, headers: dict[str, str]) -> tuple[GazoError, int] | None:
        for check in (self._host, self._origin, self._known, self._size):
            fault = check(scope, headers)
            if fault is not None:
                return fault
        return None

    def _host(self, scope: Scope, headers: dict[str, str]) -> tuple[GazoError, int] | None:
        if _name(headers.get("host", "")) in self.hosts:
            return None
        error = OptionError(
            "G-WEB-010",
            en="this server answers only under its own address. Open the address that `gazo app` printed.",
            ja="このサーバーには決められたアドレスからしか接続できません。`gazo app` が表示したアドレスを開いてください。",
        )
        return error, 421

    def _origin(self, scope: Scope, headers: dict[str, str]) -> tuple[GazoError, int] | None:
        origin, site = headers.get("origin"), headers.get("sec-fetch-site", "same-origin")
        own = origin is None or urlsplit(origin).netloc == headers.get("host")
        if scope["method"] not in _WRITES or (own and site in ("same-origin", "none")):
            return None
        error = OptionError(
            "G-WEB-011",
            en="another page tried to change something here; it was refused. Work in the page that `gazo app` opened.",
            ja="ほかのページからの変更を拒否しました。`gazo app` が開いたページで操作してください。",
        )
        return error, 403

    def _known(self, scope: Scope, headers: dict[str, str]) -> tuple[GazoError, int] | None:
        given = (_query_token(scope), _cookie(headers.get("cookie", "")))
        if not self.token or any(hmac.compare_digest(one, self.token) for one in given):
            return None
        error = OptionError(
            "G-WEB-012",
            en="this server asks for its token. Open the whole address that `gazo app` printed, with ?token=...",
            ja="このサーバーにはトークンが必要です。`gazo app` が表示したアドレスを ?token=... まで含めて開いてください。",
        )
        return error, 401

    def _size(self, scope: Scope, headers: dict[str, str]) -> tuple[GazoError, int] | None:
        length = headers.get("content-length", "0")
        if length.isdigit() and int(length) <= self._limit(scope):
            return None
        return too_large(self._limit(scope)), 413

    def _limit(self, scope: Scope) -> int:
        return self.upload_bytes if scope["path"].startswith("/api/uploads") else BODY_BYTES

    def _first_visit(self, scope: Scope) -> str:
        """The cookie for somebody who came with the token in the address."""
        return f"{COOKIE}={self.token}; Path=/; HttpOnly; SameSite=Strict" if self.token and _query_token(scope) else ""

    def _added(self, message: MutableMapping[str, Any], cookie: str) -> list[tuple[bytes, bytes]]:
        there = {name.lower() for name, _ in message["headers"]}
        added = [(k.encode(), v.encode()) for k, v in _HEADERS.items() if k.encode() not in there]
        return [*added, (b"set-cookie", cookie.encode())] if cookie else added


def too_large(limit: int) -> GazoError:
    """The error for a request that is larger than it may be."""
    return OptionError(
        "G-WEB-013",
        en=f"this is larger than the {limit / 1024**3:.2g} GB that can be sent at once. Send it in parts, or use a folder of this machine in place.",
        ja=f"一度に送れる大きさ ({limit / 1024**3:.2g} GB) を超えています。分けて送るか、このコンピューターのフォルダをそのまま使ってください。",
    )


def _limited(receive: Receive, limit: int) -> Receive:
    """Stop a body that goes on past its limit, whatever its header said."""
    taken = 0

    async def counted() -> MutableMapping[str, Any]:
        nonlocal taken
        message = await receive()
        taken += len(message.get("body", b""))
        if taken > limit:
            raise too_large(limit)
        return message

    return counted


def _name(host: str) -> str:
    """The host without its port."""
    return host[1 : host.index("]")] if host.startswith("[") and "]" in host else host.rsplit(":", 1)[0] if ":" in host else host


def _query_token(scope: Scope) -> str:
    return parse_qs(scope.get("query_string", b"").decode("latin-1")).get("token", [""])[0]


def _cookie(header: str) -> str:
    parts = (part.strip().partition("=") for part in header.split(";"))
    return next((value for name, _, value in parts if name == COOKIE), "")
