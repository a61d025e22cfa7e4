"""A rotation that seals everything anew, is killed on the way, goes on, and proves itself."""

import signal
import time

import pytest

from coffer_cli import Cli
from coffer_server import Server

SECRETS = 1500
VERSIONS = 3


@pytest.fixture
def server(tmp_path):
    made = Server(tmp_path)
    try:
        yield made.prepare()
    finally:
        made.stop()


def cli(server):
    return Cli(server.folder, server.address, server.root_token)


def keys(server, *words):
    return cli(server).json("keys", *words)


def refused(server, *words):
    done = cli(server).run("keys", *words, code=None)
    assert done.returncode != 0
    return done.stderr


def fill(server):
    for number in range(SECRETS):
        for version in range(VERSIONS):
            server.json("POST", f"/v1/secret/data/app/s{number}", {"data": {"v": f"{number}.{version}"}},
                        token=server.root_token)


def check(server):
    for number in range(0, SECRETS, 7):
        for version in range(VERSIONS):
            path = f"/v1/secret/data/app/s{number}?version={version + 1}"
            assert server.json("GET", path, token=server.root_token)["data"]["data"]["v"] == f"{number}.{version}"


def wait_for_statement(server, seconds=60):
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        progress = keys(server, "status")["reseal"]
        if progress["state"] == "stated":
            return progress
        time.sleep(0.2)
    raise AssertionError(progress)


def test_a_rewrap_is_killed_goes_on_and_proves_itself(server):
    server.json("POST", "/v1/sys/mounts/secret", {"type": "kv", "options": {"version": "2"}},
                token=server.root_token)
    fill(server)
    assert keys(server, "status")["reseal"] is None
    assert "rewrap first" in refused(server, "destroy", "1")
    assert keys(server, "rotate", "--rewrap")["below_term"] == 2
    assert "rewrap first" in refused(server, "destroy", "1")
    for pause in (0.0, 0.9, 1.1):  # the work begins within a second
        time.sleep(pause)
        server.stop(signal.SIGKILL)
        server.start()
        server.unseal()
    # Another process holds no claim of the one that was killed before that one's is over.
    progress = wait_for_statement(server, 360)
    assert progress["left"] == 0 and progress["rows_scanned"] >= SECRETS * VERSIONS
    assert progress["statement"] == "no row is sealed under a term older than 2"
    check(server)
    assert keys(server, "destroy", "1")["oldest_term"] == 2
    assert [term["number"] for term in keys(server, "status")["terms"]] == [2]
    check(server)
    server.restart()
    server.unseal()
    check(server)
    events = server.json("GET", "/api/v1/audit/events?type=system.reseal_stated&limit=5", token=server.root_token)
    assert len(events["events"]) == 1
    cli(server).run("verify")
