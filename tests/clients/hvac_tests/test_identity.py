"""Entities and their aliases."""

import hvac
import pytest
from hvac.exceptions import Forbidden, InvalidPath, InvalidRequest


@pytest.fixture
def identity(root):
    return root.secrets.identity


@pytest.fixture
def users(root, name):
    """Userpass at a path of its own, with one user; gives (path, accessor)."""
    path = f"people-{name}"
    root.sys.enable_auth_method("userpass", path=path)
    root.auth.userpass.create_or_update_user("ann", "right", mount_point=path)
    return path, root.sys.list_auth_methods()["data"][f"{path}/"]["accessor"]


def test_entities_by_id_and_by_name(identity, name):
    made = identity.create_or_update_entity(name, metadata={"team": "blue"}, policies=["pay"])["data"]
    assert set(made) >= {"id", "name", "aliases"} and made["name"] == name
    data = identity.read_entity(made["id"])["data"]
    assert (data["metadata"], data["policies"], data["disabled"]) == ({"team": "blue"}, ["pay"], False)
    assert identity.read_entity_by_name(name)["data"]["id"] == made["id"]
    assert identity.update_entity(made["id"], name=f"{name}-new", policies=[]).status_code == 204
    with pytest.raises(InvalidPath):
        identity.read_entity_by_name(name)
    assert identity.create_or_update_entity_by_name(f"{name}-new", disabled=True).status_code == 204
    assert identity.read_entity(made["id"])["data"]["disabled"] is True
    assert made["id"] in identity.list_entities()["data"]["keys"]
    assert f"{name}-new" in identity.list_entities_by_name()["data"]["keys"]
    assert identity.lookup_entity(entity_id=made["id"])["data"]["name"] == f"{name}-new"
    assert identity.delete_entity_by_name(f"{name}-new").status_code == 204
    with pytest.raises(InvalidPath):
        identity.read_entity(made["id"])
    assert identity.delete_entity(made["id"]).status_code == 204, "gone already"
    with pytest.raises(InvalidRequest):
        identity.create_or_update_entity(f"{name}-bad", policies=["root"])


def test_an_alias_ties_a_login_to_an_entity(root, identity, users, name, server):
    path, accessor = users
    root.sys.create_or_update_policy(f"see-{name}", 'path "sys/mounts" { capabilities = ["read"] }')
    entity = identity.create_or_update_entity(name, policies=[f"see-{name}"])["data"]["id"]
    alias = identity.create_or_update_entity_alias("ann", entity, accessor)["data"]
    assert alias["canonical_id"] == entity
    data = identity.read_entity_alias(alias["id"])["data"]
    assert (data["name"], data["mount_path"], data["mount_type"]) == ("ann", f"auth/{path}/", "userpass")
    assert alias["id"] in identity.list_entity_aliases()["data"]["keys"]
    auth = root.auth.userpass.login("ann", "right", use_token=False, mount_point=path)["auth"]
    assert auth["entity_id"] == entity and auth["identity_policies"] == [f"see-{name}"]
    client = hvac.Client(url=server.address, token=auth["client_token"])
    assert client.sys.list_mounted_secrets_engines()["data"]
    assert identity.lookup_entity(alias_name="ann", alias_mount_accessor=accessor)["data"]["id"] == entity
    other = identity.create_or_update_entity(f"{name}-other")["data"]["id"]
    assert identity.update_entity_alias(alias["id"], "ann", other, accessor)["data"]["canonical_id"] == other
    assert identity.delete_entity_alias(alias["id"]).status_code == 204
    with pytest.raises(InvalidPath):
        identity.read_entity_alias(alias["id"])
    with pytest.raises(InvalidRequest):
        identity.create_or_update_entity_alias("ann", entity, "no-such-accessor")


def test_merging_and_deleting_entities(root, identity, users, name, server):
    path, accessor = users
    auth = root.auth.userpass.login("ann", "right", use_token=False, mount_point=path)["auth"]
    target = identity.create_or_update_entity(name)["data"]["id"]
    assert identity.merge_entities([auth["entity_id"]], target).status_code == 204
    again = root.auth.userpass.login("ann", "right", use_token=False, mount_point=path)["auth"]
    assert again["entity_id"] == target
    with pytest.raises(Forbidden):
        hvac.Client(url=server.address, token=auth["client_token"]).auth.token.lookup_self()
    assert identity.delete_entity(target).status_code == 204
    with pytest.raises(Forbidden):
        hvac.Client(url=server.address, token=again["client_token"]).auth.token.lookup_self()
    with pytest.raises(InvalidRequest):
        identity.merge_entities([auth["entity_id"]], name)
