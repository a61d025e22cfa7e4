"""Traps that servers of this kind have stepped into: root by spelling, one user under two names, other
people's SecretIDs, cancelled ceremonies, tokens out of errors, TTLs at their edges."""

import concurrent.futures
import json
import time

import pytest

from operations import enable_auth

ROOTS = ("root", "Root", "ROOT", "rOOt", " root", "root ", "\troot", "root\n", "root\x00", "\u200broot",
         "root\u00a0", "ｒｏｏｔ", "r\u043e\u043et", "root,default", ["root"], ["default", "ROOT"],
         ["default", " root "], ["default,root"], "default, root")
MAX_TTL = 768 * 3600


@pytest.fixture(scope="module")
def open_server(server):
    enable_auth(server, "approle", "approle")
    enable_auth(server, "userpass", "userpass")
    return server


@pytest.fixture
def call(open_server):
    """call(method, path, body, token=root) → (status, decoded body)"""

    def make(method, path, body=None, token=open_server.root_token):
        status, _, text = open_server.request(method, f"/v1/{path}", body, token=token)
        return status, json.loads(text) if text else {}

    return make


def is_root(call, token):
    """Whether `token` may do what no policy of these tests grants."""
    if not token:
        return False
    policies = call("GET", "auth/token/lookup-self", token=token)[1].get("data", {}).get("policies", [])
    return "root" in policies or call("GET", "sys/mounts", token=token)[0] == 200


def granted(answer):
    return (answer.get("auth") or {}).get("client_token")


# Root by spelling -----------------------------------------------------------------------------------

MAKER = '''
path "auth/*" { capabilities = ["create", "read", "update", "delete", "list", "sudo"] }
path "sys/policies/*" { capabilities = ["create", "read", "update", "delete", "list", "sudo"] }
path "sys/policy/*" { capabilities = ["create", "read", "update", "delete", "list", "sudo"] }
'''


@pytest.mark.parametrize("spelling", ROOTS, ids=[ascii(root) for root in ROOTS])
def test_no_spelling_of_root_is_granted(call, token_with, name, spelling):
    maker = token_with(MAKER)
    for path in ("auth/token/create", "auth/token/create-orphan"):
        made = granted(call("POST", path, {"policies": spelling}, token=maker)[1])
        assert not is_root(call, made), path
    call("POST", f"auth/token/roles/{name}", {"allowed_policies": spelling, "orphan": True}, token=maker)
    call("POST", f"auth/token/roles/{name}-glob",
         {"allowed_policies_glob": ["*", "r*"], "orphan": True}, token=maker)
    for role in (name, f"{name}-glob"):
        for body in ({}, {"policies": spelling}):
            made = granted(call("POST", f"auth/token/create/{role}", body, token=maker)[1])
            assert not is_root(call, made), role
    call("POST", f"auth/approle/role/{name}", {"token_policies": spelling}, token=maker)
    call("POST", f"auth/approle/role/{name}", {"policies": spelling}, token=maker)
    call("POST", f"auth/approle/role/{name}/policies", {"token_policies": spelling}, token=maker)
    role_id = call("GET", f"auth/approle/role/{name}/role-id", token=maker)[1].get("data", {}).get("role_id")
    secret_id = call("POST", f"auth/approle/role/{name}/secret-id", {},
                     token=maker)[1].get("data", {}).get("secret_id")
    login = call("POST", "auth/approle/login", {"role_id": role_id, "secret_id": secret_id}, token=None)[1]
    assert not is_root(call, granted(login)), "approle"
    call("POST", f"auth/userpass/users/{name}", {"password": "p", "token_policies": spelling}, token=maker)
    call("POST", f"auth/userpass/users/{name}", {"password": "p", "policies": spelling}, token=maker)
    call("POST", f"auth/userpass/users/{name}/policies", {"token_policies": spelling}, token=maker)
    login = call("POST", f"auth/userpass/login/{name}", {"password": "p"}, token=None)[1]
    assert not is_root(call, granted(login)), "userpass"


@pytest.mark.parametrize("spelling", ["root", "Root", "ROOT", "%20root", "root%20", "r%6fot", "root%09"])
@pytest.mark.parametrize("place", ["sys/policies/acl/", "sys/policy/"])
def test_root_is_not_written_nor_deleted(call, place, spelling):
    text = 'path "*" { capabilities = ["read"] }'
    assert 400 <= call("POST", place + spelling, {"policy": text})[0] < 500
    assert 400 <= call("DELETE", place + spelling)[0] < 500
    status, _ = call("GET", "sys/mounts")
    assert status == 200, "root still does everything"


def test_a_child_of_a_plain_token_is_no_root(call, token_with):
    plain = token_with('path "auth/token/create" { capabilities = ["update"] }')
    for body in ({"policies": ["root"]}, {"policies": []}, {}, {"policies": None}, {"id": "root"}):
        assert not is_root(call, granted(call("POST", "auth/token/create", body, token=plain)[1])), body


# One person, one entity, one counter ----------------------------------------------------------------

SPELLINGS = ("mallory", "Mallory", "MALLORY", "mAlLoRy", "malloRY")


def test_spellings_of_a_name_are_one_entity(call):
    call("POST", "auth/userpass/users/mallory", {"password": "right"})
    entities = set()
    for spelling in SPELLINGS:
        status, answer = call("POST", f"auth/userpass/login/{spelling}", {"password": "right"}, token=None)
        if status == 200:
            entities.add(answer["auth"]["entity_id"])
    assert len(entities) == 1
    call("POST", "auth/userpass/users/MALLORY", {"password": "other"})
    keys = call("LIST", "auth/userpass/users")[1]["data"]["keys"]
    assert [key for key in keys if key.lower() == "mallory"] == ["mallory"]


@pytest.mark.parametrize("spelling", ["trent%20", "%20trent", "trent%00", "trent%09", "trent/", "%EF%BD%94rent",
                                      "tre%C2%ADnt"])
def test_other_spellings_are_nobody_or_the_same(call, spelling):
    call("POST", "auth/userpass/users/trent", {"password": "right"})
    right = call("POST", "auth/userpass/login/trent", {"password": "right"}, token=None)[1]["auth"]
    status, answer = call("POST", f"auth/userpass/login/{spelling}", {"password": "right"}, token=None)
    assert 400 <= status < 500 or answer["auth"]["entity_id"] == right["entity_id"]


def test_spellings_share_one_lockout(call):
    call("POST", "auth/userpass/users/oscar", {"password": "right"})
    for spelling in ("oscar", "Oscar", "OSCAR", "osCar", "oscaR"):
        assert 400 <= call("POST", f"auth/userpass/login/{spelling}", {"password": "no"}, token=None)[0] < 500
    for spelling in ("oscar", "OSCAR", "Oscar"):
        status, answer = call("POST", f"auth/userpass/login/{spelling}", {"password": "right"}, token=None)
        assert 400 <= status < 500 and not granted(answer)


def test_a_template_means_the_alias_of_the_mount_that_it_names(call, name):
    """CVE-2021-43998: the alias that was made first stood for all of an entity."""
    accessors, entities, tokens = [], [], []
    for mount, user in ((f"{name}-1", "first"), (f"{name}-2", "second")):
        call("POST", f"sys/auth/{mount}", {"type": "userpass"})
        accessors.append(call("GET", f"sys/auth/{mount}")[1]["data"]["accessor"])
        call("POST", f"auth/{mount}/users/{user}", {"password": "right", "policies": name})
        entities.append(call("POST", f"auth/{mount}/login/{user}", {"password": "right"})[1]["auth"]["entity_id"])
    merge = {"from_entity_ids": entities[1:], "to_entity_id": entities[0]}
    assert call("POST", "identity/entity/merge", merge)[0] == 204
    for mount, user in ((f"{name}-1", "first"), (f"{name}-2", "second")):
        made = call("POST", f"auth/{mount}/login/{user}", {"password": "right"})[1]["auth"]
        assert made["entity_id"] == entities[0]
        tokens.append(made["client_token"])
    for accessor, own, other in ((accessors[0], "first", "second"), (accessors[1], "second", "first")):
        rule = f'path "secret/data/{{{{identity.entity.aliases.{accessor}.name}}}}" {{ capabilities = ["create", "update"] }}'
        assert call("POST", f"sys/policies/acl/{name}", {"policy": rule})[0] == 204
        for token in tokens:
            assert call("POST", f"secret/data/{own}", {"data": {}}, token=token)[0] == 200
            assert call("POST", f"secret/data/{other}", {"data": {}}, token=token)[0] == 403


# SecretIDs belong to their role (CVE-2023-24999) ----------------------------------------------------

def test_a_secret_id_is_of_its_role_alone(call, token_with, name):
    for role in (f"{name}-own", f"{name}-other"):
        call("POST", f"auth/approle/role/{role}", {"token_ttl": "5m"})
    own, other = (f"auth/approle/role/{name}-{which}" for which in ("own", "other"))
    role_id = call("GET", f"{own}/role-id")[1]["data"]["role_id"]
    other_id = call("GET", f"{other}/role-id")[1]["data"]["role_id"]
    made = call("POST", f"{own}/secret-id", {"metadata": '{"k": "of-own"}'})[1]["data"]
    secret_id, accessor = made["secret_id"], made["secret_id_accessor"]
    operator = token_with(f'path "{other}/*" {{ capabilities = ["create", "read", "update", "delete"] }}')
    for path, body in (("secret-id/lookup", {"secret_id": secret_id}),
                       ("secret-id/destroy", {"secret_id": secret_id}),
                       ("secret-id-accessor/lookup", {"secret_id_accessor": accessor}),
                       ("secret-id-accessor/destroy", {"secret_id_accessor": accessor})):
        for method in ("POST", "DELETE"):
            status, answer = call(method, f"{other}/{path}", body, token=operator)
            assert "of-own" not in json.dumps(answer) and status < 500, path
    assert not granted(call("POST", "auth/approle/login", {"role_id": other_id, "secret_id": secret_id},
                            token=None)[1])
    login = call("POST", "auth/approle/login", {"role_id": role_id, "secret_id": secret_id}, token=None)
    assert granted(login[1]), "another role's operator destroyed it"


# Ceremonies and errors ------------------------------------------------------------------------------

@pytest.mark.parametrize("place", ["sys/rekey/init", "sys/generate-root/attempt", "sys/rekey/verify",
                                   "sys/rekey/backup"])
def test_nobody_begins_or_cancels_a_ceremony_without_a_token(call, token_with, place):
    body = {"secret_shares": 3, "secret_threshold": 2} if "rekey" in place else {}
    plain = token_with('path "secret/*" { capabilities = ["read"] }')
    begins = not place.endswith(("verify", "backup"))
    if begins:
        assert call("POST", place, body)[0] == 200
        nonce = call("GET", place)[1]["nonce"]
    for token in (None, plain, "hvs.unknown"):
        for method, sent in (("DELETE", None), ("POST", body), ("PUT", body), ("POST", {"reset": True})):
            assert call(method, place, sent, token=token)[0] == 403, (method, token)
    if begins:
        now = call("GET", place)[1]
        assert now["started"] and now["nonce"] == nonce
        assert call("DELETE", place)[0] in (200, 204)


def tokens_of(call):
    return set(call("LIST", "auth/token/accessors")[1]["data"]["keys"])


def test_an_error_never_makes_a_token(call, name):
    call("POST", f"auth/userpass/users/{name}", {"password": "right"})
    call("POST", f"auth/approle/role/{name}", {"secret_id_num_uses": 1})
    role_id = call("GET", f"auth/approle/role/{name}/role-id")[1]["data"]["role_id"]
    secret_id = call("POST", f"auth/approle/role/{name}/secret-id", {})[1]["data"]["secret_id"]
    call("POST", f"auth/approle/role/{name}", {"token_bound_cidrs": "203.0.113.0/24"})
    before = tokens_of(call)
    attempts = [
        ("auth/token/create", {"policies": ["default"], "ttl": "nonsense"}),
        ("auth/token/create", {"policies": ["default"], "type": "royal"}),
        ("auth/token/create", {"policies": ["default"], "num_uses": -1}),
        ("auth/token/create", {"policies": ["default"], "explicit_max_ttl": "-1s"}),
        ("auth/token/create/no-such-role", {}),
        (f"auth/userpass/login/{name}", {"password": "wrong"}),
        (f"auth/userpass/login/{name}", {"password": ""}),
        (f"auth/userpass/login/{name}", {"password": ["right"]}),
        ("auth/approle/login", {"role_id": role_id}),
        ("auth/approle/login", {"role_id": role_id, "secret_id": "wrong"}),
        ("auth/approle/login", {"role_id": role_id, "secret_id": secret_id}),  # from the wrong network
        ("sys/wrapping/unwrap", {"token": "hvs.unknown"}),
    ]
    for path, body in attempts:
        status, answer = call("POST", path, body)
        assert 400 <= status < 500, (path, body, answer)
        assert not granted(answer) and not answer.get("wrap_info"), (path, body)
    assert tokens_of(call) == before


def test_an_error_that_was_to_be_wrapped_makes_no_token(open_server, call):
    before = tokens_of(call)
    for path, body in (("auth/token/create", {"ttl": "nonsense"}), ("sys/mounts/x", {"type": "no-such"}),
                       ("secret/data/x", {"data": 5})):
        status, _, text = open_server.request("POST", f"/v1/{path}", body, {"X-Vault-Wrap-TTL": "5m"},
                                              open_server.root_token)
        assert 400 <= status < 500 and "wrap_info" not in json.loads(text)
    assert tokens_of(call) == before


# TTLs -----------------------------------------------------------------------------------------------

@pytest.mark.parametrize("asked, low, high", [
    (0, 1, MAX_TTL), ("0", 1, MAX_TTL), ("0s", 1, MAX_TTL), ("1s", 1, 1), ("768h", MAX_TTL, MAX_TTL),
    ("769h", 1, MAX_TTL), ("87600h", 1, MAX_TTL), (1, 1, 1),
])
def test_lives_at_their_edges(call, asked, low, high):
    for field in ("ttl", "period"):
        status, answer = call("POST", "auth/token/create", {"policies": ["default"], field: asked})
        if status == 400:
            continue
        assert status == 200 and low <= answer["auth"]["lease_duration"] <= max(high, low)
        renewed = call("POST", "auth/token/renew", {"token": granted(answer), "increment": "99999h"})[1]
        assert (renewed.get("auth") or {}).get("lease_duration", 0) <= MAX_TTL


def test_one_second_is_one_second(call):
    token = granted(call("POST", "auth/token/create", {"policies": ["default"], "ttl": "1s"})[1])
    assert call("GET", "auth/token/lookup-self", token=token)[0] == 200
    time.sleep(1.2)
    assert call("GET", "auth/token/lookup-self", token=token)[0] == 403
    assert call("POST", "auth/token/renew-self", {}, token=token)[0] == 403
    assert call("POST", "auth/token/renew", {"token": token})[0] in (400, 403)
    assert call("POST", "auth/token/create", {}, token=token)[0] == 403


def test_a_one_time_token_in_parallel_is_used_once(open_server, call):
    wrapped = [open_server.request("POST", "/v1/sys/wrapping/wrap", {"v": "x"}, {"X-Vault-Wrap-TTL": "5m"},
                                   open_server.root_token)[2] for _ in range(5)]
    with concurrent.futures.ThreadPoolExecutor(8) as pool:
        for text in wrapped:
            token = json.loads(text)["wrap_info"]["token"]
            opened = list(pool.map(lambda _: call("POST", "sys/wrapping/unwrap", {"token": token})[0], range(8)))
            assert opened.count(200) == 1, opened
        for _ in range(5):
            token = granted(call("POST", "auth/token/create", {"policies": ["default"], "num_uses": 3})[1])
            used = list(pool.map(lambda _: call("GET", "auth/token/lookup-self", token=token)[0], range(12)))
            assert used.count(200) == 3, used


# Browsers, root's traces -----------------------------------------------------------------------------

@pytest.mark.parametrize("header, value", [
    ("Origin", "https://evil.example"), ("Origin", "null"), ("Origin", "http://localhost.evil.example"),
    ("Host", "evil.example"),
])
def test_foreign_pages_are_refused(open_server, header, value):
    for method, path in (("GET", "sys/seal-status"), ("PUT", "sys/unseal"), ("GET", "sys/mounts"),
                         ("GET", "secret/data/x"), ("OPTIONS", "sys/mounts")):
        status, headers, _ = open_server.request(method, f"/v1/{path}", headers={header: value},
                                                 token=open_server.root_token)
        assert 400 <= status < 500 and "Access-Control-Allow-Origin" not in headers


def test_a_root_token_leaves_an_event_and_a_count(open_server, call, token_with):
    def uses():
        text = open_server.request("GET", "/v1/sys/metrics?format=prometheus",
                                   token=open_server.root_token)[2].decode()
        (line,) = [l for l in text.splitlines() if l.startswith("coffer_root_token_uses_total")]
        return int(float(line.split()[-1]))

    def events():
        text = open_server.request("GET", "/api/v1/audit/events?type=auth.root_used&tail=true&limit=1",
                                   token=open_server.root_token)[2]
        return json.loads(text)["events"][-1]["sequence"]

    plain = token_with('path "kv1/*" { capabilities = ["read"] }')
    count, last = uses(), events()
    call("GET", "kv1/x", token=plain)
    assert uses() == count + 2, "the reading of events and that of the metrics"
    call("GET", "kv1/x")
    assert uses() == count + 4 and events() > last
    call("GET", "sys/internal/ui/mounts")  # needs no policy, but it was root that asked
    assert uses() == count + 7


def test_a_token_made_again_does_not_see_its_predecessors_cubbyhole(server, name):
    wanted = {"id": f"fixed-{name}", "policies": ["default"]}
    for _ in range(2):
        made = server.json("POST", "/v1/auth/token/create", wanted, token=server.root_token)["auth"]
        token = made["client_token"]
        assert server.request("GET", "/v1/cubbyhole/x", token=token)[0] == 404
        server.json("POST", "/v1/cubbyhole/x", {"v": "mine"}, token=token)
        assert server.json("GET", "/v1/cubbyhole/x", token=token)["data"] == {"v": "mine"}
        server.json("POST", "/v1/auth/token/revoke", {"token": token}, token=server.root_token)
