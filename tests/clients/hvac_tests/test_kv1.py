"""KV version 1 through hvac."""

import pytest
from hvac.exceptions import InvalidPath, InvalidRequest


def test_a_secret_is_written_read_and_deleted(root, kv1):
    kv = root.secrets.kv.v1
    secret = {"user": "app", "port": 5432, "tags": ["a", "b"], "nested": {"x": None, "y": 1.5}}
    assert kv.create_or_update_secret("db", secret, mount_point=kv1).status_code == 204
    read = kv.read_secret("db", mount_point=kv1)
    assert read["data"] == secret
    assert read["lease_duration"] == 2764800 and read["renewable"] is False
    assert read["lease_id"] == "" and read["wrap_info"] is None and read["auth"] is None
    kv.create_or_update_secret("db", {"user": "other"}, mount_point=kv1)
    assert kv.read_secret("db", mount_point=kv1)["data"] == {"user": "other"}
    assert kv.delete_secret("db", mount_point=kv1).status_code == 204
    with pytest.raises(InvalidPath):
        kv.read_secret("db", mount_point=kv1)
    assert kv.delete_secret("db", mount_point=kv1).status_code == 204


def test_methods_put_and_post_are_the_same(root, kv1):
    kv = root.secrets.kv.v1
    kv.create_or_update_secret("m", {"a": "1"}, method="POST", mount_point=kv1)
    kv.create_or_update_secret("m", {"a": "2"}, method="PUT", mount_point=kv1)
    assert kv.read_secret("m", mount_point=kv1)["data"] == {"a": "2"}


def test_lists_are_sorted_and_folders_end_in_a_slash(root, kv1):
    kv = root.secrets.kv.v1
    for path in ("foo", "bar/deep/x", "bar/y"):
        kv.create_or_update_secret(path, {"a": "b"}, mount_point=kv1)
    assert kv.list_secrets("", mount_point=kv1)["data"]["keys"] == ["bar/", "foo"]
    assert kv.list_secrets("bar", mount_point=kv1)["data"]["keys"] == ["deep/", "y"]
    assert kv.list_secrets("bar/", mount_point=kv1)["data"]["keys"] == ["deep/", "y"]
    assert root.list(f"{kv1}/bar")["data"]["keys"] == ["deep/", "y"], "GET ?list=True"
    with pytest.raises(InvalidPath):
        kv.list_secrets("absent", mount_point=kv1)


def test_an_empty_write_is_refused(root, kv1):
    with pytest.raises(InvalidRequest):
        root.adapter.post(f"/v1/{kv1}/empty", json={})


def test_text_of_every_kind_survives(root, kv1):
    secret = {"unicode": "пароль 🔑 \u0000 \u2028", "quotes": '"\\/', "empty": "", "long": "x" * 100_000}
    root.secrets.kv.v1.create_or_update_secret("text", secret, mount_point=kv1)
    assert root.secrets.kv.v1.read_secret("text", mount_point=kv1)["data"] == secret


def test_the_cubbyhole_belongs_to_one_token(root, client_with):
    mine, other = client_with('path "x" { capabilities = ["read"] }'), client_with('path "y" { capabilities = ["read"] }')
    mine.adapter.post("/v1/cubbyhole/box/key", json={"a": "b"})
    assert mine.adapter.get("/v1/cubbyhole/box/key")["data"] == {"a": "b"}
    assert mine.adapter.list("/v1/cubbyhole/box")["data"]["keys"] == ["key"]
    for stranger in (other, root):
        with pytest.raises(InvalidPath):
            stranger.adapter.get("/v1/cubbyhole/box/key")
    mine.adapter.delete("/v1/cubbyhole/box/key")
    with pytest.raises(InvalidPath):
        mine.adapter.get("/v1/cubbyhole/box/key")
