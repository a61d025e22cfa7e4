"""`coffer import` of large files: whole, resumable after a kill of either side, nothing half-written."""

import json
import signal
import subprocess
import time

import pytest

from coffer_cli import Cli
from coffer_server import BINARY
from operations import mount, rounds

COUNT = rounds(2000, 20_000)


def fields(number):
    return {"user": f"service-{number}", "password": f"p{number}-" + "x" * 40, "port": 5432 + number}


@pytest.fixture
def file(tmp_path, name):
    """COUNT secrets of three fields below import/<name>, as JSON."""
    path = tmp_path / f"{name}.json"
    path.write_text(json.dumps({name: {f"s{n}": fields(n) for n in range(COUNT)}}))
    return path


def journal(file):
    return file.with_name(file.name + ".coffer-import")


def check_all(server, name):
    """Every secret is there, whole, and was written once."""
    for number in range(COUNT):
        found = server.json("GET", f"/v1/secret/data/{name}/s{number}", token=server.root_token)["data"]
        assert found["data"] == fields(number), number
        assert found["metadata"]["version"] == 1, number


def begin(cli, file):
    return subprocess.Popen([str(BINARY), "import", "--group", str(file)], env=cli.environment(),
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def wait_for_journal(file, process, lines):
    """Until that many secrets are written; False when the import was faster."""
    end = time.monotonic() + 30
    while time.monotonic() < end and process.poll() is None:
        if journal(file).exists() and journal(file).read_bytes().count(b"\n") > lines:
            return True
        time.sleep(0.002)
    return False


def test_a_file_is_imported_whole(server, cli, file, name):
    printed = cli.out("import", "--group", file)
    assert f"{COUNT} written, 0 there already, 0 failed" in printed
    assert not journal(file).exists()
    check_all(server, name)
    printed = cli.out("import", "--group", file)
    assert f"0 written, {COUNT} there already, 0 failed" in printed


def test_a_killed_import_goes_on_where_it_was(server, cli, file, name):
    process = begin(cli, file)
    assert wait_for_journal(file, process, 200), "the import ended before it could be killed"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    written = journal(file).read_bytes().count(b"\n") - 1
    assert 0 < written < COUNT
    assert file.name.encode() not in journal(file).read_bytes()
    printed = cli.out("import", "--group", file)
    done, there = int(printed.split(": ")[1].split()[0]), int(printed.split(", ")[1].split()[0])
    assert done + there == COUNT and there >= written and "0 failed" in printed
    check_all(server, name)


def test_a_killed_server_loses_nothing_that_counts_as_written(make_server, tmp_path, file, name):
    own = make_server().prepare()
    mount(own, "secret", "2")
    cli = Cli(tmp_path, own.address, own.root_token)
    process = begin(cli, file)
    assert wait_for_journal(file, process, 200), "the import ended before the server was killed"
    own.stop(signal.SIGKILL)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 5, said
    assert journal(file).exists()
    own.start()
    own.unseal()
    cli.run("import", "--group", file)
    assert not journal(file).exists()
    check_all(own, name)


def test_a_secret_with_other_data_is_kept_and_named(server, cli, tmp_path, name):
    file = tmp_path / "few.json"
    file.write_text(json.dumps({name: {"a": {"x": "1"}, "b": {"x": "2"}}}))
    cli.run("secret", "put", f"{name}/a", "-", stdin='{"x":"mine"}')
    refused = cli.run("import", "--group", file, code=1)
    assert f"{name}/a" in refused.stderr and "1 written, 0 there already, 1 failed" in refused.stdout
    assert cli.out("secret", "get", "--field", "x", f"{name}/a") == "mine"
    assert "0 failed" in cli.out("import", "--group", "--overwrite", file)
    assert cli.out("secret", "get", "--field", "x", f"{name}/a") == "1"


def test_a_broken_file_writes_nothing(server, cli, tmp_path, name):
    for ending, text, line in (("yaml", f'{name}:\n  a: 1\n  b: "x\n', "line 3"),
                               ("env", f"{name}=1\nB='x\n", "line "),
                               ("json", '{"' + name + '":1,', "byte")):
        file = tmp_path / f"broken.{ending}"
        file.write_text(text)
        assert line in cli.run("import", file, code=2).stderr
    cli.run("secret", "get", name, code=3)
    cli.run("secret", "list", name, code=3)
