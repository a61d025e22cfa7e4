"""init, unseal, seal, health, restart: the life of one server, in its own process."""

import secrets
import signal

import hvac
import pytest
from hvac.exceptions import Forbidden, InvalidRequest, VaultDown


def health(client, method="GET", **codes):
    answer = client.sys.read_health_status(method=method, **codes)
    return 200 if isinstance(answer, dict) else answer.status_code


def wrong_share(share):
    """Of the right length, with the right last byte (x), and certainly another value."""
    return secrets.token_hex(len(share) // 2 - 1) + share[-2:]


def test_a_new_server_says_that_it_is_not_initialised(empty_server):
    client = hvac.Client(url=empty_server.address)
    assert client.sys.read_init_status() == {"initialized": False}
    assert client.sys.is_initialized() is False
    assert health(client) == 501
    assert health(client, method="HEAD") == 501
    assert health(client, uninit_code=299) == 299
    status = client.sys.read_seal_status()
    assert status["initialized"] is False and status["sealed"] is True


@pytest.mark.parametrize("shares, threshold", [(0, 0), (1, 2), (5, 1), (3, 0), (256, 3), (-1, -1)])
def test_init_refuses_impossible_shares(empty_server, shares, threshold):
    client = hvac.Client(url=empty_server.address)
    with pytest.raises(InvalidRequest):
        client.sys.initialize(secret_shares=shares, secret_threshold=threshold)
    assert client.sys.is_initialized() is False


def test_init_gives_shares_and_a_root_token_once(empty_server):
    client = hvac.Client(url=empty_server.address)
    made = client.sys.initialize(secret_shares=5, secret_threshold=3)
    assert len(made["keys"]) == len(made["keys_base64"]) == 5
    assert len(set(made["keys"])) == 5
    assert made["root_token"].startswith("hvs.")
    assert client.sys.is_initialized() is True
    status = client.sys.read_seal_status()
    assert (status["type"], status["t"], status["n"], status["progress"]) == ("shamir", 3, 5, 0)
    assert status["sealed"] is True and status["version"]
    with pytest.raises(InvalidRequest, match="^Vault is already initialized"):
        client.sys.initialize(secret_shares=5, secret_threshold=3)


def test_unseal_share_by_share_with_a_wrong_one_between(empty_server):
    client = hvac.Client(url=empty_server.address)
    made = client.sys.initialize(secret_shares=5, secret_threshold=3)
    first = client.sys.submit_unseal_key(made["keys"][0])
    assert first["sealed"] is True and first["progress"] == 1 and first["nonce"]
    with pytest.raises(InvalidRequest):
        client.sys.submit_unseal_key(wrong_share(made["keys"][1]))
    again = client.sys.submit_unseal_key(made["keys"][0])
    assert again["progress"] == 1, "the same share counted twice"
    assert client.sys.submit_unseal_key(made["keys_base64"][2])["progress"] == 2
    assert client.sys.submit_unseal_key(made["keys"][4])["sealed"] is False
    assert health(client) == 200


def test_unseal_refuses_what_is_no_share(empty_server):
    client = hvac.Client(url=empty_server.address)
    client.sys.initialize(secret_shares=1, secret_threshold=1)
    for body in ({}, {"key": ""}, {"key": "zz"}, {"key": "00" * 500}, {"key": None}):
        status, _, _ = empty_server.request("PUT", "/v1/sys/unseal", body)
        assert status == 400, body
    assert client.sys.is_sealed()


def test_reset_forgets_the_progress_for_who_knows_the_nonce(own_server):
    client = hvac.Client(url=own_server.address, token=own_server.root_token)
    client.sys.seal()
    progress = client.sys.submit_unseal_key(own_server.keys[0])
    assert progress["progress"] == 1
    for nonce in (None, "", "guessed"):
        status, _, _ = own_server.request("PUT", "/v1/sys/unseal", {"reset": True, "nonce": nonce})
        assert status == 400
    assert client.sys.read_seal_status()["progress"] == 1
    answer = own_server.json("PUT", "/v1/sys/unseal", {"reset": True, "nonce": progress["nonce"]})
    assert answer["progress"] == 0 and answer["sealed"] is True
    own_server.unseal()


def test_a_sealed_server_serves_nothing(own_server):
    client = hvac.Client(url=own_server.address, token=own_server.root_token)
    client.sys.seal()
    assert client.sys.is_sealed()
    assert health(client) == 503
    assert health(client, method="HEAD") == 503
    assert health(client, sealed_code=298) == 298
    with pytest.raises(VaultDown, match="sealed"):
        client.sys.list_mounted_secrets_engines()
    with pytest.raises(VaultDown):
        client.auth.token.lookup_self()
    assert client.sys.submit_unseal_keys(own_server.keys[2:])["sealed"] is False
    assert client.is_authenticated()


def test_health_of_an_active_server(own_server):
    client = hvac.Client(url=own_server.address)
    body = client.sys.read_health_status(method="GET")
    assert body["initialized"] is True and body["sealed"] is False and body["standby"] is False
    assert isinstance(body["server_time_utc"], int) and body["version"]
    assert health(client, method="HEAD") == 200
    assert client.sys.read_health_status(method="GET", active_code=202).status_code == 202
    assert client.sys.read_leader_status()["ha_enabled"] is False


def test_only_a_permitted_token_seals(own_server):
    root = hvac.Client(url=own_server.address, token=own_server.root_token)
    plain = root.auth.token.create(policies=["default"])["auth"]["client_token"]
    with pytest.raises(Forbidden):
        hvac.Client(url=own_server.address, token=plain).sys.seal()
    with pytest.raises(Forbidden):
        hvac.Client(url=own_server.address).sys.seal()
    assert not root.sys.is_sealed()


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGKILL], ids=["stopped", "killed"])
def test_a_restart_keeps_everything(own_server, how):
    root = hvac.Client(url=own_server.address, token=own_server.root_token)
    mount = f"kv-{how.name.lower()}"
    root.sys.enable_secrets_engine("kv", path=mount, options={"version": "2"})
    root.secrets.kv.v2.create_or_update_secret("app/db", {"password": "kept"}, mount_point=mount)
    root.secrets.kv.v2.create_or_update_secret("app/db", {"password": "newer"}, mount_point=mount)
    policy = f'path "{mount}/data/*" {{ capabilities = ["read"] }}\n'
    root.sys.create_or_update_policy(mount, policy)
    token = root.auth.token.create(policies=[mount], ttl="1h")["auth"]["client_token"]

    own_server.restart(how)
    assert root.sys.is_initialized() and root.sys.is_sealed()
    assert health(root) == 503
    own_server.unseal()

    reader = hvac.Client(url=own_server.address, token=token)
    read = reader.secrets.kv.v2.read_secret_version("app/db", mount_point=mount)["data"]
    assert read["data"] == {"password": "newer"} and read["metadata"]["version"] == 2
    old = reader.secrets.kv.v2.read_secret_version("app/db", version=1, mount_point=mount)
    assert old["data"]["data"] == {"password": "kept"}
    assert root.sys.read_policy(mount)["rules"] == policy
    with pytest.raises(Forbidden):
        reader.secrets.kv.v2.create_or_update_secret("app/db", {"a": "b"}, mount_point=mount)
