"""`coffer import` of large files: whole, resumable after a kill of either side, nothing half-written."""

import json
import shutil
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


def check_all(server, name):
    """Every secret is there, whole, and was written once."""
    for number in range(COUNT):
        found = server.json("GET", f"/v1/secret/data/{name}/s{number}", token=server.root_token)["data"]
        assert found["data"] == fields(number), number
        assert found["metadata"]["version"] == 1, number


def begin(cli, file):
    return subprocess.Popen([str(BINARY), "import", "--group", str(file)], env=cli.environment(),
                            stdout=subprocess.PIPE, stderr=subprocess.STDOUT)


def written(server, name):
    """How many secrets are below import/<name> now."""
    status, _, body = server.request("GET", f"/v1/secret/metadata/{name}?list=true", token=server.root_token)
    return len(json.loads(body)["data"]["keys"]) if status == 200 else 0


def wait_until_some_are_written(server, name, process):
    """Until the import has written something; False when it was faster."""
    end = time.monotonic() + 30
    while time.monotonic() < end and process.poll() is None:
        if written(server, name):
            return True
        time.sleep(0.002)
    return False


def test_a_file_is_imported_whole(server, cli, file, name):
    printed = cli.out("import", "--group", file)
    assert f"{COUNT} written, 0 there already, 0 failed" in printed
    assert list(file.parent.iterdir()) == [file]
    check_all(server, name)
    printed = cli.out("import", "--group", file)
    assert f"0 written, {COUNT} there already, 0 failed" in printed


def test_a_killed_import_goes_on_where_it_was(server, cli, file, name):
    process = begin(cli, file)
    assert wait_until_some_are_written(server, name, process), "the import ended before it could be killed"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    before = written(server, name)
    assert 0 < before < COUNT
    assert list(file.parent.iterdir()) == [file]
    printed = cli.out("import", "--group", file)
    done, there = int(printed.split(": ")[1].split()[0]), int(printed.split(", ")[1].split()[0])
    assert done + there == COUNT and there >= before and "0 failed" in printed
    check_all(server, name)


def test_a_killed_server_loses_nothing_that_counts_as_written(make_server, tmp_path, file, name):
    own = make_server().prepare()
    mount(own, "secret", "2")
    cli = Cli(tmp_path, own.address, own.root_token)
    process = begin(cli, file)
    assert wait_until_some_are_written(own, name, process), "the import ended before the server was killed"
    own.stop(signal.SIGKILL)
    said, _ = process.communicate(timeout=60)
    assert process.returncode == 5, said
    own.start()
    own.unseal()
    cli.run("import", "--group", file)
    check_all(own, name)


def test_an_import_into_another_server_at_the_same_address_begins_anew(make_server, tmp_path, file, name):
    own = make_server().prepare()
    mount(own, "secret", "2")
    cli = Cli(tmp_path, own.address, own.root_token)
    process = begin(cli, file)
    assert wait_until_some_are_written(own, name, process), "the import ended before it could be killed"
    process.send_signal(signal.SIGKILL)
    process.communicate()
    own.stop(signal.SIGKILL)
    shutil.rmtree(own.data)
    own.data.mkdir(mode=0o700)
    own.prepare()
    mount(own, "secret", "2")
    again = Cli(tmp_path, own.address, own.root_token)
    assert f"{COUNT} written, 0 there already" in again.out("import", "--group", file)
    check_all(own, name)


def test_overwriting_leaves_what_the_file_says(cli, tmp_path, name):
    file = tmp_path / "turns.json"

    def overwrite(value):
        file.write_text(json.dumps({name: {"a": value, "b": "same"}}))
        return cli.out("import", "--overwrite", file)

    def version(path):
        return cli.json("secret", "get", f"{name}/{path}")["metadata"]["version"]

    for turn, value in enumerate(("v1", "v2", "v1"), 1):
        overwrite(value)
        assert cli.out("secret", "get", f"{name}/a") == value
        assert (version("a"), version("b")) == (turn, 1)
    assert "0 written, 2 there already, 0 failed" in overwrite("v1")
    assert version("a") == 3, "nothing new, no version"


def test_a_token_that_may_not_read_overwrites_all_the_same(server, tmp_path, name, token_with):
    file = tmp_path / "blind.json"
    file.write_text(json.dumps({name: {"a": "1"}}))
    token = token_with(f'path "secret/data/{name}/*" {{ capabilities = ["create", "update"] }}')
    blind = Cli(tmp_path, server.address, token)
    for _ in range(2):
        assert "1 written, 0 there already, 0 failed" in blind.out("import", "--overwrite", file)


def test_what_may_not_be_written_does_not_stop_the_rest(server, tmp_path, name, token_with):
    file = tmp_path / "mixed.json"
    file.write_text(json.dumps({name: {"denied": {"a": "1"}, **{f"s{n}": "1" for n in range(100)}}}))
    token = token_with(f'path "secret/data/{name}/*" {{ capabilities = ["create", "update"] }}\n'
                       f'path "secret/data/{name}/denied/*" {{ capabilities = ["deny"] }}')
    done = Cli(tmp_path, server.address, token).run("import", file, code=1)
    assert "100 written, 0 there already, 1 failed" in done.stdout
    assert f"{name}/denied/a: permission denied" in done.stderr
    Cli(tmp_path, server.address, token).run("import", "--prefix", "elsewhere", file, code=4)


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
