"""The certificate authority as relying parties meet it: openssl verifies what it made and refuses what
it revoked, nginx serves its certificates, curl trusts them until the list says otherwise."""

import base64
import json
import shutil
import subprocess
import time
import urllib.parse

import pytest

from coffer_server import free_port

SECONDS = 30
NAME = "www.example.test"


def openssl(*arguments, good=True, **options):
    """The output; `good`: whether it must succeed, or None."""
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True,
                          timeout=SECONDS, check=False, **options)
    text = done.stdout + done.stderr
    assert good is None or (done.returncode == 0) == good, text
    return text


class Authority:
    """A root and an intermediate, each in a mount, and what relying parties have of them as files."""

    def __init__(self, server, folder, kind):
        self.server = server
        self.folder = folder
        self.root_mount, self.mount = f"root-{kind}", f"int-{kind}"
        for mount in (self.root_mount, self.mount):
            self.call("POST", f"sys/mounts/{mount}", {"type": "pki"})
        key = {"key_type": kind}
        root = self.call("POST", f"{self.root_mount}/root/generate/internal",
                         {"common_name": "Root", "ttl": "700h", **key})
        request = self.call("POST", f"{self.mount}/intermediate/generate/internal",
                            {"common_name": "Intermediate", **key})
        signed = self.call("POST", f"{self.root_mount}/root/sign-intermediate",
                           {"common_name": "Intermediate", "csr": request["csr"], "ttl": "600h",
                            "max_path_length": 0})
        self.call("POST", f"{self.mount}/intermediate/set-signed",
                  {"certificate": signed["certificate"] + "\n" + root["certificate"]})
        self.call("POST", f"{self.mount}/roles/web",
                  {"allow_any_name": True, "key_type": "ec", "ttl": "1h"})
        self.root = self.keep("root.pem", root["certificate"])
        self.intermediate = self.keep("int.pem", signed["certificate"])

    def call(self, method, path, body=None):
        answer = self.server.json(method, f"/v1/{path}", body, token=self.server.root_token)
        return (answer or {}).get("data") or {}

    def keep(self, name, text):
        path = self.folder / name
        path.write_text(text if text.endswith("\n") else text + "\n")
        return path

    def fetch(self, path):
        """What a stranger gets."""
        status, _, body = self.server.request("GET", f"/v1/{path}")
        assert status == 200, body
        return body

    def issue(self, name=NAME, **more):
        made = self.call("POST", f"{self.mount}/issue/web", {"common_name": name, **more})
        made["path"] = self.keep(f"{made['serial_number']}.pem", made["certificate"])
        return made

    def revoke(self, made, reason="keyCompromise"):
        self.call("POST", f"{self.mount}/revoke",
                  {"serial_number": made["serial_number"], "reason": reason})

    def lists(self):
        """Both revocation lists in one file."""
        return self.keep("lists.pem", "".join(
            self.fetch(f"{mount}/crl/pem").decode() for mount in (self.root_mount, self.mount)))

    def verify(self, made, good, *more):
        return openssl("verify", "-x509_strict", "-purpose", "sslserver", "-verify_hostname", NAME,
                       "-CAfile", self.root, "-untrusted", self.intermediate, *more, made["path"],
                       good=good)


@pytest.fixture(scope="module", params=["ec", "ed25519", "rsa"])
def authority(request, server, tmp_path_factory):
    return Authority(server, tmp_path_factory.mktemp(request.param), request.param)


def test_openssl_verifies_a_chain_and_refuses_what_was_revoked(authority):
    good, bad = authority.issue(), authority.issue()
    checks = ("-crl_check_all", "-CRLfile", authority.lists())
    authority.verify(good, True, *checks)
    authority.verify(bad, True, *checks)
    authority.revoke(bad)
    authority.lists()
    authority.verify(good, True, *checks)
    assert "certificate revoked" in authority.verify(bad, False, *checks)


def test_openssl_verifies_the_list_itself(authority):
    made = authority.issue()
    authority.revoke(made)
    der = authority.folder / "list.der"
    der.write_bytes(authority.fetch(f"{authority.mount}/crl"))
    text = openssl("crl", "-inform", "DER", "-in", der, "-CAfile", authority.intermediate, "-text",
                   "-noout")
    assert "verify OK" in text and "Key Compromise" in text
    assert made["serial_number"].replace(":", "").upper() in text
    wrong = openssl("crl", "-inform", "DER", "-in", der, "-CAfile", authority.root, "-noout", good=None)
    assert "verify OK" not in wrong


def test_a_delta_has_what_came_after_the_complete_list(authority):
    mount = authority.mount
    authority.call("POST", f"{mount}/config/crl", {"auto_rebuild": True, "enable_delta": True})
    try:
        authority.fetch(f"{mount}/crl")
        made = authority.issue()
        authority.revoke(made)
        number = made["serial_number"].replace(":", "").upper()
        texts = {}
        for part in ("crl/pem", "crl/delta/pem"):
            path = authority.keep("part.pem", authority.fetch(f"{mount}/{part}").decode())
            texts[part] = openssl("crl", "-in", path, "-CAfile", authority.intermediate, "-text", "-noout")
            assert "verify OK" in texts[part]
        assert number not in texts["crl/pem"]
        assert number in texts["crl/delta/pem"] and "Delta CRL Indicator: critical" in texts["crl/delta/pem"]
    finally:
        authority.call("POST", f"{mount}/config/crl", {"auto_rebuild": False, "enable_delta": False})


def test_openssl_is_told_by_ocsp(authority):
    good, bad = authority.issue(), authority.issue()
    authority.revoke(bad, "superseded")
    url = f"{authority.server.address}/v1/{authority.mount}/ocsp"

    def ask(made, *digest):
        return openssl("ocsp", *digest, "-issuer", authority.intermediate, "-cert", made["path"],
                       "-url", url, "-CAfile", authority.root,
                       "-verify_other", authority.intermediate, good=None)

    assert "Response verify OK" in ask(good) and f"{good['path']}: good" in ask(good)
    assert f"{good['path']}: good" in ask(good, "-sha256")
    told = ask(bad)
    assert "Response verify OK" in told and f"{bad['path']}: revoked" in told and "superseded" in told
    unknown = openssl("ocsp", "-issuer", authority.intermediate, "-serial", "0x1234", "-url", url,
                      "-CAfile", authority.root, "-verify_other", authority.intermediate, good=None)
    assert "unknown" in unknown


def test_ocsp_is_asked_by_get_too(authority):
    made = authority.issue()
    request = authority.folder / "ask.der"
    openssl("ocsp", "-issuer", authority.intermediate, "-cert", made["path"], "-no_nonce", "-reqout", request)
    answer = authority.folder / "answer.der"
    standard = base64.b64encode(request.read_bytes()).decode()
    for text in (standard.replace("+", "-").replace("/", "_"), urllib.parse.quote(standard, safe="")):
        answer.write_bytes(authority.fetch(f"{authority.mount}/ocsp/{text}"))
        assert "Cert Status: good" in openssl("ocsp", "-respin", answer, "-text", "-noverify", good=None)


def test_lists_survive_a_restart(authority):
    made = authority.issue()
    authority.revoke(made)
    authority.server.restart()
    authority.server.unseal()
    checks = ("-crl_check_all", "-CRLfile", authority.lists())
    assert "certificate revoked" in authority.verify(made, False, *checks)


@pytest.fixture
def nginx(authority, tmp_path):
    """nginx(issued) starts one with that certificate; its port."""
    program = shutil.which("nginx") or shutil.which("nginx", path="/usr/sbin")
    if program is None:
        pytest.skip("no nginx on this machine")
    running = []

    def start(made):
        port = free_port()
        (tmp_path / "chain.pem").write_text(
            made["certificate"] + "\n" + authority.intermediate.read_text())
        key = tmp_path / "key.pem"
        key.touch(mode=0o600)
        key.write_text(made["private_key"] + "\n")
        config = tmp_path / "nginx.conf"
        config.write_text(f"""
            daemon off; master_process off; pid {tmp_path}/pid; error_log {tmp_path}/error.log;
            events {{}}
            http {{
              access_log off;
              client_body_temp_path {tmp_path}/b; proxy_temp_path {tmp_path}/p;
              fastcgi_temp_path {tmp_path}/f; uwsgi_temp_path {tmp_path}/u; scgi_temp_path {tmp_path}/s;
              server {{
                listen 127.0.0.1:{port} ssl;
                ssl_certificate {tmp_path}/chain.pem; ssl_certificate_key {key};
                location / {{ return 200 "served\\n"; }}
              }}
            }}""")
        running.append(subprocess.Popen([program, "-c", str(config), "-e", str(tmp_path / "error.log")],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                                        stderr=subprocess.DEVNULL))
        return port

    yield start
    for process in running:
        process.terminate()
        process.wait(SECONDS)


def curl(authority, port, *more):
    """(exit code, body), after waiting for the server to listen."""
    deadline = time.monotonic() + SECONDS
    while True:
        done = subprocess.run(
            ["curl", "-sS", "--cacert", str(authority.root), "--resolve", f"{NAME}:{port}:127.0.0.1",
             *map(str, more), f"https://{NAME}:{port}/"],
            capture_output=True, text=True, timeout=SECONDS, check=False)
        if done.returncode != 7 or time.monotonic() > deadline:
            return done.returncode, done.stdout + done.stderr
        time.sleep(0.05)


def test_nginx_serves_a_certificate_that_curl_trusts_until_it_is_revoked(authority, nginx):
    made = authority.issue()
    port = nginx(made)
    assert curl(authority, port) == (0, "served\n")
    assert curl(authority, port, "--crlfile", authority.lists()) == (0, "served\n")
    code, text = curl(authority, port, "--cacert", "/dev/null")
    assert code != 0, text
    authority.revoke(made)
    code, text = curl(authority, port, "--crlfile", authority.lists())
    assert code == 60 and "revoked" in text, text


def test_what_was_issued_is_in_the_audit_log(authority):
    made = authority.issue()
    _, _, body = authority.server.request(
        "GET", "/api/v1/audit/events?type=certificate.issued", token=authority.server.root_token)
    assert made["serial_number"] in body.decode(), json.dumps(body.decode()[:500])
