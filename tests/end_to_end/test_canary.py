"""Secrets planted wherever a request has room; then everything that the server leaves is searched.

Each planted text begins with the same mark and ends with its place, so that a hit names where it came
from. Paths, names, RoleIDs, metadata and policies are public by design (SECURITY.md) and carry no mark, except
where the request is refused.
"""

import base64
import json
import pathlib
import secrets

import pytest

from coffer_cli import Cli
from memory import Unreadable, find_in_memory
from operations import enable_auth
from wire import exchange, head

MARK = "cnry" + secrets.token_hex(6)
# The mark in hexadecimal, and in base64 at each of the three places in a group.
ENCODED = [MARK.encode().hex().encode()] + [
    base64.b64encode(b"." * place + MARK.encode())[4:20] for place in (3, 1, 2)]
FORM = "application/x-www-form-urlencoded"


def canary(place):
    return f"{MARK}-{place}"


def marks(octets):
    """The places named by what was found."""
    found, at = set(), 0
    needle = MARK.encode()
    while (at := octets.find(needle, at)) >= 0:
        found.add(octets[at:at + 60].decode(errors="replace"))
        at += 1
    return found


class Answers:
    """Sends requests and keeps every answer that is not a legitimate read."""

    def __init__(self, server):
        self.server = server
        self.kept = []

    def send(self, method, path, body=None, headers=None, token="root"):
        used = self.server.root_token if token == "root" else token
        status, fields, text = self.server.request(method, path, body, headers, used)
        self.kept.append((f"{method} {path[:60]} {status}", str(fields).encode() + text))
        return status, text

    def raw(self, octets):
        self.kept.append((repr(octets[:60]), exchange(self.server, octets, wait=3)))


SECRET_HEADERS = ("X-Vault-Token", "Authorization", "X-Vault-Namespace", "X-Vault-Wrap-TTL",
                  "X-Vault-Request", "X-Vault-MFA", "X-Vault-Policy-Override", "Cookie", "Content-Type",
                  "Accept", "User-Agent", "Referer", "X-Forwarded-For", "Origin", "If-None-Match",
                  "X-Unknown-Header", "Expect", "Accept-Encoding", "Content-Encoding", "Host", "Upgrade")

MALFORMED = ('{"data": {"v": "%s"', '{"v": "%s"} trailing', '["%s"]', '"%s"', '{"a":"%s","a":"%s"}',
             '{"v": %s}', "{'v': '%s'}", '{"%s": }', '{"v": "\\ud800 %s"}', '{"v": 1e999, "w": "%s"}',
             "%s", '{"v": "%s\x01"}', '<xml>%s</xml>', '{"%s":1,"%s":2}')

# Bodies whose every member is of a wrong type or value: refused, so a mark may stand anywhere.
TARGETS = ("secret/data/x", "secret/metadata/x", "secret/delete/x", "secret/undelete/x", "secret/destroy/x",
           "secret/config", "kv1/x", "cubbyhole/x", "sys/mounts/m-refused", "sys/auth/a-refused",
           "sys/policies/acl/p-refused", "sys/audit/a-refused", "sys/unseal", "sys/init", "sys/rekey/init", "sys/rekey/update",
           "sys/generate-root/update", "sys/remount", "sys/wrapping/unwrap", "sys/wrapping/lookup",
           "sys/wrapping/rewrap", "sys/capabilities", "sys/leases/lookup", "sys/leases/renew",
           "sys/leases/revoke", "auth/token/create", "auth/token/lookup", "auth/token/renew",
           "auth/token/revoke", "auth/token/lookup-accessor", "auth/approle/role/r-refused",
           "auth/approle/login", "auth/userpass/users/u-refused", "auth/userpass/login/u-refused")
FIELDS = ("key", "token", "accessor", "lease_id", "increment", "ttl", "period", "num_uses", "secret_id", "nonce", "otp", "from", "type", "cas", "versions", "max_versions", "data",
          "options", "token_ttl", "token_num_uses", "bound_cidrs", "token_bound_cidrs", "policy",
          "secret_shares", "encoded_token", "config", "password", "description")
# Members that are kept as public text where they are accepted.
STORED_AS_TEXT = {"kv1/x", "cubbyhole/x"}


def plant_headers(answers):
    for name in SECRET_HEADERS:
        for token in ("root", None):
            answers.send("GET", "/v1/secret/data/absent", headers={name: canary(f"header-{name}")},
                         token=None if name == "X-Vault-Token" else token)
            answers.send("POST", "/v1/secret/data/absent", {"data": 5},
                         {name: canary(f"header-{name}")}, None if name == "X-Vault-Token" else token)
    for scheme in ("Bearer ", "Basic ", "Digest ", "Bearer  "):
        answers.send("GET", "/v1/sys/mounts", headers={"Authorization": scheme + canary("scheme")},
                     token=None)


def plant_malformed(answers):
    for text in MALFORMED:
        body = text.replace("%s", canary("malformed"))
        for path in TARGETS:
            answers.send("POST", f"/v1/{path}", body)
        answers.send("POST", "/v1/kv1/x", body, {"Content-Type": FORM})
        answers.send("PATCH", "/v1/secret/data/x", body, {"Content-Type": "application/merge-patch+json"})
        answers.send("POST", "/api/v1/secrets/bulk", body)
        answers.send("POST", "/api/v1/policy/explain", body)


def plant_wrong_fields(answers):
    for path in TARGETS:
        if path in STORED_AS_TEXT:
            continue
        for field in FIELDS:
            place = canary(f"field-{field}")
            for value in (place, [place], {"a": place}, {place: 1}, [[place]]):
                if (path, field) == ("secret/data/x", "data") and value == {"a": place}:
                    continue
                if path.startswith("sys/policies") and field != "policy":
                    continue
                answers.send("POST", f"/v1/{path}", {field: value})


def plant_names(answers):
    """Keys that are not known, where keys are named in errors."""
    place = canary("name")
    answers.send("POST", "/api/v1/policy/explain", {"path": "secret/data/x", "facts": {place: "1"}})
    for document in ({place: 1}, {"version": "1.0", "allowed_secrets": ["a"], "conditions": {place: 1}},
                     {"version": "1.0", "allowed_secrets": ["a"], "allowed_operations": [place]}):
        answers.send("PUT", "/api/v1/policies/documents/d-refused", {"document": document})
    for text in (f"{place} = 1", f'path "a" {{ {place} = 1 }}', f'path "a" {{ capabilities = ["{place}"] }}',
                 f'path "a" {{ allowed_parameters = {{ {place} = 1 }} }}'):
        answers.send("PUT", "/v1/sys/policies/acl/p-refused", {"policy": text})


def plant_raw(server, answers):
    place, path = canary("raw").encode(), canary("path").encode()
    answers.raw(b"GET /v1/" + path + b"/../x HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    answers.raw(b"GET /v1/secret/data/%00" + path + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    answers.raw(place + b" / HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    answers.raw(b"GET / HTTP/" + place + b"\r\nHost: 127.0.0.1\r\n\r\n")
    answers.raw(b"GET /v1/x HTTP/1.1\r\nHost: 127.0.0.1\r\nBad " + place + b": x\r\n\r\n")
    answers.raw(b"GET /v1/x HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: " + place + b"\r\n\r\n")
    answers.raw(b"GET /v1/secret/data/x?" + b"a=" + path + b"%zz HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")
    for tail in (b"X: " + b"y" * 20_000, b"X: y\r\n" * 200):
        answers.raw(b"GET /v1/x HTTP/1.1\r\nHost: 127.0.0.1\r\nX-Vault-Token: " + place + b"\r\n" + tail)
    answers.raw(head(server, "POST", "/v1/kv1/x", "Transfer-Encoding: chunked",
                     token=server.root_token) + b"zz\r\n" + place + b"\r\n")
    answers.raw(head(server, "POST", "/v1/kv1/half", "Content-Length: 5000",
                     token=server.root_token) + b'{"v": "' + place)
    answers.raw(b"GET /v1/" + b"x" * 5000 + path + b" HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n")


def plant_values(server, answers):
    """Secrets as they are meant to be used. Reads of them are not kept as answers."""
    root = server.root_token

    def ask(method, path, body=None, headers=None, token=root):
        status, _, text = server.request(method, f"/v1/{path}", body, headers, token)
        return json.loads(text) if text and status == 200 else {}

    for path in ("secret/data/kept", "secret/data/gone"):
        ask("POST", path, {"data": {"v": canary("kv2"), "nested": {"list": [canary("kv2-nested")]}}})
        ask("GET", path)
    ask("PATCH", "secret/data/kept", {"data": {"w": canary("patch")}},
        {"Content-Type": "application/merge-patch+json"})
    ask("POST", "kv1/kept", {"v": canary("kv1"), "ttl": "5m"})
    ask("GET", "kv1/kept")
    ask("POST", "kv1/form", "v=" + canary("form"), {"Content-Type": FORM})
    ask("POST", "cubbyhole/kept", {"v": canary("cubbyhole")})
    wrapped = ask("POST", "sys/wrapping/wrap", {"v": canary("wrapped")}, {"X-Vault-Wrap-TTL": "5m"})
    ask("POST", "sys/wrapping/wrap", {"v": canary("never-unwrapped")}, {"X-Vault-Wrap-TTL": "5m"})
    ask("POST", "sys/wrapping/unwrap", {"token": wrapped.get("wrap_info", {}).get("token")})
    ask("GET", "secret/data/kept", headers={"X-Vault-Wrap-TTL": "5m"})
    ask("POST", "auth/userpass/users/eve", {"password": canary("password")})
    answers.send("POST", "/v1/auth/userpass/login/eve", {"password": canary("wrong-password")})
    ask("POST", "auth/userpass/login/eve", {"password": canary("password")}, token=None)
    ask("POST", "auth/userpass/users/eve/password", {"password": canary("password-2")})
    ask("POST", "auth/approle/role/web", {"token_ttl": "5m"})
    ask("POST", "auth/approle/role/web/custom-secret-id", {"secret_id": canary("secret-id")})
    role_id = ask("GET", "auth/approle/role/web/role-id").get("data", {}).get("role_id")
    ask("POST", "auth/approle/login", {"role_id": role_id, "secret_id": canary("secret-id")}, token=None)
    answers.send("POST", "/v1/auth/approle/login",
                 {"role_id": role_id, "secret_id": canary("wrong-secret-id")})
    ask("POST", "auth/token/create", {"id": canary("token-id"), "policies": ["default"]})
    answers.send("GET", "/v1/secret/data/kept", token=canary("token-id"))
    answers.send("GET", "/v1/secret/data/kept", token=canary("unknown-token"))
    ask("POST", "sys/audit/file", {"type": "file", "options": {"file_path": "/dev/null"}})
    answers.send("POST", "/v1/sys/audit-hash/file", {"input": canary("audit-hash")})
    answers.send("POST", "/v1/sys/wrapping/lookup", {"token": canary("wrap-token")})
    ask("DELETE", "secret/metadata/gone")


BIG = "x" * 50_000
CONSTRAINED = '''path "*" {
  capabilities = ["create", "read", "update", "delete", "list", "sudo"]
  denied_parameters = { "data" = [{ "v" = "no" }], "v" = ["no"], "password" = ["no*"], "secret_id" = [["no"]] }
}'''


def plant_big_values(server):
    """Long ones: the blocks of short ones are used again at once, which hides what was not wiped. A rule about
    parameters makes the server look at them."""
    root = server.root_token
    server.json("POST", "/v1/sys/policies/acl/constrained", {"policy": CONSTRAINED}, token=root)
    made = server.json("POST", "/v1/auth/token/create", {"policies": ["constrained"]}, token=root)
    for token in (root, made["auth"]["client_token"]):
        for path, body in (("v1/secret/data/big", {"data": {"v": canary("big-kv2") + BIG, "l": [canary("big-list")]}}),
                           ("v1/kv1/big", {"v": canary("big-kv1") + BIG}),
                           ("v1/auth/userpass/users/big", {"password": canary("big-password") + BIG[:900]}),
                           ("v1/auth/approle/role/web/custom-secret-id",
                            {"secret_id": canary("big-secret-id") + secrets.token_hex(400)}),
                           ("api/v1/secrets/bulk", {"mount": "secret/", "secrets": [
                               {"path": "bulk", "data": {"v": canary("big-bulk") + BIG}}]})):
            status, _, text = server.request("POST", f"/{path}", body, token=token)
            assert status in (200, 204), (path, text)


def exported(server):
    """Everything that the running server gives away about what happened."""
    token = server.root_token
    yield "audit export", server.request("GET", "/api/v1/audit/export", token=token)[2]
    after = 0
    while True:
        text = server.request("GET", f"/api/v1/audit/events?after={after}&limit=1000", token=token)[2]
        yield f"audit search from {after}", text
        page = json.loads(text)
        if len(page["events"]) < 1000:  # each search is an event too: there is always a next one
            break
        after = page["next"]
    yield "metrics", server.request("GET", "/v1/sys/metrics?format=prometheus", token=token)[2]
    yield "verify", server.request("POST", "/api/v1/verify", token=token)[2]
    yield "state", server.request("GET", "/v1/sys/config/state/sanitized", token=token)[2]
    yield "backup", server.request("GET", "/api/v1/backup", token=token)[2]


@pytest.fixture(scope="module")
def planted(server, tmp_path_factory):
    """(answers to what was refused, everything that was left behind)"""
    enable_auth(server, "userpass", "userpass")
    enable_auth(server, "approle", "approle")
    answers = Answers(server)
    plant_headers(answers)
    plant_malformed(answers)
    plant_wrong_fields(answers)
    plant_names(answers)
    plant_raw(server, answers)
    plant_values(server, answers)
    plant_big_values(server)
    cli = Cli(tmp_path_factory.mktemp("cli"), server.address, server.root_token)
    left = list(exported(server))
    for words in (("secret", "put", "bad path/", "-"), ("read", "secret/data/kept/"),
                  ("policy", "write", "p", "-"), ("write", "sys/unseal", "key=-"),
                  ("kv", "put", "nowhere/x", "v=-"), ("login", "-")):
        done = cli.run(*words, stdin=canary("cli") + "\n", code=None)
        left.append((f"coffer {' '.join(words)}", (done.stdout + done.stderr).encode()))
    return answers, left


def expect_none_in_files(server):
    """In the server's log and in its data."""
    for file in (server.log, *sorted(server.data.rglob("*"))):
        if file.is_file():
            octets = file.read_bytes()
            assert not marks(octets), (file.name, marks(octets))
            assert not [text for text in ENCODED if text in octets], file.name


def expect_none_in_memory(server, public=lambda octets: set()):
    """`public`: which marks in some octets may be there."""
    try:
        found = find_in_memory(server.process.pid, MARK.encode())
        known = find_in_memory(server.process.pid, str(server.data).encode())
    except Unreadable as error:
        pytest.skip(str(error))
    assert known, "the search finds what is there: the path of the data folder"
    places = {}
    for name, _, dumped, around in found:
        for text in marks(around) - public(around):
            places.setdefault((name, "in a core" if dumped else "kept out of cores"), set()).add(text)
    assert not places


def test_no_answer_repeats_a_planted_secret(planted):
    leaks = {request: marks(text) for request, text in planted[0].kept if marks(text)}
    assert not leaks


def test_something_was_planted(planted, server):
    """The search can find: a read that is allowed gives the mark."""
    text = server.request("GET", "/v1/secret/data/kept", token=server.root_token)[2]
    assert canary("kv2") in text.decode() and canary("patch") in text.decode()
    assert len(planted[0].kept) > 1000


def test_audit_metrics_backup_and_messages_hold_none(planted):
    leaks = {name: marks(text) for name, text in planted[1] if marks(text)}
    assert not leaks


def test_the_log_and_the_folder_hold_none(planted, server):
    expect_none_in_files(server)
    for file in server.data.iterdir():
        assert not file.is_file() or file.stat().st_mode & 0o077 == 0, file.name


def test_a_core_after_the_answers_holds_none(planted, server):
    plant_big_values(server)  # once more: what came after may have covered their traces
    for _ in range(20):
        server.request("GET", "/v1/sys/health")
    expect_none_in_memory(server, paths_of)


def paths_of(octets):
    """Marks of refused paths: text of requests that is public elsewhere and not wiped."""
    return {text for text in marks(octets) if text.startswith(canary("path"))}


def test_the_process_writes_no_core(server):
    limits = pathlib.Path(f"/proc/{server.process.pid}/limits").read_text()
    (core,) = [line for line in limits.splitlines() if line.startswith("Max core file size")]
    assert core.split()[4] == "0"
