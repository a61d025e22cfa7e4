"""A development server that is seeded with users, keys, parameters and secrets of AWS's kind."""

import base64
import hashlib
import hmac
import json

import boto3
import pytest

from dev_server import DevServer

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


def test_a_bad_entry_stops_the_start(tmp_path):
    (tmp_path / "seed.json").write_text(json.dumps(
        {"aws": {"parameters": {"a/b": {"Value": "v", "Type": "String"}}}}))
    server = DevServer(tmp_path, ["--seed", str(tmp_path / "seed.json")])
    try:
        with pytest.raises(RuntimeError, match="a/b"):
            server.start()
    finally:
        server.stop()
