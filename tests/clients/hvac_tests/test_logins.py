"""AppRole and userpass."""

import hvac
import pytest
from hvac.exceptions import Forbidden, InvalidPath, InvalidRequest, VaultError


@pytest.fixture
def approle(root, name):
    root.sys.enable_auth_method("approle", path=f"role-{name}")

    class Bound:
        def __getattr__(self, call):
            function = getattr(root.auth.approle, call)
            return lambda *args, **named: function(*args, mount_point=f"role-{name}", **named)

        def ids(self, role):
            return (self.read_role_id(role)["data"]["role_id"],
                    self.generate_secret_id(role)["data"]["secret_id"])

        def login(self, role_id, secret_id):
            return root.auth.approle.login(role_id, secret_id, use_token=False,
                                           mount_point=f"role-{name}")["auth"]

    return Bound()


def test_approle_roles(approle):
    approle.create_or_update_approle("web", token_policies=["pay", "mail"], token_ttl="20m",
                                     token_max_ttl="30m", secret_id_num_uses=40, secret_id_ttl="10m")
    data = approle.read_role("web")["data"]
    assert sorted(data["token_policies"]) == ["mail", "pay"] and data["bind_secret_id"] is True
    assert (data["token_ttl"], data["token_max_ttl"]) == (1200, 1800)
    assert (data["secret_id_num_uses"], data["secret_id_ttl"]) == (40, 600)
    assert approle.list_roles()["data"]["keys"] == ["web"]
    assert approle.update_role_id("web", "custom-role-id").status_code == 204
    assert approle.read_role_id("web")["data"]["role_id"] == "custom-role-id"
    assert approle.delete_role("web").status_code == 204
    with pytest.raises(InvalidPath):
        approle.read_role("web")
    with pytest.raises(InvalidPath):
        approle.list_roles()


def test_approle_login(root, approle, server):
    root.sys.create_or_update_policy("pay", 'path "pay/*" { capabilities = ["read"] }')
    approle.create_or_update_approle("web", token_policies=["pay"], token_ttl="20m")
    role_id = approle.read_role_id("web")["data"]["role_id"]
    made = approle.generate_secret_id("web", metadata={"host": "a1"})["data"]
    assert made["secret_id_accessor"] and made["secret_id_ttl"] == 0
    auth = approle.login(role_id, made["secret_id"])
    assert auth["policies"] == ["default", "pay"] and auth["lease_duration"] == 1200
    assert auth["metadata"] == {"role_name": "web", "host": "a1"}
    assert auth["entity_id"] and auth["orphan"] is True
    client = hvac.Client(url=server.address, token=auth["client_token"])
    assert client.auth.token.lookup_self()["data"]["meta"]["role_name"] == "web"


def test_approle_refuses_wrong_ids_alike(approle):
    approle.create_or_update_approle("web")
    approle.create_or_update_approle("other")
    (role_id, secret_id), (_, foreign) = approle.ids("web"), approle.ids("other")
    messages = set()
    for role, secret in ((role_id, "wrong"), ("wrong", secret_id), (role_id, foreign),
                         (role_id, ""), ("", secret_id), (role_id, secret_id.upper() + "x")):
        with pytest.raises(InvalidRequest) as refused:
            approle.login(role, secret)
        if role and secret:
            messages.add(str(refused.value).split(", on")[0])
    assert len(messages) == 1, f"the answers tell which half was wrong: {messages}"
    assert approle.login(role_id, secret_id)["client_token"]


def test_approle_secret_ids_are_used_up(approle):
    approle.create_or_update_approle("web", secret_id_num_uses=2)
    role_id, secret_id = approle.ids("web")
    assert approle.read_secret_id("web", secret_id)["data"]["secret_id_num_uses"] == 2
    approle.login(role_id, secret_id)
    assert approle.read_secret_id("web", secret_id)["data"]["secret_id_num_uses"] == 1
    approle.login(role_id, secret_id)
    with pytest.raises(InvalidRequest):
        approle.login(role_id, secret_id)


def test_approle_secret_ids_are_looked_up_and_destroyed(approle):
    approle.create_or_update_approle("web")
    role_id = approle.read_role_id("web")["data"]["role_id"]
    assert approle.create_custom_secret_id("web", "chosen-secret", metadata={"k": "v"})["data"][
        "secret_id"] == "chosen-secret"
    found = approle.read_secret_id("web", "chosen-secret")["data"]
    assert found["metadata"] == {"k": "v"} and found["creation_time"]
    accessor = found["secret_id_accessor"]
    assert approle.read_secret_id_accessor("web", accessor)["data"]["metadata"] == {"k": "v"}
    assert approle.list_secret_id_accessors("web")["data"]["keys"] == [accessor]
    assert approle.login(role_id, "chosen-secret")["client_token"]
    assert approle.destroy_secret_id("web", "chosen-secret").status_code == 204
    assert approle.read_secret_id("web", "chosen-secret").status_code == 204
    with pytest.raises(InvalidRequest):
        approle.login(role_id, "chosen-secret")
    with pytest.raises(InvalidPath):
        approle.list_secret_id_accessors("web")
    second = approle.generate_secret_id("web")["data"]
    assert approle.destroy_secret_id_accessor("web", second["secret_id_accessor"]).status_code == 204
    with pytest.raises(InvalidRequest):
        approle.login(role_id, second["secret_id"])


def test_approle_operations_are_bound_to_their_role(approle):
    approle.create_or_update_approle("web")
    approle.create_or_update_approle("other")
    role_id, secret_id = approle.ids("web")
    accessor = approle.list_secret_id_accessors("web")["data"]["keys"][0]
    assert approle.read_secret_id("other", secret_id).status_code == 204
    for call, value in (("destroy_secret_id", secret_id), ("destroy_secret_id_accessor", accessor),
                        ("read_secret_id_accessor", accessor)):
        try:
            getattr(approle, call)("other", value)
        except VaultError:
            pass
    assert approle.login(role_id, secret_id)["client_token"], "another role destroyed it"


def test_approle_networks(approle):
    approle.create_or_update_approle("far", secret_id_bound_cidrs=["203.0.113.0/24"])
    approle.create_or_update_approle("near", token_bound_cidrs=["127.0.0.0/8"])
    with pytest.raises((InvalidRequest, Forbidden)):
        approle.login(*approle.ids("far"))
    assert approle.login(*approle.ids("near"))["client_token"]


def test_approle_tells_networks_as_vault_does(approle):
    approle.create_or_update_approle("web", secret_id_bound_cidrs=["127.0.0.1/32"])
    assert approle.read_role("web")["data"]["secret_id_bound_cidrs"] == ["127.0.0.1/32"]
    made = approle.generate_secret_id("web", cidr_list=["127.0.0.1/32"])["data"]
    read = approle.read_secret_id_accessor("web", made["secret_id_accessor"])["data"]
    assert read["cidr_list"] == ["127.0.0.1/32"]


@pytest.fixture
def people(root, name):
    root.sys.enable_auth_method("userpass", path=f"people-{name}")

    class Bound:
        def __getattr__(self, call):
            function = getattr(root.auth.userpass, call)
            return lambda *args, **named: function(*args, mount_point=f"people-{name}", **named)

        def login(self, user, password):
            return root.auth.userpass.login(user, password, use_token=False,
                                            mount_point=f"people-{name}")["auth"]

    return Bound()


def test_userpass(people):
    assert people.create_or_update_user("alice", "first", policies="pay").status_code == 204
    assert people.list_user()["data"]["keys"] == ["alice"]
    assert "password" not in people.read_user("alice")["data"]
    auth = people.login("alice", "first")
    assert auth["policies"] == ["default", "pay"] and auth["metadata"] == {"username": "alice"}
    assert people.login("ALICE", "first")["entity_id"] == auth["entity_id"]
    with pytest.raises(InvalidRequest, match="invalid username or password"):
        people.login("alice", "wrong")
    with pytest.raises(InvalidRequest, match="invalid username or password"):
        people.login("nobody", "wrong")
    people.update_password_on_user("alice", "second")
    with pytest.raises(InvalidRequest):
        people.login("alice", "first")
    assert people.login("alice", "second")["client_token"]
    assert people.delete_user("alice").status_code == 204
    with pytest.raises(InvalidRequest):
        people.login("alice", "second")
    with pytest.raises(InvalidPath):
        people.read_user("alice")


def test_who_logged_in_is_authenticated_though_a_policy_was_never_written(people, server):
    people.create_or_update_user("carl", "right", policies="never-written")
    client = hvac.Client(url=server.address, token=people.login("carl", "right")["client_token"])
    assert client.is_authenticated()
    with pytest.raises(Forbidden):
        client.auth.token.renew_self()
    client.auth.token.revoke_self()
    assert not client.is_authenticated()


def test_userpass_locks_out_whatever_the_spelling(people):
    people.create_or_update_user("bob", "right", policies="default")
    for spelling in ("bob", "Bob", "BOB", "bOb", "boB"):
        with pytest.raises((InvalidRequest, Forbidden)):
            people.login(spelling, "wrong")
    with pytest.raises(Forbidden):
        people.login("bob", "right")
