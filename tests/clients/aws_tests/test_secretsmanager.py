"""Secrets Manager with boto3: the life of a secret, both dialects, rotation by a program."""

import json
import pathlib
import sys
import time

import boto3
import pytest

from coffer_server import Server

HERE = pathlib.Path(__file__).parent
FUNCTION = "arn:aws:lambda:eu-north-1:000000000000:function:rotate"
PATIENCE = 30


def test_values_and_stages(secrets, name):
    made = secrets.create_secret(Name=name, SecretString="one")
    arn, first = made["ARN"], made["VersionId"]
    assert arn.startswith(f"arn:aws:secretsmanager:eu-north-1:123456789012:secret:{name}-")
    second = secrets.put_secret_value(SecretId=name, SecretString="two")["VersionId"]
    read = secrets.get_secret_value(SecretId=arn)
    assert (read["SecretString"], read["VersionId"]) == ("two", second)
    assert read["VersionStages"] == ["AWSCURRENT"]
    assert secrets.get_secret_value(SecretId=name, VersionId=first)["SecretString"] == "one"
    assert secrets.describe_secret(SecretId=arn[:-7])["VersionIdsToStages"] == {
        first: ["AWSPREVIOUS"], second: ["AWSCURRENT"]}
    secrets.update_secret_version_stage(SecretId=name, VersionStage="AWSCURRENT",
                                        MoveToVersionId=first, RemoveFromVersionId=second)
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "one"
    assert secrets.get_secret_value(SecretId=name, VersionStage="AWSPREVIOUS")["SecretString"] == "two"


def test_binary(secrets, name):
    secrets.create_secret(Name=name, SecretBinary=b"\x00\xff\x01")
    read = secrets.get_secret_value(SecretId=name)
    assert read["SecretBinary"] == b"\x00\xff\x01"
    assert "SecretString" not in read


def test_delete_and_restore(secrets, name):
    secrets.create_secret(Name=name, SecretString="one")
    secrets.delete_secret(SecretId=name, RecoveryWindowInDays=7)
    with pytest.raises(secrets.exceptions.InvalidRequestException):
        secrets.get_secret_value(SecretId=name)
    assert "DeletedDate" in secrets.describe_secret(SecretId=name)
    secrets.restore_secret(SecretId=name)
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "one"
    secrets.delete_secret(SecretId=name, ForceDeleteWithoutRecovery=True)
    with pytest.raises(secrets.exceptions.ResourceNotFoundException):
        secrets.describe_secret(SecretId=name)


def test_lists(secrets, name):
    for number in range(5):
        secrets.create_secret(Name=f"{name}/{number}", SecretString=str(number),
                              Tags=[{"Key": "set", "Value": name}])
    pages = secrets.get_paginator("list_secrets").paginate(
        Filters=[{"Key": "tag-value", "Values": [name]}], PaginationConfig={"PageSize": 2})
    assert [one["Name"] for page in pages for one in page["SecretList"]] == [
        f"{name}/{number}" for number in range(5)]
    batch = secrets.batch_get_secret_value(SecretIdList=[f"{name}/1", f"{name}/none"])
    assert [one["SecretString"] for one in batch["SecretValues"]] == ["1"]
    assert [one["ErrorCode"] for one in batch["Errors"]] == ["ResourceNotFoundException"]


def test_written_with_boto3_read_with_hvac(secrets, vault, name):
    secrets.create_secret(Name=f"app/{name}", SecretString='{"user": "u"}')
    read = vault.secrets.kv.v2.read_secret_version(path=f"app/{name}", raise_on_deleted_version=True)
    assert read["data"]["data"] == {"user": "u"}
    secrets.put_secret_value(SecretId=f"app/{name}", SecretString="plain")
    read = vault.secrets.kv.v2.read_secret_version(path=f"app/{name}", raise_on_deleted_version=True)
    assert read["data"]["data"] == {"value": "plain"}
    assert read["data"]["metadata"]["version"] == 2


def test_written_with_hvac_read_with_boto3(secrets, vault, name):
    secrets.create_secret(Name=f"{name}/first", SecretString="x")  # makes the mount where it is not
    vault.secrets.kv.v2.create_or_update_secret(path=name, secret={"k": "v"})
    first = secrets.get_secret_value(SecretId=name)
    assert json.loads(first["SecretString"]) == {"k": "v"}
    vault.secrets.kv.v2.create_or_update_secret(path=name, secret={"k": "w"})
    stages = secrets.describe_secret(SecretId=name)["VersionIdsToStages"]
    assert stages[first["VersionId"]] == ["AWSPREVIOUS"]
    vault.secrets.kv.v2.delete_latest_version_of_secret(path=name)
    with pytest.raises(secrets.exceptions.ResourceNotFoundException):
        secrets.get_secret_value(SecretId=name)


def test_customer_key(secrets, kms, name):
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    secrets.create_secret(Name=name, SecretString="sealed", KmsKeyId=key)
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "sealed"
    assert secrets.describe_secret(SecretId=name)["KmsKeyId"] == key
    kms.disable_key(KeyId=key)
    with pytest.raises(secrets.exceptions.DecryptionFailure):
        secrets.get_secret_value(SecretId=name)
    kms.enable_key(KeyId=key)
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "sealed"


def test_random_password(secrets):
    made = secrets.get_random_password(PasswordLength=50, ExcludePunctuation=True)
    assert len(made["RandomPassword"]) == 50
    assert made["RandomPassword"].isalnum()


@pytest.fixture(scope="module")
def rotating(tmp_path_factory, no_ambient_settings):
    """A server whose configuration lists a rotation function, and a client of it."""
    folder = tmp_path_factory.mktemp("rotating")
    made = Server(folder)
    settings = folder / "settings.json"
    command = [sys.executable, str(HERE / "rotation_function.py"), str(settings)]
    with made.config.open("a", encoding="utf-8") as config:
        config.write(f'\n[aws.rotation_function.rotate]\narn = "{FUNCTION}"\n'
                     f"command = {json.dumps(command)}\n")
    try:
        made.start()
        made.initialize()
        made.unseal()
        made.json("PUT", "/api/v1/aws/users/rotator",
                  {"policy_arns": ["arn:aws:iam::aws:policy/AdministratorAccess"]},
                  token=made.root_token)
        key = made.json("PUT", "/api/v1/aws/users/rotator/access-keys", {}, token=made.root_token)
        words = {"endpoint": made.address, "access_key": key["access_key_id"],
                 "secret_key": key["secret_access_key"], "log": str(folder / "steps")}
        settings.write_text(json.dumps(words))
        made.settings = settings
        made.client = boto3.client("secretsmanager", region_name="eu-north-1",
                                   endpoint_url=made.address,
                                   aws_access_key_id=key["access_key_id"],
                                   aws_secret_access_key=key["secret_access_key"])
        yield made
    finally:
        made.stop()


def wait_for(condition):
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        if condition():
            return
        time.sleep(0.1)
    raise AssertionError("it did not come in time")


def test_rotation(rotating):
    client = rotating.client
    first = client.create_secret(Name="db", SecretString="pw")["VersionId"]
    started = client.rotate_secret(SecretId="db", RotationLambdaARN=FUNCTION,
                                   RotationRules={"AutomaticallyAfterDays": 30})
    wait_for(lambda: "LastRotatedDate" in client.describe_secret(SecretId="db"))
    read = client.get_secret_value(SecretId="db")
    assert (read["SecretString"], read["VersionId"]) == ("pw+", started["VersionId"])
    described = client.describe_secret(SecretId="db")
    assert described["VersionIdsToStages"] == {
        first: ["AWSPREVIOUS"], started["VersionId"]: ["AWSCURRENT"]}
    assert described["RotationRules"] == {"AutomaticallyAfterDays": 30}
    assert described["NextRotationDate"] > described["LastRotatedDate"]
    steps = json.loads(rotating.settings.read_text())["log"]
    assert pathlib.Path(steps).read_text().split() == [
        "createSecret", "setSecret", "testSecret", "finishSecret"]


def test_failing_rotation_keeps_the_value(rotating):
    client = rotating.client
    words = json.loads(rotating.settings.read_text())
    log = rotating.settings.parent / "broken"
    rotating.settings.write_text(json.dumps(words | {"broken": True, "log": str(log)}))
    client.create_secret(Name="fragile", SecretString="pw")
    client.rotate_secret(SecretId="fragile", RotationLambdaARN="rotate",
                         RotationRules={"ScheduleExpression": "rate(10 days)"})
    wait_for(log.exists)
    assert client.get_secret_value(SecretId="fragile")["SecretString"] == "pw"
    client.cancel_rotate_secret(SecretId="fragile")
    assert not client.describe_secret(SecretId="fragile")["RotationEnabled"]
    rotating.settings.write_text(json.dumps(words))
