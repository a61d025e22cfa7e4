"""IAM with boto3: what setups script, and what the credentials that come of it may do."""

import datetime
import itertools
import json
import pathlib
import time
import urllib.error
import urllib.request

import boto3
import botocore.auth
import botocore.awsrequest
import botocore.credentials
import botocore.exceptions
import pytest

from dev_server import DevServer

_numbers = itertools.count(1)
READ_ONLY = "arn:aws:iam::aws:policy/ReadOnlyAccess"


@pytest.fixture(scope="session")
def iam(client):
    return client("iam", region="us-east-1")


@pytest.fixture
def name():
    return f"iam-test-{next(_numbers)}"


def document(action, resource="*", effect="Allow"):
    return json.dumps({"Version": "2012-10-17",
                       "Statement": [{"Effect": effect, "Action": action, "Resource": resource}]})


TRUST = json.dumps({"Version": "2012-10-17",
                    "Statement": [{"Effect": "Allow", "Principal": {"AWS": "*"},
                                   "Action": "sts:AssumeRole"}]})


def code_of(call):
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        call()
    error = raised.value.response
    return error["Error"]["Code"], error["ResponseMetadata"]["HTTPStatusCode"]


def key_of(iam, user):
    return iam.create_access_key(UserName=user)["AccessKey"]


def test_a_user_from_its_making_to_its_end(iam, name):
    made = iam.create_user(UserName=name, Path="/team/", Tags=[{"Key": "a", "Value": "b"}])["User"]
    assert made["Arn"].endswith(f":user/team/{name}")
    assert made["UserId"].startswith("AIDA")
    assert isinstance(made["CreateDate"], datetime.datetime)
    assert iam.get_user(UserName=name)["User"]["Tags"] == [{"Key": "a", "Value": "b"}]
    assert code_of(lambda: iam.create_user(UserName=name.upper())) == ("EntityAlreadyExists", 409)
    key = key_of(iam, name)
    assert len(key["SecretAccessKey"]) == 40
    assert code_of(lambda: iam.delete_user(UserName=name)) == ("DeleteConflict", 409)
    iam.delete_access_key(UserName=name, AccessKeyId=key["AccessKeyId"])
    iam.delete_user(UserName=name)
    assert code_of(lambda: iam.get_user(UserName=name)) == ("NoSuchEntity", 404)


def test_listings_are_paged(iam, name):
    users = [f"{name}-{i}" for i in range(5)]
    for user in users:
        iam.create_user(UserName=user, Path=f"/{name}/")
    pages = iam.get_paginator("list_users").paginate(
        PathPrefix=f"/{name}/", PaginationConfig={"PageSize": 2})
    assert [u["UserName"] for page in pages for u in page["Users"]] == users


def test_a_key_may_what_its_user_may(iam, client, name):
    iam.create_user(UserName=name)
    key = key_of(iam, name)
    mine = client("iam", region="us-east-1", credentials=key)
    assert code_of(lambda: mine.list_users()) == ("AccessDenied", 403)
    iam.attach_user_policy(UserName=name, PolicyArn=READ_ONLY)
    assert mine.get_user()["User"]["UserName"] == name
    assert code_of(lambda: mine.create_access_key()) == ("AccessDenied", 403)
    iam.put_user_policy(UserName=name, PolicyName="none",
                        PolicyDocument=document("iam:GetUser", effect="Deny"))
    assert code_of(lambda: mine.get_user()) == ("AccessDenied", 403)
    iam.delete_user_policy(UserName=name, PolicyName="none")
    assert mine.get_user()
    assert iam.get_access_key_last_used(
        AccessKeyId=key["AccessKeyId"])["AccessKeyLastUsed"]["ServiceName"] == "iam"
    iam.update_access_key(UserName=name, AccessKeyId=key["AccessKeyId"], Status="Inactive")
    assert code_of(lambda: mine.get_user()) == ("InvalidClientTokenId", 403)


def test_policies_of_a_role_are_documents_again(iam, name):
    role = iam.create_role(RoleName=name, AssumeRolePolicyDocument=TRUST,
                           Description="reads", MaxSessionDuration=7200)["Role"]
    assert role["AssumeRolePolicyDocument"] == json.loads(TRUST)
    assert iam.get_role(RoleName=name)["Role"]["MaxSessionDuration"] == 7200
    iam.put_role_policy(RoleName=name, PolicyName="own", PolicyDocument=document("kms:Decrypt"))
    assert iam.get_role_policy(RoleName=name, PolicyName="own")["PolicyDocument"] == json.loads(
        document("kms:Decrypt"))
    policy = iam.create_policy(PolicyName=name, PolicyDocument=document("ssm:*"))["Policy"]
    iam.attach_role_policy(RoleName=name, PolicyArn=policy["Arn"])
    assert iam.list_attached_role_policies(RoleName=name)["AttachedPolicies"] == [
        {"PolicyName": name, "PolicyArn": policy["Arn"]}]
    iam.create_policy_version(PolicyArn=policy["Arn"], PolicyDocument=document("ssm:Get*"),
                              SetAsDefault=True)
    version = iam.get_policy_version(PolicyArn=policy["Arn"], VersionId="v2")["PolicyVersion"]
    assert version["Document"] == json.loads(document("ssm:Get*")) and version["IsDefaultVersion"]
    assert code_of(lambda: iam.delete_policy(PolicyArn=policy["Arn"])) == ("DeleteConflict", 409)
    assert code_of(lambda: iam.create_role(RoleName=name + "x", AssumeRolePolicyDocument="{}")) == (
        "MalformedPolicyDocument", 400)
    iam.detach_role_policy(RoleName=name, PolicyArn=policy["Arn"])
    iam.delete_role_policy(RoleName=name, PolicyName="own")
    iam.delete_policy(PolicyArn=policy["Arn"])
    iam.delete_role(RoleName=name)


def send(server, request):
    """Status and body of a request that botocore prepared."""
    raw = urllib.request.Request(server.address + "/", data=request.data, method=request.method,
                                 headers=dict(request.headers.items()))
    try:
        with urllib.request.urlopen(raw, timeout=30) as answer:
            return answer.status, answer.read().decode()
    except urllib.error.HTTPError as error:
        return error.code, error.read().decode()


@pytest.fixture
def signed(server, iam, name):
    """signed(host, service, region): GetCallerIdentity, signed by botocore for that host."""
    iam.create_user(UserName=name)
    key = key_of(iam, name)

    def make(host="sts.amazonaws.com", service="sts", region="us-east-1"):
        request = botocore.awsrequest.AWSRequest(
            method="POST", url=f"http://{host}/",
            data=b"Action=GetCallerIdentity&Version=2011-06-15",
            headers={"Host": host, "Content-Type": "application/x-www-form-urlencoded"})
        signer = botocore.auth.SigV4Auth(
            botocore.credentials.Credentials(key["AccessKeyId"], key["SecretAccessKey"]),
            service, region)
        signer.add_auth(request)
        return request

    return make


def test_a_signature_vouches_for_a_foreign_host(server, signed, name):
    status, body = send(server, signed())
    assert status == 200 and f":user/{name}</Arn>" in body


@pytest.mark.parametrize("change", [
    lambda r: r.headers.replace_header("Host", "sts.example.org"),
    lambda r: setattr(r, "data", b"Action=GetSessionToken&Version=2011-06-15"),
    lambda r: r.headers.replace_header("X-Amz-Date", time.strftime("%Y%m%dT000001Z", time.gmtime())),
    lambda r: r.headers.replace_header(
        "Authorization", r.headers["Authorization"].replace("us-east-1", "us-east-2")),
], ids=["host", "body", "date", "region"])
def test_what_was_changed_after_signing_is_refused(server, signed, change):
    request = signed()
    change(request)
    status, body = send(server, request)
    assert status == 403 and "<Code>SignatureDoesNotMatch</Code>" in body


def test_a_signature_is_for_one_service(server, signed):
    status, body = send(server, signed(service="iam"))
    assert status == 403 and "<Code>SignatureDoesNotMatch</Code>" in body


def test_unknown_keys_and_wrong_secrets_are_answered_alike(client, iam, name):
    iam.create_user(UserName=name)
    key = key_of(iam, name)
    answers = []
    for access, secret in ((key["AccessKeyId"], "wrong"), ("AKIAUNKNOWNUNKNOWN22", "wrong")):
        with pytest.raises(botocore.exceptions.ClientError) as raised:
            client("kms", credentials={"AccessKeyId": access, "SecretAccessKey": secret}).list_keys()
        error = raised.value.response["Error"]
        answers.append((error["Code"], error["Message"]))
    assert answers[0] == answers[1]
    assert answers[0][0] == "InvalidSignatureException"


def test_a_key_of_the_command_line_is_not_left_there(tmp_path):
    """Every process of the machine may read the words that another was started with."""
    secret = "secret-of-the-command-line"
    server = DevServer(tmp_path, ["--aws-access-key", f"AKIAWORDS:{secret}",
                                  f"--aws-access-key=AKIAMOREWORDS:{secret}"])
    try:
        server.start()
        words = pathlib.Path(f"/proc/{server.process.pid}/cmdline").read_bytes()
        assert b"--aws-access-key" in words and secret.encode() not in words
        for access in ("AKIAWORDS", "AKIAMOREWORDS"):
            sts = boto3.client("sts", region_name="us-east-1", endpoint_url=server.address,
                               aws_access_key_id=access, aws_secret_access_key=secret)
            assert sts.get_caller_identity()["Arn"].endswith(f":user/{access}")
    finally:
        server.stop()
