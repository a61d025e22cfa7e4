"""What the server refuses to start with."""

import os
import shutil
import subprocess

import pytest

from coffer_server import BINARY, Server, free_port


@pytest.fixture
def stopped(tmp_path):
    return Server(tmp_path)


def refused(*words, code=1):
    done = subprocess.run([str(BINARY), *map(str, words)], check=False, capture_output=True, timeout=20,
                          stdin=subprocess.DEVNULL, env={"PATH": "/usr/bin:/bin", "HOME": "/nonexistent"})
    assert done.returncode == code, (done.returncode, done.stderr)
    return done.stderr.decode()


@pytest.mark.parametrize("mode", [0o755, 0o750, 0o701, 0o777, 0o704])
def test_a_folder_open_to_others_is_refused(stopped, mode):
    stopped.data.chmod(mode)
    assert "chmod 700" in refused("server", "--config", stopped.config)
    assert not (stopped.data / "coffer.db").exists()


def test_development_data_are_refused(stopped):
    (stopped.data / "development").write_text("marker\n")
    assert "development" in refused("server", "--config", stopped.config)


def test_production_data_are_refused_by_the_development_server(stopped):
    stopped.start()
    stopped.stop()
    message = refused("dev", "--listen", f"127.0.0.1:{free_port()}", "--data", stopped.data)
    assert "production" in message
    assert not (stopped.data / "dev-keys").exists()


@pytest.mark.parametrize("address", ["0.0.0.0", "[::]", "192.0.2.1"])
def test_the_development_server_stays_on_loopback(tmp_path, address):
    message = refused("dev", "--listen", f"{address}:{free_port()}", "--data", tmp_path / "dev")
    assert "loopback" in message or "allow-remote" in message
    message = refused("dev", "--in-memory", "--listen", f"{address}:{free_port()}")
    assert "loopback" in message or "allow-remote" in message


@pytest.mark.parametrize("line, named", [
    ("[listener]\naddres = \"127.0.0.1:1\"", "addres"), ("[seed]\nfile = \"x\"", "seed"),
    ("[storage]\npath = 5", "path"), ("[listener]\nthreads = 0", "threads"),
    ("[listener]\nmax_body_octets = \"1\"", "max_body_octets"), ("broken", ""),
    ("[listener]\nmax_body_octets = 33554432\nbody_budget_octets = 33554431\n[storage]\npath = \"x\"", "body_budget_octets"),
])
def test_a_configuration_with_a_mistake_is_refused(stopped, line, named):
    stopped.config.write_text(line + "\n")
    assert named in refused("server", "--config", stopped.config)


@pytest.mark.skipif(shutil.which("setpriv") is None, reason="setpriv is not there")
def test_keys_that_cannot_be_locked_are_warned_about(stopped):
    limit = ["setpriv", "--bounding-set", "-ipc_lock", "prlimit", "--memlock=4096:4096"]
    stopped.start(limit if os.geteuid() == 0 else limit[3:])
    try:
        stopped.initialize()
        assert "keys could not be locked in memory" not in stopped.log.read_text()
        stopped.unseal()
        assert "keys could not be locked in memory" in stopped.log.read_text()
    finally:
        stopped.stop()


def test_plain_http_beyond_loopback_is_refused(stopped):
    stopped.config.write_text(stopped.config.read_text().replace("127.0.0.1", "0.0.0.0"))
    assert "listener" in refused("server", "--config", stopped.config)


def test_a_second_server_on_the_same_folder_is_refused(stopped, tmp_path):
    stopped.start()
    try:
        second = tmp_path / "second.toml"
        second.write_text(stopped.config.read_text().replace(str(stopped.port), str(free_port())))
        refused("server", "--config", second)
        assert stopped.request("GET", "/v1/sys/health")[0] == 501
    finally:
        stopped.stop()
