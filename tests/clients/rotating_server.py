"""A server whose configuration lists a rotation function, with an administrator's access key.

The function is the program rotation_function.py of aws_tests/; what it goes by is `settings`.
"""

import json
import pathlib
import sys
import time

from coffer_server import Server

FUNCTION = "arn:aws:lambda:eu-north-1:000000000000:function:rotate"
PROGRAM = pathlib.Path(__file__).parent / "aws_tests" / "rotation_function.py"


class RotatingServer(Server):
    """Started, initialised and unsealed by begin(). `access_key` and `secret_key` are its user's."""

    def begin(self):
        self.settings = self.folder / "settings.json"
        command = [sys.executable, str(PROGRAM), str(self.settings)]
        with self.config.open("a", encoding="utf-8") as config:
            config.write(f'\n[aws.rotation_function.rotate]\narn = "{FUNCTION}"\n'
                         f"command = {json.dumps(command)}\n")
        self.start()
        self.initialize()
        self.unseal()
        self.json("PUT", "/api/v1/aws/users/rotator",
                  {"policy_arns": ["arn:aws:iam::aws:policy/AdministratorAccess"]},
                  token=self.root_token)
        key = self.json("PUT", "/api/v1/aws/users/rotator/access-keys", {}, token=self.root_token)
        self.access_key, self.secret_key = key["access_key_id"], key["secret_access_key"]
        self.settings.write_text(json.dumps({
            "endpoint": self.address, "access_key": self.access_key,
            "secret_key": self.secret_key, "log": str(self.folder / "steps")}))
        return self


def wait_for(condition, patience=30):
    """Rotations are asked for and come later."""
    deadline = time.monotonic() + patience
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come in time")
