"""SCAN: lists with everything below, as OpenBao has them."""

import pytest
from hvac.exceptions import Forbidden, InvalidRequest


def scan(client, path):
    return client.adapter.request("SCAN", f"/v1/{path}")["data"]["keys"]


def fill(root, kv2):
    for path in ("a", "b/c", "b/d/e"):
        root.secrets.kv.v2.create_or_update_secret(path, {"x": "1"}, mount_point=kv2)


def test_scan_by_verb_and_by_query(root, kv2):
    fill(root, kv2)
    assert scan(root, f"{kv2}/metadata") == ["a", "b/c", "b/d/e"]
    assert scan(root, f"{kv2}/metadata/b/") == ["c", "d/e"]
    assert scan(root, f"{kv2}/metadata?after=a&limit=1") == ["b/c"]
    asked = root.adapter.get(f"/v1/{kv2}/metadata", params={"scan": "true"})
    assert asked["data"]["keys"] == ["a", "b/c", "b/d/e"]
    with pytest.raises(InvalidRequest):
        root.adapter.get(f"/v1/{kv2}/metadata", params={"scan": "true", "list": "true"})


def test_scan_is_a_capability_of_its_own(root, kv2, client_with):
    fill(root, kv2)
    with pytest.raises(Forbidden):
        scan(client_with(f'path "{kv2}/*" {{ capabilities = ["list", "read"] }}'), f"{kv2}/metadata")
    scanner = client_with(f'path "{kv2}/metadata/*" {{ capabilities = ["scan"] }} '
                          f'path "{kv2}/metadata/b/d/*" {{ capabilities = ["deny"] }}')
    assert scan(scanner, f"{kv2}/metadata") == ["a", "b/c"]


def test_scan_of_version_1_and_of_the_own_cubbyhole(root, kv1, client_with):
    root.secrets.kv.v1.create_or_update_secret("b/c", {"x": "1"}, mount_point=kv1)
    assert scan(root, kv1) == ["b/c"]
    client = client_with('path "cubbyhole/*" { capabilities = ["create", "scan"] }')
    client.write_data("cubbyhole/x/y", data={"z": "1"})
    assert scan(client, "cubbyhole") == ["x/y"]
