"""README.md and examples/README.md, followed to the letter: each command that they show is run."""

import re
import shutil
import subprocess

import pytest

from coffer_server import BINARY, REPOSITORY
from dev_server import DevServer

SECONDS = 60
PLACEHOLDER = "…"


def shown(document, heading=None):
    """The commands of a document, or of its section, in their order, without what `#` says of them."""
    text = (REPOSITORY / document).read_text()
    if heading:
        text = text.split(f"## {heading}\n", 1)[1].split("\n## ", 1)[0]
    return [re.sub(r"\s+#\s.*", "", line[4:]) for line in text.splitlines() if line.startswith("    ")]


class Reader:
    """Somebody with a shell, who types what is shown and fills in what the server printed."""

    def __init__(self, folder, server):
        self.folder = folder
        self.printed = ""
        self.values = {"COFFER_ADDR": server.address, "VAULT_ADDR": server.address,
                       "COFFER_TOKEN": server.token, "VAULT_TOKEN": server.token}
        self.environment = {"PATH": f"{BINARY.parent}:/usr/bin:/bin", "HOME": str(folder)}

    def export(self, assignments):
        for name, value in (part.split("=", 1) for part in assignments.split()):
            if name == "PATH":
                continue
            if PLACEHOLDER in value and name not in self.values:
                self.values[name] = re.search(rf"{name.removeprefix('AWS_').lower()} +(\S+)", self.printed)[1]
            self.environment[name] = self.values.get(name, value)

    def type(self, command):
        """What the command printed; for an `export` nothing."""
        if command.startswith("export "):
            self.export(command.removeprefix("export "))
            return ""
        done = subprocess.run(["bash", "-c", command], cwd=self.folder, env=self.environment, check=False,
                              stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=SECONDS)
        assert done.returncode == 0, f"{command}: {done.returncode} {done.stdout} {done.stderr}"
        self.printed = done.stdout
        return done.stdout


@pytest.fixture
def reader(tmp_path):
    shutil.copytree(REPOSITORY / "examples", tmp_path / "examples")
    with DevServer(tmp_path, "--in-memory") as server:
        yield Reader(tmp_path, server)


def test_the_five_minutes_of_the_readme(reader):
    printed = {command: reader.type(command) for command in shown("README.md", "Five minutes")
               if not command.startswith("./")}
    assert printed["coffer secret get prod.db.password"] == "s3cret\n"
    assert printed["coffer secret get prod.db.postgres.billing-db.password"] == "made-up-Horse7-battery\n"
    assert [out for command, out in printed.items() if command.startswith("coffer run")] == ["DB_PASSWORD=s3cret\n"]
    assert [out for command, out in printed.items() if command.startswith("aws ") and "s3cret" in out]


def test_the_examples_read_one_secret_in_each_spelling(reader):
    reader.export("VAULT_TOKEN=…")
    printed = {command: reader.type(command) for command in shown("examples/README.md")}
    readings = [out for command, out in printed.items() if "billing-db" in command]
    assert len(readings) == 4
    assert all("made-up-Horse7-battery" in out for out in readings)
