"""Systems Manager Parameter Store with boto3."""

import datetime
import json

import pytest
from botocore.exceptions import ClientError

from dev_server import ACCOUNT


def refused(code, call, message=None):
    with pytest.raises(ClientError) as caught:
        call()
    assert caught.value.response["Error"]["Code"] == code
    assert caught.value.response["ResponseMetadata"]["HTTPStatusCode"] == 400
    if message is not None:
        assert caught.value.response["Error"]["Message"] == message


def test_put_get_and_overwrite(ssm, name):
    path = f"/{name}/db/user"
    put = ssm.put_parameter(Name=path, Value="alice", Type="String", Description="who")
    assert (put["Version"], put["Tier"]) == (1, "Standard")
    got = ssm.get_parameter(Name=path)["Parameter"]
    assert isinstance(got.pop("LastModifiedDate"), datetime.datetime)
    assert got == {"Name": path, "Type": "String", "Value": "alice", "Version": 1,
                   "ARN": f"arn:aws:ssm:eu-north-1:{ACCOUNT}:parameter{path}", "DataType": "text"}
    refused("ParameterAlreadyExists",
            lambda: ssm.put_parameter(Name=path, Value="bob", Type="String"),
            "The parameter already exists. To overwrite this value, set the overwrite option in the "
            "request to true.")
    assert ssm.put_parameter(Name=path, Value="bob", Overwrite=True)["Version"] == 2
    assert ssm.get_parameter(Name=got["ARN"])["Parameter"]["Value"] == "bob"
    assert ssm.get_parameter(Name=f"{path}:1")["Parameter"]["Value"] == "alice"
    assert ssm.get_parameter(Name=f"{path}:1")["Parameter"]["Selector"] == ":1"
    refused("ParameterVersionNotFound", lambda: ssm.get_parameter(Name=f"{path}:3"),
            f"Systems Manager could not find version 3 of {path}. Verify the version and try again.")
    refused("ParameterNotFound", lambda: ssm.get_parameter(Name=f"/{name}/none"),
            f"Parameter /{name}/none not found.")


def test_many_at_once(ssm, name):
    for letter in "ab":
        ssm.put_parameter(Name=f"{name}-{letter}", Value=letter, Type="String")
    got = ssm.get_parameters(Names=[f"{name}-b", f"{name}-a", f"{name}-b", f"{name}-c", f"{name}-a:9"])
    assert [p["Value"] for p in got["Parameters"]] == ["a", "b"]
    assert sorted(got["InvalidParameters"]) == [f"{name}-a:9", f"{name}-c"]
    gone = ssm.delete_parameters(Names=[f"{name}-a", f"{name}-c"])
    assert gone["DeletedParameters"] == [f"{name}-a"]
    assert gone["InvalidParameters"] == [f"{name}-c"]
    ssm.delete_parameter(Name=f"{name}-b")
    refused("ParameterNotFound", lambda: ssm.delete_parameter(Name=f"{name}-b"),
            f"Parameter {name}-b not found.")


def test_secure_strings(ssm, kms, name):
    key = kms.create_key()["KeyMetadata"]["KeyId"]
    kms.create_alias(AliasName=f"alias/{name}", TargetKeyId=key)
    for path, options in ((f"/{name}/default", {}), (f"/{name}/own", {"KeyId": f"alias/{name}"})):
        ssm.put_parameter(Name=path, Value="s3cret", Type="SecureString", **options)
        clear = ssm.get_parameter(Name=path, WithDecryption=True)["Parameter"]
        assert (clear["Value"], clear["Type"]) == ("s3cret", "SecureString")
        closed = ssm.get_parameter(Name=path)["Parameter"]["Value"]
        assert "s3cret" not in closed
        assert closed == ssm.get_parameter(Name=path)["Parameter"]["Value"]
    kms.disable_key(KeyId=key)
    refused("InvalidKeyId", lambda: ssm.get_parameter(Name=f"/{name}/own", WithDecryption=True))
    assert ssm.get_parameter(Name=f"/{name}/own")["Parameter"]["Value"]
    refused("InvalidKeyId", lambda: ssm.put_parameter(
        Name=f"/{name}/bad", Value="v", Type="SecureString", KeyId="alias/is-not-there"))


def test_decryption_needs_the_key(ssm, kms, client, user_with, name):
    key = kms.create_key()["KeyMetadata"]["Arn"]
    ssm.put_parameter(Name=f"/{name}/s", Value="s3cret", Type="SecureString", KeyId=key)
    arn = f"arn:aws:ssm:*:*:parameter/{name}/*"
    reading = {"Effect": "Allow", "Action": "ssm:GetParameter*", "Resource": arn}
    reader = client("ssm", credentials=user_with(reading))
    assert reader.get_parameter(Name=f"/{name}/s")["Parameter"]["Value"] != "s3cret"
    refused("AccessDeniedException",
            lambda: reader.get_parameter(Name=f"/{name}/s", WithDecryption=True))
    refused("AccessDeniedException", lambda: reader.get_parameter(Name="/elsewhere"))
    opener = client("ssm", credentials=user_with(
        reading, {"Effect": "Allow", "Action": "kms:Decrypt", "Resource": key,
                  "Condition": {"StringLike": {"kms:ViaService": "ssm.*.amazonaws.com"}}}))
    assert opener.get_parameter(
        Name=f"/{name}/s", WithDecryption=True)["Parameter"]["Value"] == "s3cret"


def test_hierarchies(ssm, name):
    for path in ("a", "b", "b/c", "b/d/e"):
        ssm.put_parameter(Name=f"/{name}/{path}", Value=path, Type="String")

    def names(**options):
        pages = ssm.get_paginator("get_parameters_by_path").paginate(
            Path=f"/{name}", PaginationConfig={"PageSize": 2}, **options)
        return [p["Name"].removeprefix(f"/{name}/") for page in pages for p in page["Parameters"]]

    assert names() == ["a", "b"]
    assert names(Recursive=True) == ["a", "b", "b/c", "b/d/e"]
    ssm.label_parameter_version(Name=f"/{name}/b/c", Labels=["live"])
    assert names(Recursive=True, ParameterFilters=[{"Key": "Label", "Values": ["live"]}]) == ["b/c"]
    refused("InvalidFilterKey", lambda: names(ParameterFilters=[{"Key": "Name", "Values": ["x"]}]),
            "The following filter key is not valid: Name. Valid filter keys include: [Type, KeyId].")
    refused("InvalidNextToken",
            lambda: ssm.get_parameters_by_path(Path=f"/{name}", NextToken="forged"))


def test_labels_and_history(ssm, name):
    for value in ("1", "2", "3"):
        ssm.put_parameter(Name=name, Value=value, Type="String", Overwrite=True, Description=value)
    labelled = ssm.label_parameter_version(Name=name, Labels=["live", "9", "awsx"])
    assert (labelled["ParameterVersion"], labelled["InvalidLabels"]) == (3, ["9", "awsx"])
    assert ssm.label_parameter_version(Name=name, ParameterVersion=1, Labels=["live"])[
        "InvalidLabels"] == []
    assert ssm.get_parameter(Name=f"{name}:live")["Parameter"]["Value"] == "1"
    pages = ssm.get_paginator("get_parameter_history").paginate(
        Name=name, PaginationConfig={"PageSize": 2})
    history = [p for page in pages for p in page["Parameters"]]
    assert [(p["Version"], p["Value"], p["Description"], p["Labels"]) for p in history] == [
        (1, "1", "1", ["live"]), (2, "2", "2", []), (3, "3", "3", [])]
    assert history[0]["LastModifiedUser"].startswith(f"arn:aws:iam::{ACCOUNT}:user/")
    removed = ssm.unlabel_parameter_version(Name=name, ParameterVersion=1, Labels=["live", "x"])
    assert (removed["RemovedLabels"], removed["InvalidLabels"]) == (["live"], ["x"])
    refused("ParameterVersionNotFound", lambda: ssm.label_parameter_version(
        Name=name, ParameterVersion=5, Labels=["x"]))
    refused("ParameterVersionLabelLimitExceeded", lambda: ssm.label_parameter_version(
        Name=name, Labels=[f"l{i}" for i in range(11)]))


def test_describe_tags_and_tiers(ssm, name):
    ssm.put_parameter(Name=f"/{name}/a", Value="v", Type="String", Description="d",
                      AllowedPattern="^[a-z]+$", Tags=[{"Key": name, "Value": "blue"}])
    ssm.put_parameter(Name=f"/{name}/b", Value="x" * 5000, Type="String", Tier="Intelligent-Tiering")

    def described(*filters):
        return ssm.describe_parameters(ParameterFilters=list(filters))["Parameters"]

    found, = described({"Key": f"tag:{name}", "Values": ["blue"]})
    assert (found["Name"], found["Description"], found["AllowedPattern"]) == (
        f"/{name}/a", "d", "^[a-z]+$")
    assert "Value" not in found
    tiers = {p["Name"]: p["Tier"] for p in described(
        {"Key": "Path", "Option": "Recursive", "Values": [f"/{name}"]})}
    assert tiers == {f"/{name}/a": "Standard", f"/{name}/b": "Advanced"}
    refused("ParameterPatternMismatchException", lambda: ssm.put_parameter(
        Name=f"/{name}/a", Value="V1", Overwrite=True))
    ssm.add_tags_to_resource(ResourceType="Parameter", ResourceId=f"/{name}/a",
                             Tags=[{"Key": "more", "Value": ""}])
    ssm.remove_tags_from_resource(ResourceType="Parameter", ResourceId=f"/{name}/a", TagKeys=[name])
    tags = ssm.list_tags_for_resource(ResourceType="Parameter", ResourceId=f"/{name}/a")
    assert tags["TagList"] == [{"Key": "more", "Value": ""}]
    refused("InvalidResourceId", lambda: ssm.list_tags_for_resource(
        ResourceType="Parameter", ResourceId=f"/{name}/none"))
    refused("InvalidResourceType", lambda: ssm.list_tags_for_resource(
        ResourceType="Document", ResourceId=f"/{name}/a"))


def test_policies_and_settings(ssm, name):
    policies = [{"Type": "Expiration", "Version": "1.0",
                 "Attributes": {"Timestamp": "2099-12-02T21:34:33.000Z"}}]
    ssm.put_parameter(Name=name, Value="v", Type="String", Tier="Advanced",
                      Policies=json.dumps(policies))
    found, = ssm.describe_parameters(
        ParameterFilters=[{"Key": "Name", "Values": [name]}])["Parameters"]
    policy, = found["Policies"]
    assert (policy["PolicyType"], policy["PolicyStatus"]) == ("Expiration", "Pending")
    assert json.loads(policy["PolicyText"]) == policies[0]
    setting = "/ssm/parameter-store/default-parameter-tier"
    assert ssm.get_service_setting(SettingId=setting)["ServiceSetting"]["SettingValue"] == "Standard"
    refused("ServiceSettingNotFound", lambda: ssm.get_service_setting(SettingId="/ssm/other"))


def test_a_parameter_is_a_secret_of_its_mount(ssm, vault, name):
    ssm.put_parameter(Name=f"/{name}/a", Value="one", Type="String")
    kv = vault.secrets.kv.v2
    assert kv.read_secret_version(f"{name}/a", mount_point="parameter", raise_on_deleted_version=True)[
        "data"]["data"] == {"value": "one"}
    kv.create_or_update_secret(f"{name}/a", {"value": "two"}, mount_point="parameter")
    assert ssm.get_parameter(Name=f"/{name}/a")["Parameter"]["Value"] == "two"
    assert ssm.get_parameter(Name=f"/{name}/a")["Parameter"]["Version"] == 2


def test_references_to_secrets(ssm, secrets, name):
    secrets.create_secret(Name=name, SecretString="one")
    secrets.put_secret_value(SecretId=name, SecretString="two")
    reference = f"/aws/reference/secretsmanager/{name}"
    got = ssm.get_parameter(Name=reference, WithDecryption=True)["Parameter"]
    assert (got["Name"], got["Type"], got["Value"], got["Version"]) == (
        name, "SecureString", "two", 0)
    assert json.loads(got["SourceResult"])["Name"] == name
    assert ssm.get_parameter(Name=f"{reference}:AWSPREVIOUS", WithDecryption=True)[
        "Parameter"]["Value"] == "one"
    refused("ValidationException", lambda: ssm.get_parameter(Name=reference),
            "WithDecryption flag must be True for retrieving a Secret Manager secret.")
    refused("ParameterNotFound",
            lambda: ssm.get_parameter(Name=f"{reference}-none", WithDecryption=True),
            "An error occurred (ParameterNotFound) when referencing Secrets Manager: Secret "
            f"{reference}-none not found.")


def test_the_other_operations_are_not_here(ssm):
    refused("UnknownOperationException", lambda: ssm.list_documents())
