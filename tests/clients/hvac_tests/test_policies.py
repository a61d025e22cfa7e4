"""Policies: their text, what they deny, capabilities."""

import json

import pytest
from hvac.exceptions import Forbidden, InvalidPath, InvalidRequest

HCL = '''# kept with its comment
path "sys" {
  policy = "deny"
}

  path "secret/*" {
  policy = "write" }
path "auth/token/lookup-self" { capabilities = ["read"] }
'''
ROOT_SPELLINGS = ("root", "Root", "ROOT", " root", "root ", "rOOt\t")


def test_the_text_comes_back_byte_for_byte(root, name):
    assert root.sys.create_or_update_policy(name, HCL).status_code == 204
    read = root.sys.read_policy(name)
    assert read["rules"] == HCL and read["data"]["rules"] == HCL and read["data"]["name"] == name
    assert root.sys.read_acl_policy(name)["data"]["policy"] == HCL
    assert name in root.sys.list_policies()["policies"]
    assert name in root.sys.list_policies()["data"]["keys"]
    assert name in root.sys.list_acl_policies()["data"]["keys"]
    assert root.sys.delete_policy(name).status_code == 204
    assert name not in root.sys.list_policies()["data"]["policies"]
    for read_call in (root.sys.read_policy, root.sys.read_acl_policy):
        with pytest.raises(InvalidPath):
            read_call(name)


def test_a_policy_as_json(root, kv1, name, client_with):
    document = {"path": {f"{kv1}/app": {"capabilities": ["read"]}}}
    root.sys.create_or_update_policy(name, document, pretty_print=False)
    assert json.loads(root.sys.read_policy(name)["data"]["rules"]) == document
    root.secrets.kv.v1.create_or_update_secret("app", {"a": "b"}, mount_point=kv1)
    reader = client_with(json.dumps(document))
    assert reader.secrets.kv.v1.read_secret("app", mount_point=kv1)["data"] == {"a": "b"}
    with pytest.raises(Forbidden):
        reader.secrets.kv.v1.read_secret("other", mount_point=kv1)


@pytest.mark.parametrize("text", [
    "path {", 'path "a" { capabilities = ["fly"] }', 'path "a" { capabilites = ["read"] }',
    'path "a" { capabilities = "read" ', 'paths "a" { capabilities = ["read"] }', '{"path": 5}',
    'path "a" { policy = "admin" }',
])
def test_a_malformed_policy_is_refused(root, name, text):
    with pytest.raises(InvalidRequest):
        root.sys.create_or_update_acl_policy(name, text)
    with pytest.raises(InvalidPath):
        root.sys.read_acl_policy(name)


def test_built_in_policies_are_protected(root):
    assert {"default", "root"} <= set(root.sys.list_policies()["data"]["policies"])
    with pytest.raises(InvalidRequest):
        root.sys.delete_policy("default")
    for spelling in ("root", "ROOT", "Root"):
        with pytest.raises(InvalidRequest):
            root.sys.create_or_update_policy(spelling, HCL)
        with pytest.raises(InvalidRequest):
            root.sys.delete_policy(spelling)


@pytest.mark.parametrize("spelling", ROOT_SPELLINGS)
def test_nobody_becomes_root_by_spelling(client_with, spelling):
    maker = client_with('path "auth/token/create*" { capabilities = ["create", "update", "sudo"] }')
    try:
        made = maker.auth.token.create(policies=[spelling])["auth"]
    except (Forbidden, InvalidRequest):
        return
    assert "root" not in [policy.strip().lower() for policy in made["policies"]]


def test_what_is_not_granted_is_denied(root, kv2, client_with):
    kv = root.secrets.kv.v2
    for path in ("app/db", "app/private", "other"):
        kv.create_or_update_secret(path, {"v": path}, mount_point=kv2)
    reader = client_with(f'''
        path "{kv2}/data/app/*" {{ capabilities = ["read"] }}
        path "{kv2}/data/app/private" {{ capabilities = ["deny"] }}
        path "{kv2}/metadata/app/*" {{ capabilities = ["list"] }}''').secrets.kv.v2
    read = reader.read_secret_version("app/db", mount_point=kv2, raise_on_deleted_version=True)
    assert read["data"]["data"] == {"v": "app/db"}
    assert reader.list_secrets("app", mount_point=kv2)["data"]["keys"] == ["db", "private"]
    denied = [
        lambda: reader.read_secret_version("app/private", mount_point=kv2),
        lambda: reader.read_secret_version("other", mount_point=kv2),
        lambda: reader.read_secret_version("absent", mount_point=kv2),
        lambda: reader.create_or_update_secret("app/db", {"v": "x"}, mount_point=kv2),
        lambda: reader.delete_latest_version_of_secret("app/db", mount_point=kv2),
        lambda: reader.destroy_secret_versions("app/db", [1], mount_point=kv2),
        lambda: reader.read_secret_metadata("app/db", mount_point=kv2),
        lambda: reader.list_secrets("", mount_point=kv2),
        lambda: reader.delete_metadata_and_all_versions("app/db", mount_point=kv2),
    ]
    for number, call in enumerate(denied):
        with pytest.raises(Forbidden):
            call()
            pytest.fail(f"call {number} was allowed")


@pytest.mark.parametrize("grant", ["{m}/*", "{m}/+/box", "{m}/a/*", "+/a/box*"])
def test_deny_holds_for_every_verb_against_wide_grants(root, kv1, client_with, grant):
    everything = '["create", "read", "update", "delete", "list", "patch", "scan", "sudo"]'
    root.secrets.kv.v1.create_or_update_secret("a/box/inside", {"v": "x"}, mount_point=kv1)
    root.secrets.kv.v1.create_or_update_secret("a/box", {"v": "x"}, mount_point=kv1)
    client = client_with(f'''
        path "{grant.format(m=kv1)}" {{ capabilities = {everything} }}
        path "{kv1}/a/box" {{ capabilities = ["deny"] }}
        path "{kv1}/a/box/*" {{ capabilities = ["deny"] }}''')
    for path in ("a/box", "a/box/inside"):
        for verb in ("get", "list", "scan", "post", "put", "delete"):
            body = {"json": {"v": "y"}} if verb in ("post", "put") else {}
            with pytest.raises(Forbidden):
                client.adapter.request(verb, f"/v1/{kv1}/{path}", **body)
    with pytest.raises(Forbidden):
        client.adapter.get(f"/v1/{kv1}/a/box", params={"list": "true"})
    assert root.secrets.kv.v1.read_secret("a/box", mount_point=kv1)["data"] == {"v": "x"}


def test_create_and_update_are_two_capabilities(root, kv2, client_with):
    root.secrets.kv.v2.create_or_update_secret("old", {"v": 1}, mount_point=kv2)
    creator = client_with(f'path "{kv2}/data/*" {{ capabilities = ["create"] }}').secrets.kv.v2
    updater = client_with(f'path "{kv2}/data/*" {{ capabilities = ["update"] }}').secrets.kv.v2
    creator.create_or_update_secret("new", {"v": 1}, mount_point=kv2)
    updater.create_or_update_secret("old", {"v": 2}, mount_point=kv2)
    with pytest.raises(Forbidden):
        creator.create_or_update_secret("old", {"v": 3}, mount_point=kv2)
    with pytest.raises(Forbidden):
        updater.create_or_update_secret("newer", {"v": 1}, mount_point=kv2)


def test_capabilities_by_token_and_accessor(root, kv1, client_with):
    path, hidden = f"{kv1}/app", f"{kv1}/hidden"
    client = client_with(f'path "{path}" {{ capabilities = ["read", "update"] }}')
    own = client.sys.get_capabilities(paths=[path, hidden])["data"]
    assert sorted(own[path]) == ["read", "update"] and own[hidden] == ["deny"]
    by_token = root.sys.get_capabilities(paths=[path], token=client.token)
    assert sorted(by_token["capabilities"]) == ["read", "update"]
    accessor = client.auth.token.lookup_self()["data"]["accessor"]
    by_accessor = root.sys.get_capabilities(paths=[path], accessor=accessor)
    assert sorted(by_accessor["data"][path]) == ["read", "update"]
    assert root.sys.get_capabilities(paths=[path])["data"][path] == ["root"]


def test_a_changed_policy_holds_at_once(root, kv1, name, server):
    root.secrets.kv.v1.create_or_update_secret("a", {"b": "c"}, mount_point=kv1)
    root.sys.create_or_update_policy(name, f'path "{kv1}/a" {{ capabilities = ["read"] }}')
    reader = type(root)(url=server.address,
                        token=root.auth.token.create(policies=[name])["auth"]["client_token"])
    assert reader.secrets.kv.v1.read_secret("a", mount_point=kv1)
    root.sys.create_or_update_policy(name, f'path "{kv1}/b" {{ capabilities = ["read"] }}')
    with pytest.raises(Forbidden):
        reader.secrets.kv.v1.read_secret("a", mount_point=kv1)
    root.sys.delete_policy(name)
    with pytest.raises(Forbidden):
        reader.secrets.kv.v1.read_secret("b", mount_point=kv1)


def test_password_policies_make_passwords(root, name):
    text = 'length = 12\nrule "charset" { charset = "abc" min-chars = 1 }'
    path = f"/v1/sys/policies/password/{name}"
    root.adapter.put(path, json={"policy": text})
    assert root.adapter.get(path)["data"]["policy"] == text
    assert name in root.adapter.list("/v1/sys/policies/password")["data"]["keys"]
    made = {root.adapter.get(f"{path}/generate")["data"]["password"] for _ in range(5)}
    assert len(made) > 1 and all(len(p) == 12 and set(p) <= set("abc") for p in made)
    root.adapter.delete(path)


def test_a_caller_reads_its_own_rules(client_with):
    own = client_with('path "kv/*" { capabilities = ["read"] }').adapter.get(
        "/v1/sys/internal/ui/resultant-acl")["data"]
    assert own["root"] is False and own["glob_paths"]["kv/"] == {"capabilities": ["read"]}
