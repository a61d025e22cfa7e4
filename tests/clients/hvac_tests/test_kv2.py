"""KV version 2 through hvac: versions, check-and-set, deletion, metadata."""

import pytest
from hvac.exceptions import InvalidPath, InvalidRequest, UnexpectedError


@pytest.fixture
def kv(root, kv2):
    """The KV v2 calls of hvac bound to a mount of this test."""

    class Bound:
        mount = kv2

        def __getattr__(self, call):
            function = getattr(root.secrets.kv.v2, call)
            return lambda *args, **named: function(*args, mount_point=kv2, **named)

        def read(self, path, **named):
            return self.read_secret_version(path, raise_on_deleted_version=True, **named)["data"]

    return Bound()


def write(kv, path, *values):
    for value in values:
        answer = kv.create_or_update_secret(path, {"v": value})
    return answer["data"]


def test_each_write_is_a_version(kv):
    first = write(kv, "db", "one")
    assert (first["version"], first["deletion_time"], first["destroyed"]) == (1, "", False)
    assert first["created_time"].endswith("Z")
    assert write(kv, "db", "two")["version"] == 2
    read = kv.read("db")
    assert read["data"] == {"v": "two"} and read["metadata"]["version"] == 2
    assert kv.read("db", version=1)["data"] == {"v": "one"}
    with pytest.raises(InvalidPath):
        kv.read("db", version=3)
    with pytest.raises(InvalidPath):
        kv.read("absent")


def test_check_and_set(kv):
    assert kv.create_or_update_secret("c", {"v": 1}, cas=0)["data"]["version"] == 1
    for wrong in (0, 2, -1):
        with pytest.raises(InvalidRequest, match="did not match the current version"):
            kv.create_or_update_secret("c", {"v": 2}, cas=wrong)
    assert kv.create_or_update_secret("c", {"v": 2}, cas=1)["data"]["version"] == 2
    assert kv.read("c")["data"] == {"v": 2}


def test_check_and_set_can_be_required(kv):
    kv.configure(cas_required=True)
    with pytest.raises(InvalidRequest, match="check-and-set parameter required for this call"):
        kv.create_or_update_secret("c", {"v": 1})
    kv.create_or_update_secret("c", {"v": 1}, cas=0)
    kv.configure(cas_required=False)
    kv.update_metadata("c", cas_required=True)
    with pytest.raises(InvalidRequest, match="check-and-set parameter required for this call"):
        kv.create_or_update_secret("c", {"v": 2})


def test_a_write_without_data_is_refused(kv, root):
    with pytest.raises(InvalidRequest, match="no data provided"):
        root.adapter.post(f"/v1/{kv.mount}/data/x", json={"options": {}})
    with pytest.raises(InvalidPath):
        kv.read("x")


def test_patch_by_read_and_write(kv):
    kv.create_or_update_secret("p", {"a": "1", "b": "2"})
    assert kv.patch("p", {"b": "3", "c": "4"})["data"]["version"] == 2
    assert kv.read("p")["data"] == {"a": "1", "b": "3", "c": "4"}
    with pytest.raises(InvalidPath):
        kv.patch("absent", {"a": "1"})


def test_patch_as_merge_patch(kv, root):
    def patch(path, data, content_type="application/merge-patch+json", **options):
        return root.adapter.request(
            "patch", f"/v1/{kv.mount}/data/{path}", json={"data": data, **options},
            headers={"Content-Type": content_type})

    kv.create_or_update_secret("p", {"a": "1", "b": {"x": 1, "y": 2}})
    answer = patch("p", {"a": None, "b": {"y": 3}, "c": "4"})
    assert answer["data"]["version"] == 2
    assert kv.read("p")["data"] == {"b": {"x": 1, "y": 3}, "c": "4"}
    with pytest.raises(InvalidRequest, match="did not match the current version"):
        patch("p", {"a": "1"}, options={"cas": 1})
    with pytest.raises(UnexpectedError):  # 415
        patch("p", {"a": "1"}, content_type="application/json")
    with pytest.raises(InvalidPath):
        patch("absent", {"a": "1"})
    assert kv.read("p")["metadata"]["version"] == 2


def test_a_deleted_version_comes_back(kv):
    write(kv, "d", "one", "two")
    assert kv.delete_latest_version_of_secret("d").status_code == 204
    with pytest.raises(InvalidPath) as deleted:
        kv.read("d")
    body = deleted.value.json["data"]
    assert body["data"] is None and body["metadata"]["deletion_time"] != ""
    assert body["metadata"]["version"] == 2 and body["metadata"]["destroyed"] is False
    tolerant = kv.read_secret_version("d", raise_on_deleted_version=False)
    assert tolerant["data"]["data"] is None
    assert kv.read("d", version=1)["data"] == {"v": "one"}
    assert kv.undelete_secret_versions("d", [2]).status_code == 204
    assert kv.read("d")["data"] == {"v": "two"}
    assert kv.delete_latest_version_of_secret("absent").status_code == 204


def test_chosen_versions_are_deleted(kv):
    write(kv, "d", "one", "two", "three")
    assert kv.delete_secret_versions("d", [1, 2]).status_code == 204
    for version in (1, 2):
        with pytest.raises(InvalidPath):
            kv.read("d", version=version)
    assert kv.read("d")["data"] == {"v": "three"}


def test_a_destroyed_version_does_not_come_back(kv):
    write(kv, "d", "one", "two")
    assert kv.destroy_secret_versions("d", [1]).status_code == 204
    with pytest.raises(InvalidPath) as destroyed:
        kv.read("d", version=1)
    assert destroyed.value.json["data"]["metadata"]["destroyed"] is True
    kv.undelete_secret_versions("d", [1])
    with pytest.raises(InvalidPath):
        kv.read("d", version=1)
    versions = kv.read_secret_metadata("d")["data"]["versions"]
    assert versions["1"]["destroyed"] is True and versions["2"]["destroyed"] is False


def test_metadata_of_a_secret(kv):
    write(kv, "m", "one", "two")
    kv.update_metadata("m", max_versions=4, delete_version_after="30m",
                       custom_metadata={"owner": "payments", "ticket": "7"})
    data = kv.read_secret_metadata("m")["data"]
    assert (data["current_version"], data["max_versions"]) == (2, 4)
    assert data["delete_version_after"] == "30m0s" and data["cas_required"] is False
    assert data["custom_metadata"] == {"owner": "payments", "ticket": "7"}
    assert set(data["versions"]) == {"1", "2"}
    assert data["created_time"] and data["updated_time"] and "oldest_version" in data
    assert kv.read("m")["metadata"]["custom_metadata"]["owner"] == "payments"
    assert write(kv, "m", "three")["deletion_time"] != "", "delete_version_after sets a time"
    with pytest.raises(InvalidPath):
        kv.read_secret_metadata("absent")


def test_metadata_may_come_before_the_first_version(kv):
    kv.update_metadata("early", custom_metadata={"owner": "me"})
    assert kv.read_secret_metadata("early")["data"]["current_version"] == 0
    with pytest.raises(InvalidPath):
        kv.read("early")
    assert kv.create_or_update_secret("early", {"a": "b"}, cas=0)["data"]["version"] == 1


def test_metadata_under_a_check_of_its_own(kv, root, kv2):
    path = f"/v1/{kv2}/metadata/m"

    def change(**fields):
        return root.adapter.post(path, json=fields)

    with pytest.raises(InvalidRequest, match="metadata check-and-set parameter does not match"):
        change(metadata_cas=1, max_versions=3)
    change(metadata_cas=0, max_versions=3, metadata_cas_required=True)
    data = kv.read_secret_metadata("m")["data"]
    assert (data["current_metadata_version"], data["metadata_cas_required"]) == (1, True)
    with pytest.raises(InvalidRequest, match="metadata check-and-set parameter required"):
        change(max_versions=4)
    change(metadata_cas=1, max_versions=4)
    kv.create_or_update_secret("m", {"a": "1"})
    assert kv.read_secret_metadata("m")["data"]["current_metadata_version"] == 2


def test_configuration_of_the_mount(kv):
    kv.configure(max_versions=7, cas_required=False, delete_version_after="30m")
    data = kv.read_configuration()["data"]
    assert (data["max_versions"], data["cas_required"]) == (7, False)
    assert data["delete_version_after"] == "30m0s"


@pytest.mark.parametrize("limit, kept", [(0, 10), (3, 3), (1, 1)])
def test_old_versions_are_pruned(kv, limit, kept):
    kv.update_metadata("many", max_versions=limit)
    write(kv, "many", *range(1, 13))
    data = kv.read_secret_metadata("many")["data"]
    assert set(data["versions"]) == {str(n) for n in range(13 - kept, 13)}
    assert (data["oldest_version"], data["current_version"]) == (13 - kept, 12)
    with pytest.raises(InvalidPath):
        kv.read("many", version=12 - kept)


def test_removing_everything_of_a_secret(kv):
    write(kv, "gone", "one", "two")
    assert kv.delete_metadata_and_all_versions("gone").status_code == 204
    for call in (kv.read, kv.read_secret_metadata):
        with pytest.raises(InvalidPath):
            call("gone")
    assert write(kv, "gone", "again")["version"] == 1


def test_lists_of_secrets(kv):
    for path in ("b/x", "b/y/z", "a", "c"):
        write(kv, path, "v")
    assert kv.list_secrets("")["data"]["keys"] == ["a", "b/", "c"]
    assert kv.list_secrets("b")["data"]["keys"] == ["x", "y/"]
    kv.delete_latest_version_of_secret("a")
    assert "a" in kv.list_secrets("")["data"]["keys"], "a deleted version leaves its name"
    kv.delete_metadata_and_all_versions("a")
    assert "a" not in kv.list_secrets("")["data"]["keys"]
    with pytest.raises(InvalidPath):
        kv.list_secrets("absent")


def test_subkeys_show_names_without_values(kv, root):
    kv.create_or_update_secret("s", {"a": "secret", "b": {"c": {"d": 1}, "e": [1]}, "empty": {}})
    answer = root.adapter.get(f"/v1/{kv.mount}/subkeys/s")["data"]
    assert answer["subkeys"]["a"] is None
    assert answer["subkeys"]["b"] == {"c": {"d": None}, "e": None}
    assert answer["metadata"]["version"] == 1
    shallow = root.adapter.get(f"/v1/{kv.mount}/subkeys/s", params={"depth": 1})["data"]
    assert shallow["subkeys"]["b"] is None
