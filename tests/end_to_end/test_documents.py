"""Path-pattern documents as they guard requests: what they allow and deny, and what the server says of it."""

import json

import pytest

EVERYTHING = '["create", "read", "update", "delete", "list", "patch", "sudo"]'
WIDE = f'path "secret/*" {{ capabilities = {EVERYTHING} }}\npath "kv1/*" {{ capabilities = {EVERYTHING} }}\n'
OWN = 'path "sys/capabilities-self" { capabilities = ["update"] }\n'


@pytest.fixture
def under(server, name):
    """under(document, rules) → a token under both."""

    def make(document, rules=OWN):
        stored = {"version": "1.0", **document}
        status, _, text = server.request("PUT", f"/api/v1/policies/documents/d-{name}", {"document": stored},
                                         token=server.root_token)
        assert status == 200, text
        server.json("POST", f"/v1/sys/policies/acl/v-{name}", {"policy": rules}, token=server.root_token)
        made = server.json("POST", "/v1/auth/token/create", {"policies": [f"d-{name}", f"v-{name}"]},
                           token=server.root_token)
        return made["auth"]["client_token"]

    return make


@pytest.fixture(scope="module", autouse=True)
def secrets_to_read(server):
    server.json("POST", "/v1/sys/mounts/team/kv", {"type": "kv", "options": {"version": "2"}}, token=server.root_token)
    for path, body in (("secret/data/a/b", {"data": {"v": "1"}}), ("team/kv/data/a/b", {"data": {"v": "1"}}),
                       ("kv1/a/b", {"v": "1"})):
        server.json("POST", f"/v1/{path}", body, token=server.root_token)


def explained(server, path, token, **asked):
    text = server.request("POST", "/api/v1/policy/explain", {"path": path, "token": token, **asked},
                          token=server.root_token)[2]
    return json.loads(text)["allowed"]


def test_a_document_belongs_to_its_own_api(server, name):
    root = server.root_token
    document = {"version": "1.0", "allowed_secrets": ["a"]}
    server.json("POST", f"/v1/sys/policies/acl/vault-{name}", {"policy": WIDE}, token=root)
    assert server.request("PUT", f"/api/v1/policies/documents/doc-{name}", {"document": document}, token=root)[0] == 200
    for crossed in (f"/api/v1/policies/documents/vault-{name}", f"/v1/sys/policies/acl/doc-{name}",
                    f"/v1/sys/policy/doc-{name}"):
        assert server.request("DELETE", crossed, token=root)[0] == 204
    assert server.request("GET", f"/v1/sys/policies/acl/vault-{name}", token=root)[0] == 200
    assert server.request("GET", f"/api/v1/policies/documents/doc-{name}", token=root)[0] == 200
    assert server.request("DELETE", f"/v1/sys/policies/acl/vault-{name}", token=root)[0] == 204
    assert server.request("GET", f"/v1/sys/policies/acl/vault-{name}", token=root)[0] == 404


@pytest.mark.parametrize("mount", ["secret/metadata", "kv1"])
def test_a_denial_covers_the_root_of_a_mount(server, under, mount):
    token = under({"allowed_secrets": ["**"], "deny": True}, WIDE)
    for path in (mount, f"{mount}/", f"{mount}/a", f"{mount}/a/"):
        assert server.request("LIST", f"/v1/{path}", token=token)[0] == 403, path


def test_a_limit_of_ttl_does_not_keep_from_reading(server, under):
    token = under({"allowed_secrets": ["a.**"], "allowed_operations": ["read", "list"], "max_ttl_seconds": 3600,
                   "conditions": {"min_ttl": "1m", "ip_ranges": ["127.0.0.0/8"]}})
    assert server.request("GET", "/v1/secret/data/a/b", token=token)[0] == 200
    assert server.request("POST", "/v1/secret/data/a/b", {"data": {}}, token=token)[0] == 403
    here = {"source_ip": "127.0.0.1"}
    assert explained(server, "secret/data/a/b", token, facts=here)
    assert explained(server, "secret/data/a/b", token, facts={"requested_ttl": "1h", **here})
    assert not explained(server, "secret/data/a/b", token, facts={"requested_ttl": "2h", **here})


READS = ("secret/data/a/b", "kv1/a/b", "team/kv/data/a/b")


@pytest.mark.parametrize("path", READS)
def test_explain_and_capabilities_say_what_a_denial_does(server, under, path):
    rules = WIDE + OWN + f'path "team/*" {{ capabilities = {EVERYTHING} }}\n'
    token = under({"allowed_secrets": ["a.b"], "allowed_operations": ["read"], "deny": True}, rules)
    assert server.request("GET", f"/v1/{path}", token=token)[0] == 403
    assert not explained(server, path, token)
    said = server.json("POST", "/v1/sys/capabilities-self", {"path": path}, token=token)["data"]["capabilities"]
    assert "read" not in said and "update" in said
    other = server.json("POST", "/v1/sys/capabilities-self", {"path": path[:-1] + "c"}, token=token)
    assert "read" in other["data"]["capabilities"]


@pytest.mark.parametrize("path", READS)
def test_explain_and_capabilities_say_what_a_grant_does(server, under, path):
    token = under({"allowed_secrets": ["a.*"], "allowed_operations": ["read", "write"]})
    assert server.request("GET", f"/v1/{path}", token=token)[0] == 200
    assert explained(server, path, token)
    said = server.json("POST", "/v1/sys/capabilities-self", {"path": path}, token=token)["data"]["capabilities"]
    assert "read" in said and "create" in said and "update" in said and "delete" not in said and "deny" not in said


def test_explain_knows_every_way_to_a_secret(server, under):
    token = under({"allowed_secrets": ["a.b"], "deny": True}, WIDE)
    for kind, method, word in (("delete", "POST", "delete"), ("undelete", "POST", "undelete"),
                               ("destroy", "POST", "destroy"), ("subkeys", "GET", "read"), ("metadata", "GET", "read")):
        status, _, _ = server.request(method, f"/v1/secret/{kind}/a/b", {"versions": [1]} if method == "POST" else None,
                                      token=token)
        assert status == 403, kind
        assert not explained(server, f"secret/{kind}/a/b", token, operation=word, capability="update"), kind
