"""create, rotate, read, delete, restore with boto3 and AWS CLI v2; one secret, every dialect."""

import base64
import json

import pytest
from botocore.exceptions import ClientError

from aws_command import command_line
from dev_server import ACCOUNT
from rotating_server import FUNCTION, wait_for


def test_a_secret_with_boto3(secrets, kms, name):
    made = secrets.create_secret(Name=name, SecretString="one")
    assert made["ARN"].startswith(f"arn:aws:secretsmanager:eu-north-1:{ACCOUNT}:secret:{name}-")
    secrets.put_secret_value(SecretId=name, SecretString="two")
    assert secrets.get_secret_value(SecretId=made["ARN"])["SecretString"] == "two"
    assert secrets.get_secret_value(
        SecretId=name, VersionStage="AWSPREVIOUS")["SecretString"] == "one"
    secrets.delete_secret(SecretId=name)
    with pytest.raises(ClientError, match="marked for deletion"):
        secrets.get_secret_value(SecretId=name)
    secrets.restore_secret(SecretId=name)
    assert secrets.get_secret_value(SecretId=name)["SecretString"] == "two"


def test_a_rotated_secret_with_boto3(rotating_secrets, name):
    name = f"boto3-{name}"
    rotating_secrets.create_secret(Name=name, SecretString="one")
    rotating_secrets.rotate_secret(SecretId=name, RotationLambdaARN=FUNCTION,
                                   RotationRules={"AutomaticallyAfterDays": 30})

    def value():
        return rotating_secrets.get_secret_value(SecretId=name)["SecretString"]

    wait_for(lambda: value() == "one+")
    rotating_secrets.delete_secret(SecretId=name)
    with pytest.raises(ClientError, match="marked for deletion"):
        value()
    rotating_secrets.restore_secret(SecretId=name)
    assert value() == "one+"


def test_a_parameter_with_boto3(ssm, name):
    path = f"/{name}/p"
    for value in ("one", "two"):
        ssm.put_parameter(Name=path, Value=value, Type="SecureString", Overwrite=True)
    for selector, value in (("", "two"), (":1", "one")):
        got = ssm.get_parameter(Name=path + selector, WithDecryption=True)["Parameter"]
        assert got["Value"] == value
    ssm.delete_parameter(Name=path)
    with pytest.raises(ClientError, match="ParameterNotFound"):
        ssm.get_parameter(Name=path)
    ssm.put_parameter(Name=path, Value="three", Type="String")
    got = ssm.get_parameter(Name=path)["Parameter"]
    assert (got["Value"], got["Version"]) == ("three", 1)


def test_a_key_with_boto3(kms, name):
    key = kms.create_key(Description=name)["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=key)
    context = {"app": name}
    blob = kms.encrypt(KeyId=f"alias/{name}", Plaintext=b"secret", EncryptionContext=context)[
        "CiphertextBlob"]
    kms.rotate_key_on_demand(KeyId=key)
    assert kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)["Plaintext"] == b"secret"
    with pytest.raises(ClientError, match="InvalidCiphertextException"):
        kms.decrypt(CiphertextBlob=blob)
    kms.schedule_key_deletion(KeyId=key, PendingWindowInDays=7)
    with pytest.raises(ClientError, match="pending deletion"):
        kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)
    kms.cancel_key_deletion(KeyId=key)
    kms.enable_key(KeyId=key)
    assert kms.decrypt(CiphertextBlob=blob, EncryptionContext=context)["Plaintext"] == b"secret"


def test_a_role_with_boto3(iam, sts, client, name):
    trust = {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ACCOUNT}}]}
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))["Role"]["Arn"]
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=json.dumps({
        "Version": "2012-10-17", "Statement": [{
            "Effect": "Allow", "Action": "ssm:*", "Resource": f"arn:aws:ssm:*:*:parameter/{name}/*"}]}))
    session = sts.assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    as_role = client("sts", credentials=session).get_caller_identity()
    assert as_role["Arn"] == f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/test"
    ssm = client("ssm", credentials=session)
    ssm.put_parameter(Name=f"/{name}/a", Value="v", Type="String")
    assert ssm.get_parameter(Name=f"/{name}/a")["Parameter"]["Value"] == "v"
    with pytest.raises(ClientError, match="AccessDenied"):
        ssm.get_parameter(Name="/other")
    with pytest.raises(ClientError, match="AccessDenied"):
        client("secretsmanager", credentials=session).list_secrets()
    iam.delete_role_policy(RoleName=name, PolicyName="own")
    iam.delete_role(RoleName=name)
    with pytest.raises(ClientError, match="InvalidClientTokenId"):
        client("sts", credentials=session).get_caller_identity()
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps(trust))
    session = sts.assume_role(RoleArn=role, RoleSessionName="test")["Credentials"]
    assert client("sts", credentials=session).get_caller_identity()["Arn"] == as_role["Arn"]


def test_one_secret_every_dialect(secrets, vault, coffer, name):
    secrets.create_secret(Name=f"app/{name}", SecretString=json.dumps({"user": "u", "password": "p"}))
    read = vault.secrets.kv.v2.read_secret_version(
        f"app/{name}", mount_point="secret", raise_on_deleted_version=True)
    assert read["data"]["data"] == {"user": "u", "password": "p"}
    assert "p" in coffer("secret", "get", f"app/{name}", "--field", "password")
    vault.secrets.kv.v2.create_or_update_secret(f"app/{name}", {"user": "v"}, mount_point="secret")
    assert json.loads(secrets.get_secret_value(SecretId=f"app/{name}")["SecretString"]) == {
        "user": "v"}


def test_the_audit_log_says_who_read_it_and_why(secrets, client, user_with, vault, coffer, name):
    secrets.create_secret(Name=name, SecretString="v")
    reader = user_with({"Effect": "Allow", "Action": "secretsmanager:GetSecretValue",
                        "Resource": "*"})
    client("secretsmanager", credentials=reader).get_secret_value(SecretId=name)
    vault.secrets.kv.v2.read_secret_version(
        name, mount_point="secret", raise_on_deleted_version=True)
    search = ("audit", "search", "--type", "secret.accessed", "--path", f"secret/data/{name}")
    events = [json.loads(line) for line in coffer(*search, "--format", "json").splitlines()]
    assert [e["dialect"] for e in events] == ["aws", "vault"]
    through_aws = json.dumps(events[0])
    assert reader["UserName"] in through_aws
    assert "own" in json.dumps(events[0]["policies"])  # the embedded policy that allowed it
    read_by_aws, read_by_vault = coffer(*search).splitlines()
    assert f"user/{reader['UserName']}  127.0.0.1  aws  secret/data/{name}  by " in read_by_aws
    assert read_by_aws.endswith("own") and "  root  127.0.0.1  vault  " in read_by_vault


def answers(run):
    """run(words…) of conftest.command_line(), which must succeed: what it printed, as JSON."""

    def call(*words):
        code, output, errors = run(*words)
        assert code == 0, errors
        return json.loads(output) if output.strip() else None

    return call


def refused(run, code, *words):
    failed, _, errors = run(*words)
    assert failed != 0 and code in errors, errors


def test_a_parameter_with_the_command_line(aws_cli, name):
    aws, path = answers(aws_cli), f"/{name}/p"
    for value in ("one", "two"):
        aws("ssm", "put-parameter", "--name", path, "--value", value, "--type", "SecureString",
            "--overwrite")
    got = aws("ssm", "get-parameter", "--name", path, "--with-decryption")
    assert (got["Parameter"]["Value"], got["Parameter"]["Version"]) == ("two", 2)
    got = aws("ssm", "get-parameter", "--name", f"{path}:1", "--with-decryption")
    assert got["Parameter"]["Value"] == "one"
    aws("ssm", "delete-parameter", "--name", path)
    refused(aws_cli, "ParameterNotFound", "ssm", "get-parameter", "--name", path)
    aws("ssm", "put-parameter", "--name", path, "--value", "three", "--type", "String")
    got = aws("ssm", "get-parameter", "--name", path)
    assert (got["Parameter"]["Value"], got["Parameter"]["Version"]) == ("three", 1)


def test_a_secret_with_the_command_line(rotating, name):
    run = command_line(rotating.address, rotating.folder, rotating.access_key, rotating.secret_key)
    aws = answers(run)
    name = f"cli-{name}"
    aws("secretsmanager", "create-secret", "--name", name, "--secret-string", "one")
    aws("secretsmanager", "rotate-secret", "--secret-id", name, "--rotation-lambda-arn", FUNCTION,
        "--rotation-rules", "AutomaticallyAfterDays=30")

    def value():
        return aws("secretsmanager", "get-secret-value", "--secret-id", name)["SecretString"]

    wait_for(lambda: value() == "one+")
    aws("secretsmanager", "delete-secret", "--secret-id", name)
    refused(run, "InvalidRequestException", "secretsmanager", "get-secret-value", "--secret-id", name)
    aws("secretsmanager", "restore-secret", "--secret-id", name)
    assert value() == "one+"


def test_a_key_with_the_command_line(aws_cli, name):
    aws = answers(aws_cli)
    key = aws("kms", "create-key")["KeyMetadata"]["KeyId"]
    blob = aws("kms", "encrypt", "--key-id", key, "--plaintext",
               base64.b64encode(b"secret").decode())["CiphertextBlob"]
    if "rotate-key-on-demand" in aws_cli("kms", "help")[1]:
        aws("kms", "rotate-key-on-demand", "--key-id", key)
    else:  # of 2.9, which is older than that operation
        aws("kms", "enable-key-rotation", "--key-id", key)
        assert aws("kms", "get-key-rotation-status", "--key-id", key)["KeyRotationEnabled"]
    aws("kms", "schedule-key-deletion", "--key-id", key)
    refused(aws_cli, "KMSInvalidStateException", "kms", "decrypt", "--ciphertext-blob", blob)
    aws("kms", "cancel-key-deletion", "--key-id", key)
    aws("kms", "enable-key", "--key-id", key)
    opened = aws("kms", "decrypt", "--ciphertext-blob", blob)["Plaintext"]
    assert base64.b64decode(opened) == b"secret"


def test_a_role_with_the_command_line(server, aws_cli, name):
    aws = answers(aws_cli)
    assert aws("sts", "get-caller-identity")["Account"] == ACCOUNT
    trust = json.dumps({"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"AWS": ACCOUNT}}]})

    def session():
        role = aws("iam", "create-role", "--role-name", name, "--assume-role-policy-document", trust)
        made = aws("sts", "assume-role", "--role-arn", role["Role"]["Arn"],
                   "--role-session-name", "cli")["Credentials"]
        return command_line(server.address, server.folder, made["AccessKeyId"],
                            made["SecretAccessKey"], made["SessionToken"])

    first = session()
    who = answers(first)("sts", "get-caller-identity")["Arn"]
    assert who == f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/cli"
    refused(first, "AccessDenied", "secretsmanager", "list-secrets")
    aws("iam", "delete-role", "--role-name", name)
    refused(first, "InvalidClientTokenId", "sts", "get-caller-identity")
    assert answers(session())("sts", "get-caller-identity")["Arn"] == who  # the next role's
    refused(first, "InvalidClientTokenId", "sts", "get-caller-identity")
