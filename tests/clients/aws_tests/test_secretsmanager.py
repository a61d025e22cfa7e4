"""Secrets Manager with boto3: the life of a secret, both dialects, rotation by a program."""

import json
import pathlib

import hvac
import pytest
from botocore.exceptions import ClientError

from rotating_server import FUNCTION, wait_for


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


def test_the_key_is_needed_through_both_apis(secrets, kms, client, user_with, vault, name):
    key = kms.create_key()["KeyMetadata"]
    secrets.create_secret(Name=name, SecretString='{"a":"b"}', KmsKeyId=key["KeyId"])
    everything_there = {"Effect": "Allow", "Action": "secretsmanager:*", "Resource": "*"}
    decrypts = {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key["Arn"],
                "Condition": {"StringEquals": {
                    "kms:ViaService": "secretsmanager.eu-north-1.amazonaws.com"}}}
    without = client("secretsmanager", credentials=user_with(everything_there))
    with_key = client("secretsmanager", credentials=user_with(everything_there, decrypts))
    in_kv = f'path "secret/data/{name}" {{ capabilities = ["read", "update"] }}\n'
    opens, seals = (f'path "transit/{use}/{key["KeyId"]}" {{ capabilities = ["update"] }}\n'
                    for use in ("decrypt", "encrypt"))
    kv_without, kv_with_key, kv_writer = (
        token_with(vault, f"{name}-{i}", rules)
        for i, rules in enumerate([in_kv, in_kv + opens, in_kv + seals]))

    def read_by_all():
        """Who reads it: AWS's API without and with the key, then KV without and with it."""
        return [reads(lambda: without.get_secret_value(SecretId=name)),
                reads(lambda: with_key.get_secret_value(SecretId=name)),
                reads(lambda: kv_read(kv_without, name)), reads(lambda: kv_read(kv_with_key, name))]

    assert read_by_all() == [False, True, False, True]
    # Sealing is another permission than opening, whichever way it is written.
    with pytest.raises(hvac.exceptions.Forbidden):
        kv_with_key.secrets.kv.v2.create_or_update_secret(name, {"a": "c"}, mount_point="secret")
    assert write_in_bulk(kv_with_key, name) == 403
    assert write_in_bulk(kv_writer, name) == 200
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == '{"a":"bulk"}'
    administrator = client("sts").get_caller_identity()["Arn"]
    kms.put_key_policy(KeyId=key["KeyId"], Policy=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": administrator}, "Action": "kms:*", "Resource": "*"}]}))
    assert read_by_all() == [False, False, False, False]
    assert write_in_bulk(kv_writer, name) == 403
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == '{"a":"bulk"}'


def write_in_bulk(kv, name):
    """The status of a write through the native API."""
    body = {"mount": "secret", "secrets": [{"path": name, "data": {"a": "bulk"}}]}
    return kv.session.put(f"{kv.url}/api/v1/secrets/bulk", data=json.dumps(body, separators=(",", ":")).encode(),
                          headers={"X-Vault-Token": kv.token}).status_code


def token_with(vault, name, rules):
    vault.sys.create_or_update_policy(name, rules)
    token = vault.auth.token.create(policies=[name])["auth"]["client_token"]
    return hvac.Client(url=vault.url, token=token)


def kv_read(kv, name):
    kv.secrets.kv.v2.read_secret_version(name, mount_point="secret", raise_on_deleted_version=True)


def reads(read):
    try:
        read()
        return True
    except hvac.exceptions.Forbidden:
        return False
    except ClientError as error:
        assert error.response["Error"]["Code"] == "AccessDeniedException"
        return False


def test_random_password(secrets):
    made = secrets.get_random_password(PasswordLength=50, ExcludePunctuation=True)
    assert len(made["RandomPassword"]) == 50
    assert made["RandomPassword"].isalnum()


def test_rotation(rotating, rotating_secrets):
    client = rotating_secrets
    made = client.create_secret(Name="db", SecretString="pw")
    first = made["VersionId"]
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
    log = pathlib.Path(json.loads(rotating.settings.read_text())["log"]).read_text()
    steps = [line.split() for line in log.splitlines()]
    assert [step for secret, step in steps if secret == made["ARN"]] == [
        "createSecret", "setSecret", "testSecret", "finishSecret"]


def test_failing_rotation_keeps_the_value(rotating, rotating_secrets):
    client = rotating_secrets
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
