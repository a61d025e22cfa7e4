"""kill -9 under write load, again and again: what was acknowledged stays, what was not is whole or
absent, and the log and the rows still agree."""

import http.client
import json
import random
import signal
import threading
import time

import pytest

from coffer_cli import Cli
from operations import audit_head, mount, rounds, verify_store

WRITERS = 8
KEYS = 6  # of each writer
LOAD_SECONDS = 0.4
KEPT = 10  # versions of a secret, the default


class Journal:
    """What one writer knows of one secret: the value of every version that was acknowledged, and at
    most one write of which no answer came."""

    def __init__(self):
        self.values = []  # of versions 1, 2, …
        self.pending = None


class Writer(threading.Thread):
    """Writes until the server is gone. One connection, one write at a time."""

    def __init__(self, server, number, journals):
        super().__init__(daemon=True)
        self.server, self.number, self.journals = server, number, journals
        self.acknowledged = 0
        self.refused = []

    def run(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.server.port, timeout=10)
        try:
            while self.write(connection):
                pass
        except (OSError, http.client.HTTPException):
            pass
        finally:
            connection.close()

    def write(self, connection):
        key = random.randrange(KEYS)
        journal = self.journals[key]
        value = f"w{self.number}k{key}v{len(journal.values) + 1}-" + "x" * random.randrange(2000)
        journal.pending = value
        connection.request("POST", f"/v1/secret/data/w{self.number}/k{key}",
                           json.dumps({"data": {"v": value, "same": value}}),
                           {"X-Vault-Token": self.server.root_token})
        answer = connection.getresponse()
        body = answer.read()
        if answer.status != 200:
            self.refused.append((answer.status, body[:200]))
            return False
        journal.values.append(value)
        journal.pending = None
        assert json.loads(body)["data"]["version"] == len(journal.values)
        self.acknowledged += 1
        return True


class Witness(threading.Thread):
    """Keeps the newest signed head that the server gave away before it was killed."""

    def __init__(self, server):
        super().__init__(daemon=True)
        self.server, self.head, self.key = server, None, None

    def run(self):
        try:
            while True:
                self.head, self.key = audit_head(self.server)
                time.sleep(0.02)
        except (OSError, http.client.HTTPException, RuntimeError):
            pass


def settle(journal, current):
    """Whether the write without an answer took place is the server's to say, once."""
    if current == len(journal.values) + 1 and journal.pending is not None:
        journal.values.append(journal.pending)
    journal.pending = None


def check(server, path, journal):
    status, _, text = server.request("GET", f"/v1/secret/metadata/{path}", token=server.root_token)
    if status == 404:
        assert not journal.values, f"{path}: {len(journal.values)} acknowledged versions are gone"
        return settle(journal, 0)
    assert status == 200, (path, status, text)
    data = json.loads(text)["data"]
    settle(journal, data["current_version"])
    newest = len(journal.values)
    assert data["current_version"] == newest, f"{path}: acknowledged {newest}"
    kept = range(max(1, newest - KEPT + 1), newest + 1)
    assert sorted(map(int, data["versions"])) == list(kept)
    for version in {kept[0], random.choice(kept), newest}:
        read = server.json("GET", f"/v1/secret/data/{path}?version={version}", token=server.root_token)
        expected = journal.values[version - 1]
        assert read["data"]["data"] == {"v": expected, "same": expected}, (path, version)


@pytest.fixture
def busy(make_server):
    server = make_server()
    server.start()
    server.initialize(shares=1, threshold=1)
    server.unseal()
    mount(server, "secret", "2")
    return server


def load_and_kill(server, journals):
    writers = [Writer(server, number, journals[number]) for number in range(WRITERS)]
    witness = Witness(server)
    for thread in (*writers, witness):
        thread.start()
    time.sleep(LOAD_SECONDS * (0.5 + random.random()))
    server.stop(signal.SIGKILL)
    for thread in (*writers, witness):
        thread.join(20)
        assert not thread.is_alive()
    refused = [answer for writer in writers for answer in writer.refused]
    assert not refused, refused[:3]
    return sum(writer.acknowledged for writer in writers), witness


def test_kill_under_write_load_loses_nothing(busy, tmp_path):
    journals = [[Journal() for _ in range(KEYS)] for _ in range(WRITERS)]
    cli = Cli(tmp_path)
    key_file = tmp_path / "audit.pem"
    total = 0
    for number in range(rounds(8, 100)):
        acknowledged, witness = load_and_kill(busy, journals)
        total += acknowledged
        if witness.head:
            key_file.write_text(witness.key)
            cli.run("audit", "verify", "--key", key_file, "--head", witness.head,
                    "--data", busy.data)
        busy.start()
        busy.unseal()
        for writer, secrets in enumerate(journals):
            for key, journal in enumerate(secrets):
                check(busy, f"w{writer}/k{key}", journal)
        ok, findings = verify_store(busy)
        assert ok and not findings, (number, findings[:5])
    assert total > 50, f"only {total} writes were acknowledged: no load"


def test_kill_while_starting_and_unsealing(busy):
    busy.json("POST", "/v1/secret/data/kept", {"data": {"v": "1"}}, token=busy.root_token)
    for _ in range(rounds(4, 40)):
        busy.restart(signal.SIGKILL)
        unsealing = threading.Thread(target=swallow, args=(busy.unseal,))
        unsealing.start()
        time.sleep(random.random() * 0.02)
        busy.stop(signal.SIGKILL)
        unsealing.join()
        busy.start()
    busy.unseal()
    read = busy.json("GET", "/v1/secret/data/kept", token=busy.root_token)
    assert read["data"]["data"] == {"v": "1"}
    ok, findings = verify_store(busy)
    assert ok and not findings, findings[:5]


def swallow(call):
    try:
        call()
    except (OSError, http.client.HTTPException, RuntimeError):
        pass
