"""A rotation that seals everything anew, is killed on the way, goes on, and proves itself."""

import json
import signal
import subprocess
import time

import pytest

from coffer_server import BINARY, Server

SECRETS = 400
VERSIONS = 3


@pytest.fixture
def server(tmp_path):
    made = Server(tmp_path)
    try:
        yield made.prepare()
    finally:
        made.stop()


def keys(server, *arguments, good=True):
    """`coffer keys …`, as JSON."""
    done = subprocess.run([str(BINARY), "keys", *arguments, "--format", "json"], capture_output=True, text=True,
                          timeout=60, check=False,
                          env={"VAULT_ADDR": server.address, "VAULT_TOKEN": server.root_token, "HOME": str(server.folder)})
    assert (done.returncode == 0) == good, done.stdout + done.stderr
    return json.loads(done.stdout) if good else done.stderr


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
    assert "rewrap first" in keys(server, "destroy", "1", good=False)
    assert keys(server, "rotate", "--rewrap")["below_term"] == 2
    assert "rewrap first" in keys(server, "destroy", "1", good=False)
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
    verified = subprocess.run([str(BINARY), "verify"], capture_output=True, text=True, timeout=60, check=False,
                              env={"VAULT_ADDR": server.address, "VAULT_TOKEN": server.root_token,
                                   "HOME": str(server.folder)})
    assert verified.returncode == 0, verified.stdout[-2000:]
