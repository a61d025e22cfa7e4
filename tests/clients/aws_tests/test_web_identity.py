"""A web identity as Kubernetes mounts it: boto3's own credential chain with a token in a file."""

import base64
import http.server
import json
import ssl
import subprocess
import threading
import time
import urllib.request

import boto3
import botocore
import botocore.config
import botocore.exceptions
import pytest

from dev_server import ACCESS_KEY, ACCOUNT, SECRET_KEY, DevServer

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

    def token(self, issuer=ISSUER, **claims):
        body = {"iss": issuer, "sub": SUBJECT, "aud": ["sts.amazonaws.com"],
                "exp": int(time.time()) + 600, **claims}
        text = ".".join(url(json.dumps(part).encode())
                        for part in ({"alg": "ES256", "kid": "1"}, body))
        der = self.openssl("dgst", "-sha256", "-sign", self.key, given=text.encode())
        r_size = der[3]
        numbers = (der[4:4 + r_size], der[6 + r_size:])
        raw = b"".join(number.lstrip(b"\0").rjust(32, b"\0") for number in numbers)
        return f"{text}.{url(raw)}"


class Publisher:
    """Publishes an issuer's keys at https://127.0.0.1:PORT, with a certificate of its own."""

    def __init__(self, issuer, folder):
        self.certificate = folder / "publisher.pem"
        issuer.openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2",
                       "-subj", "/CN=publisher", "-addext", "subjectAltName=IP:127.0.0.1",
                       "-keyout", folder / "publisher.key", "-out", self.certificate)
        self.issuer, self.asked, self.moved = issuer, [], False
        publisher = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                publisher.answer(self)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.certificate, folder / "publisher.key")
        self.server.socket = context.wrap_socket(self.server.socket, server_side=True)
        self.url = f"https://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def answer(self, request):
        self.asked.append(request.path)
        if self.moved:
            request.send_response(302)
            request.send_header("Location", self.url + "/elsewhere")
            request.send_header("Content-Length", "0")
            request.end_headers()
            return
        body = (self.issuer.key_set() if request.path == "/keys" else json.dumps(
            {"issuer": self.url, "jwks_uri": self.url + "/keys"})).encode()
        request.send_response(200)
        request.send_header("Content-Length", str(len(body)))
        request.end_headers()
        request.wfile.write(body)

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


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


@pytest.fixture
def publisher(tmp_path):
    made = Publisher(Issuer(tmp_path), tmp_path)
    yield made
    made.stop()


def own_server(tmp_path, publisher, monkeypatch, trusted):
    """A server of one role that the publisher's tokens open, which trusts its certificate or not."""
    if trusted:
        monkeypatch.setenv("SSL_CERT_FILE", str(publisher.certificate))
    made = DevServer(tmp_path / "dev").start()
    iam = boto3.client("iam", region_name="eu-north-1", endpoint_url=made.address,
                       aws_access_key_id=ACCESS_KEY, aws_secret_access_key=SECRET_KEY)
    arn = iam.create_open_id_connect_provider(
        Url=publisher.url, ClientIDList=["sts.amazonaws.com"])["OpenIDConnectProviderArn"]
    make_role(made, "app", {"Version": "2012-10-17", "Statement": [{
        "Effect": "Allow", "Action": "sts:AssumeRoleWithWebIdentity",
        "Principal": {"Federated": arn}}]})
    return made


def opens(server, token):
    sts = boto3.client("sts", region_name="eu-north-1", endpoint_url=server.address,
                       config=botocore.config.Config(signature_version=botocore.UNSIGNED,
                                                     retries={"total_max_attempts": 1}))
    try:
        return sts.assume_role_with_web_identity(
            RoleArn=f"arn:aws:iam::{ACCOUNT}:role/app", RoleSessionName="pod",
            WebIdentityToken=token)["AssumedRoleUser"]["Arn"].rpartition(":")[2]
    except botocore.exceptions.ClientError as refused:
        return refused.response["Error"]["Code"]


def test_keys_are_fetched_from_the_issuer_and_kept(tmp_path, publisher, monkeypatch):
    server = own_server(tmp_path, publisher, monkeypatch, trusted=True)
    try:
        for _ in range(3):
            assert opens(server, publisher.issuer.token(publisher.url)) == "assumed-role/app/pod"
        assert publisher.asked == ["/.well-known/openid-configuration", "/keys"]
    finally:
        server.stop()


def test_an_issuer_that_redirects_has_no_keys(tmp_path, publisher, monkeypatch):
    publisher.moved = True
    server = own_server(tmp_path, publisher, monkeypatch, trusted=True)
    try:
        for _ in range(3):
            assert opens(server, publisher.issuer.token(publisher.url)) == "IDPCommunicationError"
        assert publisher.asked == ["/.well-known/openid-configuration"], "not again for a while"
    finally:
        server.stop()


def test_an_issuer_with_a_foreign_certificate_has_no_keys(tmp_path, publisher, monkeypatch):
    server = own_server(tmp_path, publisher, monkeypatch, trusted=False)
    try:
        assert opens(server, publisher.issuer.token(publisher.url)) == "IDPCommunicationError"
        assert publisher.asked == []
    finally:
        server.stop()
