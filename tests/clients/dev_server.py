"""A `coffer dev --in-memory` process on a free loopback port, with an AWS access key."""

import http.client
import os
import pathlib
import signal
import subprocess
import time

from coffer_server import BINARY, START_SECONDS, STOP_SECONDS, free_port

ACCOUNT = "123456789012"
ACCESS_KEY = "AKIACOFFERTESTS00001"
SECRET_KEY = "a-secret-of-the-tests/+0123456789abcdefg"
ROOT_TOKEN = "root-of-the-tests"


class DevServer:
    """Owns one process; stop() is safe to call at any time."""

    def __init__(self, folder, arguments=()):
        self.folder = pathlib.Path(folder)
        self.folder.mkdir(parents=True, exist_ok=True)
        self.port = free_port()
        self.arguments = list(arguments)
        self.log = self.folder / "dev.log"
        self.process = None
        self.root_token = ROOT_TOKEN

    @property
    def address(self):
        return f"http://127.0.0.1:{self.port}"

    def start(self):
        environment = {k: v for k, v in os.environ.items()
                       if not k.startswith(("VAULT_", "COFFER_", "AWS_"))}
        environment["COFFER_DEV_AWS_ACCESS_KEY"] = f"{ACCESS_KEY}:{SECRET_KEY}"
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(
                [str(BINARY), "dev", "--in-memory", "--listen", f"127.0.0.1:{self.port}",
                 "--root-token", ROOT_TOKEN, *self.arguments],
                cwd=self.folder, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment,
            )
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline and self.process.poll() is None:
            # The line comes last, when seed and access keys are in.
            if self.address in self.log.read_text(errors="replace") and self.answers():
                return self
            time.sleep(0.02)
        text = self.log.read_text(errors="replace")[-4000:]
        self.stop(signal.SIGKILL)
        raise RuntimeError(f"the development server does not answer; its log ends:\n{text}")

    def answers(self):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            connection.request("GET", "/v1/sys/health")
            return connection.getresponse().status == 200
        except OSError:
            return False
        finally:
            connection.close()

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
