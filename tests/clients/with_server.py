"""Runs a command against a server of its own: with_server.py COMMAND...

The command gets VAULT_ADDR of a started server that is not initialised yet. Its exit code is ours.
"""

import os
import subprocess
import sys
import tempfile

from coffer_server import Server


def main():
    with tempfile.TemporaryDirectory(prefix="coffer-clients-") as folder:
        server = Server(folder)
        try:
            server.start()
            environment = dict(os.environ, VAULT_ADDR=server.address)
            environment.pop("VAULT_TOKEN", None)
            return subprocess.run(sys.argv[1:], env=environment, check=False).returncode
        finally:
            server.stop()


if __name__ == "__main__":
    sys.exit(main())
