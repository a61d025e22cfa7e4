"""Rows changed with sqlite3 while the server is stopped: refused at unseal or when read, and named.

SECURITY.md says which of these holds for which manipulation. What must never happen is that the
changed row is served.
"""

import json
import re

import pytest

from coffer_server import Server
from operations import enable_auth, mount, verify_store
from store_file import TABLES, StoreFile, copy_data, flip

# Larger than what a secret's row keeps of its current value: they lie in rows of their own.
OLD, NEW = "old-value-2f81" + "o" * 1100, "new-value-77ac" + "n" * 1100
READ = 'path "secret/data/*" { capabilities = ["read"] }'
WIDE = 'path "*" { capabilities = ["read", "update", "create", "list"] }'
DENY = 'path "secret/data/b" { capabilities = ["deny"] }'

# Of the tables that the server writes rows in, those that are read only when asked for. All others
# decide about access: they are read, and compared with the audit log, when the server is unsealed.
UNGUARDED = ("policy_history", "secrets", "revisions", "cubbyholes")
# The seal has tests of its own below; a row of a job needs a minute and something expired.
EVERY_TABLE = tuple(table for table in TABLES if table not in ("seal", "jobs"))
GUARDED = tuple(table for table in EVERY_TABLE if table not in UNGUARDED)

EDITED = r"row of table {} revision \d+ failed authentication"
CHANGED = r"changed while the server was sealed.*--accept-rows ([0-9a-f]{32}).*coffer verify"


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
        self.write("sys/policies/acl/no-b", {"policy": DENY})
        self.barred = self.new_token(policies=["else", "no-b"])
        self.fill_the_other_tables()
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
        self.write("auth/token/roles/one", {"allowed_policies": ["else"]})
        self.write("auth/userpass/users/ann", {"password": "other", "token_policies": ["else"]})
        self.write("identity/entity/name/of-ann", {"metadata": {"late": "yes"}})
        self.write("cubbyhole/one", {"v": NEW})
        self.log_in("ann", "wrong")
        assert self.probe_token(self.server) == NEW
        assert answer(self.server, "GET", "secret/data/b", self.barred) == 403
        self.write("sys/rotate", {})
        self.server.stop()
        copy_data(self.server.data, folder / "late")
        self.early = StoreFile(folder / "early")
        (self.revoked,) = [row for row in self.early.rows("tokens") if row.place == place]
        assert place not in [row.place for row in StoreFile(folder / "late").rows("tokens")]

    def fill_the_other_tables(self):
        """Two rows of each table that nothing else here writes."""
        enable_auth(self.server, "userpass", "userpass")
        for user in ("ann", "bob"):
            self.write(f"auth/userpass/users/{user}", {"password": "right", "token_policies": ["app"]})
            assert self.log_in(user, "right") == 200
            self.log_in(user, "wrong")
            self.write(f"identity/entity/name/of-{user}", {"metadata": {"early": "yes"}})
        for name in ("one", "two"):
            self.write(f"auth/token/roles/{name}", {"allowed_policies": ["app"]})
            self.write(f"cubbyhole/{name}", {"v": OLD})
            status, _, _ = self.server.request(
                "POST", "/v1/auth/token/create", {}, {"X-Vault-Wrap-TTL": "60m"},
                token=self.server.root_token)
            assert status == 200
        self.write("sys/policies/acl/else", {"policy": READ + " "})

    def log_in(self, user, password):
        return self.server.request("POST", f"/v1/auth/userpass/login/{user}",
                                   {"password": password})[0]

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
    """reopened(edit) → the server after edit(StoreFile) of its stopped store.

    With `accept` an unseal that is refused because of changed rows is followed by what an operator
    does who wants to see them: the server opens with them.
    """
    server = Server(tmp_path)

    def unseal():
        status, _, body = server.request("PUT", "/v1/sys/unseal", {"key": scene.server.keys[0]})
        if status != 200:
            assert status >= 400 and server.request("GET", "/v1/sys/health")[0] == 503
            for path in ("sys/mounts", "secret/data/a"):
                assert answer(server, "GET", path, scene.server.root_token) == 503
            raise Refused(" ".join(json.loads(body)["errors"]))

    def make(edit, accept=False):
        copy_data(scene.folder / "late", server.data)
        edit(StoreFile(server.data))
        server.start()
        server.keys, server.threshold = scene.server.keys, 1
        server.root_token = scene.server.root_token
        if not accept:
            unseal()
            return server
        with pytest.raises(Refused, match=CHANGED) as refused:
            unseal()
        server.stop()
        server.arguments = ["--accept-rows", re.search(CHANGED, str(refused.value)).group(1)]
        server.start()
        unseal()
        return server

    yield make
    server.stop()


def named(server, table):
    ok, findings = verify_store(server)
    return ok is False and any(found["table"] == table for found in findings), findings


def assert_named(server, table):
    found, findings = named(server, table)
    assert found, findings


def test_the_scene_has_two_rows_of_every_table(scene):
    file = StoreFile(scene.folder / "late")
    assert {table for table in EVERY_TABLE if len(file.rows(table)) < 2} == set()


def test_the_untouched_copy_is_whole(reopened, scene):
    server = reopened(lambda file: None)
    ok, findings = verify_store(server)
    assert ok and not findings
    assert scene.probe_token(server) == NEW


def flip_all(file, table):
    for row in file.rows(table):
        file.set_blob(row, flip(row.blob))


def swap_two(file, table):
    first, second = file.rows(table)[:2]
    file.set_blob(first, second.blob)
    file.set_blob(second, first.blob)


@pytest.mark.parametrize("table", GUARDED)
@pytest.mark.parametrize("edit", [flip_all, swap_two])
def test_edited_and_swapped_rows_that_decide_about_access_keep_the_server_shut(reopened, table, edit):
    with pytest.raises(Refused, match=EDITED.format(TABLES[table])):
        reopened(lambda file: edit(file, table))


@pytest.mark.parametrize("table", UNGUARDED)
def test_an_edited_row_is_refused_and_named(reopened, scene, table):
    server = reopened(lambda file: flip_all(file, table))
    assert_named(server, table)
    path = {"secrets": "secret/data/a", "revisions": "secret/data/a?version=1",
            "cubbyholes": "cubbyhole/one"}.get(table)
    if path:
        assert answer(server, "GET", path, server.root_token) == 500
    else:
        assert scene.probe_token(server) == NEW


@pytest.mark.parametrize("table", UNGUARDED)
def test_a_row_put_in_the_place_of_another_is_refused_and_named(reopened, table):
    server = reopened(lambda file: swap_two(file, table))
    assert_named(server, table)
    assert answer(server, "GET", "secret/data/a", server.root_token) not in (OLD, "of-b")


@pytest.mark.parametrize("table", EVERY_TABLE)
def test_a_deleted_row_is_named(reopened, scene, table):
    def edit(file):
        file.delete(next(row for row in file.rows(table) if row.place not in scene.of_root))
    assert_named(reopened(edit, accept=table in GUARDED), table)


CHANGING = ("mounts", "policies", "tokens", "approles", "settings", "users", "token_roles", "entities",
            "lockouts", "secrets", "cubbyholes")


@pytest.mark.parametrize("table", CHANGING)
def test_an_earlier_state_of_a_row_is_named(reopened, scene, table):
    earlier = {row.place: row for row in scene.early.rows(table)}

    def edit(file):
        changed = [row for row in file.rows(table)
                   if row.place in earlier and earlier[row.place].blob != row.blob]
        assert changed, "the scene changes a row of each of these tables"
        for row in changed:
            file.put(earlier[row.place])
    assert_named(reopened(edit, accept=table in GUARDED), table)


def test_a_revoked_token_that_was_put_back_keeps_the_server_shut(reopened, scene):
    with pytest.raises(Refused, match=CHANGED):
        reopened(lambda file: file.put(scene.revoked))


def test_a_deny_policy_that_was_deleted_keeps_the_server_shut(reopened, scene):
    def edit(file):
        file.delete(file.row("policies", b"no-b"))
    with pytest.raises(Refused, match=CHANGED):
        reopened(edit)


def test_the_keyring_before_a_rotation_keeps_the_server_shut(reopened, scene):
    def edit(file):
        file.put(scene.early.row("seal", b"keyring"))
    with pytest.raises(Refused, match=CHANGED):
        reopened(edit)


def test_changed_rows_open_only_as_they_were_accepted(reopened, scene):
    server = reopened(lambda file: file.put(scene.revoked), accept=True)
    assert_named(server, "tokens")
    page = server.json("GET", "/api/v1/audit/events?type=system.tampering_found",
                       token=server.root_token)
    facts = {fact["name"]: fact["value"] for event in page["events"] for fact in event["facts"]}
    assert facts["accepted_rows"] == server.arguments[1]
    # From now on they are the server's own, and what was accepted holds for nothing else.
    server.stop()
    accepted, server.arguments = server.arguments, []
    server.start()
    server.unseal()
    server.stop()
    file = StoreFile(server.data)
    file.delete(file.row("policies", b"no-b"))
    server.arguments = accepted
    server.start()
    status, _, body = server.request("PUT", "/v1/sys/unseal", {"key": server.keys[0]})
    assert status == 500 and re.search(CHANGED, body.decode())


def test_a_policy_that_is_gone_denies(reopened, scene):
    def edit(file):
        file.delete(file.row("policies", b"app"))
    server = reopened(edit, accept=True)
    assert scene.probe_token(server) == 403
    assert_named(server, "policies")


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
    # The newest value may also stand in the secret's own row, which is whole.
    assert answer(server, "GET", "secret/data/a", server.root_token) in (NEW, 500)
    assert answer(server, "GET", "secret/data/a?version=2", server.root_token) in (NEW, 500)
    assert_named(server, "revisions")


def same_secret(row, file):
    """Whether `row` is a revision of the secret that has two."""
    return sum(other.key[-8:] == row.key[-8:] for other in file.rows("revisions")) == 2


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
        file.remove_from_log([log[len(log) // 2] if where == "middle" else log[0]])
    server = reopened(edit)
    ok, findings = verify_store(server)
    assert ok is False and any(found["table"] == "audit log" for found in findings), findings


def test_a_log_that_ends_before_a_change_of_the_rows_keeps_the_server_shut(reopened):
    """The records of the last minute gone, the rows that they tell of still there."""
    def edit(file):
        log = sorted(file.log())
        file.remove_from_log(log[len(log) // 2 + 1:])
    with pytest.raises(Refused, match=CHANGED):
        reopened(edit)


def test_the_seal_of_another_server_does_not_open(reopened, scene):
    """Rows of tables 1 to 9 hold the seal: edited, the server stays shut."""
    def edit(file):
        with file.open() as database:
            rows = database.execute("SELECT id, blob FROM item WHERE place < x'000a'").fetchall()
            assert rows
            for number, blob in rows:
                database.execute("UPDATE item SET blob = ? WHERE id = ?", (flip(blob), number))
    with pytest.raises(Refused, match="the shares|seal record|malformed|impossible|unknown format"):
        reopened(edit)
