"""No room left: a clear 5xx, nothing half-written, nothing unaudited; and afterwards all goes on. What ends
something or frees room still works, from the reserve.

Two ways to run out: a file size limit, which every machine permits, and a small file system of its own,
which needs the permission to mount.
"""

import json
import resource
import signal
import subprocess
import time

import pytest

from coffer_cli import Cli
from coffer_server import Server
from operations import audit_head, mount, verify_store

ROOM_MIB = 24
RESERVE_MIB = 2
SERVED_AGAIN_SECONDS = 30  # the server looks after its disk every five seconds


class FileLimit:
    """Files of the server may not grow any more: no lack of room, so the reserve does not help."""

    reserve_mib = 0

    def __init__(self, server):
        self.server = server

    def fill(self):
        largest = max(file.stat().st_size for file in self.server.data.iterdir())
        _, hard = resource.prlimit(self.server.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.server.process.pid, resource.RLIMIT_FSIZE, (largest + 100_000, hard))

    def forget(self):
        """After the server's end."""

    def make_room(self):
        _, hard = resource.prlimit(self.server.process.pid, resource.RLIMIT_FSIZE)
        resource.prlimit(self.server.process.pid, resource.RLIMIT_FSIZE, (hard, hard))


class SmallDisk:
    """The data folder is a file system of 24 MiB; a filler takes what is left."""

    reserve_mib = RESERVE_MIB

    def __init__(self, server):
        self.server = server
        self.filler = server.data / "filler"

    def fill(self):
        with self.filler.open("wb", buffering=0) as file:
            try:
                while True:
                    file.write(bytes(65536))
            except OSError:
                pass

    def forget(self):
        self.filler.unlink()

    def make_room(self):
        self.forget()
        deadline = time.monotonic() + SERVED_AGAIN_SECONDS
        while status_of(self.server, "GET", "/v1/sys/mounts") != 200:
            assert time.monotonic() < deadline, "there is room, and requests are still refused"
            time.sleep(0.2)


def tight_server(kind, folder):
    """(server, its room), for a fixture"""
    server = Server(folder)
    server.config.write_text(server.config.read_text().replace(
        "[storage]\n", f"[storage]\nreserve_mib = {kind.reserve_mib}\n"))
    mounted = False
    if kind is SmallDisk:
        done = subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={ROOM_MIB}m,mode=0700", "tmpfs",
                               str(server.data)], check=False, capture_output=True)
        if done.returncode != 0:
            pytest.skip(f"mounting is not permitted here: {done.stderr.decode().strip()}")
        mounted = True
    try:
        server.start()
        server.initialize(shares=1, threshold=1)
        server.unseal()
        mount(server, "secret", "2")
        yield server, kind(server)
    finally:
        server.stop()
        if mounted:
            subprocess.run(["umount", str(server.data)], check=True)


@pytest.fixture(params=[FileLimit, SmallDisk], ids=["file size limit", "small disk"])
def tight(request, tmp_path):
    yield from tight_server(request.param, tmp_path)


@pytest.fixture
def small_disk(tmp_path):
    yield from tight_server(SmallDisk, tmp_path)


def status_of(server, method, path, body=None, token=None):
    return server.request(method, path, body, token=token or server.root_token)[0]


def write(server, number):
    value = f"v{number}-" + "x" * 8000
    status, _, body = server.request("POST", f"/v1/secret/data/k{number}", {"data": {"v": value}},
                                     token=server.root_token)
    return status, body, value


def last_sequence(server):
    return server.json("GET", "/api/v1/audit/head", token=server.root_token)["sequence"]


def test_without_room_nothing_is_lost_and_nothing_unaudited(tight, tmp_path):
    server, room = tight
    kept = {}
    for number in range(20):
        status, _, kept[number] = write(server, number)
        assert status == 200
    before = last_sequence(server)
    room.fill()
    refused = 0
    for number in range(20, 2000):
        status, body, value = write(server, number)
        if status == 200:
            kept[number] = value
            continue
        assert status in (500, 503) and json.loads(body)["errors"], (status, body)
        refused += 1
        if refused == 30:
            break
    assert refused == 30, "the disk never filled up"

    # A read needs room for its event: sooner or later it is refused.
    answered = 0
    for _ in range(2000):
        status, _, body = server.request("GET", "/v1/secret/data/k0", token=server.root_token)
        if status != 200:
            break
        answered += 1
    assert status in (500, 503) and kept[0].encode() not in body
    assert server.request("GET", "/v1/sys/health")[0] in (200, 503)
    assert server.process.poll() is None, "the server lives"

    room.make_room()
    if server.json("GET", "/v1/sys/seal-status")["sealed"]:
        server.unseal()
    assert events_of(server, "secret/data/k0") == answered, "each answered read has its event"
    check(server, kept)
    assert write(server, 5000)[0] == 200
    assert last_sequence(server) > before + len(kept) - 20
    head, key = audit_head(server)
    server.stop()
    (tmp_path / "audit.pem").write_text(key)
    Cli(tmp_path).run("audit", "verify", "--key", tmp_path / "audit.pem", "--head", head,
                      "--data", server.data)
    server.start()
    server.unseal()
    check(server, kept)


def events_of(server, path):
    """How many allowed reads of `path` the log has."""
    found, after = 0, 0
    while True:
        page = server.json("GET", "/api/v1/audit/events?type=secret.accessed&outcome=allowed&limit=1000"
                           f"&path={path}&after={after}", token=server.root_token)
        found += len(page["events"])
        if not page["events"]:
            return found
        after = page["next"]


def check(server, kept):
    for number in range(2000):
        status, _, body = server.request("GET", f"/v1/secret/data/k{number}", token=server.root_token)
        if number in kept:
            assert status == 200 and json.loads(body)["data"]["data"] == {"v": kept[number]}
        elif status == 404:
            if number > max(kept) + 40:
                break
        else:
            pytest.fail(f"k{number} was refused and is there: {status}")
    ok, findings = verify_store(server)
    assert ok and not findings, findings[:5]


def test_a_killed_server_without_room_comes_back(tight):
    server, room = tight
    kept = {n: write(server, n)[2] for n in range(20)}
    room.fill()
    for number in range(20, 400):
        status, _, value = write(server, number)
        if status == 200:
            kept[number] = value
    server.stop(signal.SIGKILL)
    room.forget()
    server.start()
    server.unseal()
    check(server, kept)


def fill_until_refused(server, room, kept):
    room.fill()
    for number in range(20, 2000):
        status, body, value = write(server, number)
        if status == 200:
            kept[number] = value
        elif b"the disk is full" in body:
            return
    pytest.fail("no request was refused for want of room")


def expect_only_cleaning(server, number):
    """Everything else is refused with the reason; k`number` is deleted."""
    status, _, body = server.request("GET", "/v1/secret/data/k0", token=server.root_token)
    assert status == 503 and b"the disk is full" in body
    assert status_of(server, "POST", "/v1/auth/token/create", {}) == 503
    assert status_of(server, "DELETE", f"/v1/secret/metadata/k{number}") == 204
    assert status_of(server, "GET", "/api/v1/audit/export") == 200


def test_the_reserve_keeps_seal_revocation_and_deletion_possible(small_disk):
    server, room = small_disk
    reserve = server.data / "coffer.reserve"
    assert reserve.stat().st_blocks * 512 >= RESERVE_MIB << 20
    token = server.json("POST", "/v1/auth/token/create", {"policies": ["default"]},
                        token=server.root_token)["auth"]["client_token"]
    kept = {number: write(server, number)[2] for number in range(20)}
    fill_until_refused(server, room, kept)
    assert not reserve.exists()
    expect_only_cleaning(server, 1)
    assert status_of(server, "POST", "/v1/auth/token/revoke", {"token": token}) == 204
    assert status_of(server, "PUT", "/v1/sys/seal") == 204
    assert server.json("GET", "/v1/sys/seal-status")["sealed"]
    server.unseal()
    expect_only_cleaning(server, 2)
    server.stop(signal.SIGKILL)
    server.start()
    server.unseal()
    assert not reserve.exists(), "there is no room for it"
    for number in range(3, 15):
        expect_only_cleaning(server, number)

    room.make_room()
    assert reserve.stat().st_blocks * 512 >= RESERVE_MIB << 20
    assert status_of(server, "GET", "/v1/auth/token/lookup-self", token=token) == 403
    for number in range(1, 15):
        del kept[number]
    check(server, kept)
