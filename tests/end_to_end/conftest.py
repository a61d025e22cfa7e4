"""Servers that the tests share. Every test that stops, kills or floods a server takes its own."""

import itertools

import pytest

from coffer_cli import Cli
from coffer_server import Server
from operations import mount

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def make_server(tmp_path_factory):
    """make_server() → a Server of its own, not started; stopped at the end of the module."""
    made = []

    def make():
        made.append(Server(tmp_path_factory.mktemp("server")))
        return made[-1]

    yield make
    for server in made:
        server.stop()


@pytest.fixture(scope="module")
def server(make_server):
    """One initialised, unsealed server for the module, with KV 2 at secret/ and KV 1 at kv1/."""
    started = make_server().prepare()
    mount(started, "secret", "2")
    mount(started, "kv1", "1")
    return started


@pytest.fixture
def cli(server, tmp_path):
    return Cli(tmp_path, server.address, server.root_token)


@pytest.fixture
def name():
    """A name that no other test uses."""
    return f"n{next(_numbers)}"


@pytest.fixture
def token_with(server, name):
    """token_with(policy text, **fields): a new token under that policy alone."""

    def make(policy, **fields):
        policy_name = f"p-{name}-{next(_numbers)}"
        server.json("POST", f"/v1/sys/policies/acl/{policy_name}", {"policy": policy},
                    token=server.root_token)
        answer = server.json("POST", "/v1/auth/token/create", {"policies": [policy_name], **fields},
                             token=server.root_token)
        return answer["auth"]["client_token"]

    return make
