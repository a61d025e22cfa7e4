"""Identity groups, and what they give to their members."""

import hvac
import pytest
from hvac.exceptions import Forbidden, InvalidPath, InvalidRequest


@pytest.fixture
def identity(root):
    return root.secrets.identity


@pytest.fixture
def ann(root, identity, name, server):
    """A user who is logged in; gives (client, entity id)."""
    path = f"people-{name}"
    root.sys.enable_auth_method("userpass", path=path)
    root.auth.userpass.create_or_update_user("ann", "right", mount_point=path)
    auth = root.auth.userpass.login("ann", "right", use_token=False, mount_point=path)["auth"]
    return hvac.Client(url=server.address, token=auth["client_token"]), auth["entity_id"]


def test_groups_by_id_and_by_name(identity, name, ann):
    made = identity.create_or_update_group(name, metadata={"floor": "2"}, policies=["b", "a"],
                                           member_entity_ids=[ann[1]])["data"]
    assert made["name"] == name
    data = identity.read_group(made["id"])["data"]
    assert (data["metadata"], data["policies"], data["type"]) == ({"floor": "2"}, ["a", "b"], "internal")
    assert data["member_entity_ids"] == [ann[1]] and data["member_group_ids"] == []
    assert identity.read_group_by_name(name)["data"]["id"] == made["id"]
    assert identity.update_group(made["id"], f"{name}-new", policies=["c"])["data"]["id"] == made["id"]
    with pytest.raises(InvalidPath):
        identity.read_group_by_name(name)
    assert identity.create_or_update_group_by_name(f"{name}-new")["data"]["id"] == made["id"]
    assert made["id"] in identity.list_groups()["data"]["keys"]
    assert f"{name}-new" in identity.list_groups_by_name()["data"]["keys"]
    assert identity.lookup_group(group_id=made["id"])["data"]["name"] == f"{name}-new"
    assert identity.delete_group_by_name(f"{name}-new").status_code == 204
    assert identity.delete_group(made["id"]).status_code == 204, "gone already"
    with pytest.raises(InvalidPath):
        identity.read_group(made["id"])


def test_a_membership_counts_at_once_and_ends_at_once(root, identity, name, ann):
    client, entity = ann
    root.sys.create_or_update_policy(f"see-{name}", 'path "sys/mounts" { capabilities = ["read"] }')
    team = identity.create_or_update_group(f"{name}-team", member_entity_ids=[entity])["data"]["id"]
    with pytest.raises(Forbidden):
        client.sys.list_mounted_secrets_engines()
    site = identity.create_or_update_group(f"{name}-site", policies=[f"see-{name}"],
                                           member_group_ids=[team])["data"]["id"]
    assert client.sys.list_mounted_secrets_engines()["data"]
    assert client.lookup_token()["data"]["identity_policies"] == [f"see-{name}"]
    shown = identity.read_entity(entity)["data"]
    assert (shown["direct_group_ids"], shown["inherited_group_ids"]) == ([team], [site])
    identity.delete_group(team)
    with pytest.raises(Forbidden):
        client.sys.list_mounted_secrets_engines()
    assert identity.read_group(site)["data"]["member_group_ids"] == []


def test_groups_have_no_circles_and_no_root(identity, name, ann):
    one = identity.create_or_update_group(f"{name}-one")["data"]["id"]
    two = identity.create_or_update_group(f"{name}-two", member_group_ids=[one])["data"]["id"]
    with pytest.raises(InvalidRequest):
        identity.update_group(one, f"{name}-one", member_group_ids=[two])
    for spelling in ("root", "Root", "ROOT", " root", "root ", "root\t", "\u00a0root"):
        with pytest.raises(InvalidRequest):
            identity.update_group(one, f"{name}-one", policies=[spelling])
    with pytest.raises(InvalidRequest):
        identity.create_or_update_group(f"{name}-x", member_entity_ids=["nobody"])
    with pytest.raises(InvalidRequest):
        identity.create_or_update_group(f"{name}-x", group_type="external")
    with pytest.raises(Forbidden):
        ann[0].secrets.identity.create_or_update_group(f"{name}-x")
