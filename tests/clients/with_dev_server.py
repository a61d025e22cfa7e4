"""Runs a command against a development server of its own: with_dev_server.py COMMAND...

The command gets AWS_ENDPOINT_URL and the credentials of an administrator, and the root token in
COFFER_TOKEN; in ROTATING_SERVER, as JSON, another server that lists a rotation function, and in
LIMITED_SERVER one that limits what its users ask, with two of them. Its exit code is ours.
"""

import json
import os
import pathlib
import subprocess
import sys
import tempfile

from dev_server import ACCESS_KEY, SECRET_KEY, DevServer
from limited_server import LimitedServer
from rotating_server import FUNCTION, RotatingServer


def main():
    with tempfile.TemporaryDirectory(prefix="coffer-clients-") as folder:
        server = DevServer(folder)
        rotating = RotatingServer(pathlib.Path(folder) / "rotating")
        limited = LimitedServer(pathlib.Path(folder) / "limited")
        try:
            server.start()
            rotating.begin()
            limited.begin()
            environment = {k: v for k, v in os.environ.items() if not k.startswith("AWS_")}
            environment.update(
                AWS_ENDPOINT_URL=server.address, AWS_ACCESS_KEY_ID=ACCESS_KEY,
                AWS_SECRET_ACCESS_KEY=SECRET_KEY, COFFER_TOKEN=server.root_token, HOME=folder,
                ROTATING_SERVER=json.dumps({
                    "endpoint": rotating.address, "function": FUNCTION, "credentials": {
                        "accessKeyId": rotating.access_key,
                        "secretAccessKey": rotating.secret_key}}),
                LIMITED_SERVER=json.dumps({
                    "endpoint": limited.address,
                    "users": [dict(zip(("accessKeyId", "secretAccessKey"), limited.new_user(name)))
                              for name in ("ann", "bob")]}))
            return subprocess.run(sys.argv[1:], env=environment, check=False).returncode
        finally:
            limited.stop()
            rotating.stop()
            server.stop()


if __name__ == "__main__":
    sys.exit(main())
