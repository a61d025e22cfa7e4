"""A `coffer dev` process: started, read until it says that it is there, stopped as Ctrl-C does."""

import json
import re
import signal
import ssl
import subprocess
import urllib.error
import urllib.request

from coffer_server import BINARY, STOP_SECONDS


class DevServer:
    """Use as a context. `address`, `token` and `welcome` are what it printed when it was ready."""

    def __init__(self, folder, *options, path="/usr/bin:/bin"):
        self.folder = folder
        self.path = path
        self.options = options
        self.process = None
        self.address = self.token = None
        self.welcome = ""

    def __enter__(self):
        self.process = subprocess.Popen(
            [str(BINARY), "dev", "--listen", "127.0.0.1:0", *map(str, self.options)], cwd=self.folder,
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
            env={"PATH": self.path, "HOME": str(self.folder)})
        for line in self.process.stdout:
            self.welcome += line
            if "Ctrl-C" in line:
                break
        else:
            raise AssertionError(self.process.communicate(timeout=STOP_SECONDS)[1])
        self.address = re.search(r"address +(\S+)", self.welcome)[1]
        self.token = re.search(r"root token +(\S+)", self.welcome)[1]
        return self

    def __exit__(self, *_):
        self.stop()

    def stop(self):
        """Ctrl-C; returns the exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGINT)
        try:
            self.process.communicate(timeout=STOP_SECONDS)
        finally:
            self.process.kill()
        return self.process.returncode

    def call(self, method, path, body=None, token=None, cafile=None):
        """(status, decoded body)"""
        request = urllib.request.Request(
            f"{self.address}/v1/{path}", method=method, headers={"X-Vault-Token": token or self.token},
            data=json.dumps(body).encode() if body is not None else None)
        context = ssl.create_default_context(cafile=cafile) if cafile else None
        try:
            with urllib.request.urlopen(request, timeout=20, context=context) as answer:
                text = answer.read()
                return answer.status, json.loads(text) if text else {}
        except urllib.error.HTTPError as error:
            return error.code, {}
