"""An answer does not tell by its time whether a name or a credential exists.

The two sides of each pair take turns, so that a busy machine slows both alike; medians are compared.
"""

import itertools
import statistics
import time

import pytest
from botocore.credentials import Credentials

from operations import enable_auth
from test_canary_aws import Aws

SAMPLES = 60
ALLOWED = 0.25
TRIES = 3
GUESSES = 3  # of one name: below the five failures that lock it

_numbers = itertools.count(1)


def timed(call):
    began = time.perf_counter()
    status = call()
    assert 400 <= status < 500, status
    return time.perf_counter() - began


def apart(one, other):
    """How far the medians of two turns-taking calls are apart, as a part of the larger."""
    samples = ([], [])
    for number in range(SAMPLES):
        for side, call in ((0, one), (1, other)):
            samples[side].append(timed(lambda: call(number)))
    first, second = (statistics.median(side) for side in samples)
    return abs(first - second) / max(first, second), first, second


def alike(make_pair):
    seen = []
    for _ in range(TRIES):
        seen.append(apart(*make_pair()))
        if seen[-1][0] < ALLOWED:
            return
    pytest.fail("medians differ: " + "; ".join(
        f"{part:.0%} ({first * 1e3:.2f} ms, {second * 1e3:.2f} ms)" for part, first, second in seen))


def altered(text, at):
    """Another text of the same length and kind."""
    return text[:at] + ("a" if text[at] != "a" else "b") + text[at + 1:]


def post(server, path, body, token=None):
    return server.request("POST", f"/v1/{path}", body, token=token)[0]


def test_userpass_absent_user_and_wrong_password(server):
    enable_auth(server, "userpass", "userpass")

    def pair():
        base = next(_numbers)
        for number in range(SAMPLES // GUESSES + 1):
            server.json("POST", f"/v1/auth/userpass/users/u{base}-{number}", {"password": "right"},
                        token=server.root_token)

        def login(prefix):
            return lambda n: post(server, f"auth/userpass/login/{prefix}{base}-{n // GUESSES}",
                                  {"password": "wrong"})
        return login("u"), login("a")

    alike(pair)


def test_approle_unknown_role_and_wrong_secret_id(server):
    enable_auth(server, "approle", "approle")
    root = server.root_token
    server.json("POST", "/v1/auth/approle/role/web", {}, token=root)
    role_id = server.json("GET", "/v1/auth/approle/role/web/role-id", token=root)["data"]["role_id"]
    secret = server.json("POST", "/v1/auth/approle/role/web/secret-id", {}, token=root)["data"]["secret_id"]

    def login(role, secret_id):
        return lambda _: post(server, "auth/approle/login", {"role_id": role, "secret_id": secret_id})

    alike(lambda: (login(altered(role_id, 0), secret), login(role_id, altered(secret, 0))))


def lookup(server, token):
    return lambda _: server.request("GET", "/v1/auth/token/lookup-self", token=token)[0]


def test_a_token_that_never_was_and_one_that_is_over(server):
    root = server.root_token

    def made(**fields):
        answer = server.json("POST", "/v1/auth/token/create", {"policies": ["default"], **fields}, token=root)
        return answer["auth"]["client_token"]

    expired, revoked = made(ttl="1s"), made()
    server.json("POST", "/v1/auth/token/revoke", {"token": revoked}, token=root)
    time.sleep(1.1)
    unknown = expired[:-6] + "AAAAAA"
    alike(lambda: (lookup(server, unknown), lookup(server, revoked)))
    alike(lambda: (lookup(server, unknown), lookup(server, expired)))


def test_aws_unknown_access_key_and_bad_signature(server):
    aws = Aws(server)
    key = aws.credentials.access_key

    def pair():
        def ask(access_key):
            signed = [aws.headers("kms", "ListKeys", b"{}", Credentials(access_key, f"not it {n}"))
                      for n in range(SAMPLES)]
            return lambda n: server.request("POST", "/", b"{}", signed[n])[0]
        return ask(key), ask(altered(key, len(key) - 1))

    alike(pair)
