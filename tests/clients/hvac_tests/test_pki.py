"""The certificate authority through hvac: every call that the library has for it."""

import re
import subprocess
import time

import pytest
from hvac.exceptions import InvalidPath, InvalidRequest

PEM = "-----BEGIN CERTIFICATE-----"
ROLE = {"allowed_domains": "example.com", "allow_subdomains": True, "ttl": "12h", "max_ttl": "24h",
        "key_type": "ec"}


@pytest.fixture
def mount(root, name):
    root.sys.enable_secrets_engine("pki", path=f"pki-{name}")
    return f"pki-{name}"


@pytest.fixture
def pki(root, mount):
    """hvac's calls, with a root and a role "web" in a mount of their own."""

    class Mounted:
        def __getattr__(self, call):
            return lambda *args, **kw: getattr(root.secrets.pki, call)(*args, mount_point=mount, **kw)

    made = Mounted()
    made.generate_root(type="exported", common_name="Example Root", extra_params={"key_type": "ec"})
    made.create_or_update_role("web", extra_params=ROLE)
    return made


def openssl(*arguments, text=None):
    return subprocess.run(["openssl", *arguments], input=text, capture_output=True, text=True,
                          timeout=30, check=True).stdout


def shown(pem, kind="x509"):
    """What openssl says of a certificate or, with kind "crl", of a list."""
    return openssl(kind, "-noout", "-text", text=pem)


@pytest.fixture
def csr(tmp_path):
    """A request of somebody else's making."""
    return openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
                   "-keyout", str(tmp_path / "key.pem"), "-subj", "/CN=csr.example.com",
                   "-addext", "subjectAltName=DNS:csr.example.com")


def issue(pki, name="www.example.com", **extra):
    return pki.generate_certificate("web", name, extra_params=extra)["data"]


def test_the_authority_is_read_without_parsing(pki):
    assert pki.read_ca_certificate().startswith(PEM)
    assert pki.read_ca_certificate_chain().startswith(PEM)
    assert pki.read_certificate("ca")["data"]["certificate"].startswith(PEM)


def test_a_certificate_is_issued_read_listed_and_revoked(pki):
    made = issue(pki, alt_names="a.example.com,b.example.com")
    assert set(re.findall(r"DNS:([\w.]+)", shown(made["certificate"]))) == {
        "www.example.com", "a.example.com", "b.example.com"}
    assert made["private_key_type"] == "ec" and "PRIVATE KEY" in made["private_key"]
    assert made["ca_chain"] == [made["issuing_ca"]]
    assert abs(made["expiration"] - time.time() - 43200) < 60
    serial = made["serial_number"]
    assert serial in shown(made["certificate"])
    assert pki.read_certificate(serial)["data"]["certificate"] == made["certificate"]
    assert serial in pki.list_certificates()["data"]["keys"]
    revoked = pki.revoke_certificate(serial)["data"]
    assert revoked["revocation_time"] > 0
    assert pki.read_certificate(serial)["data"]["revocation_time"] == revoked["revocation_time"]
    assert serial.replace(":", "").upper() in shown(pki.read_crl(), "crl")


def test_names_outside_the_role_are_refused(pki):
    for name in ("example.com", "www.example.org", "*.example.org"):
        with pytest.raises(InvalidRequest):
            issue(pki, name)
    with pytest.raises(InvalidRequest):
        issue(pki, uri_sans="spiffe://x/y")


def test_lists_are_rotated(pki):
    def number():
        return int(openssl("crl", "-noout", "-crlnumber", text=pki.read_crl()).partition("=")[2], 16)

    first = number()
    assert first == number(), "the same list until there is a reason for another"
    assert pki.rotate_crl()["data"]["success"] is True
    assert number() > first


def test_settings_of_lists_and_urls_are_kept(pki):
    pki.set_crl_configuration(expiry="48h", disable=False)
    assert pki.read_crl_configuration()["data"]["expiry"] == "48h"
    urls = {"issuing_certificates": ["http://ca.example.com/ca"],
            "crl_distribution_points": ["http://ca.example.com/crl"],
            "ocsp_servers": ["http://ca.example.com/ocsp"]}
    pki.set_urls(urls)
    read = pki.read_urls()["data"]
    assert {key: read[key] for key in urls} == urls
    text = shown(issue(pki)["certificate"])
    for part in ("URI:http://ca.example.com/crl", "OCSP - URI:http://ca.example.com/ocsp",
                 "CA Issuers - URI:http://ca.example.com/ca"):
        assert part in text


def test_roles_are_written_read_listed_and_deleted(pki):
    role = pki.read_role("web")["data"]
    assert role["ttl"] == 43200 and role["max_ttl"] == 86400
    assert role["allowed_domains"] == ["example.com"] and role["allow_localhost"] is True
    assert role["key_usage"] == ["DigitalSignature", "KeyAgreement", "KeyEncipherment"]
    assert pki.list_roles()["data"]["keys"] == ["web"]
    pki.delete_role("web")
    with pytest.raises(InvalidPath):
        pki.read_role("web")
    with pytest.raises(InvalidPath):
        pki.list_roles()


def test_an_intermediate_is_made_and_issues(root, pki, name):
    below = f"int-{name}"
    root.sys.enable_secrets_engine("pki", path=below)
    made = root.secrets.pki.generate_intermediate(
        "exported", "Intermediate", extra_params={"key_type": "ec"}, mount_point=below)["data"]
    assert "BEGIN CERTIFICATE REQUEST" in made["csr"] and "PRIVATE KEY" in made["private_key"]
    signed = pki.sign_intermediate(made["csr"], "Intermediate")["data"]
    root.secrets.pki.set_signed_intermediate(signed["certificate"], mount_point=below)
    root.secrets.pki.create_or_update_role("web", extra_params=ROLE, mount_point=below)
    leaf = root.secrets.pki.generate_certificate(
        "web", "www.example.com", extra_params={"ttl": "1h"}, mount_point=below)["data"]
    assert leaf["issuing_ca"] == signed["certificate"]


def test_requests_of_others_are_signed(pki, csr):
    signed = pki.sign_certificate("web", csr, "csr.example.com")["data"]
    assert signed["certificate"].startswith(PEM) and "private_key" not in signed
    verbatim = pki.sign_verbatim(csr, extra_params={"ttl": "1h"})["data"]
    assert verbatim["certificate"].startswith(PEM)
    by_role = pki.sign_verbatim(csr, name="web")["data"]
    assert by_role["serial_number"] != verbatim["serial_number"]


def test_a_self_issued_certificate_is_signed(root, pki, name):
    other = f"other-{name}"
    root.sys.enable_secrets_engine("pki", path=other)
    old = root.secrets.pki.generate_root(
        "internal", "Old Root", extra_params={"key_type": "ec"}, mount_point=other)["data"]
    signed = pki.sign_self_issued(old["certificate"])["data"]
    text = shown(signed["certificate"])
    assert "Issuer: CN = Example Root" in text and "Subject: CN = Old Root" in text


def test_a_bundle_is_submitted(root, pki, name):
    made = pki.generate_root("exported", "Second", extra_params={"key_type": "ec"})["data"]
    other = f"import-{name}"
    root.sys.enable_secrets_engine("pki", path=other)
    bundle = made["private_key"] + "\n" + made["certificate"]
    assert root.secrets.pki.submit_ca_information(bundle, mount_point=other)
    assert root.secrets.pki.read_ca_certificate(mount_point=other) == made["certificate"]


def test_issuers_are_listed_read_changed_revoked_and_deleted(pki):
    listed = pki.list_issuers()["data"]["keys"]
    assert len(listed) == 1
    assert pki.read_issuer("default")["data"]["issuer_id"] == listed[0]
    changed = pki.update_issuer("default", extra_params={"issuer_name": "first"})["data"]
    assert changed["issuer_name"] == "first"
    assert pki.revoke_issuer("first")["data"]["revoked"] is True
    pki.delete_issuer("first")
    with pytest.raises(InvalidPath):
        pki.list_issuers()


def test_tidying_is_accepted(pki):
    answer = pki.tidy(extra_params={"tidy_cert_store": True, "safety_buffer": "1h"})
    body = answer if isinstance(answer, dict) else answer.json()
    assert body["warnings"]


def test_all_issuers_and_keys_are_deleted(pki):
    assert pki.delete_root().status_code == 204
    assert pki.read_ca_certificate() == ""
    with pytest.raises(InvalidRequest):
        issue(pki)
