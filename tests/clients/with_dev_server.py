"""Runs a command against a development server of its own: with_dev_server.py COMMAND...

The command gets AWS_ENDPOINT_URL and the credentials of an administrator. Its exit code is ours.
"""

import os
import subprocess
import sys
import tempfile

from dev_server import ACCESS_KEY, SECRET_KEY, DevServer


def main():
    with tempfile.TemporaryDirectory(prefix="coffer-clients-") as folder:
        server = DevServer(folder)
        try:
            server.start()
            environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
            environment.update(AWS_ENDPOINT_URL=server.address, AWS_ACCESS_KEY_ID=ACCESS_KEY,
                               AWS_SECRET_ACCESS_KEY=SECRET_KEY, HOME=folder)
            return subprocess.run(sys.argv[1:], env=environment, check=False).returncode
        finally:
            server.stop()


if __name__ == "__main__":
    sys.exit(main())
