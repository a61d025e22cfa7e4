"""A web identity as Kubernetes mounts it: boto3's own credential chain with a token in a file."""

import base64
import json
import subprocess
import time
import urllib.request

import boto3
import botocore.exceptions
import pytest

from dev_server import ACCOUNT

ISSUER = "https://oidc.example.org/id/7"
SUBJECT = "system:serviceaccount:shop:web"


def url(octets):
    return base64.urlsafe_b64encode(octets).rstrip(b"=").decode()


class Issuer:
    """An ECDSA key in a file, used through the openssl program."""

    def __init__(self, folder):
        self.key = folder / "issuer.pem"
        self.openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", self.key)

    @staticmethod
    def openssl(*arguments, given=b""):
        return subprocess.run(["openssl", *map(str, arguments)], input=given, check=True,
                              capture_output=True, timeout=30).stdout

    def key_set(self):
        point = self.openssl("ec", "-in", self.key, "-pubout", "-outform", "DER")[-64:]
        return json.dumps({"keys": [{"kty": "EC", "crv": "P-256", "kid": "1",
                                     "x": url(point[:32]), "y": url(point[32:])}]})

    def token(self, **claims):
        body = {"iss": ISSUER, "sub": SUBJECT, "aud": ["sts.amazonaws.com"],
                "exp": int(time.time()) + 600, **claims}
        text = ".".join(url(json.dumps(part).encode())
                        for part in ({"alg": "ES256", "kid": "1"}, body))
        der = self.openssl("dgst", "-sha256", "-sign", self.key, given=text.encode())
        r_size = der[3]
        numbers = (der[4:4 + r_size], der[6 + r_size:])
        raw = b"".join(number.lstrip(b"\0").rjust(32, b"\0") for number in numbers)
        return f"{text}.{url(raw)}"


def make_role(server, name, trust):
    request = urllib.request.Request(
        f"{server.address}/api/v1/aws/roles/{name}", method="PUT",
        data=json.dumps({"trust_policy": trust}).encode(),
        headers={"X-Vault-Token": server.root_token, "Content-Type": "application/json"})
    with urllib.request.urlopen(request, timeout=10) as answer:
        assert answer.status == 200


@pytest.fixture(scope="module")
def issuer(client, tmp_path_factory):
    made = Issuer(tmp_path_factory.mktemp("issuer"))
    iam = client("iam")
    # A parameter that AWS does not have: the provider's keys, so that nobody is asked for them.
    iam.meta.events.register("before-call.iam.CreateOpenIDConnectProvider",
                             lambda params, **_: params["body"].update(KeySet=made.key_set()))
    arn = iam.create_open_id_connect_provider(
        Url=ISSUER, ClientIDList=["sts.amazonaws.com"])["OpenIDConnectProviderArn"]
    assert arn == f"arn:aws:iam::{ACCOUNT}:oidc-provider/oidc.example.org/id/7"
    assert iam.get_open_id_connect_provider(OpenIDConnectProviderArn=arn)["ClientIDList"] == [
        "sts.amazonaws.com"]
    made.arn = arn
    yield made
    iam.delete_open_id_connect_provider(OpenIDConnectProviderArn=arn)
    assert iam.list_open_id_connect_providers()["OpenIDConnectProviderList"] == []


@pytest.fixture
def role(server, issuer, name):
    claims = {"oidc.example.org/id/7:aud": "sts.amazonaws.com",
              "oidc.example.org/id/7:sub": SUBJECT}
    make_role(server, name, {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": issuer.arn}, "Condition": {"StringEquals": claims}}]})
    return f"arn:aws:iam::{ACCOUNT}:role/{name}"


def identity(server, role, token_file, monkeypatch):
    monkeypatch.setenv("AWS_ROLE_ARN", role)
    monkeypatch.setenv("AWS_ROLE_SESSION_NAME", "pod-1")
    monkeypatch.setenv("AWS_WEB_IDENTITY_TOKEN_FILE", str(token_file))
    monkeypatch.setenv("AWS_ENDPOINT_URL", server.address)
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-north-1")
    return boto3.session.Session().client("sts").get_caller_identity()["Arn"]


def test_a_token_in_a_file_is_all_that_a_pod_needs(server, issuer, role, name, tmp_path,
                                                   monkeypatch):
    token = tmp_path / "token"
    token.write_text(issuer.token())
    assert identity(server, role, token, monkeypatch) == (
        f"arn:aws:sts::{ACCOUNT}:assumed-role/{name}/pod-1")


@pytest.mark.parametrize(("claims", "code"), [
    ({"sub": "system:serviceaccount:shop:other"}, "AccessDenied"),
    ({"aud": "elsewhere"}, "InvalidIdentityToken"),
    ({"iss": "https://oidc.example.org/id/8"}, "InvalidIdentityToken"),
    ({"exp": 1700000000}, "ExpiredTokenException"),
])
def test_other_tokens_are_refused(server, issuer, role, tmp_path, monkeypatch, claims, code):
    token = tmp_path / "token"
    token.write_text(issuer.token(**claims))
    with pytest.raises(botocore.exceptions.ClientError) as refused:
        identity(server, role, token, monkeypatch)
    assert refused.value.response["Error"]["Code"] == code
