"""One test for each thing that a foreign page, machine or program could try."""

from pathlib import Path

import pytest
from fact.project.labelling import guard
from label_tasks import HOST, PORT, TOKEN, Asked, make_task, sent


@pytest.fixture
def asked(tmp_path: Path) -> Asked:
    return Asked(make_task(tmp_path / "images", ["a.png"]))


def test_the_address_with_its_token_opens_the_page_once_and_for_all(asked: Asked) -> None:
    page = asked.get("/", query=f"token={TOKEN}", cookie="")
    cookie = page.headers["set-cookie"]
    assert page.status == 200 and "HttpOnly" in cookie and "SameSite=Strict" in cookie
    assert asked.get("/", cookie=cookie.partition(";")[0]).status == 200


@pytest.mark.parametrize("path", ["/", "/state", "/events", "/image/x/whole", "/part/x", "/model", "/mask/x"])
def test_without_the_token_nothing_is_answered(asked: Asked, path: str) -> None:
    for query, cookie in (("", ""), ("token=other", ""), ("", f"fact_label_{PORT}=other"), ("token=", "x=")):
        answer = asked.get(path, query=query, cookie=cookie)
        assert answer.status == 403 and TOKEN not in answer.body.decode()


def test_the_token_is_compared_in_constant_time(asked: Asked, monkeypatch: pytest.MonkeyPatch) -> None:
    compared = []
    monkeypatch.setattr(guard.secrets, "compare_digest", lambda one, other: compared.append((one, other)))
    assert asked.get("/").status == 403 and compared == [(TOKEN.encode(), TOKEN.encode())]


FOREIGN = ["evil.example", f"evil.example:{PORT}", "127.0.0.1.evil.example", "127.0.0.2", "", "[::", "a:b"]


@pytest.mark.parametrize("host", FOREIGN)
def test_a_foreign_name_that_leads_here_is_refused(asked: Asked, host: str) -> None:
    assert asked.get("/state", host=host).status == 421


def test_with_another_host_addresses_are_names_of_it_and_names_are_not(asked: Asked) -> None:
    asked.app.remote = True
    for host, status in ((f"192.168.1.7:{PORT}", 200), (f"evil.example:{PORT}", 421)):
        assert asked.get("/state", host=host).status == status


@pytest.mark.parametrize("origin", ["http://evil.example", f"https://{HOST}", "null", "http://127.0.0.1:1"])
def test_a_request_of_another_page_is_refused(asked: Asked, origin: str) -> None:
    assert asked.post("/marks", [], origin=origin).status == 403
    assert asked.post("/marks", [], sec_fetch_site="cross-site").status == 403


def test_no_other_page_may_read_an_answer(asked: Asked) -> None:
    headers = asked.get("/state").headers
    assert not [name for name in headers if name.startswith("access-control")]


def test_a_form_of_another_page_is_no_json(asked: Asked) -> None:
    assert asked.post("/marks", [], content_type="text/plain").status == 415


def test_a_large_request_is_refused_whatever_length_it_tells(asked: Asked) -> None:
    large = b"[" + b" " * guard.LARGEST_BODY + b"]"
    assert asked.post("/marks", large, content_length=str(len(large))).status == 413
    assert asked.post("/marks", large, content_length="1").status == 422
    assert asked.get("/state", query="a" * 3000).status == 414


def test_a_length_that_is_no_number_is_refused(asked: Asked) -> None:
    assert asked.post("/marks", [], content_length="many").status == 400


def test_only_the_own_code_of_the_page_runs(asked: Asked) -> None:
    policy = asked.get("/").headers["content-security-policy"]
    assert "default-src 'none'" in policy and "connect-src 'self'" in policy
    assert "unsafe" not in policy and "frame-ancestors 'none'" in policy


def test_paths_of_the_machine_are_not_asked_for(asked: Asked) -> None:
    for path in ("/image/../../etc/passwd/whole", "/image/%2e%2e/whole", "/image/a.png/whole", "/etc/passwd"):
        assert asked.get(path).status in (404, 422)


def test_there_are_no_sockets(asked: Asked) -> None:
    assert asked.app.problem({"type": "http", "method": "GET", "headers": [], "query_string": b""})[0] == 421
    assert sent(asked.session.task, 0, "owl")["image"] == asked.session.task.images[0].key


def test_a_tunnel_may_have_another_port(asked: Asked) -> None:
    assert asked.get("/state", host="localhost:9000").status == 200
