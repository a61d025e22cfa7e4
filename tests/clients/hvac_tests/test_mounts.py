"""Mounts, auth mounts, tuning, moving, audit devices."""

import hvac
import pytest
from hvac.exceptions import Forbidden, InvalidPath, InvalidRequest

SYSTEM_TTL = 2764800  # 768 hours, the default and the longest


def mounts(root):
    listed = root.sys.list_mounted_secrets_engines()
    for path, mount in listed["data"].items():
        assert listed[path] == mount, "the keys are also at the top level"
    return listed["data"]


def test_the_built_in_mounts_are_listed(root):
    assert {"sys/", "cubbyhole/", "identity/"} <= mounts(root).keys()


@pytest.mark.parametrize("version, expected", [(1, "1"), ("1", "1"), (2, "2"), ("2", "2")])
def test_the_version_option_comes_as_number_or_text(root, name, version, expected):
    root.sys.enable_secrets_engine("kv", path=name, description="of tests", options={"version": version})
    mount = mounts(root)[f"{name}/"]
    assert (mount["type"], mount["description"]) == ("kv", "of tests")
    assert mount["options"] == {"version": expected}
    assert mount["uuid"] and mount["accessor"].startswith("kv_")
    assert mount["config"]["default_lease_ttl"] == 0 and mount["config"]["max_lease_ttl"] == 0


def test_the_aliases_of_kv(root, name):
    root.sys.enable_secrets_engine("kv-v2", path=f"{name}two")
    root.sys.enable_secrets_engine("generic", path=f"{name}one")
    root.secrets.kv.v2.create_or_update_secret("a", {"b": "c"}, mount_point=f"{name}two")
    root.secrets.kv.v1.create_or_update_secret("a", {"b": "c"}, mount_point=f"{name}one")
    assert mounts(root)[f"{name}two/"]["options"]["version"] == "2"


def test_a_taken_path_is_refused(root, kv1):
    for path in (kv1, f"{kv1}/deeper", "sys", "cubbyhole", "identity"):
        with pytest.raises(InvalidRequest):
            root.sys.enable_secrets_engine("kv", path=path)
    with pytest.raises(InvalidRequest, match="path is already in use"):
        root.sys.enable_secrets_engine("kv", path=kv1)


def test_an_unknown_engine_is_refused(root, name):
    with pytest.raises(InvalidRequest):
        root.sys.enable_secrets_engine("no-such-engine", path=name)
    assert f"{name}/" not in mounts(root)


def test_unmounting_takes_the_secrets_along(root, kv1):
    root.secrets.kv.v1.create_or_update_secret("a", {"b": "c"}, mount_point=kv1)
    assert root.sys.disable_secrets_engine(kv1).status_code == 204
    assert f"{kv1}/" not in mounts(root)
    with pytest.raises(InvalidPath):
        root.secrets.kv.v1.read_secret("a", mount_point=kv1)
    root.sys.enable_secrets_engine("kv", path=kv1, options={"version": 1})
    with pytest.raises(InvalidPath):
        root.secrets.kv.v1.read_secret("a", mount_point=kv1)


def test_disabling_what_does_not_exist_succeeds(root):
    assert root.sys.disable_secrets_engine("never-mounted").status_code == 204
    assert root.sys.disable_auth_method("never-mounted").status_code == 204
    assert root.sys.disable_audit_device("never-enabled").status_code == 204


def test_tuning_reads_back_as_seconds(root, kv1):
    assert root.sys.read_mount_configuration(kv1)["data"]["default_lease_ttl"] == SYSTEM_TTL
    root.sys.tune_mount_configuration(
        kv1, default_lease_ttl="3600s", max_lease_ttl="2h", description="tuned")
    tuned = root.sys.read_mount_configuration(kv1)["data"]
    assert (tuned["default_lease_ttl"], tuned["max_lease_ttl"]) == (3600, 7200)
    assert tuned["description"] == "tuned"
    assert mounts(root)[f"{kv1}/"]["description"] == "tuned"


def test_moving_a_mount_moves_its_secrets(root, kv2, name):
    root.secrets.kv.v2.create_or_update_secret("a/b", {"c": "d"}, mount_point=kv2)
    moved = root.sys.move_backend(kv2, f"{name}moved")
    listed = mounts(root)
    assert f"{kv2}/" not in listed and f"{name}moved/" in listed
    read = root.secrets.kv.v2.read_secret_version("a/b", mount_point=f"{name}moved")
    assert read["data"]["data"] == {"c": "d"}
    status = root.adapter.get(f"/v1/sys/remount/status/{moved['data']['migration_id']}")
    assert status["data"]["migration_info"]["status"] == "success"
    with pytest.raises(InvalidRequest):
        root.sys.move_backend("never-mounted", f"{name}x")


def test_preflight_tells_the_version_to_those_who_may_use_the_mount(root, kv2, client_with):
    reader = client_with(f'path "{kv2}/data/app/*" {{ capabilities = ["read"] }}')
    answer = reader.adapter.get(f"/v1/sys/internal/ui/mounts/{kv2}/app/db")["data"]
    assert answer["path"] == f"{kv2}/" and answer["type"] == "kv"
    assert answer["options"] == {"version": "2"}
    listed = reader.adapter.get("/v1/sys/internal/ui/mounts")["data"]["secret"]
    assert f"{kv2}/" in listed
    stranger = client_with('path "elsewhere/*" { capabilities = ["read"] }')
    for client in (stranger, reader):
        path = kv2 if client is stranger else "never-mounted"
        with pytest.raises(Forbidden, match="preflight capability check returned 403"):
            client.adapter.get(f"/v1/sys/internal/ui/mounts/{path}/app")


def test_a_login_page_sees_the_methods_that_are_marked_for_it(root, server, name):
    root.sys.enable_auth_method("userpass", path=name, config={"listing_visibility": "unauth"})
    stranger = hvac.Client(url=server.address)
    listed = stranger.adapter.get("/v1/sys/internal/ui/mounts")["data"]
    assert listed["auth"][f"{name}/"]["type"] == "userpass" and "token/" not in listed["auth"]
    stranger.token = "hvs.never-issued"
    with pytest.raises(Forbidden):
        stranger.adapter.get("/v1/sys/internal/ui/mounts")
    root.sys.disable_auth_method(name)


def test_auth_methods_come_and_go(root, name):
    root.sys.enable_auth_method("userpass", path=name, description="people")
    listed = root.sys.list_auth_methods()["data"]
    assert "token/" in listed and listed[f"{name}/"]["type"] == "userpass"
    assert listed[f"{name}/"]["accessor"].startswith("auth_userpass_")
    with pytest.raises(InvalidRequest, match="path is already in use"):
        root.sys.enable_auth_method("userpass", path=name)
    root.sys.tune_auth_method(name, default_lease_ttl=1800, description="staff")
    assert root.sys.read_auth_method_tuning(name)["data"]["default_lease_ttl"] == 1800
    root.sys.disable_auth_method(name)
    assert f"{name}/" not in root.sys.list_auth_methods()["data"]


def test_auditing_an_unknown_device_is_refused(root):
    root.sys.list_enabled_audit_devices()
    with pytest.raises(InvalidRequest, match="unknown audit backend"):
        root.sys.calculate_hash("never-enabled", "text")
