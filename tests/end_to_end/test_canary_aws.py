"""The planted secrets of test_canary.py, through the AWS APIs: KMS, Secrets Manager, Parameter Store, STS, IAM.

Names, ids, contexts of encryption, tags and policies are public by design and carry no mark, except where the
request is refused because it cannot be read.
"""

import base64
import json
import urllib.parse

import pytest
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials

from test_canary import (BIG, ENCODED, FORM, MALFORMED, Answers, canary, expect_none_in_files, expect_none_in_memory,
                         exported, marks)

TARGETS = {
    "kms": "TrentService.",
    "secretsmanager": "secretsmanager.",
    "ssm": "AmazonSSM.",
}
# Members that hold secrets or what opens them.
SECRET_MEMBERS = (
    ("kms", "Encrypt", ("Plaintext",)), ("kms", "Decrypt", ("CiphertextBlob",)),
    ("kms", "ReEncrypt", ("CiphertextBlob",)), ("kms", "Sign", ("Message",)),
    ("kms", "Verify", ("Message", "Signature")), ("kms", "GenerateMac", ("Message",)),
    ("kms", "VerifyMac", ("Message", "Mac")), ("kms", "DeriveSharedSecret", ("PublicKey",)),
    ("kms", "ImportKeyMaterial", ("ImportToken", "EncryptedKeyMaterial")),
    ("secretsmanager", "CreateSecret", ("SecretString", "SecretBinary")),
    ("secretsmanager", "PutSecretValue", ("SecretString", "SecretBinary")),
    ("secretsmanager", "UpdateSecret", ("SecretString", "SecretBinary")),
    ("ssm", "PutParameter", ("Value",)),
)
# What else those operations ask for; the names are there, so that the secret member is looked at.
BESIDE = {
    "kms": {"KeyId": "alias/canary", "DestinationKeyId": "alias/canary", "SigningAlgorithm": "ECDSA_SHA_256",
            "MacAlgorithm": "HMAC_SHA_256", "KeyAgreementAlgorithm": "ECDH"},
    "secretsmanager": {"Name": "refused", "SecretId": "kept", "ClientRequestToken": "0" * 32},
    "ssm": {"Name": "/kept", "Type": "SecureString", "Overwrite": True},
}


class Aws:
    """Signs what it sends with the access key of an administrator, whatever the body is."""

    def __init__(self, server):
        self.server = server
        self.answers = Answers(server)
        user = "/api/v1/aws/users/canary"
        server.json("PUT", user, {"policy_arns": ["arn:aws:iam::aws:policy/AdministratorAccess"]},
                    token=server.root_token)
        made = server.json("PUT", f"{user}/access-keys", {}, token=server.root_token)
        self.credentials = Credentials(made["access_key_id"], made["secret_access_key"])

    def headers(self, service, operation, body, credentials=None):
        form = service in ("sts", "iam")
        fields = {"Content-Type": FORM} if form else {
            "Content-Type": "application/x-amz-json-1.1", "X-Amz-Target": TARGETS[service] + operation}
        request = AWSRequest("POST", self.server.address + "/", headers=fields, data=body)
        SigV4Auth(credentials or self.credentials, service, "eu-north-1").add_auth(request)
        return dict(request.headers)

    def send(self, service, operation, body, **more):
        """(status, answer), which is kept."""
        body = body if isinstance(body, bytes) else (body if isinstance(body, str) else json.dumps(body)).encode()
        headers = {**self.headers(service, operation, body), **more}
        return self.answers.send("POST", "/", body, headers, token=None)

    def made(self, service, operation, body):
        """The answer of what must be done; it may hold what was read."""
        body = json.dumps(body).encode()
        status, _, text = self.server.request("POST", "/", body, self.headers(service, operation, body))
        assert status == 200, (operation, text)
        return json.loads(text) if text else {}


def text64(place):
    return base64.b64encode(canary(place).encode()).decode()


def plant_malformed(aws):
    for service, operation, _ in SECRET_MEMBERS:
        for text in MALFORMED:
            status, _ = aws.send(service, operation, text.replace("%s", canary("malformed")))
            assert 400 <= status < 500, (operation, text)


def plant_wrong_members(aws):
    for service, operation, members in SECRET_MEMBERS:
        for member in members:
            place = canary(f"{operation}-{member}")
            for value in ([place], {place: 1}, [[place]], place + "\ud800", place if "String" not in member else 5):
                if (service, value) == ("ssm", place):
                    continue  # that is a value
                aws.send(service, operation, {**BESIDE[service], member: value})


def plant_credentials(aws):
    body = b"Action=GetCallerIdentity&Version=2011-06-15"
    place = canary("credential")
    for credentials in (Credentials(place, "x"), Credentials("AKIAABSENT0000000000", place),
                        Credentials("AKIAABSENT0000000000", "x", place),
                        Credentials(aws.credentials.access_key, aws.credentials.secret_key, place)):
        for service in ("sts", "kms"):
            headers = aws.headers(service, "ListKeys", body, credentials)
            status, _ = aws.answers.send("POST", "/", body, headers, token=None)
            assert 400 <= status < 500
    signed = aws.headers("sts", "", body)
    for value in (f"AWS4-HMAC-SHA256 {place}", signed["Authorization"][:-64] + place,
                  f"AWS4-HMAC-SHA256 Credential={place}, SignedHeaders=host, Signature={place}"):
        assert aws.answers.send("POST", "/", body, {**signed, "Authorization": value}, token=None)[0] >= 400
    for name in ("X-Amz-Signature", "X-Amz-Security-Token", "X-Amz-Credential"):
        query = {"Action": "GetCallerIdentity", "X-Amz-Algorithm": "AWS4-HMAC-SHA256", "X-Amz-SignedHeaders": "host",
                 "X-Amz-Date": "20260101T000000Z", "X-Amz-Expires": "60", "X-Amz-Signature": "0" * 64,
                 "X-Amz-Credential": "AKIAABSENT0000000000/20260101/eu-north-1/sts/aws4_request", name: place}
        assert aws.answers.send("GET", "/?" + urllib.parse.urlencode(query), token=None)[0] >= 400


def plant_forms(aws):
    place = canary("form")
    for form in ({"Action": "AssumeRoleWithWebIdentity", "Version": "2011-06-15", "WebIdentityToken": place,
                  "RoleArn": "arn:aws:iam::000000000000:role/absent", "RoleSessionName": "s"},
                 {"Action": "AssumeRole", "Version": "2011-06-15", "TokenCode": place, "SerialNumber": "12345678901",
                  "RoleArn": "arn:aws:iam::000000000000:role/absent", "RoleSessionName": "s"},
                 {"Action": "AssumeRole", "Version": "2011-06-15", "Policy": '{"' + place,
                  "RoleArn": "arn:aws:iam::000000000000:role/absent", "RoleSessionName": "s"},
                 {"Action": "PutUserPolicy", "Version": "2010-05-08", "UserName": "canary", "PolicyName": "p",
                  "PolicyDocument": '{"Statement":["' + place}):
        service = "iam" if form["Action"] == "PutUserPolicy" else "sts"
        status, _ = aws.send(service, form["Action"], urllib.parse.urlencode(form))
        assert 400 <= status < 500, form["Action"]
    for text in (f"Action={place}%", f"Action=GetCallerIdentity&a={place}&a={place}", f"%{place}", f"={place}&&"):
        aws.send("sts", "", text)


def plant_values(aws):
    """Secrets that are kept or used, and read again: the answers to reading are not kept."""
    key = aws.made("kms", "CreateKey", {})["KeyMetadata"]["KeyId"]
    aws.made("kms", "CreateAlias", {"AliasName": "alias/canary", "TargetKeyId": key})
    mac = aws.made("kms", "CreateKey", {"KeySpec": "HMAC_256", "KeyUsage": "GENERATE_VERIFY_MAC"})["KeyMetadata"][
        "KeyId"]
    for more in ("", BIG[:3000]):
        blob = aws.made("kms", "Encrypt", {"KeyId": key, "Plaintext": base64.b64encode(
            (canary("plaintext") + more).encode()).decode()})["CiphertextBlob"]
        assert marks(base64.b64decode(aws.made("kms", "Decrypt", {"CiphertextBlob": blob})["Plaintext"]))
        aws.made("kms", "ReEncrypt", {"CiphertextBlob": blob, "DestinationKeyId": key})
        aws.made("kms", "GenerateMac", {"KeyId": mac, "MacAlgorithm": "HMAC_SHA_256", "Message": base64.b64encode(
            (canary("message") + more).encode()).decode()})
    aws.made("secretsmanager", "CreateSecret", {"Name": "kept", "ClientRequestToken": "1" * 32,
                                                "SecretString": canary("string") + BIG})
    aws.made("secretsmanager", "CreateSecret", {"Name": "under", "ClientRequestToken": "2" * 32, "KmsKeyId": key,
                                                "SecretString": json.dumps({"password": canary("object")})})
    aws.made("secretsmanager", "PutSecretValue", {"SecretId": "kept", "ClientRequestToken": "3" * 32,
                                                  "SecretBinary": text64("binary")})
    for name in ("kept", "under"):
        aws.made("secretsmanager", "GetSecretValue", {"SecretId": name})
    aws.made("secretsmanager", "BatchGetSecretValue", {"SecretIdList": ["kept", "under"]})
    for name, kind, place in (("/kept", "SecureString", "secure"), ("/under", "SecureString", "secure-under"),
                              ("/plain", "String", "plain")):
        aws.made("ssm", "PutParameter", {"Name": name, "Type": kind, "Value": canary(place) + BIG[:3000],
                                         **({"KeyId": key} if name == "/under" else {})})
        aws.made("ssm", "GetParameter", {"Name": name, "WithDecryption": True})


@pytest.fixture(scope="module")
def planted(server):
    """(what signs and keeps answers, everything that the server gives away)"""
    aws = Aws(server)
    plant_values(aws)
    plant_malformed(aws)
    plant_wrong_members(aws)
    plant_credentials(aws)
    plant_forms(aws)
    return aws, list(exported(server))


def test_no_answer_repeats_a_planted_secret(planted):
    kept = planted[0].answers.kept
    leaks = {request: marks(text) for request, text in kept if marks(text)}
    assert not leaks
    assert not [(request, octets) for request, text in kept for octets in ENCODED if octets in text]
    assert len(kept) > 250


def test_something_was_planted(planted):
    read = planted[0].made("secretsmanager", "GetSecretValue", {"SecretId": "under"})
    assert canary("object") in read["SecretString"]


def test_audit_metrics_and_backup_hold_none(planted):
    leaks = {name: marks(text) for name, text in planted[1] if marks(text)}
    assert not leaks
    assert not [name for name, text in planted[1] for octets in ENCODED if octets in text]


def test_the_log_and_the_folder_hold_none(planted, server):
    expect_none_in_files(server)


def test_a_core_after_the_answers_holds_none(planted, server):
    for _ in range(40):
        planted[0].made("kms", "ListKeys", {})
    expect_none_in_memory(server)
