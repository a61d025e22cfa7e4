"""The main job, through the command line: import, read in every spelling, restart, verify, back up."""

import json
import re
import shutil

import pytest

from coffer_cli import Cli
from coffer_server import REPOSITORY
from store_file import StoreFile, copy_data, flip

PASSWORD = "made-up-Horse7-battery"
DOTTED = "prod.db.postgres.billing-db.password"
TAMPERED = 7


class Story:
    """A server that was opened with the command line, and what `init` printed."""

    def __init__(self, server, folder):
        self.server, self.folder = server, folder
        server.start()
        self.cli = Cli(folder, server.address)
        printed = self.cli.out("init", "--shares", 5, "--threshold", 3)
        self.shares = re.findall(r"^Unseal Key \d: (\S+)$", printed, re.M)
        self.cli.token = re.search(r"^Initial Root Token: (\S+)$", printed, re.M)[1]
        server.root_token = self.cli.token
        self.key = folder / "audit.pem"
        self.key.write_text(re.search(r"-----BEGIN.*?-----END [A-Z ]+-----", printed, re.S)[0])
        self.unseal(self.shares[:3])
        self.head_at_start = newest_head(server)

    def unseal(self, shares):
        for share in shares:
            self.cli.run("unseal", stdin=share + "\n")


@pytest.fixture(scope="module")
def story(make_server, tmp_path_factory):
    told = Story(make_server(), tmp_path_factory.mktemp("story"))
    told.cli.run("secrets", "enable", "--path", "secret", "--version", 2, "kv")
    for file in ("platform.yaml", "billing.json", "prod.env"):
        shutil.copy(REPOSITORY / "examples" / file, told.folder)
    told.cli.run("import", told.folder / "platform.yaml", told.folder / "billing.json")
    told.cli.run("import", "--prefix", "prod.app", told.folder / "prod.env")
    return told


def newest_head(server):
    return server.json("GET", "/api/v1/audit/head", token=server.root_token)["head"]


def test_init_gives_five_shares(story):
    assert len(story.shares) == len(set(story.shares)) == 5


def test_one_secret_in_every_spelling(story):
    assert story.cli.out("secret", "get", DOTTED) == PASSWORD
    assert story.cli.out("secret", "get", "prod/db/postgres/billing-db/password") == PASSWORD
    read = story.server.json("GET", "/v1/secret/data/prod/db/postgres/billing-db/password",
                             token=story.cli.token)
    assert read["data"]["data"] == {"value": PASSWORD}
    assert story.cli.out("kv", "get", "--field", "value",
                         "secret/prod/db/postgres/billing-db/password") == PASSWORD


def test_a_program_gets_it_and_not_our_token(story):
    seen = story.cli.out("run", "--secret", f"{DOTTED}=PGPASSWORD", "--", "env").splitlines()
    assert f"PGPASSWORD={PASSWORD}" in seen
    assert not [line for line in seen if story.cli.token in line]


def test_imported_values_are_those_of_the_files(story):
    get = lambda path: story.cli.out("secret", "get", path)
    assert get("prod.app.STRIPE_SECRET_KEY") == "sk_example_51Hx$notexpanded"
    assert get("prod.app.UNICODE_PASSPHRASE") == "пароль-für-テスト"
    assert get("billing.stripe.retries") == "3" and get("billing.stripe.live") == "false"
    again = story.cli.run("import", story.folder / "platform.yaml")
    assert " 0 written" in again.stdout + again.stderr, "a second run writes nothing"
    assert story.cli.json("secret", "history", DOTTED)


def test_a_restart_seals_and_three_shares_open(story):
    story.server.restart()
    assert story.cli.run("status", code=2)
    assert story.cli.run("secret", "get", DOTTED, code=5).stdout == ""
    story.unseal([story.shares[4], story.shares[1]])
    story.cli.run("status", code=2)
    story.unseal([story.shares[3]])
    story.cli.run("status")
    assert story.cli.out("secret", "get", DOTTED) == PASSWORD


def test_the_log_verifies_and_one_changed_octet_is_named(story):
    head = newest_head(story.server)
    verify = ("audit", "verify", "--key", story.key, "--head", head)
    exported = story.folder / "log.bin"
    story.cli.run("audit", "export", "--out", exported)
    assert "The log holds" in story.cli.out(*verify, "--file", exported)
    story.server.stop()
    try:
        assert "The log holds" in story.cli.out(*verify, "--data", story.server.data)
        file = StoreFile(story.server.data)
        log = file.log()
        sequence = sorted(log)[len(log) // 2]
        record = log[sequence]
        # A path is in clear in the record of its event: change one letter of it.
        at = record.find(b"secret")
        file.set_log(sequence, flip(record, at if at > 0 else len(record) // 3))
        refused = story.cli.run(*verify, "--data", story.server.data, code=TAMPERED)
        named = re.search(r"event (\d+)", refused.stderr)
        assert named, refused.stderr
        first = int.from_bytes(record[1:9], "big")
        following = log.get(sequence + 1)
        behind = int.from_bytes(following[1:9], "big") if following else first + 4096
        assert first <= int(named[1]) < behind, "the event is one of the changed record"
        file.set_log(sequence, record)
        story.cli.run(*verify, "--data", story.server.data)
    finally:
        story.server.start()
        story.unseal(story.shares[:3])


def test_a_log_cut_off_before_the_head_is_noticed(story):
    head = newest_head(story.server)
    story.server.stop()
    try:
        file = StoreFile(story.server.data)
        copy_data(story.server.data, story.folder / "whole")
        file.remove_from_log(sorted(file.log())[-3:])
        verify = ("audit", "verify", "--key", story.key, "--data", story.server.data)
        assert "event" in story.cli.run(*verify, "--head", head, code=TAMPERED).stderr
        copy_data(story.folder / "whole", story.server.data)
        story.cli.run(*verify, "--head", head)
    finally:
        story.server.start()
        story.unseal(story.shares[:3])


@pytest.fixture(scope="module")
def backup(story):
    file = story.folder / "coffer.backup"
    story.cli.run("backup", "create", "--out", file)
    return file


def test_a_backup_verifies_offline(story, backup):
    assert backup.stat().st_mode & 0o077 == 0
    verify = ("backup", "verify", "--key", story.key)
    story.cli.run(*verify, backup)
    story.cli.run(*verify, "--shares", backup, stdin="\n".join(story.shares[1:4]) + "\n")
    whole = backup.read_bytes()
    assert PASSWORD.encode() not in whole
    for spoiled in (flip(whole, len(whole) // 2), flip(whole), whole[:-100], whole[: len(whole) // 2]):
        bad = story.folder / "spoiled.backup"
        bad.write_bytes(spoiled)
        story.cli.run(*verify, bad, code=TAMPERED)


def test_a_backup_is_compared_with_a_head_kept_elsewhere(story, backup, make_server):
    def verify(head, code=0):
        done = story.cli.run("--format", "json", "backup", "verify", "--shares", "--head", head, backup,
                             stdin="\n".join(story.shares[:3]) + "\n", code=code)
        return json.loads(done.stdout), done.stderr

    older = story.head_at_start
    told, _ = verify(older)
    assert told["witnessed"] and told["head"] != older
    told, _ = verify(told["head"])
    assert told["findings"] == 0
    story.cli.run("secret", "put", "after.the.backup", "x=1")
    told, said = verify(newest_head(story.server), code=TAMPERED)
    assert told["findings"] == 1 and "the log ends before it" in said
    _, said = verify(newest_head(make_server().prepare()), code=TAMPERED)
    assert "signature of the witness does not verify" in said
    verify = ("backup", "verify", "--key", story.key, "--head", older, backup)
    assert "--shares" in story.cli.run(*verify, code=None).stderr, "a public key opens no log"


def test_a_backup_restores_on_an_empty_machine(story, backup, make_server):
    other = make_server()
    other.data.rmdir()
    three = "\n".join(story.shares[2:]) + "\n"
    restore = ("backup", "restore", "--data", other.data, backup)
    assert story.cli.run(*restore, stdin=story.shares[0] + "\n", code=None).returncode != 0
    assert not other.data.exists(), "a restore that fails leaves nothing"
    story.cli.run(*restore, stdin=three)
    assert other.data.stat().st_mode & 0o077 == 0
    story.cli.run(*restore, stdin=three, code=6)  # the folder is not empty any more
    other.start()
    cli = Cli(story.folder, other.address, story.cli.token)
    cli.run("status", code=2)
    for share in story.shares[2:]:
        cli.run("unseal", stdin=share + "\n")
    assert cli.out("secret", "get", DOTTED) == PASSWORD
    cli.run("verify")
