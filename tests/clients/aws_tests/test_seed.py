"""A development server that is seeded with users, keys, parameters and secrets of AWS's kind."""

import base64
import hashlib
import hmac
import http.client
import json
import socket
import threading
import time

import boto3
import pytest

from coffer_server import START_SECONDS
from dev_server import ACCESS_KEY, ROOT_TOKEN, SECRET_KEY, DevServer

MATERIAL = bytes(range(32))
SYMMETRIC = "1234abcd-12ab-44cd-96ef-1234567890ab"
MAC = "1234abcd-12ab-44cd-96ef-1234567890ac"
VERSION = "00000000-0000-4000-8000-000000000001"
SEED = {
    "aws": {
        "users": {"ci": {
            "policy_arns": ["arn:aws:iam::aws:policy/AdministratorAccess"],
            "access_keys": [{"access_key_id": "AKIASEEDED0000000001",
                             "secret_access_key": "seeded-secret"}]}},
        "keys": {
            SYMMETRIC: {"material": base64.b64encode(MATERIAL).decode(), "aliases": ["alias/app"]},
            MAC: {"material": base64.b64encode(MATERIAL).decode(), "key_spec": "HMAC_256"}},
        "parameters": {
            "/app/user": {"Value": "u", "Type": "String", "Tags": [{"Key": "team", "Value": "blue"}]},
            "/app/password": {"Value": "p", "Type": "SecureString", "KeyId": "alias/app"}},
        "secrets": {"app/db": {"SecretString": "s", "ClientRequestToken": VERSION}},
    }
}


@pytest.fixture(scope="module")
def seeded(tmp_path_factory):
    folder = tmp_path_factory.mktemp("seeded")
    (folder / "seed.json").write_text(json.dumps(SEED))
    server = DevServer(folder, ["--seed", str(folder / "seed.json")])
    try:
        yield server.start()
    finally:
        server.stop()


@pytest.fixture
def seeded_client(seeded, no_ambient_settings):
    return lambda service: boto3.client(
        service, region_name="us-east-1", endpoint_url=seeded.address,
        aws_access_key_id="AKIASEEDED0000000001", aws_secret_access_key="seeded-secret")


def test_the_whole_surface_is_there_within_200_milliseconds(tmp_path, no_ambient_settings):
    """The quickest of five starts, as the machine may be busy; each is asked for all services."""
    starts = []
    for number in range(5):
        server = DevServer(tmp_path / str(number))
        began = time.monotonic()
        try:
            server.start()
            starts.append(time.monotonic() - began)
            for service, operation in (("sts", "get_caller_identity"), ("kms", "list_keys"), ("iam", "list_users"),
                                       ("secretsmanager", "list_secrets"), ("ssm", "describe_parameters")):
                client = boto3.client(service, region_name="us-east-1", endpoint_url=server.address,
                                      aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY)
                assert getattr(client, operation)()["ResponseMetadata"]["HTTPStatusCode"] == 200
        finally:
            server.stop()
    assert min(starts) < 0.2, starts


def test_keys_have_their_ids_and_their_material(seeded_client):
    kms = seeded_client("kms")
    described = kms.describe_key(KeyId="alias/app")["KeyMetadata"]
    assert (described["KeyId"], described["KeySpec"]) == (SYMMETRIC, "SYMMETRIC_DEFAULT")
    mac = kms.generate_mac(KeyId=MAC, Message=b"message", MacAlgorithm="HMAC_SHA_256")["Mac"]
    assert mac == hmac.new(MATERIAL, b"message", hashlib.sha256).digest()


def test_parameters_and_secrets_are_there(seeded_client):
    ssm = seeded_client("ssm")
    assert ssm.get_parameter(Name="/app/user")["Parameter"]["Value"] == "u"
    assert ssm.get_parameter(
        Name="/app/password", WithDecryption=True)["Parameter"]["Value"] == "p"
    tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId="/app/user")
    assert tags["TagList"] == [{"Key": "team", "Value": "blue"}]
    secret = seeded_client("secretsmanager").get_secret_value(SecretId="app/db")
    assert (secret["SecretString"], secret["VersionId"]) == ("s", VERSION)


def first_connection(port):
    """As soon as there is one to be had."""
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            return connected(socket.create_connection(("127.0.0.1", port), timeout=5))
        except ConnectionRefusedError:
            assert time.monotonic() < deadline


def connected(link):
    connection = http.client.HTTPConnection("127.0.0.1", timeout=5)
    connection.sock = link
    return connection


def test_whoever_finds_the_port_open_finds_the_whole_seed(tmp_path):
    names = [f"/p/{i}" for i in range(200)]
    (tmp_path / "seed.json").write_text(json.dumps(
        {"aws": {"parameters": {n: {"Value": "v", "Type": "String"} for n in names}}}))
    server = DevServer(tmp_path, ["--seed", str(tmp_path / "seed.json")])
    started = threading.Thread(target=server.start)
    started.start()
    try:
        connection = first_connection(server.port)
        for path in ("parameter/data/p/199", f"aws/users/{ACCESS_KEY}"):
            connection.request("GET", ("/api/v1/" if "users" in path else "/v1/") + path,
                               headers={"X-Vault-Token": ROOT_TOKEN})
            answer = connection.getresponse()
            assert (answer.status, bool(answer.read())) == (200, True), path
        connection.close()
    finally:
        started.join()
        server.stop()


def test_a_bad_entry_stops_the_start(tmp_path):
    (tmp_path / "seed.json").write_text(json.dumps(
        {"aws": {"parameters": {"a/b": {"Value": "v", "Type": "String"}}}}))
    server = DevServer(tmp_path, ["--seed", str(tmp_path / "seed.json")])
    try:
        with pytest.raises(RuntimeError, match="a/b"):
            server.start()
    finally:
        server.stop()
