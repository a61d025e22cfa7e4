"""The development server: `coffer dev`, as `./run` starts it."""

import json
import re
import ssl
import subprocess
import urllib.error

import pytest

from coffer_server import BINARY, Server
from dev_server import DevServer
from test_start import refused

SEED = {
    "mounts": {"old/": {"type": "kv", "options": {"version": "1"}}},
    "policies": {"app": 'path "secret/data/app/*" { capabilities = ["read"] }'},
    "documents": {"night": {"version": "1.0", "allowed_secrets": ["prod.**"]}},
    "secrets": {"secret/app/db": {"user": "u", "password": "p"}},
    "tokens": {"my-fixed-token": {"policies": ["app"]}},
}


def test_started_again_everything_is_still_there(tmp_path):
    data = tmp_path / "data"
    with DevServer(tmp_path, "--data", data) as first:
        assert first.call("PUT", "secret/data/a", {"data": {"v": "kept"}})[0] == 200
        token = first.token
        assert first.stop() == 0
    assert (data / "dev-keys").stat().st_mode & 0o777 == 0o600
    assert data.stat().st_mode & 0o777 == 0o700
    with DevServer(tmp_path, "--data", data) as second:
        assert second.token == token
        assert second.call("GET", "secret/data/a")[1]["data"]["data"] == {"v": "kept"}


@pytest.mark.parametrize("options", [(), ("--tls",)])
def test_the_commands_that_it_prints_work_as_they_stand(tmp_path, options):
    """In a shell of any folder that knows no `coffer`."""
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    with DevServer(tmp_path, *options) as server:
        typed = "\n".join(re.findall("^  ((?:export|coffer) .*)$", server.welcome, re.M))
        done = subprocess.run(["bash", "-ec", typed], cwd=elsewhere, check=False, capture_output=True, text=True,
                              env={"PATH": "/usr/bin:/bin", "HOME": str(elsewhere)}, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "\ns3cret\n" in done.stdout and "secret.accessed" in done.stdout


def test_a_program_that_a_shell_finds_is_called_by_its_name(tmp_path):
    folder = tmp_path / "bin"
    folder.mkdir()
    (folder / BINARY.name).symlink_to(BINARY)
    with DevServer(tmp_path, "--in-memory", path=f"/usr/bin:{folder}") as server:
        assert "export PATH" not in server.welcome


def test_without_options_the_data_are_in_dev(tmp_path):
    with DevServer(tmp_path) as server:
        assert server.address.startswith("http://127.0.0.1:")
        assert server.call("GET", "sys/seal-status")[1]["sealed"] is False
    assert (tmp_path / ".dev" / "coffer.db").exists()


def test_in_memory_nothing_is_kept(tmp_path):
    with DevServer(tmp_path, "--in-memory", "--root-token", "fixed-root") as server:
        assert server.token == "fixed-root"
        assert server.call("PUT", "secret/data/a", {"data": {"v": 1}})[0] == 200
    assert list(tmp_path.iterdir()) == []
    with DevServer(tmp_path, "--in-memory", "--root-token", "fixed-root") as server:
        assert server.call("GET", "secret/data/a")[0] == 404


@pytest.mark.parametrize("dashes", ["-", "--"])
def test_its_command_line_shows_no_secret(tmp_path, dashes):
    secrets = ("fixed-root-token", "AKIDEXAMPLEEXAMPLE12:" + "s" * 40)
    options = (f"{dashes}root-token", secrets[0], f"{dashes}aws-access-key={secrets[1]}")
    with DevServer(tmp_path, "--in-memory", *options) as server:
        assert server.token == secrets[0]
        with open(f"/proc/{server.process.pid}/cmdline", encoding="utf-8") as file:
            shown = file.read().split("\0")
    assert not [secret for secret in secrets for word in shown if secret in word], shown
    assert "--in-memory" in shown


def test_a_seed_is_there_at_the_first_start_only(tmp_path):
    seed = tmp_path / "seed.json"
    seed.write_text(json.dumps(SEED))
    options = ("--data", tmp_path / "data", "--seed", seed)
    with DevServer(tmp_path, *options) as server:
        app = "my-fixed-token"
        assert server.call("GET", "secret/data/app/db", token=app)[1]["data"]["data"] == SEED["secrets"][
            "secret/app/db"]
        assert server.call("GET", "secret/data/other", token=app)[0] == 403
        assert server.call("GET", "sys/mounts")[1]["data"]["old/"]["options"]["version"] == "1"
        assert server.call("DELETE", "secret/metadata/app/db")[0] == 204
    with DevServer(tmp_path, *options) as server:
        assert server.call("GET", "secret/data/app/db")[0] == 404


@pytest.mark.parametrize("part", [{"unknown": {"a": 1}}, {"secrets": {"no-mount": {}}},
                                  {"tokens": {"a-token": {"policies": 5}}}, {"mounts": []}])
def test_a_seed_with_a_mistake_stops_the_start(tmp_path, part):
    seed = tmp_path / "seed.json"
    seed.write_text(json.dumps(part))
    message = refused("dev", "--in-memory", "--listen", "127.0.0.1:0", "--seed", seed)
    assert "seed" in message and "a-token" not in message


def test_tls_with_a_certificate_of_its_own(tmp_path):
    data = tmp_path / "data"
    with DevServer(tmp_path, "--data", data, "--tls") as server:
        assert server.address.startswith("https://")
        assert server.call("GET", "secret/config", cafile=data / "tls.pem")[0] == 200
        with pytest.raises(urllib.error.URLError) as refusal:
            server.call("GET", "sys/health")
        assert isinstance(refusal.value.reason, ssl.SSLError)
    assert (data / "tls.key").stat().st_mode & 0o777 == 0o600


def test_a_production_server_refuses_its_data(tmp_path):
    own = Server(tmp_path)
    with DevServer(tmp_path, "--data", own.data):
        pass
    assert "development" in refused("server", "--config", own.config)


def test_without_its_keys_the_data_stay_sealed(tmp_path):
    data = tmp_path / "data"
    with DevServer(tmp_path, "--data", data):
        pass
    (data / "dev-keys").unlink()
    assert "dev-keys" in refused("dev", "--listen", "127.0.0.1:0", "--data", data)
