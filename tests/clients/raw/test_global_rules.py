"""The wire contract that holds for every endpoint, spoken over plain HTTP."""

import json

import pytest

JSON_TYPE = "application/json"


@pytest.fixture
def call(server):
    """call(method, path, body, token=…, **headers) → (status, headers, decoded body)."""

    def make(method, path, body=None, token=server.root_token, **headers):
        headers = {key.replace("_", "-"): value for key, value in headers.items()}
        status, got, text = server.request(method, path, body, headers, token)
        return status, got, json.loads(text) if text else None

    return make


@pytest.mark.parametrize("path", ["/nothing", "/v2/sys/health", "/v1x/sys/health"])
def test_paths_outside_the_api_do_not_exist(call, path):
    status, _, body = call("GET", path)
    assert status == 404 and body["errors"] == []


def test_unknown_mounts(call):
    assert call("GET", "/v1/never-mounted/x")[0] == 404
    assert call("GET", "/v1/never-mounted/x", token=None)[0] == 403
    status, _, body = call("POST", "/v1/auth/never-mounted/login", {}, token=None)
    assert (status, body["errors"]) == (403, ["permission denied"])


def test_a_read_of_nothing_and_a_list_of_nothing(call, kv1):
    for method, path in (("GET", "absent"), ("LIST", "absent"), ("GET", "absent?list=true")):
        status, _, body = call(method, f"/v1/{kv1}/{path}")
        assert (status, body) == (404, {"errors": []})


@pytest.mark.parametrize("method, path", [
    ("FOO", "/v1/sys/seal-status"), ("DELETE", "/v1/sys/seal-status"), ("POST", "/v1/sys/leader"),
    ("OPTIONS", "/v1/sys/init"), ("GET", "/v1/sys/unseal"), ("GET", "/v1/auth/token/create"),
])
def test_unsupported_operations(call, method, path):
    assert call(method, path)[0] == 405


def test_the_success_envelope(call, kv1):
    assert call("POST", f"/v1/{kv1}/a", {"b": "c"})[0] == 204
    status, headers, body = call("GET", f"/v1/{kv1}/a")
    assert status == 200
    assert headers["Content-Type"] == JSON_TYPE, "compared as a whole by clients"
    assert headers["Cache-Control"] == "no-store"
    assert set(body) >= {"request_id", "lease_id", "renewable", "lease_duration", "data",
                         "wrap_info", "warnings", "auth"}
    assert len(body["request_id"]) == 36 and body["request_id"] != call("GET", f"/v1/{kv1}/a")[2]["request_id"]


@pytest.mark.parametrize("method, path, token", [
    ("GET", "/v1/secret-of-nobody/x", ""), ("GET", "/nothing", ""), ("POST", "/v1/sys/unseal", ""),
])
def test_errors_have_the_same_type(call, method, path, token):
    status, headers, body = call(method, path, token=token)
    assert status >= 400 and headers["Content-Type"] == JSON_TYPE
    assert isinstance(body["errors"], list)


def test_an_empty_answer_has_no_body(call, kv1):
    status, headers, body = call("DELETE", f"/v1/{kv1}/absent")
    assert (status, body) == (204, None)
    assert headers.get("Content-Length", "0") == "0"


def test_health_by_head(call):
    status, _, body = call("HEAD", "/v1/sys/health", token=None)
    assert (status, body) == (200, None)
    assert call("HEAD", "/v1/sys/health?activecode=204", token=None)[0] == 204


@pytest.mark.parametrize("query", ["list=true", "list=1", "list=T", "list=True", "list=TRUE", "list=t",
                                   "list=true&after=&limit=-1"])
def test_listing_by_query(call, kv1, query):
    for path in ("b/x", "a"):
        call("POST", f"/v1/{kv1}/{path}", {"v": "1"})
    for path in (kv1, f"{kv1}/"):
        assert call("GET", f"/v1/{path}?{query}")[2]["data"]["keys"] == ["a", "b/"]
        assert call("LIST", f"/v1/{path}")[2]["data"]["keys"] == ["a", "b/"]


def test_a_false_list_query_is_a_read(call, kv1):
    call("POST", f"/v1/{kv1}/a", {"v": "1"})
    assert call("GET", f"/v1/{kv1}/a?list=false")[2]["data"] == {"v": "1"}


def test_no_write_to_a_folder(call, kv1):
    status, _, body = call("POST", f"/v1/{kv1}/folder/", {"v": "1"})
    assert status == 400 and "cannot write to a path ending in '/'" in body["errors"][0]


def test_put_is_post(call, kv1):
    assert call("PUT", f"/v1/{kv1}/p", {"v": "1"})[0] == 204
    assert call("GET", f"/v1/{kv1}/p")[2]["data"] == {"v": "1"}


def test_the_token_as_bearer(call, server):
    bearer = f"Bearer {server.root_token}"
    assert call("GET", "/v1/auth/token/lookup-self", token=None, Authorization=bearer)[0] == 200
    for wrong in ("Bearer nothing", "Basic cm9vdDpyb290", "Bearer", server.root_token):
        assert call("GET", "/v1/auth/token/lookup-self", token=None, Authorization=wrong)[0] == 403


def test_form_bodies(call, kv1):
    form = {"Content_Type": "application/x-www-form-urlencoded"}
    assert call("POST", f"/v1/{kv1}/f", "a=1&b=two+words&c=%26", **form)[0] == 204
    assert call("GET", f"/v1/{kv1}/f")[2]["data"] == {"a": "1", "b": "two words", "c": "&"}
    assert call("POST", f"/v1/{kv1}/j", '{"a": 1}', **form)[0] == 204, "JSON sent as a form"
    assert call("GET", f"/v1/{kv1}/j")[2]["data"] == {"a": 1}


def test_json_needs_no_content_type(call, kv1):
    assert call("POST", f"/v1/{kv1}/t", '{"a": "b"}', Content_Type="text/plain")[0] == 204
    assert call("GET", f"/v1/{kv1}/t")[2]["data"] == {"a": "b"}


def test_null_is_absent_and_unknown_fields_are_ignored(call):
    wish = {"ttl": None, "policies": None, "meta": None, "num_uses": None, "no_such_field": {"a": 1}}
    status, _, body = call("POST", "/v1/auth/token/create", wish)
    assert status == 200 and body["auth"]["policies"] == ["root"]


@pytest.mark.parametrize("ttl", [60, "60", "60s", "1m", "0h1m0s"])
def test_durations_in_every_spelling(call, ttl):
    body = call("POST", "/v1/auth/token/create", {"ttl": ttl, "policies": ["default"]})[2]
    assert body["auth"]["lease_duration"] == 60


@pytest.mark.parametrize("policies", [["b", "a"], "b,a", "a, b"])
def test_lists_in_every_spelling(call, policies):
    body = call("POST", "/v1/auth/token/create", {"policies": policies})[2]
    assert body["auth"]["policies"] == ["a", "b", "default"]


@pytest.mark.parametrize("number", ["12345678901234567890123", "-0.1", "1.0", "9007199254740993", "1e5"])
def test_numbers_are_kept_as_written(server, kv1, number):
    path = f"/v1/{kv1}/number"
    assert server.request("POST", path, f'{{"n":{number}}}', token=server.root_token)[0] == 204
    text = server.request("GET", path, token=server.root_token)[2].decode()
    assert f'"n":{number}' in text.replace(" ", "")


def test_patch_wants_its_media_type(call, kv2):
    call("POST", f"/v1/{kv2}/data/p", {"data": {"a": "1"}})
    for media, expected in (("application/json", 415), ("application/merge-patch+json", 200)):
        assert call("PATCH", f"/v1/{kv2}/data/p", {"data": {"b": "2"}}, Content_Type=media)[0] == expected
    assert call("GET", f"/v1/{kv2}/data/p")[2]["data"]["data"] == {"a": "1", "b": "2"}


PUBLIC = ("seal-status", "health", "leader", "init")
PROTECTED = ("mounts", "auth", "policies/acl", "policy", "audit", "key-status", "leases/lookup/x",
             "capabilities-self", "wrapping/rewrap", "remount", "rotate", "seal", "mounts/x",
             "auth/x", "policies/acl/x", "internal/ui/mounts/x", "audit-hash/x", "locked-users",
             "host-info", "step-down", "internal/counters/tokens", "leases/count", "leases/tidy",
             "rotate/root/init", "generate-root", "config/cors", "tools/random", "tools/hash",
             "in-flight-req", "policies/password", "policies/password/x", "internal/ui/resultant-acl")


def test_what_needs_no_token(call):
    for path in PUBLIC:
        assert call("GET", f"/v1/sys/{path}", token=None)[0] == 200, path


@pytest.mark.parametrize("path", PROTECTED)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "LIST"])
def test_what_needs_a_token(call, server, method, path):
    for token in (None, "hvs.unknown"):
        status, _, body = call(method, f"/v1/sys/{path}", {} if method == "PUT" else None, token=token)
        assert status in (400, 403, 404, 405), (status, body)
        assert not (body or {}).get("data")
    assert call("GET", "/v1/sys/mounts", token=server.root_token)[0] == 200


def test_unknown_headers_change_nothing(call, kv1):
    call("POST", f"/v1/{kv1}/a", {"v": "1"})
    status, _, body = call("GET", f"/v1/{kv1}/a", X_Vault_Request="true", X_Forwarded_For="10.0.0.1",
                           X_HTTP_Method_Override="DELETE", X_Original_URL="/v1/sys/seal",
                           X_Vault_No_Request_Forwarding="true")
    assert status == 200 and body["data"] == {"v": "1"}
    assert call("GET", f"/v1/{kv1}/a")[0] == 200
