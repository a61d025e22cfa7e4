"""Each operation asks for its own permission: who may do all but that is refused, who may do nothing else is not.

A wrong name of an action in one resolver would let a policy say one thing and the server do another.
"""

import json

import pytest
from botocore.exceptions import ClientError

from dev_server import ACCOUNT

MATERIAL = b"m" * 32
TAGS = [{"TagKey": "a", "TagValue": "b"}]
POLICY = json.dumps({"Version": "2012-10-17", "Statement": [{
    "Effect": "Allow", "Principal": {"AWS": f"arn:aws:iam::{ACCOUNT}:root"}, "Action": "*", "Resource": "*"}]})
# Operations whose action is called otherwise, or that ask for several.
OTHERWISE = {
    "kms.re_encrypt": ("kms:ReEncryptFrom", "kms:ReEncryptTo"),
    "secretsmanager.batch_get_secret_value": ("secretsmanager:BatchGetSecretValue", "secretsmanager:ListSecrets"),
}


def kms_calls(key, signer, mac, blob):
    """In an order in which each finds what it needs."""
    named, text = {"KeyId": key}, {"Plaintext": b"t"}
    pair = {**named, "KeyPairSpec": "ECC_NIST_P256"}
    signed = {"KeyId": signer, "Message": b"m", "SigningAlgorithm": "ECDSA_SHA_256"}
    code = {"KeyId": mac, "Message": b"m", "MacAlgorithm": "HMAC_SHA_256"}
    grant = {**named, "GranteePrincipal": f"arn:aws:iam::{ACCOUNT}:root", "Operations": ["Encrypt"]}
    return [
        ("create_key", {}), ("describe_key", named), ("list_keys", {}),
        ("update_key_description", {**named, "Description": "d"}),
        ("encrypt", {**named, **text}), ("decrypt", {"CiphertextBlob": blob}),
        ("re_encrypt", {"CiphertextBlob": blob, "DestinationKeyId": key}),
        ("generate_data_key", {**named, "KeySpec": "AES_256"}),
        ("generate_data_key_without_plaintext", {**named, "KeySpec": "AES_256"}),
        ("generate_data_key_pair", pair), ("generate_data_key_pair_without_plaintext", pair),
        ("generate_random", {"NumberOfBytes": 8}),
        ("enable_key_rotation", named), ("disable_key_rotation", named), ("get_key_rotation_status", named),
        ("rotate_key_on_demand", named), ("list_key_rotations", named),
        ("create_alias", {"AliasName": "alias/own", "TargetKeyId": key}),
        ("update_alias", {"AliasName": "alias/own", "TargetKeyId": key}), ("list_aliases", {}),
        ("delete_alias", {"AliasName": "alias/own"}),
        ("create_grant", grant), ("list_grants", named), ("revoke_grant", {**named, "GrantId": "0" * 64}),
        ("list_retirable_grants", {"RetiringPrincipal": f"arn:aws:iam::{ACCOUNT}:root"}),
        ("get_key_policy", named), ("list_key_policies", named), ("put_key_policy", {**named, "Policy": POLICY}),
        ("tag_resource", {**named, "Tags": TAGS}), ("list_resource_tags", named),
        ("untag_resource", {**named, "TagKeys": ["a"]}),
        ("sign", signed), ("verify", {**signed, "Signature": b"s"}), ("get_public_key", {"KeyId": signer}),
        ("generate_mac", code), ("verify_mac", {**code, "Mac": b"m"}),
        ("get_parameters_for_import", {**named, "WrappingAlgorithm": "RSAES_OAEP_SHA_256",
                                       "WrappingKeySpec": "RSA_2048"}),
        ("import_key_material", {**named, "ImportToken": b"t", "EncryptedKeyMaterial": b"m"}),
        ("delete_imported_key_material", named),
        ("disable_key", named), ("enable_key", named), ("schedule_key_deletion", {**named, "PendingWindowInDays": 7}),
        ("cancel_key_deletion", named),
    ]


def secret_calls(name):
    named = {"SecretId": name}
    return [
        ("create_secret", {"Name": f"{name}-made", "SecretString": "s"}), ("get_secret_value", named),
        ("batch_get_secret_value", {"SecretIdList": [name]}), ("put_secret_value", {**named, "SecretString": "t"}),
        ("update_secret", {**named, "Description": "d"}),
        ("update_secret_version_stage", {**named, "VersionStage": "own", "MoveToVersionId": "0" * 32}),
        ("describe_secret", named), ("list_secrets", {}), ("list_secret_version_ids", named),
        ("rotate_secret", named), ("cancel_rotate_secret", named),
        ("tag_resource", {**named, "Tags": [{"Key": "a", "Value": "b"}]}),
        ("untag_resource", {**named, "TagKeys": ["a"]}),
        ("put_resource_policy", {**named, "ResourcePolicy": POLICY}), ("get_resource_policy", named),
        ("delete_resource_policy", named), ("validate_resource_policy", {**named, "ResourcePolicy": POLICY}),
        ("get_random_password", {}),
        ("replicate_secret_to_regions", {**named, "AddReplicaRegions": [{"Region": "eu-west-1"}]}),
        ("remove_regions_from_replication", {**named, "RemoveReplicaRegions": ["eu-west-1"]}),
        ("stop_replication_to_replica", named), ("delete_secret", named), ("restore_secret", named),
    ]


def parameter_calls(name):
    named = {"Name": name}
    resource = {"ResourceType": "Parameter", "ResourceId": name}
    arn = f"arn:aws:ssm:eu-north-1:{ACCOUNT}:parameter{name}"
    setting = {"SettingId": "/ssm/parameter-store/default-parameter-tier"}
    return [
        ("put_parameter", {**named, "Value": "v", "Type": "String", "Overwrite": True}), ("get_parameter", named),
        ("get_parameters", {"Names": [name]}), ("get_parameters_by_path", {"Path": "/own"}),
        ("get_parameter_history", named), ("describe_parameters", {}),
        ("label_parameter_version", {**named, "Labels": ["l"]}),
        ("unlabel_parameter_version", {**named, "ParameterVersion": 1, "Labels": ["l"]}),
        ("add_tags_to_resource", {**resource, "Tags": [{"Key": "a", "Value": "b"}]}),
        ("list_tags_for_resource", resource),
        ("remove_tags_from_resource", {**resource, "TagKeys": ["a"]}),
        ("get_service_setting", setting), ("update_service_setting", {**setting, "SettingValue": "Standard"}),
        ("reset_service_setting", setting), ("get_resource_policies", {"ResourceArn": arn}),
        ("put_resource_policy", {"ResourceArn": arn, "Policy": POLICY}),
        ("delete_resource_policy", {"ResourceArn": arn, "PolicyId": "1" * 36, "PolicyHash": "0" * 64}),
        ("delete_parameters", {"Names": [name]}), ("delete_parameter", named),
    ]


class Somebody:
    """A user whose only policy is changed between the calls."""

    def __init__(self, client, iam, name):
        iam.create_user(UserName=name)
        made = iam.create_access_key(UserName=name)["AccessKey"]
        self.name, self.iam = name, iam
        self.client = lambda service: client(service, credentials={
            "AccessKeyId": made["AccessKeyId"], "SecretAccessKey": made["SecretAccessKey"]})

    def may(self, **statement):
        self.iam.put_user_policy(UserName=self.name, PolicyName="own", PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": [{"Effect": "Allow", "Resource": "*", **statement}]}))


def is_denied(call, parameters):
    try:
        call(**parameters)
    except ClientError as error:
        return error.response["Error"]["Code"] == "AccessDeniedException"
    return False


def hold(somebody, service, calls):
    asked = somebody.client(service)
    wrong = []
    for method, parameters in calls:
        operation = asked.meta.method_to_api_mapping[method]
        actions = OTHERWISE.get(f"{service}.{method}", (f"{service}:{operation}",))
        call = getattr(asked, method)
        somebody.may(NotAction=[actions[0]])
        if not is_denied(call, parameters):
            wrong.append(f"{operation} was not refused without {actions[0]}")
        somebody.may(Action=list(actions))
        if is_denied(call, parameters):
            wrong.append(f"{operation} was refused with {actions}")
    assert not wrong


@pytest.fixture
def somebody(client, iam, name):
    return Somebody(client, iam, name)


def test_each_operation_of_kms(somebody, kms):
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    signer = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")["KeyMetadata"]["KeyId"]
    mac = kms.create_key(KeySpec="HMAC_256", KeyUsage="GENERATE_VERIFY_MAC")["KeyMetadata"]["KeyId"]
    blob = kms.encrypt(KeyId=key, Plaintext=MATERIAL)["CiphertextBlob"]
    hold(somebody, "kms", kms_calls(key, signer, mac, blob))


def test_each_operation_of_secrets_manager(somebody, secrets, name):
    secrets.create_secret(Name=name, SecretString="s")
    hold(somebody, "secretsmanager", secret_calls(name))


def test_each_operation_of_parameter_store(somebody, ssm, name):
    path = f"/own/{name}"
    ssm.put_parameter(Name=path, Value="v", Type="String")
    hold(somebody, "ssm", parameter_calls(path))
