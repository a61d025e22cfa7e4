"""The transit engine through hvac."""

import base64
import threading

import pytest
from hvac.exceptions import InternalServerError, InvalidPath, InvalidRequest, ParamValidationError


def b64(text):
    return base64.b64encode(text.encode()).decode()


@pytest.fixture
def mount(root, name):
    path = f"transit-{name}"
    root.sys.enable_secrets_engine("transit", path=path)
    yield path
    root.sys.disable_secrets_engine(path)


@pytest.fixture
def transit(root, mount):
    """root.secrets.transit with the mount point filled in."""

    class Mounted:
        def __getattr__(self, method):
            def call(*arguments, **options):
                options.setdefault("mount_point", mount)
                return getattr(root.secrets.transit, method)(*arguments, **options)

            return call

    return Mounted()


def test_keys_are_created_read_listed_and_deleted(transit):
    transit.create_key("one")
    transit.create_key("two", key_type="ed25519", exportable=True)
    assert transit.list_keys()["data"]["keys"] == ["one", "two"]
    one = transit.read_key("one")["data"]
    assert one["name"] == "one" and one["type"] == "aes256-gcm96"
    assert one["latest_version"] == 1 and one["min_decryption_version"] == 1
    assert one["keys"]["1"] > 1_600_000_000 and one["supports_encryption"] is True
    two = transit.read_key("two")["data"]
    assert len(base64.b64decode(two["keys"]["1"]["public_key"])) == 32
    with pytest.raises(InvalidRequest, match="deletion is not allowed"):
        transit.delete_key("one")
    transit.update_key_configuration("one", deletion_allowed=True)
    assert transit.delete_key("one").status_code == 204
    with pytest.raises(InvalidPath):
        transit.read_key("one")


@pytest.mark.parametrize("key_type", [
    "aes256-gcm96", "chacha20-poly1305", "rsa-2048",
])
def test_data_is_encrypted_and_decrypted(transit, key_type):
    transit.create_key("k", key_type=key_type)
    sealed = transit.encrypt_data("k", plaintext=b64("hi itsame hvac"))["data"]["ciphertext"]
    assert sealed.startswith("vault:v1:")
    opened = transit.decrypt_data("k", ciphertext=sealed)["data"]["plaintext"]
    assert opened == b64("hi itsame hvac")


def test_plaintext_that_happens_to_be_base64_comes_back_unchanged(transit):
    transit.create_key("k")
    sealed = transit.encrypt_data("k", plaintext="test")["data"]["ciphertext"]
    assert transit.decrypt_data("k", ciphertext=sealed)["data"]["plaintext"] == "test"


def test_encrypting_makes_the_key(transit):
    sealed = transit.encrypt_data("new", plaintext="test")["data"]["ciphertext"]
    assert transit.decrypt_data("new", ciphertext=sealed)["data"]["plaintext"] == "test"


def test_rotation_rewraps_and_old_versions_can_be_refused(transit):
    transit.create_key("k")
    old = transit.encrypt_data("k", plaintext="test")["data"]["ciphertext"]
    transit.rotate_key("k")
    new = transit.rewrap_data("k", ciphertext=old)["data"]["ciphertext"]
    assert new.startswith("vault:v2:")
    transit.update_key_configuration("k", min_decryption_version=2)
    with pytest.raises(InvalidRequest, match="too old"):
        transit.decrypt_data("k", ciphertext=old)
    assert transit.decrypt_data("k", ciphertext=new)["data"]["plaintext"] == "test"


def test_keys_are_trimmed(transit):
    transit.create_key("k")
    for _ in range(10):
        transit.rotate_key("k")
    transit.update_key_configuration("k", min_decryption_version=3, min_encryption_version=9)
    transit.trim_key("k", min_version=2)
    key = transit.read_key("k")["data"]
    assert sorted(map(int, key["keys"])) == list(range(2, 12))
    with pytest.raises(InvalidRequest, match="cannot be greater than minimum decryption version"):
        transit.trim_key("k", min_version=4)


def test_batches(transit):
    transit.create_key("k")
    items = [{"plaintext": b64(str(i))} for i in range(100)]
    sealed = transit.encrypt_data("k", batch_input=items)["data"]["batch_results"]
    opened = transit.decrypt_data(
        "k", batch_input=[{"ciphertext": item["ciphertext"]} for item in sealed]
    )["data"]["batch_results"]
    assert [item["plaintext"] for item in opened] == [item["plaintext"] for item in items]


def test_derived_and_convergent_keys(transit):
    transit.create_key("k", derived=True, convergent_encryption=True)
    seal = lambda context: transit.encrypt_data(  # noqa: E731
        "k", plaintext="test", context=b64(context))["data"]["ciphertext"]
    assert seal("a") == seal("a") != seal("b")
    opened = transit.decrypt_data("k", ciphertext=seal("a"), context=b64("a"))
    assert opened["data"]["plaintext"] == "test"
    with pytest.raises(InvalidRequest, match="missing 'context'"):
        transit.encrypt_data("k", plaintext="test")


def test_a_nonce_is_refused(root, mount):
    root.write_data(f"{mount}/keys/k", data={})
    with pytest.raises(InvalidRequest, match="provided nonce not allowed"):
        root.write_data(f"{mount}/encrypt/k", data={"plaintext": "test", "nonce": b64("123456789012")})


@pytest.mark.parametrize("kind", ["plaintext", "wrapped"])
def test_data_keys(transit, kind):
    transit.create_key("k")
    made = transit.generate_data_key("k", key_type=kind, bits=512)["data"]
    opened = transit.decrypt_data("k", ciphertext=made["ciphertext"])["data"]["plaintext"]
    assert len(base64.b64decode(opened)) == 64
    assert made.get("plaintext") == (opened if kind == "plaintext" else None)
    with pytest.raises(ParamValidationError):
        transit.generate_data_key("k", key_type="kitty-cat-key")


def test_random_octets_and_hashes(transit):
    octets = transit.generate_random_bytes(n_bytes=32)["data"]["random_bytes"]
    assert len(base64.b64decode(octets)) == 32
    summed = transit.hash_data(hash_input=b64("abc"), algorithm="sha2-256", output_format="hex")
    assert summed["data"]["sum"].startswith("ba7816bf8f01cfea")


def test_macs(transit):
    transit.create_key("k")
    mac = transit.generate_hmac("k", hash_input=b64("x"), algorithm="sha2-256")["data"]["hmac"]
    checked = transit.verify_signed_data("k", hash_input=b64("x"), hmac=mac)
    assert checked["data"]["valid"] is True
    assert transit.verify_signed_data("k", hash_input=b64("y"), hmac=mac)["data"]["valid"] is False


@pytest.mark.parametrize("key_type,options", [
    ("ed25519", {}),
    ("ecdsa-p256", {"hash_algorithm": "sha2-256", "marshaling_algorithm": "jws"}),
    ("ecdsa-p384", {"hash_algorithm": "sha2-384"}),
    ("ecdsa-p521", {"hash_algorithm": "sha2-512"}),
    ("rsa-2048", {"signature_algorithm": "pss"}),
    ("rsa-2048", {"signature_algorithm": "pkcs1v15"}),
])
def test_signatures(transit, key_type, options):
    transit.create_key("k", key_type=key_type)
    made = transit.sign_data("k", hash_input=b64("x"), **options)["data"]["signature"]
    verify = lambda text: transit.verify_signed_data(  # noqa: E731
        "k", hash_input=b64(text), signature=made, **options)["data"]["valid"]
    assert verify("x") is True and verify("y") is False


@pytest.mark.parametrize("kind", ["hmac-key", "encryption-key"])
def test_exportable_keys_are_exported(transit, kind):
    transit.create_key("k", exportable=True)
    exported = transit.export_key("k", key_type=kind)["data"]
    assert exported["name"] == "k" and list(exported["keys"]) == ["1"]
    transit.create_key("kept")
    with pytest.raises(InvalidRequest, match="not exportable"):
        transit.export_key("kept", key_type=kind)


def test_a_backup_needs_permission_and_brings_the_key_back(transit):
    transit.create_key("k")
    transit.update_key_configuration("k", exportable=True)
    with pytest.raises(InternalServerError, match="plaintext backup is disallowed on the policy"):
        transit.backup_key("k")
    transit.update_key_configuration("k", allow_plaintext_backup=True)
    sealed = transit.encrypt_data("k", plaintext="test")["data"]["ciphertext"]
    backup = transit.backup_key("k")["data"]["backup"]
    with pytest.raises(InternalServerError, match="already exists"):
        transit.restore_key(backup=backup)
    assert transit.restore_key(backup=backup, name="copy").status_code == 204
    assert transit.restore_key(backup=backup, force=True).status_code == 204
    assert transit.decrypt_data("copy", ciphertext=sealed)["data"]["plaintext"] == "test"


def test_rsa_generation_does_not_stall_others(root, transit):
    """A key of 4096 bits takes seconds; reads are answered while it is made."""
    made = []
    maker = threading.Thread(
        target=lambda: made.append(transit.create_key("slow", key_type="rsa-4096")))
    answered = 0
    maker.start()
    while maker.is_alive():
        root.auth.token.lookup_self()
        answered += maker.is_alive()
    maker.join()
    assert made and made[0]["data"]["type"] == "rsa-4096"
    assert answered >= 10
