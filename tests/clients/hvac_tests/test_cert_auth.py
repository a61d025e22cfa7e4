"""Logins with TLS client certificates: hvac and curl against a listener with TLS."""

import itertools
import json
import ssl
import socket
import subprocess

import hvac
import pytest
from hvac.exceptions import InvalidPath, InvalidRequest

from coffer_server import BINARY, Server

_numbers = itertools.count(1)
CLIENT = "extendedKeyUsage=clientAuth"


def openssl(*arguments):
    return subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, timeout=30,
                          check=True).stdout


class Authority:
    """A root in files, which issues certificates with their keys."""

    def __init__(self, folder, name="Root"):
        self.folder = folder
        folder.mkdir()
        self.key, self.certificate = folder / "ca.key", folder / "ca.pem"
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-keyout", self.key, "-out", self.certificate, "-days", "2", "-subj", f"/CN={name}",
                "-addext", "keyUsage=critical,keyCertSign,cRLSign")
        (folder / "index.txt").write_text("")
        (folder / "crlnumber").write_text("01\n")
        self.config = folder / "ca.cnf"
        self.config.write_text(
            f"[ca]\ndefault_ca=d\n[d]\ndatabase={folder}/index.txt\ncrlnumber={folder}/crlnumber\n"
            "default_md=sha256\ndefault_crl_days=2\n")

    @property
    def pem(self):
        return self.certificate.read_text()

    def issue(self, name, *extensions, serial=None):
        number = next(_numbers)
        key, pem, more = (self.folder / f"{number}.{end}" for end in ("key", "pem", "ext"))
        openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                "-keyout", key, "-out", f"{pem}.csr", "-subj", f"/CN={name}/OU=ops")
        more.write_text("\n".join(extensions) + "\n")
        openssl("x509", "-req", "-in", f"{pem}.csr", "-CA", self.certificate, "-CAkey", self.key, "-days",
                "1", "-out", pem, "-extfile", more, "-set_serial", serial or 1000 + number)
        return pem, key

    def revoke(self, pem):
        """The list with this certificate in it."""
        openssl("ca", "-config", self.config, "-revoke", pem, "-keyfile", self.key, "-cert",
                self.certificate)
        return openssl("ca", "-config", self.config, "-gencrl", "-keyfile", self.key, "-cert",
                       self.certificate)


class TlsServer(Server):
    def __init__(self, folder):
        super().__init__(folder)
        self.tls = Authority(self.folder / "tls", "Server Root")
        pem, key = self.tls.issue("localhost", "subjectAltName=DNS:localhost,IP:127.0.0.1")
        self.config.write_text(self.config.read_text().replace(
            "\n\n[storage]", f'\ntls_certificate = "{pem}"\ntls_key = "{key}"\n\n[storage]'))

    @property
    def address(self):
        return f"https://127.0.0.1:{self.port}"

    def request(self, method, path, body=None, headers=None, token=None, cert=None):
        sent = [f"{name}: {value}" for name, value in (headers or {}).items()]
        if token:
            sent.append(f"X-Vault-Token: {token}")
        if isinstance(body, (dict, list)):
            body = json.dumps(body)
        command = ["curl", "-s", "-g", "--cacert", str(self.tls.certificate), "-X", method,
                   "-w", "\n%{http_code}", self.address + path]
        for line in sent:
            command += ["-H", line]
        if body is not None:
            command += ["--data-binary", "@-"]
        if cert:
            command += ["--cert", str(cert[0]), "--key", str(cert[1])]
        done = subprocess.run(command, input=body, capture_output=True, text=True, timeout=30, check=False)
        if done.returncode != 0:
            raise OSError(f"curl: {done.returncode} {done.stderr}")
        text, _, status = done.stdout.rpartition("\n")
        return int(status), {}, text.encode()


@pytest.fixture(scope="module")
def tls_server(tmp_path_factory):
    made = TlsServer(tmp_path_factory.mktemp("tls"))
    try:
        yield made.prepare()
    finally:
        made.stop()


@pytest.fixture(scope="module")
def authority(tmp_path_factory):
    return Authority(tmp_path_factory.mktemp("ca") / "ca")


@pytest.fixture
def mount(tls_server):
    name = f"cert{next(_numbers)}"
    tls_server.json("POST", f"/v1/sys/auth/{name}", {"type": "cert"}, token=tls_server.root_token)
    return name


@pytest.fixture
def client(tls_server):
    return hvac.Client(url=tls_server.address, token=tls_server.root_token,
                       verify=str(tls_server.tls.certificate))


def login(server, mount, cert, role=None):
    status, _, body = server.request("POST", f"/v1/auth/{mount}/login", {"name": role} if role else {},
                                     cert=cert)
    return status, json.loads(body)


def test_roles_and_settings(client, authority, mount):
    calls = client.auth.cert
    calls.create_ca_certificate_role("web", certificate=authority.pem, allowed_common_names="*.example.com",
                                     token_policies=["dev"], mount_point=mount)
    read = calls.read_ca_certificate_role("web", mount_point=mount)["data"]
    assert read["certificate"] == authority.pem and read["display_name"] == "web"
    assert read["allowed_common_names"] == ["*.example.com"] and read["token_policies"] == ["dev"]
    assert calls.list_certificate_roles(mount_point=mount)["data"]["keys"] == ["web"]
    calls.configure_tls_certificate(mount_point=mount, disable_binding=True)
    client.write(f"auth/{mount}/config", enable_identity_alias_metadata=True)
    settings = client.read(f"auth/{mount}/config")["data"]
    assert settings["enable_identity_alias_metadata"] is True and settings["disable_binding"] is True
    calls.delete_certificate_role("web", mount_point=mount)
    with pytest.raises(InvalidPath):
        calls.read_ca_certificate_role("web", mount_point=mount)


def test_hvac_logs_in(tls_server, client, authority, mount):
    client.auth.cert.create_ca_certificate_role("web", certificate=authority.pem, token_policies=["dev"],
                                                mount_point=mount)
    pem, key = authority.issue("app.example.com", CLIENT)
    stranger = hvac.Client(url=tls_server.address, verify=str(tls_server.tls.certificate))
    auth = stranger.auth.cert.login(name="web", cert_pem=str(pem), key_pem=str(key),
                                    mount_point=mount)["auth"]
    assert auth["metadata"]["common_name"] == "app.example.com"
    assert auth["policies"] == ["default", "dev"]


def test_curl_logs_in_and_renews(tls_server, client, authority, mount):
    client.auth.cert.create_ca_certificate_role("web", certificate=authority.pem, mount_point=mount)
    own = authority.issue("app", CLIENT)
    other = authority.issue("app", CLIENT)
    assert login(tls_server, mount, None) == (400, {"errors": ["client certificate must be supplied"]})
    status, answer = login(tls_server, mount, own)
    assert status == 200, answer
    token = answer["auth"]["client_token"]

    def renew(cert):
        return tls_server.request("POST", "/v1/auth/token/renew-self", {}, token=token, cert=cert)[0]

    assert (renew(own), renew(other), renew(None), renew(own)) == (200, 400, 400, 200)


def test_the_command_line_logs_in(tls_server, client, authority, mount, tmp_path):
    client.auth.cert.create_ca_certificate_role("web", certificate=authority.pem, mount_point=mount)
    pem, key = authority.issue("app", CLIENT)
    words = [str(BINARY), "--field", "token", "login", "--method", "cert", "--path", mount, "--no-store", "name=web"]
    settings = {"HOME": str(tmp_path), "COFFER_ADDR": tls_server.address,
                "COFFER_CACERT": str(tls_server.tls.certificate)}
    for more, code in (({}, 1), ({"COFFER_CLIENT_CERT": str(pem), "COFFER_CLIENT_KEY": str(key)}, 0)):
        done = subprocess.run(words, env=settings | more, capture_output=True, text=True, timeout=30, check=False)
        assert (done.returncode == 0) == (code == 0), done.stdout + done.stderr
    assert done.stdout.startswith("hvs.")


def test_a_forged_certificate_is_refused(tls_server, client, authority, mount, tmp_path):
    own = authority.issue("app", CLIENT, serial=77)
    client.auth.cert.create_ca_certificate_role("ca", certificate=authority.pem, mount_point=mount)
    client.auth.cert.create_ca_certificate_role("pinned", certificate=own[0].read_text(), mount_point=mount)
    forged = Authority(tmp_path / "forger").issue("app", CLIENT, serial=77)
    for role in ("ca", "pinned"):
        assert login(tls_server, mount, own, role)[0] == 200
        assert login(tls_server, mount, forged, role)[0] == 400
    assert login(tls_server, mount, authority.issue("app"), "pinned")[0] == 400


def test_a_revoked_certificate_is_refused(tls_server, client, authority, mount):
    client.auth.cert.create_ca_certificate_role("ca", certificate=authority.pem, mount_point=mount)
    own, other = authority.issue("a", CLIENT), authority.issue("b", CLIENT)
    client.write(f"auth/{mount}/crls/mine", crl=authority.revoke(own[0]))
    assert (login(tls_server, mount, own)[0], login(tls_server, mount, other)[0]) == (400, 200)
    assert len(client.read(f"auth/{mount}/crls/mine")["data"]["serials"]) >= 1
    assert client.list(f"auth/{mount}/crls")["data"]["keys"] == ["mine"]
    client.delete(f"auth/{mount}/crls/mine")
    assert login(tls_server, mount, own)[0] == 200
    with pytest.raises(InvalidRequest):
        client.write(f"auth/{mount}/crls/mine", crl="rubbish")


def test_what_our_own_authority_revoked_is_refused(tls_server, client, mount, tmp_path):
    client.sys.enable_secrets_engine("pki", path=f"pki-{mount}")
    pki = f"pki-{mount}"
    client.secrets.pki.generate_root("internal", "Own Root", {"key_type": "ec"}, mount_point=pki)
    client.secrets.pki.create_or_update_role("app", {"allow_any_name": True, "enforce_hostnames": False,
                                                     "key_type": "ec", "ttl": "1h"},
                                             mount_point=pki)
    made = client.secrets.pki.generate_certificate("app", "app", mount_point=pki)["data"]
    pem, key = tmp_path / "a.pem", tmp_path / "a.key"
    pem.write_text(made["certificate"])
    key.write_text(made["private_key"])
    client.auth.cert.create_ca_certificate_role("ca", certificate=made["issuing_ca"], mount_point=mount)
    assert login(tls_server, mount, (pem, key))[0] == 200
    client.secrets.pki.revoke_certificate(made["serial_number"], mount_point=pki)
    assert login(tls_server, mount, (pem, key))[0] == 400


def test_extensions_and_names(tls_server, client, authority, mount):
    own = authority.issue("app", CLIENT, "subjectAltName=DNS:app.example.com,URI:spiffe://a/b",
                          "1.3.6.1.4.1.9999.1=ASN1:UTF8String:billing")

    def logs_in(**settings):
        client.write(f"auth/{mount}/certs/narrow", certificate=authority.pem, **settings)
        status, answer = login(tls_server, mount, own, "narrow")
        client.delete(f"auth/{mount}/certs/narrow")
        return answer["auth"]["metadata"] if status == 200 else None

    assert logs_in(required_extensions="1.3.6.1.4.1.9999.1:bill*")
    assert logs_in(required_extensions=["hex:1.3.6.1.4.1.9999.1:0c07*"])
    assert logs_in(required_extensions="1.3.6.1.4.1.9999.1:other") is None
    assert logs_in(required_extensions="1.3.6.1.4.1.9999.2:*") is None
    assert logs_in(allowed_dns_sans="*.example.com", allowed_uri_sans="spiffe://a/*",
                   allowed_organizational_units="ops")
    assert logs_in(allowed_dns_sans="*.example.org") is None
    metadata = logs_in(allowed_metadata_extensions="1.3.6.1.4.1.9999.1")
    assert metadata["1-3-6-1-4-1-9999-1"] == "billing"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_a_ticket_does_not_stand_in_for_the_proof(tls_server, authority, version):
    """A session with a certificate is not resumed; one without is."""
    own = authority.issue("app", CLIENT)
    for cert, resumed in ((None, True), (own, False)):
        context = ssl.create_default_context(cafile=str(tls_server.tls.certificate))
        context.minimum_version = context.maximum_version = version
        if cert:
            context.load_cert_chain(*map(str, cert))
        session = None
        for again in (False, True):
            with socket.create_connection(("127.0.0.1", tls_server.port), timeout=10) as plain:
                with context.wrap_socket(plain, server_hostname="localhost", session=session) as stream:
                    stream.sendall(b"GET /v1/sys/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    assert stream.recv(4096)
                    assert stream.session_reused == (again and resumed), (cert, again)
                    session = stream.session
