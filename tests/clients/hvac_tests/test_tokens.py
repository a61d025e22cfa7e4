"""Tokens: making, renewing, looking up, roles, trees, batch tokens, leases."""

import hvac
import pytest
from hvac.exceptions import Forbidden, InvalidPath, InvalidRequest

HOUR = 3600


@pytest.fixture
def as_token(server):
    return lambda token: hvac.Client(url=server.address, token=token)


def alive(client):
    try:
        client.auth.token.lookup_self()
        return True
    except Forbidden:
        return False


def test_a_new_token_has_what_was_asked(root):
    auth = root.auth.token.create(policies=["zebra", "apple"], ttl="1h", meta={"team": "pay"},
                                  display_name="job")["auth"]
    assert auth["client_token"].startswith("hvs.") and auth["accessor"]
    assert auth["policies"] == auth["token_policies"] == ["apple", "default", "zebra"]
    assert auth["metadata"] == {"team": "pay"} and auth["lease_duration"] == HOUR
    assert (auth["renewable"], auth["token_type"], auth["orphan"]) == (True, "service", False)
    data = root.auth.token.lookup(auth["client_token"])["data"]
    assert data["id"] == auth["client_token"] and data["accessor"] == auth["accessor"]
    assert data["display_name"] == "token-job" and data["path"] == "auth/token/create"
    assert data["meta"] == {"team": "pay"} and data["creation_ttl"] == HOUR
    assert HOUR - 60 < data["ttl"] <= HOUR and data["expire_time"] and data["num_uses"] == 0
    assert data["explicit_max_ttl"] == 0 and isinstance(data["creation_time"], int)


def test_the_root_token_describes_itself(root):
    data = root.auth.token.lookup_self()["data"]
    assert data["policies"] == ["root"] and data["ttl"] == 0 and data["expire_time"] is None
    assert data["orphan"] is True and data["type"] == "service"


def test_the_default_policy_can_be_left_out(root):
    auth = root.auth.token.create(policies=["only"], no_default_policy=True)["auth"]
    assert auth["policies"] == ["only"]


def test_the_accessor_reveals_no_token(root):
    auth = root.auth.token.create(policies=["default"])["auth"]
    data = root.auth.token.lookup_accessor(auth["accessor"])["data"]
    assert data["id"] == "" and data["accessor"] == auth["accessor"]
    assert auth["accessor"] in root.auth.token.list_accessors()["data"]["keys"]
    root.auth.token.renew_accessor(auth["accessor"])
    root.auth.token.revoke_accessor(auth["accessor"])
    with pytest.raises(InvalidRequest, match="invalid accessor"):
        root.auth.token.lookup_accessor(auth["accessor"])
    with pytest.raises(Forbidden, match="bad token"):
        root.auth.token.lookup(auth["client_token"])


def test_renewing(root, as_token):
    auth = root.auth.token.create(policies=["default"], ttl="1h")["auth"]
    longer = root.auth.token.renew(auth["client_token"], increment="2h")["auth"]
    assert longer["client_token"] == auth["client_token"] and longer["lease_duration"] == 2 * HOUR
    assert as_token(auth["client_token"]).auth.token.renew_self(increment=1800)["auth"][
        "lease_duration"] == 1800
    fixed = root.auth.token.create(policies=["default"], ttl="1h", renewable=False)["auth"]
    assert fixed["renewable"] is False
    with pytest.raises(InvalidRequest, match="lease is not renewable"):
        root.auth.token.renew(fixed["client_token"])


def test_an_explicit_maximum_is_never_exceeded(root):
    auth = root.auth.token.create(policies=["default"], ttl="2h", explicit_max_ttl="1h")["auth"]
    assert auth["lease_duration"] == HOUR
    renewed = root.auth.token.renew(auth["client_token"], increment="5h")["auth"]
    assert HOUR - 60 < renewed["lease_duration"] <= HOUR
    assert root.auth.token.lookup(auth["client_token"])["data"]["explicit_max_ttl"] == HOUR


def test_a_periodic_token_renews_to_its_period(root):
    auth = root.auth.token.create(policies=["default"], period="1h")["auth"]
    assert auth["lease_duration"] == HOUR
    assert root.auth.token.lookup(auth["client_token"])["data"]["period"] == HOUR
    assert root.auth.token.renew(auth["client_token"], increment="9h")["auth"]["lease_duration"] == HOUR


def test_a_token_of_two_uses_has_two_uses(root, as_token):
    auth = root.auth.token.create(policies=["default"], num_uses=2)["auth"]
    assert auth["num_uses"] == 2
    client = as_token(auth["client_token"])
    assert [alive(client) for _ in range(4)] == [True, True, False, False]


def test_revoking_a_parent_revokes_the_tree(root, as_token):
    def child_of(client, **options):
        return as_token(client.auth.token.create(policies=["root"], **options)["auth"]["client_token"])

    parent = child_of(root)
    child = child_of(parent)
    grandchild, orphan = child_of(child), child_of(child, no_parent=True)
    assert orphan.auth.token.lookup_self()["data"]["orphan"] is True
    assert root.auth.token.revoke(parent.token).status_code == 204
    assert [alive(c) for c in (parent, child, grandchild, orphan)] == [False, False, False, True]
    orphan.auth.token.revoke_self()
    assert not alive(orphan) and alive(root)


def test_children_can_be_orphaned(root, as_token):
    parent = as_token(root.auth.token.create(policies=["root"])["auth"]["client_token"])
    child = as_token(parent.auth.token.create(policies=["default"])["auth"]["client_token"])
    assert root.auth.token.revoke_and_orphan_children(parent.token).status_code == 204
    assert not alive(parent) and alive(child)
    assert child.auth.token.lookup_self()["data"]["orphan"] is True


def test_create_orphan(root, as_token):
    auth = root.auth.token.create_orphan(policies=["default"])["auth"]
    assert auth["orphan"] is True and alive(as_token(auth["client_token"]))


def test_a_child_gets_no_policy_that_its_parent_lacks(root, client_with):
    limited = client_with('path "auth/token/create" { capabilities = ["update"] }')
    with pytest.raises((InvalidRequest, Forbidden)):
        limited.auth.token.create(policies=["somebody-elses"])
    own = limited.auth.token.lookup_self()["data"]["policies"]
    assert limited.auth.token.create()["auth"]["policies"] == own


def test_batch_tokens(root, as_token):
    auth = root.auth.token.create(policies=["default"], type="batch", ttl="10m")["auth"]
    assert auth["client_token"].startswith("hvb.") and auth["token_type"] == "batch"
    assert auth["accessor"] == "" and auth["renewable"] is False
    client = as_token(auth["client_token"])
    assert client.auth.token.lookup_self()["data"]["type"] == "batch"
    for refused in (lambda: root.auth.token.renew(auth["client_token"]),
                    lambda: root.auth.token.revoke(auth["client_token"]),
                    lambda: root.auth.token.create(type="batch", num_uses=3),
                    lambda: root.auth.token.create(type="batch", period="1h")):
        with pytest.raises(InvalidRequest):
            refused()
    altered = auth["client_token"][:-2] + ("AA" if auth["client_token"][-2:] != "AA" else "BB")
    assert not alive(as_token(altered))


def test_token_roles(root, as_token, name):
    roles = root.auth.token
    assert roles.create_or_update_role(
        name, allowed_policies=["default", "pay"], orphan=True, renewable=False,
        path_suffix="jobs").status_code == 204
    data = roles.read_role(name)["data"]
    assert data["name"] == name and data["orphan"] is True and data["renewable"] is False
    assert data["allowed_policies"] == ["default", "pay"] and data["path_suffix"] == "jobs"
    assert name in roles.list_roles()["data"]["keys"]
    made = roles.create(role_name=name, policies=["pay"])["auth"]
    assert made["orphan"] is True and made["renewable"] is False
    assert roles.lookup(made["client_token"])["data"]["role"] == name
    with pytest.raises(InvalidRequest):
        roles.create(role_name=name, policies=["other"])
    assert roles.delete_role(name).status_code == 204
    with pytest.raises(InvalidPath):
        roles.read_role(name)


@pytest.mark.parametrize("options", [
    {"ttl": "-1s"}, {"ttl": "soon"}, {"ttl": "1e30h"}, {"num_uses": -1}, {"type": "royal"},
    {"period": "-5m"}, {"explicit_max_ttl": "99999999999999h"}, {"policies": [["nested"]]},
])
def test_impossible_wishes_are_refused(root, options):
    with pytest.raises(InvalidRequest):
        root.auth.token.create(**options)


def test_unknown_tokens_are_refused(as_token, server):
    for token in ("hvs.unknown", "", "x" * 2000, "hvb." + "A" * 100, server.root_token + "x"):
        assert not alive(as_token(token)), token


def test_tokens_are_leases(root, as_token, name):
    root.auth.token.create_or_update_role(name, allowed_policies=["default"])
    client = as_token(root.auth.token.create(role_name=name, ttl="1h")["auth"]["client_token"])
    (key,) = root.sys.list_leases(f"auth/token/create/{name}/")["data"]["keys"]
    lease_id = f"auth/token/create/{name}/{key}"
    lease = root.sys.read_lease(lease_id)["data"]
    assert lease["id"] == lease_id and client.token not in lease_id
    assert HOUR - 60 < lease["ttl"] <= HOUR and lease["renewable"] is True
    assert lease["issue_time"] and lease["expire_time"] and "last_renewal" in lease
    renewed = root.sys.renew_lease(lease_id, increment=2 * HOUR)
    assert renewed["lease_id"] == lease_id and renewed["lease_duration"] == 2 * HOUR
    assert client.auth.token.lookup_self()["data"]["ttl"] > HOUR
    with pytest.raises(InvalidRequest, match="invalid lease"):
        root.sys.read_lease("auth/token/create/unknown")
    with pytest.raises(InvalidPath):
        root.sys.list_leases("auth/nothing/")


def test_a_revoked_lease_is_a_revoked_token(root, as_token, name):
    root.auth.token.create_or_update_role(name, allowed_policies=["default"])
    for revoke in (root.sys.revoke_lease, root.sys.revoke_prefix, root.sys.revoke_force):
        client = as_token(root.auth.token.create(role_name=name)["auth"]["client_token"])
        prefix = f"auth/token/create/{name}/"
        (key,) = root.sys.list_leases(prefix)["data"]["keys"]
        answer = revoke(prefix + key if revoke == root.sys.revoke_lease else prefix)
        assert answer.status_code == 204
        assert not alive(client)
        with pytest.raises(InvalidPath):
            root.sys.list_leases(prefix)
