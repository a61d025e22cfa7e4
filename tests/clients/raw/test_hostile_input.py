"""Input that means harm: a clear 4xx each time, no secret in the answer, and the server lives on."""

import json
import socket
import time

import pytest

CANARY = "canary-9f2c1b7e"
EVERYTHING = '["create", "read", "update", "delete", "list", "patch"]'


@pytest.fixture(autouse=True)
def lives_on(server):
    yield
    began = time.monotonic()
    assert server.request("GET", "/v1/sys/health")[0] == 200
    assert time.monotonic() - began < 5


def exchange(server, raw, wait=10):
    """Sends bytes as they are; returns what comes back until the end or until it pauses."""
    with socket.create_connection(("127.0.0.1", server.port), timeout=wait) as peer:
        answer = b""
        try:
            peer.sendall(raw)
            while b"\r\n\r\n" not in answer:
                part = peer.recv(65536)
                if not part:
                    break
                answer += part
        except (TimeoutError, ConnectionError):
            pass
        return answer


def status_of(answer):
    return int(answer.split(b" ")[1]) if answer.startswith(b"HTTP/1.") else None


def head(server, method, path, *lines):
    return "\r\n".join([f"{method} {path} HTTP/1.1", f"Host: 127.0.0.1:{server.port}",
                        f"X-Vault-Token: {server.root_token}", *lines, "", ""]).encode()


BAD_BODIES = {
    "half an object": '{"v": "%s"',
    "text behind the object": '{"v": "%s"} x',
    "an array": '["%s"]',
    "a string": '"%s"',
    "a number": "5",
    "a duplicate key": '{"v": "1", "v": "%s"}',
    "a duplicate key inside": '{"v": {"a": 1, "a": "%s"}}',
    "a duplicate key by escape": '{"a": "1", "\\u0061": "%s"}',
    "an infinite number": '{"v": 1e999, "w": "%s"}',
    "not a number": '{"v": NaN, "w": "%s"}',
    "a leading zero": '{"v": 01, "w": "%s"}',
    "a comment": '{"v": "1" /* %s */}',
    "a trailing comma": '{"v": "%s",}',
    "a lone surrogate": '{"v": "\\ud800", "w": "%s"}',
    "a raw control character": '{"v": "a\nb", "w": "%s"}',
    "single quotes": "{'v': '%s'}",
}


@pytest.mark.parametrize("body", BAD_BODIES.values(), ids=BAD_BODIES.keys())
def test_malformed_json_is_refused_without_an_echo(server, kv1, body):
    text = body.replace("%s", CANARY)
    status, _, answer = server.request("POST", f"/v1/{kv1}/x", text, token=server.root_token)
    assert status == 400 and json.loads(answer)["errors"]
    assert CANARY.encode() not in answer
    assert server.request("GET", f"/v1/{kv1}/x", token=server.root_token)[0] == 404


def test_invalid_utf8_is_refused(server, kv1):
    for bad in (b"\xff", b"\xc0\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xe2\x82"):
        body = b'{"v": "' + bad + b'"}'
        assert server.request("POST", f"/v1/{kv1}/x", body, token=server.root_token)[0] == 400


@pytest.mark.parametrize("text", [
    "[" * 100_000, '{"a":' * 100_000, '{"v":' + "[" * 100_000 + "]" * 100_000 + "}",
], ids=["arrays", "objects", "balanced"])
@pytest.mark.parametrize("token", [True, False], ids=["known", "unknown"])
def test_deep_json_is_refused(server, kv1, text, token):
    status, _, _ = server.request("POST", f"/v1/{kv1}/x", text, token=server.root_token if token else None)
    assert status in ((400,) if token else (400, 403))


def test_many_keys_and_long_strings_are_answered_in_time(server, kv1):
    many = "{" + ",".join(f'"k{n}":1' for n in range(1_000_000)) + "}"
    began = time.monotonic()
    for body in (many, '{"v":"' + "x" * 1_000_000 + '"}'):
        status, _, _ = server.request("POST", f"/v1/{kv1}/x", body, token=server.root_token)
        assert status in (204, 400, 413)
    assert time.monotonic() - began < 20


def test_wrong_types_are_named_without_their_value(server, kv2):
    for path, body in (
        (f"{kv2}/data/x", {"data": CANARY}),
        (f"{kv2}/data/x", {"data": {"a": 1}, "options": CANARY}),
        (f"{kv2}/data/x", {"data": {"a": 1}, "options": {"cas": CANARY}}),
        (f"{kv2}/delete/x", {"versions": [CANARY]}),
        (f"{kv2}/metadata/x", {"max_versions": CANARY}),
        (f"{kv2}/metadata/x", {"delete_version_after": CANARY}),
        (f"{kv2}/metadata/x", {"custom_metadata": CANARY}),
        ("auth/token/create", {"meta": CANARY}),
        ("auth/token/create", {"num_uses": CANARY}),
        ("auth/token/create", {"renewable": CANARY}),
    ):
        status, _, answer = server.request("POST", f"/v1/{path}", body, token=server.root_token)
        assert status == 400, (path, body)
        assert CANARY.encode() not in answer, (path, body)


@pytest.mark.parametrize("version", ["-1", "99999999999999999999", "1e3", "one", "1%00", "0x1"])
def test_extreme_versions(server, kv2, version):
    root = server.root_token
    server.request("POST", f"/v1/{kv2}/data/x", {"data": {"a": CANARY}}, token=root)
    status, _, answer = server.request("GET", f"/v1/{kv2}/data/x?version={version}", token=root)
    assert status in (400, 404) and CANARY.encode() not in answer


def test_a_body_over_the_limit_is_refused_before_it_is_sent(server, kv1):
    answer = exchange(server, head(server, "POST", f"/v1/{kv1}/x", f"Content-Length: {1 << 33}"))
    assert status_of(answer) == 413


def test_a_chunked_body_over_the_limit_is_refused(server, kv1):
    chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
    raw = head(server, "POST", f"/v1/{kv1}/x", "Transfer-Encoding: chunked") + chunk * 64
    answer = exchange(server, raw)
    assert status_of(answer) in (413, None), "None: closed while we were still sending"


MALFORMED = {
    "no HTTP": b"hello\r\n\r\n",
    "two lengths": b"POST /v1/sys/unseal HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\nContent-Length: 9\r\n\r\n{}",
    "length and chunks": b"POST /v1/sys/unseal HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: 2\r\n"
                         b"Transfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
    "a negative length": b"POST /v1/sys/unseal HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: -1\r\n\r\n",
    "a name with a space": b"GET /v1/sys/health HTTP/1.1\r\nHost: 127.0.0.1\r\nBad Name: x\r\n\r\n",
    "a huge header": b"GET /v1/sys/health HTTP/1.1\r\nHost: 127.0.0.1\r\nX: " + b"x" * 1_000_000 + b"\r\n\r\n",
    "many headers": b"GET /v1/sys/health HTTP/1.1\r\nHost: 127.0.0.1\r\n" + b"X: y\r\n" * 50_000 + b"\r\n",
    "a huge target": b"GET /v1/" + b"x" * 1_000_000 + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n",
    "no host": b"GET /v1/sys/health HTTP/1.1\r\n\r\n",
    "two hosts": b"GET /v1/sys/health HTTP/1.1\r\nHost: 127.0.0.1\r\nHost: evil.example\r\n\r\n",
    "TLS to a plain port": b"\x16\x03\x01\x00\xa5\x01\x00\x00\xa1\x03\x03" + b"\x00" * 100,
}


@pytest.mark.parametrize("raw", MALFORMED.values(), ids=MALFORMED.keys())
def test_malformed_requests_end_in_4xx_or_a_closed_connection(server, raw):
    status = status_of(exchange(server, raw, wait=5))
    assert status is None or 400 <= status < 500


@pytest.mark.parametrize("line", [
    "Origin: https://evil.example", "Origin: null", "Origin: http://127.0.0.1.evil.example",
    "Host: evil.example", "Host: 127.0.0.1.evil.example",
])
def test_foreign_pages_are_refused(server, kv1, line):
    root = server.root_token
    server.request("POST", f"/v1/{kv1}/x", {"v": CANARY}, token=root)
    key, value = line.split(": ", 1)
    status, headers, body = server.request("GET", f"/v1/{kv1}/x", headers={key: value}, token=root)
    assert 400 <= status < 500 and CANARY.encode() not in body
    assert "Access-Control-Allow-Origin" not in headers
    assert server.request("POST", "/v1/sys/unseal", {"reset": True}, headers={key: value})[0] >= 400


def test_many_idle_connections_block_nobody(server):
    peers = [socket.create_connection(("127.0.0.1", server.port)) for _ in range(100)]
    try:
        for peer in peers:
            peer.sendall(b"POST /v1/sys/unseal HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Le")
        began = time.monotonic()
        assert server.request("GET", "/v1/sys/health")[0] == 200
        assert time.monotonic() - began < 2
    finally:
        for peer in peers:
            peer.close()


# Spellings of <mount>/app/private that some server, proxy or policy somewhere reads as that path.
SPELLINGS = [
    "app/private", "app/%70rivate", "app//private", "/app/private", "app/./private", "./app/private",
    "app/x/../private", "app/%2e/private", "app/x/%2e%2e/private", "app/x/%2E%2E/private",
    "app%2fprivate", "app%2Fprivate", "app/%2fprivate", "app/private/", "app/private//",
    "app/private%2f", "app/private%00", "app/private%00x", "app/private;x=1", "app/private%3b",
    "app/private?x=/../open", "app/private#x", "app/%2570rivate", "app/x/%252e%252e/private",
    "app/x/%c0%ae%c0%ae/private", "app/x/..%2fprivate", "app\\private", "app%5cprivate",
    "app/private%20", "app/private.", "APP/PRIVATE", "app/Private", "app/+/private", "app/*",
    "app/x/..;/private", "app/privat%65", "app/private%0a", "app/%ef%bc%8e%ef%bc%8e/private",
]


@pytest.mark.parametrize("spelling", SPELLINGS)
def test_no_spelling_passes_a_deny(server, root, kv1, client_with, spelling):
    root.secrets.kv.v1.create_or_update_secret("app/private", {"v": CANARY}, mount_point=kv1)
    client = client_with(f'''
        path "{kv1}/*" {{ capabilities = {EVERYTHING} }}
        path "{kv1}/app/private" {{ capabilities = ["deny"] }}
        path "{kv1}/app/private/*" {{ capabilities = ["deny"] }}''')
    for method in ("GET", "LIST", "DELETE", "POST"):
        body = '{"v": "overwritten"}' if method == "POST" else ""
        raw = head(server, method, f"/v1/{kv1}/{spelling}", f"Content-Length: {len(body)}")
        raw = raw.replace(server.root_token.encode(), client.token.encode()) + body.encode()
        answer = exchange(server, raw)
        assert CANARY.encode() not in answer
        assert status_of(answer) is None or status_of(answer) < 500
    kept = root.secrets.kv.v1.read_secret("app/private", mount_point=kv1)["data"]
    assert kept == {"v": CANARY}, f"{spelling} reached the denied secret"


@pytest.mark.parametrize("path", ["{m}/../sys/mounts", "{m}/%2e%2e/sys/mounts", "{m}/x/../../sys/mounts",
                                  "{m}//../sys/mounts", "{m}/..%2fsys/mounts"])
def test_no_spelling_leaves_its_mount(server, kv1, client_with, path):
    client = client_with(f'path "{kv1}/*" {{ capabilities = {EVERYTHING} }}')
    raw = head(server, "GET", "/v1/" + path.format(m=kv1))
    answer = exchange(server, raw.replace(server.root_token.encode(), client.token.encode()))
    assert status_of(answer) in (400, 403, 404)


def test_query_and_body_do_not_decide(server, root, kv1, client_with):
    root.secrets.kv.v1.create_or_update_secret("hidden", {"v": CANARY}, mount_point=kv1)
    client = client_with(f'path "{kv1}/open" {{ capabilities = {EVERYTHING} }}')
    for target in (f"/v1/{kv1}/hidden?path={kv1}/open", f"/v1/{kv1}/hidden?token={server.root_token}",
                   f"/v1/{kv1}/hidden?method=LIST", f"/v1/{kv1}/hidden?namespace=root"):
        status, _, body = server.request("GET", target, token=client.token)
        assert status == 403 and CANARY.encode() not in body
