"""Response wrapping: one answer, read once."""

import hvac
import pytest
from hvac.exceptions import InvalidRequest

GONE = "wrapping token is not valid or does not exist"


def test_wrap_lookup_and_unwrap_once(root, server):
    info = root.sys.wrap({"a": {"b": [1, 2]}}, ttl=120)["wrap_info"]
    assert info["token"].startswith("hvs.") and info["ttl"] == 120
    assert info["creation_path"] == "sys/wrapping/wrap" and info["creation_time"]
    stranger = hvac.Client(url=server.address)
    found = stranger.adapter.post("/v1/sys/wrapping/lookup", json={"token": info["token"]})["data"]
    assert found["creation_ttl"] == 120 and found["creation_path"] == "sys/wrapping/wrap"
    assert root.sys.unwrap(info["token"])["data"] == {"a": {"b": [1, 2]}}
    for client in (root, stranger):
        with pytest.raises(InvalidRequest, match=GONE):
            client.sys.unwrap(info["token"])
    assert root.is_authenticated()


def test_the_wrapping_token_unwraps_itself(root, server):
    token = root.sys.wrap({"a": "b"})["wrap_info"]["token"]
    assert hvac.Client(url=server.address, token=token).sys.unwrap()["data"] == {"a": "b"}


def test_any_answer_can_be_wrapped(root, kv2):
    root.secrets.kv.v2.create_or_update_secret("s", {"v": "x"}, mount_point=kv2)
    wrapped = root.read(f"{kv2}/data/s", wrap_ttl="5m")
    assert wrapped["data"] is None and wrapped["wrap_info"]["ttl"] == 300
    assert wrapped["wrap_info"]["creation_path"] == f"{kv2}/data/s"
    assert root.sys.unwrap(wrapped["wrap_info"]["token"])["data"]["data"] == {"v": "x"}


def test_a_wrapped_token_keeps_its_auth(root, server):
    info = root.auth.token.create(policies=["default"], wrap_ttl="60s")["wrap_info"]
    assert info["wrapped_accessor"]
    auth = root.sys.unwrap(info["token"])["auth"]
    assert auth["accessor"] == info["wrapped_accessor"] and "default" in auth["policies"]
    assert hvac.Client(url=server.address, token=auth["client_token"]).is_authenticated()


def test_rewrap_ends_the_old_token(root):
    old = root.sys.wrap({"a": "b"}, ttl=100)["wrap_info"]["token"]
    new = root.adapter.post("/v1/sys/wrapping/rewrap", json={"token": old})["wrap_info"]
    assert new["token"] != old and new["ttl"] == 100
    with pytest.raises(InvalidRequest, match=GONE):
        root.sys.unwrap(old)
    assert root.sys.unwrap(new["token"])["data"] == {"a": "b"}


def test_a_wrapping_token_opens_nothing_else(root, server, kv2):
    root.secrets.kv.v2.create_or_update_secret("s", {"v": "x"}, mount_point=kv2)
    token = root.sys.wrap({"a": "b"})["wrap_info"]["token"]
    stranger = hvac.Client(url=server.address, token=token)
    with pytest.raises(Exception, match="permission denied|bad token|not valid"):
        stranger.secrets.kv.v2.read_secret_version("s", mount_point=kv2)


@pytest.mark.parametrize("ttl", ["-1", "soon", "1e99", ""])
def test_a_bad_wrapping_time_is_refused(root, ttl):
    headers = {"X-Vault-Wrap-TTL": ttl}
    if ttl == "":
        assert root.adapter.get("/v1/auth/token/lookup-self", headers=headers)["wrap_info"] is None
        return
    with pytest.raises(InvalidRequest):
        root.adapter.get("/v1/auth/token/lookup-self", headers=headers)


def test_an_ordinary_token_does_not_unwrap(root):
    plain = root.auth.token.create(policies=["default"])["auth"]["client_token"]
    for token in (plain, "hvs.unknown", root.token):
        with pytest.raises(InvalidRequest, match=GONE):
            root.sys.unwrap(token)
