"""create, rotate, read, delete, restore with boto3 and AWS CLI v2; one secret, every dialect."""

import base64
import json

import pytest
from botocore.exceptions import ClientError

from dev_server import ACCOUNT


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
    events = [json.loads(line) for line in coffer(
        "audit", "search", "--type", "secret.accessed", "--path", f"secret/data/{name}",
        "--format", "json").splitlines()]
    assert [e["dialect"] for e in events] == ["aws", "vault"]
    through_aws = json.dumps(events[0])
    assert reader["UserName"] in through_aws
    assert "own" in json.dumps(events[0]["policies"])  # the embedded policy that allowed it


def test_with_the_command_line(aws_cli, name):
    def aws(*words):
        code, output, errors = aws_cli(*words)
        assert code == 0, errors
        return json.loads(output) if output.strip() else None

    assert aws("sts", "get-caller-identity")["Account"] == ACCOUNT

    aws("ssm", "put-parameter", "--name", f"/{name}/p", "--value", "one", "--type", "SecureString")
    aws("ssm", "put-parameter", "--name", f"/{name}/p", "--value", "two", "--overwrite")
    got = aws("ssm", "get-parameter", "--name", f"/{name}/p", "--with-decryption")
    assert (got["Parameter"]["Value"], got["Parameter"]["Version"]) == ("two", 2)
    aws("ssm", "delete-parameter", "--name", f"/{name}/p")
    code, _, errors = aws_cli("ssm", "get-parameter", "--name", f"/{name}/p")
    assert code != 0 and "ParameterNotFound" in errors

    aws("secretsmanager", "create-secret", "--name", name, "--secret-string", "one")
    aws("secretsmanager", "put-secret-value", "--secret-id", name, "--secret-string", "two")
    aws("secretsmanager", "delete-secret", "--secret-id", name)
    aws("secretsmanager", "restore-secret", "--secret-id", name)
    got = aws("secretsmanager", "get-secret-value", "--secret-id", name)
    assert got["SecretString"] == "two"

    key = aws("kms", "create-key")["KeyMetadata"]["KeyId"]
    blob = aws("kms", "encrypt", "--key-id", key, "--plaintext",
               base64.b64encode(b"secret").decode())["CiphertextBlob"]
    aws("kms", "rotate-key-on-demand", "--key-id", key) if has_rotate(aws_cli) else None
    aws("kms", "schedule-key-deletion", "--key-id", key)
    aws("kms", "cancel-key-deletion", "--key-id", key)
    aws("kms", "enable-key", "--key-id", key)
    opened = aws("kms", "decrypt", "--ciphertext-blob", blob)["Plaintext"]
    assert base64.b64decode(opened) == b"secret"


def has_rotate(aws_cli):
    """Whether this version of the command line knows rotation on demand."""
    return "rotate-key-on-demand" in aws_cli("kms", "help")[1]
