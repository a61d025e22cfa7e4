"""Rows changed with sqlite3 while the server is stopped: refused when read, or named by verify.

SECURITY.md says which of the two holds for which manipulation. What must never happen is that the
changed row is served.
"""

import json

import pytest

from coffer_server import Server
from operations import enable_auth, mount, verify_store
from store_file import StoreFile, copy_data, flip

# Larger than what a secret's row keeps of its current value: they lie in rows of their own.
OLD, NEW = "old-value-2f81" + "o" * 1100, "new-value-77ac" + "n" * 1100
READ = 'path "secret/data/*" { capabilities = ["read"] }'
WIDE = 'path "*" { capabilities = ["read", "update", "create", "list"] }'


class Scene:
    """A server with a row in every table, in two states: `early` and `late`.

    Between the two the secret was overwritten, the policy narrowed, the token's use counted, the role
    narrowed. Each test starts from a copy of `late` and edits it.
    """

    def __init__(self, folder):
        self.folder = folder
        self.server = Server(folder / "scene")
        self.server.start()
        self.server.initialize(shares=1, threshold=1)
        self.server.unseal()
        self.of_root = self.token_places()
        mount(self.server, "secret", "2")
        mount(self.server, "other", "2")
        enable_auth(self.server, "approle", "approle")
        self.write("secret/data/a", {"data": {"v": OLD}})
        self.write("secret/data/b", {"data": {"v": "of-b"}})
        self.write("secret/config", {"max_versions": 5})
        self.write("other/config", {"max_versions": 7})
        self.write("sys/policies/acl/app", {"policy": WIDE})
        self.write("sys/policies/acl/else", {"policy": READ})
        self.token = self.new_token(policies=["app"], num_uses=1000)
        self.new_token(policies=["else"], num_uses=1000)
        before = self.token_places()
        short = self.new_token(policies=["else"])
        (place,) = self.token_places() - before
        self.write("auth/approle/role/web", {"token_policies": ["app", "else"]})
        self.write("auth/approle/role/two", {"token_policies": ["else"]})
        for role in ("web", "two"):
            self.write(f"auth/approle/role/{role}/secret-id", {})
        self.server.stop()
        copy_data(self.server.data, folder / "early")
        self.server.start()
        self.server.unseal()
        self.write("secret/data/a", {"data": {"v": NEW}})
        self.write("secret/config", {"max_versions": 6})
        self.write("sys/policies/acl/app", {"policy": READ})
        self.write("auth/approle/role/web", {"token_policies": ["else"]})
        self.write("sys/mounts/secret/tune", {"description": "late"})
        self.write("auth/token/revoke", {"token": short})
        assert self.probe_token(self.server) == NEW
        self.server.stop()
        copy_data(self.server.data, folder / "late")
        self.early = StoreFile(folder / "early")
        (self.revoked,) = [row for row in self.early.rows("tokens") if row.place == place]
        assert place not in [row.place for row in StoreFile(folder / "late").rows("tokens")]

    def token_places(self):
        return {row.place for row in StoreFile(self.server.data).rows("tokens")}

    def write(self, path, body):
        return self.server.json("POST", f"/v1/{path}", body, token=self.server.root_token)

    def read(self, path):
        return self.server.json("GET", f"/v1/{path}", token=self.server.root_token)["data"]

    def new_token(self, **fields):
        return self.write("auth/token/create", fields)["auth"]["client_token"]

    def probe_token(self, server):
        """The secret as the limited token sees it, or the status that it got instead."""
        return answer(server, "GET", "secret/data/a", self.token)


def answer(server, method, path, token=None, body=None):
    status, _, text = server.request(method, f"/v1/{path}", body, token=token)
    data = json.loads(text) if text else {}
    return data["data"]["data"]["v"] if status == 200 and path.startswith("secret/data") else status


@pytest.fixture(scope="module")
def scene(tmp_path_factory):
    made = None
    try:
        made = Scene(tmp_path_factory.mktemp("tamper"))
        yield made
    finally:
        if made:
            made.server.stop()


class Refused(Exception):
    """The server did not open with the edited store."""


@pytest.fixture
def reopened(scene, tmp_path):
    """reopened(edit) → the server after edit(StoreFile) of its stopped store."""
    server = Server(tmp_path)

    def make(edit):
        copy_data(scene.folder / "late", server.data)
        edit(StoreFile(server.data))
        server.start()
        server.keys, server.threshold = scene.server.keys, 1
        server.root_token = scene.server.root_token
        status, _, body = server.request("PUT", "/v1/sys/unseal", {"key": server.keys[0]})
        if status != 200:
            assert status >= 400 and server.request("GET", "/v1/sys/health")[0] == 503
            raise Refused(body.decode())
        return server

    yield make
    server.stop()


def named(server, table):
    ok, findings = verify_store(server)
    return ok is False and any(found["table"] == table for found in findings), findings


def test_the_untouched_copy_is_whole(reopened, scene):
    server = reopened(lambda file: None)
    ok, findings = verify_store(server)
    assert ok and not findings
    assert scene.probe_token(server) == NEW


EVERY_TABLE = ("mounts", "policies", "tokens", "token_accessors", "approles", "role_ids", "secret_ids",
               "settings", "secrets", "revisions")


@pytest.mark.parametrize("table", EVERY_TABLE)
def test_an_edited_row_is_refused_and_named(reopened, table):
    def edit(file):
        for row in file.rows(table):
            file.set_blob(row, flip(row.blob))
    try:
        server = reopened(edit)
    except Refused:
        return
    found, findings = named(server, table)
    assert found, findings
    assert answer(server, "GET", "secret/data/a", server.root_token) in (
        (500, 503) if table in ("secrets", "revisions") else (NEW, 403, 404, 500, 503))


@pytest.mark.parametrize("table", EVERY_TABLE)
def test_a_row_put_in_the_place_of_another_is_refused_and_named(reopened, table):
    def edit(file):
        first, second = file.rows(table)[:2]
        file.set_blob(first, second.blob)
        file.set_blob(second, first.blob)
    try:
        server = reopened(edit)
    except Refused:
        return
    found, findings = named(server, table)
    assert found, findings
    served = answer(server, "GET", "secret/data/a", server.root_token)
    assert served not in (OLD, "of-b")


@pytest.mark.parametrize("table", EVERY_TABLE)
def test_a_deleted_row_is_named(reopened, scene, table):
    def edit(file):
        file.delete(next(row for row in file.rows(table) if row.place not in scene.of_root))
    try:
        server = reopened(edit)
    except Refused:
        return
    found, findings = named(server, table)
    assert found, findings


@pytest.mark.parametrize("table", ["mounts", "policies", "tokens", "approles", "settings", "secrets"])
def test_an_earlier_state_of_a_row_is_named(reopened, scene, table):
    earlier = {row.place: row for row in scene.early.rows(table)}

    def edit(file):
        changed = [row for row in file.rows(table)
                   if row.place in earlier and earlier[row.place].blob != row.blob]
        assert changed, "the scene changes a row of each of these tables"
        for row in changed:
            file.put(earlier[row.place])
    try:
        server = reopened(edit)
    except Refused:
        return
    found, findings = named(server, table)
    assert found, findings


def test_a_deleted_row_that_comes_back_is_named(reopened, scene):
    def edit(file):
        file.put(scene.revoked)
    server = reopened(edit)
    assert named(server, "tokens")[0]


def test_a_policy_that_is_gone_denies(reopened, scene):
    def edit(file):
        for row in file.rows("policies"):
            if b"app" in row.key:
                file.delete(row)
    server = reopened(edit)
    assert scene.probe_token(server) == 403
    assert named(server, "policies")[0]


def test_the_current_pointer_alone_put_back_serves_no_old_value(reopened, scene):
    """The secret's row of the early time beside the late revisions."""
    earlier = scene.early.row("secrets", b"a")

    def edit(file):
        file.put(earlier)
    server = reopened(edit)
    assert named(server, "secrets")[0]


def test_an_old_value_under_the_newest_version_is_refused(reopened, scene):
    """The sealed value of version 1 put where version 2 is."""
    def edit(file):
        first, second = sorted((row for row in file.rows("revisions")
                                if len(row.key) >= 8 and same_secret(row, file)),
                               key=lambda row: row.key)
        file.set_blob(second, first.blob)
    server = reopened(edit)
    assert answer(server, "GET", "secret/data/a", server.root_token) in (500, 503)
    assert named(server, "revisions")[0]


def same_secret(row, file):
    """Whether `row` is a revision of the secret that has two."""
    return sum(other.key[:-8] == row.key[:-8] for other in file.rows("revisions")) == 2


def test_tampering_is_an_event(reopened):
    def edit(file):
        row = file.row("revisions", file.rows("revisions")[0].key)
        file.set_blob(row, flip(row.blob))
    server = reopened(edit)
    assert named(server, "revisions")[0]
    page = server.json("GET", "/api/v1/audit/events?type=system.tampering_found",
                       token=server.root_token)
    assert len(page["events"]) == 1 and page["events"][0]["outcome"] == "failed"


@pytest.mark.parametrize("where", ["middle", "first"])
def test_a_record_missing_in_the_log_is_named(reopened, where):
    def edit(file):
        log = sorted(file.log())
        gone = log[len(log) // 2] if where == "middle" else log[0]
        with file.open() as database:
            database.execute("DELETE FROM log_1 WHERE sequence = ?", (gone,))
    try:
        server = reopened(edit)
    except Refused:
        return
    assert verify_store(server)[0] is not True


def test_the_seal_of_another_server_does_not_open(reopened, scene):
    """Rows of tables 1 to 9 hold the seal: edited, the server stays shut."""
    def edit(file):
        with file.open() as database:
            rows = database.execute("SELECT id, blob FROM item WHERE place < x'000a'").fetchall()
            assert rows
            for number, blob in rows:
                database.execute("UPDATE item SET blob = ? WHERE id = ?", (flip(blob), number))
    with pytest.raises(Refused):
        reopened(edit)
