"""Only this machine's own page may ask: foreign hosts and pages, missing tokens and bodies that are too large are refused with a sentence."""

import pytest
from starlette.testclient import TestClient

from gazo.web.app import create_app
from gazo.web.safety import BODY_BYTES

OWN = {"origin": "http://127.0.0.1:8000", "host": "127.0.0.1:8000"}


def sentence(answer, code, status):
    assert answer.status_code == status
    said = answer.json()
    assert said["code"] == code
    assert said["ja"]
    assert said["en"]
    return said


def test_a_foreign_host_is_refused(client):
    sentence(client.get("/api/version", headers={"host": "gazo.example.org"}), "G-WEB-010", 421)
    sentence(client.get("/api/version", headers={"host": "127.0.0.1.example.org:80"}), "G-WEB-010", 421)


@pytest.mark.parametrize("host", ["127.0.0.1:8642", "localhost:1", "[::1]:8642", "127.0.0.1"])
def test_this_machine_is_let_in(client, host):
    assert client.get("/api/version", headers={"host": host}).json()["version"]


@pytest.mark.parametrize("method", ["POST", "PUT", "DELETE", "PATCH"])
def test_another_page_cannot_write(client, method):
    foreign = {"host": "127.0.0.1:8000", "origin": "http://example.org"}
    sentence(client.request(method, "/api/sets/x", headers=foreign), "G-WEB-011", 403)
    other_port = {"host": "127.0.0.1:8000", "origin": "http://127.0.0.1:3000"}
    sentence(client.request(method, "/api/sets/x", headers=other_port), "G-WEB-011", 403)
    without_origin = {"host": "127.0.0.1:8000", "sec-fetch-site": "cross-site"}
    sentence(client.request(method, "/api/sets/x", headers=without_origin), "G-WEB-011", 403)


def test_the_own_page_can_write(client):
    assert client.post("/api/nothing", headers=OWN).status_code in (404, 405)


def test_a_token_is_asked_for(place):
    with TestClient(create_app(place, hosts=("10.0.0.5",), token="secret-token"), base_url="http://10.0.0.5") as client:
        sentence(client.get("/api/version"), "G-WEB-012", 401)
        sentence(client.get("/api/version?token=secret"), "G-WEB-012", 401)
        sentence(client.get("/api/version", headers={"cookie": "gazo-token=wrong"}), "G-WEB-012", 401)
        first = client.get("/api/version?token=secret-token")
        assert first.status_code == 200
        cookie = first.headers["set-cookie"]
        assert "HttpOnly" in cookie
        assert "SameSite=Strict" in cookie
        assert client.get("/api/version").status_code == 200  # by the cookie


def test_a_body_that_is_too_large_is_refused_before_it_is_read(client):
    sentence(client.post("/api/sets", content=b"x" * (BODY_BYTES + 1)), "G-WEB-013", 413)


def test_a_body_that_lies_about_its_length_is_stopped(place):
    app = create_app(place)

    @app.post("/taking")
    def taking(body: dict):
        return body

    def parts():
        for _ in range(40):
            yield b"x" * (BODY_BYTES // 20)

    with TestClient(app, base_url="http://127.0.0.1") as client:
        answer = client.post("/taking", content=parts(), headers={"content-type": "application/json"})
    sentence(answer, "G-WEB-013", 400)


def test_a_broken_length_is_refused(client):
    sentence(client.post("/api/sets", headers={"content-length": "-5"}), "G-WEB-013", 413)


def test_pages_may_load_nothing_from_elsewhere(client):
    policy = client.get("/api/version").headers["content-security-policy"]
    assert "default-src 'self'" in policy
    assert "http" not in policy
    assert "unsafe-eval" not in policy


def test_what_is_not_there_is_a_sentence(client):
    sentence(client.get("/api/no/such/thing"), "G-WEB-002", 404)


def test_a_path_does_not_lead_out_of_the_page(client, place):
    (place / "secret.txt").write_text("geheim")
    for path in ("/assets/../../secret.txt", "/assets/%2e%2e/%2e%2e/app.py", "/..%2f..%2fapp.py"):
        assert "geheim" not in client.get(path).text
        assert "create_app" not in client.get(path).text


def test_our_mistake_shows_no_trace(place):
    app = create_app(place)

    @app.get("/api-broken")
    def broken():
        raise ZeroDivisionError(str(place))

    app.router.routes.insert(0, app.router.routes.pop())
    with TestClient(app, base_url="http://127.0.0.1", raise_server_exceptions=False) as client:
        said = sentence(client.get("/api-broken"), "G-WEB-003", 500)
        assert str(place) not in str(said)
        assert "Traceback" not in str(said)
