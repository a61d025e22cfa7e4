"""A real server process on a free loopback port with a data folder of its own."""

import http.client
import json
import os
import pathlib
import signal
import socket
import subprocess
import time

REPOSITORY = pathlib.Path(__file__).resolve().parent.parent.parent
BINARY = pathlib.Path(os.environ.get("COFFER_BINARY", REPOSITORY / "build/release/coffer"))
START_SECONDS = 20
STOP_SECONDS = 15


def free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """Owns one process and its folder; stop() is safe to call at any time.

    start() returns when the server answers; initialize() and unseal() keep the shares and the root
    token in `keys` and `root_token`, so that restart() can be followed by unseal().
    """

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.port = free_port()
        self.process = None
        self.keys = []
        self.root_token = None
        self.arguments = []  # of the command, beside --config
        self.data = self.folder / "data"
        self.log = self.folder / "server.log"
        self.data.mkdir(mode=0o700, parents=True, exist_ok=True)
        self.config = self.folder / "coffer.toml"
        self.config.write_text(
            f'[listener]\naddress = "127.0.0.1:{self.port}"\n\n'
            f'[storage]\npath = "{self.data}"\n\n'
            '[log]\nlevel = "info"\n'
        )
        self.config.chmod(0o600)

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self, under=()):
        """`under`: the words of a program that starts the server in its own stead."""
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("VAULT_", "COFFER_"))}
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [*under, str(BINARY), "server", "--config", str(self.config), *self.arguments],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment,
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                self.request("GET", "/v1/sys/health")
                return self
            except OSError:
                time.sleep(0.05)
        text = self.log.read_text(errors="replace")[-4000:]
        self.stop(signal.SIGKILL)
        raise RuntimeError(f"the server does not answer on {self.address}; its log ends:\n{text}")

    def stop(self, how=signal.SIGTERM):
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(how)
            try:
                self.process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
                self.process = None
                raise RuntimeError(f"the server did not stop in {STOP_SECONDS} s") from None
        self.process = None

    def restart(self, how=signal.SIGTERM):
        self.stop(how)
        return self.start()

    def request(self, method, path, body=None, headers=None, token=None):
        """One plain request; returns (status, headers, body bytes)."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            sent = dict(headers or {})
            if token:
                sent["X-Vault-Token"] = token
            if isinstance(body, (dict, list)):
                body = json.dumps(body)
            connection.request(method, path, body=body, headers=sent)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def json(self, method, path, body=None, token=None):
        status, _, text = self.request(method, path, body, token=token)
        if status not in (200, 204):
            raise RuntimeError(f"{method} {path}: {status} {text.decode(errors='replace')}")
        return json.loads(text) if text else None

    def initialize(self, shares=5, threshold=3):
        answer = self.json("PUT", "/v1/sys/init",
                           {"secret_shares": shares, "secret_threshold": threshold})
        self.keys = answer["keys"]
        self.root_token = answer["root_token"]
        self.threshold = threshold
        return answer

    def unseal(self):
        for key in self.keys[:self.threshold]:
            status = self.json("PUT", "/v1/sys/unseal", {"key": key})
        if status["sealed"]:
            raise RuntimeError("still sealed after the threshold of shares")

    def prepare(self):
        """start, initialize and unseal in one."""
        self.start()
        self.initialize()
        self.unseal()
        return self
