"""Servers and clients that the tests share.

`server` is one initialised, unsealed server for the whole run: a test keeps to names of its own on
it. A test that seals, restarts or rekeys takes `own_server`, or `empty_server` before init.
"""

import itertools

import hvac
import pytest

from coffer_server import Server

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    made = Server(tmp_path_factory.mktemp("shared"))
    try:
        yield made.prepare()
    finally:
        made.stop()


@pytest.fixture(scope="module")
def own_server(tmp_path_factory):
    made = Server(tmp_path_factory.mktemp("own"))
    try:
        yield made.prepare()
    finally:
        made.stop()


@pytest.fixture
def empty_server(tmp_path):
    made = Server(tmp_path)
    try:
        yield made.start()
    finally:
        made.stop()


@pytest.fixture
def root(server):
    """hvac with the root token of the shared server."""
    return hvac.Client(url=server.address, token=server.root_token)


@pytest.fixture
def name():
    """A name that no other test uses."""
    return f"n{next(_numbers)}"


@pytest.fixture
def client_with(root, server, name):
    """client_with(policy text, **token options): hvac with a new token under that policy alone."""

    def make(policy, **options):
        policy_name = f"p-{name}-{next(_numbers)}"
        root.sys.create_or_update_policy(policy_name, policy)
        auth = root.auth.token.create(policies=[policy_name], **options)["auth"]
        return hvac.Client(url=server.address, token=auth["client_token"])

    return make


@pytest.fixture
def kv1(root, name):
    root.sys.enable_secrets_engine("kv", path=f"kv1-{name}", options={"version": 1})
    return f"kv1-{name}"


@pytest.fixture
def kv2(root, name):
    root.sys.enable_secrets_engine("kv", path=f"kv2-{name}", options={"version": "2"})
    return f"kv2-{name}"
