"""What another account has is answered as what nobody has: the words differ by the ARN alone that was asked for."""

import json

import pytest
from botocore.exceptions import ClientError

from dev_server import ACCOUNT

OTHER = "999999999999"


def refusal(call, member, arn, **more):
    with pytest.raises(ClientError) as caught:
        call(**{member: arn, **more})
    error = caught.value.response["Error"]
    return error["Code"], error["Message"].replace(arn, "ARN")


def hold(call, member, there, absent, **more):
    """`there` and `absent` are ARNs of this account."""
    assert ACCOUNT in there and ACCOUNT in absent
    expected = refusal(call, member, absent, **more)
    for arn in (there, absent):
        assert refusal(call, member, arn.replace(ACCOUNT, OTHER), **more) == expected


def test_keys_and_aliases(kms, name):
    key = kms.create_key()["KeyMetadata"]["Arn"]
    kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=key)
    absent = key[:-12] + "0" * 12
    for call, more in ((kms.describe_key, {}), (kms.encrypt, {"Plaintext": b"t"}), (kms.list_grants, {}),
                       (kms.generate_data_key, {"KeySpec": "AES_256"}), (kms.get_key_policy, {}),
                       (kms.schedule_key_deletion, {}), (kms.disable_key, {}), (kms.get_key_rotation_status, {})):
        hold(call, "KeyId", key, absent, **more)
    alias = key[:key.index(":key/")] + ":alias/"
    for call, more in ((kms.describe_key, {}), (kms.encrypt, {"Plaintext": b"t"}),
                       (kms.generate_data_key, {"KeySpec": "AES_256"})):
        hold(call, "KeyId", alias + name, alias + "none", **more)
    blob = kms.encrypt(KeyId=key, Plaintext=b"t")["CiphertextBlob"]
    for ours in (key, alias + name):
        foreign = ours.replace(ACCOUNT, OTHER)
        for call, member in ((kms.decrypt, "KeyId"), (kms.re_encrypt, "DestinationKeyId")):
            assert refusal(call, member, foreign, CiphertextBlob=blob)[0] == "NotFoundException"
    assert kms.describe_key(KeyId=key)["KeyMetadata"]["KeyState"] == "Enabled"


def test_secrets(secrets, name):
    secret = secrets.create_secret(Name=name, SecretString="s")["ARN"]
    absent = secret.replace(f":{name}-", ":none-")
    for call, more in ((secrets.get_secret_value, {}), (secrets.describe_secret, {}), (secrets.delete_secret, {}),
                       (secrets.put_secret_value, {"SecretString": "t"}), (secrets.list_secret_version_ids, {}),
                       (secrets.get_resource_policy, {}), (secrets.update_secret, {"Description": "d"})):
        hold(call, "SecretId", secret, absent, **more)
    assert secrets.get_secret_value(SecretId=secret)["SecretString"] == "s"


def test_parameters(ssm, name):
    ssm.put_parameter(Name=f"/{name}", Value="v", Type="String")
    arn = f"arn:aws:ssm:eu-north-1:{ACCOUNT}:parameter/"
    assert ssm.get_parameter(Name=arn + name)["Parameter"]["Value"] == "v"
    hold(ssm.get_parameter, "Name", arn + name, arn + "none")
    hold(ssm.get_resource_policies, "ResourceArn", arn + name, arn + "none")


def test_roles(iam, sts, name):
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=json.dumps({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": {"AWS": ACCOUNT}, "Action": "sts:AssumeRole"}]}))
    role = f"arn:aws:iam::{ACCOUNT}:role/"
    hold(sts.assume_role, "RoleArn", role + name, role + "none", RoleSessionName="session")
