"""Months of the audit log: archived, dropped when they are old, and everything still provable.

The server lives through four months by a clock that is set from outside (faketime); its timers are not.
"""

import json
import pathlib
import stat
import time

import pytest

from coffer_cli import Cli
from coffer_server import Server
from operations import audit_head, mount, verify_store
from store_file import StoreFile

AUGUST, DECEMBER = "2026-08-15 10:00:00", "2026-12-20 10:00:00"
TENDED_SECONDS = 90  # the job looks half a minute after the start


def at(moment):
    """The words that start the server at that moment, in place of the command faketime, which stays its parent."""
    (library,) = pathlib.Path("/usr/lib").glob("*/faketime/libfaketimeMT.so.1")
    return ("env", f"LD_PRELOAD={library}", f"FAKETIME=@{moment}", "DONT_FAKE_MONOTONIC=1")


class Story:
    """A server that wrote secrets in August, and has lived on into December."""

    def __init__(self, folder):
        self.archive = folder / "archive"
        self.archive.mkdir()
        self.folder = folder
        self.server = Server(folder)

    def live(self):
        with self.server.config.open("a") as config:
            config.write(f'\n[audit]\narchive = "{self.archive}"\nretention = "90d"\n')
        self.server.start(at(AUGUST))
        self.server.initialize()
        self.server.unseal()
        mount(self.server, "secret", "2")
        for name in ("a", "b"):
            self.write(name, "of August")
        self.august_head, key = audit_head(self.server)
        self.key = self.folder / "audit.pem"
        self.key.write_text(key)
        self.server.stop()
        self.server.start(at(DECEMBER))
        self.server.unseal()
        self.cli = Cli(self.folder, self.server.address, self.server.root_token)
        self.write("b", "of December")
        self.wait_until_dropped()

    def write(self, name, value):
        self.server.json("POST", f"/v1/secret/data/{name}", {"data": {"v": value}},
                         token=self.server.root_token)

    def read(self, name):
        return self.server.json("GET", f"/v1/secret/data/{name}", token=self.server.root_token)["data"]["data"]["v"]

    def partitions(self):
        return self.cli.json("audit", "partitions")["partitions"]

    def wait_until_dropped(self):
        end = time.monotonic() + TENDED_SECONDS
        while [month["state"] for month in self.partitions()] != ["dropped"]:
            assert time.monotonic() < end, (self.partitions(), self.server.log.read_text()[-2000:])
            time.sleep(0.5)


@pytest.fixture(scope="module")
def story(tmp_path_factory):
    made = Story(tmp_path_factory.mktemp("months"))
    try:
        made.live()
        yield made
    finally:
        made.server.stop()


def test_an_old_month_lies_in_the_archive_and_not_in_the_log(story):
    (month,) = story.partitions()
    assert month["month"] == "2026-08"
    (file,) = story.archive.iterdir()
    assert file.name == month["file"] and stat.S_IMODE(file.stat().st_mode) == 0o600
    lines = story.cli.out("--format", "json", "audit", "search", "--limit", "1000").splitlines()
    assert min(json.loads(line)["sequence"] for line in lines) == month["last"] + 1
    verify = ("audit", "verify", "--key", story.key)
    assert "The log holds" in story.cli.out(*verify, "--file", file, "--head", story.august_head)


def test_what_is_left_proves_every_row(story):
    assert (story.read("a"), story.read("b")) == ("of August", "of December")
    assert verify_store(story.server) == (True, [])


def test_archive_and_log_are_one_log(story):
    head, _ = audit_head(story.server)
    story.server.stop()
    (file,) = story.archive.iterdir()
    verify = ("audit", "verify", "--key", story.key, "--data", story.server.data, "--head")
    assert "before the start of this log" in story.cli.run(*verify, story.august_head, code=None).stderr
    story.cli.run(*verify, head)
    for known in (story.august_head, head):
        story.cli.run(*verify, known, "--file", file)


def test_a_secret_of_a_month_that_is_gone_is_missed(story):
    story.server.stop()
    file = StoreFile(story.server.data)
    file.delete(file.row("secrets", b"a"))
    story.server.start(at(DECEMBER))
    story.server.unseal()
    ok, findings = verify_store(story.server)
    assert ok is False and [finding["table"] for finding in findings] == ["secrets"], findings
