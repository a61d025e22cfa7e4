"""What the server does when it is told: SIGHUP, SIGTERM, systemd's socket; and its metrics listener."""

import contextlib
import http.client
import shutil
import signal
import socket
import ssl
import subprocess
import time

import pytest

from coffer_server import BINARY, STOP_SECONDS, Server, free_port
from dev_server import DevServer
from wire import head, status_of

WAIT = 5


@pytest.fixture
def own(tmp_path):
    made = Server(tmp_path)
    yield made
    made.stop()


def eventually(check):
    deadline = time.monotonic() + WAIT
    while time.monotonic() < deadline:
        if check():
            return True
        time.sleep(0.05)
    return False


def certificate(folder, name):
    """A pair of files of a self-signed certificate: the development server makes itself one."""
    with DevServer(folder, "--in-memory", "--tls", "--data", folder / name):
        pass
    return folder / name / "tls.pem", folder / name / "tls.key"


def shown(port):
    context = ssl.create_default_context()
    context.check_hostname = False
    context.verify_mode = ssl.CERT_NONE
    with socket.create_connection(("127.0.0.1", port), timeout=WAIT) as plain:
        with context.wrap_socket(plain) as peer:
            return peer.getpeercert(binary_form=True)


def der(file):
    return ssl.PEM_cert_to_DER_cert(file.read_text())


class Started:
    """A server process that is not asked over plain HTTP whether it is there."""

    def __init__(self, server, **environment):
        self.log = server.log.open("wb")
        self.process = subprocess.Popen(
            [str(BINARY), "server", "--config", str(server.config)], stdin=subprocess.DEVNULL,
            stdout=self.log, stderr=self.log, env={"PATH": "/usr/bin:/bin", **environment})

    def __enter__(self):
        return self.process

    def __exit__(self, *_):
        if self.process.poll() is None:
            self.process.terminate()
        try:
            self.process.wait(STOP_SECONDS)
        finally:
            self.process.kill()
            self.log.close()


def test_sighup_reads_the_certificate_again(own, tmp_path):
    first, second = certificate(tmp_path, "first"), certificate(tmp_path, "second")
    in_use = tmp_path / "cert.pem", tmp_path / "cert.key"
    for source, target in zip(first, in_use):
        shutil.copy(source, target)
    own.config.write_text(own.config.read_text().replace(
        "[listener]\n",
        f'[listener]\ntls_certificate = "{in_use[0]}"\ntls_key = "{in_use[1]}"\n'))
    with Started(own) as process:
        assert eventually(lambda: "listens" in own.log.read_text())
        assert shown(own.port) == der(first[0])
        in_use[0].write_text("broken")
        process.send_signal(signal.SIGHUP)
        assert eventually(lambda: "not reloaded" in own.log.read_text())
        assert shown(own.port) == der(first[0]), "the old one stays"
        for source, target in zip(second, in_use):
            shutil.copy(source, target)
        process.send_signal(signal.SIGHUP)
        assert eventually(lambda: shown(own.port) == der(second[0]))


def test_sigterm_answers_the_request_under_way(own):
    own.prepare()
    body = b'{"type":"kv"}'
    with socket.create_connection(("127.0.0.1", own.port), timeout=WAIT) as peer, \
            socket.create_connection(("127.0.0.1", own.port), timeout=WAIT) as idle:
        peer.sendall(head(own, "POST", "/v1/sys/mounts/late", f"Content-Length: {len(body)}",
                          token=own.root_token) + body[:5])
        time.sleep(0.2)
        own.process.send_signal(signal.SIGTERM)
        assert idle.recv(1) == b"", "connections without a request are closed"
        with pytest.raises(OSError):
            socket.create_connection(("127.0.0.1", own.port), timeout=WAIT).close()
        assert own.process.poll() is None
        peer.sendall(body[5:])
        answer = peer.recv(4096)
        assert status_of(answer) == 204 and b"Connection: close" in answer
    assert own.process.wait(STOP_SECONDS) == 0
    own.start()
    own.unseal()
    assert "late/" in own.json("GET", "/v1/sys/mounts", token=own.root_token)["data"]


def test_systemd_is_told(own, tmp_path):
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(tmp_path / "notify"))
        manager.settimeout(WAIT)
        with Started(own, NOTIFY_SOCKET=str(tmp_path / "notify")) as process:
            assert manager.recv(100) == b"READY=1"
            assert own.request("GET", "/v1/sys/health")[0] == 501, "ready means listening"
            process.send_signal(signal.SIGHUP)
            assert [manager.recv(100), manager.recv(100)] == [b"RELOADING=1", b"READY=1"]
            process.send_signal(signal.SIGTERM)
            assert manager.recv(100) == b"STOPPING=1"
            assert process.wait(STOP_SECONDS) == 0


def test_the_metrics_listener_gives_metrics_and_nothing_else(own):
    port = free_port()
    own.config.write_text(own.config.read_text() + f'\n[metrics]\naddress = "127.0.0.1:{port}"\n')
    own.prepare()

    def get(path, method="GET"):
        with contextlib.closing(http.client.HTTPConnection("127.0.0.1", port, timeout=WAIT)) as connection:
            connection.request(method, path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()

    status, text = get("/metrics")
    assert status == 200 and "coffer_sealed 0" in text and "coffer_requests_total{" in text
    for path in ("/", "/v1/sys/health", "/v1/sys/mounts", "/metrics?x=1"):
        assert get(path) == (404, ""), path
    assert get("/metrics", "POST")[0] == 404
