"""The command line program, run as a user would, with an environment of its own."""

import json
import subprocess

from coffer_server import BINARY

SECONDS = 60


class Cli:
    """Runs `coffer` against one address; `home` keeps what the program leaves behind."""

    def __init__(self, home, address="http://127.0.0.1:1", token=None):
        self.home = home
        self.address = address
        self.token = token

    def environment(self):
        found = {"PATH": "/usr/bin:/bin", "HOME": str(self.home), "VAULT_ADDR": self.address,
                 "NO_COLOR": "1"}
        if self.token:
            found["VAULT_TOKEN"] = self.token
        return found

    def run(self, *words, stdin="", code=0, binary=False):
        """The finished process; fails the test when its exit code is not `code` (None: any)."""
        done = subprocess.run([str(BINARY), *map(str, words)], input=stdin.encode(), check=False,
                              capture_output=True, env=self.environment(), timeout=SECONDS)
        if not binary:
            done.stdout = done.stdout.decode(errors="replace")
        done.stderr = done.stderr.decode(errors="replace")
        assert code is None or done.returncode == code, (
            f"coffer {' '.join(map(str, words))} ended with {done.returncode}, not {code}:\n"
            f"{done.stdout[-2000:]}\n{done.stderr[-2000:]}")
        return done

    def out(self, *words, **options):
        return self.run(*words, **options).stdout.rstrip("\n")

    def json(self, *words, **options):
        return json.loads(self.run("--format", "json", *words, **options).stdout)
