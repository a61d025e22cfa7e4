"""Key rotation, rekey with verification, generate-root: what operators do with the shares."""

import base64

import hvac
import pytest
from hvac.exceptions import InvalidRequest, VaultError


@pytest.fixture
def operator(own_server):
    return hvac.Client(url=own_server.address, token=own_server.root_token)


def decode_root_token(encoded, otp):
    """XOR of the raw-standard base64 text with the one-time password."""
    mixed = base64.b64decode(encoded + "=" * (-len(encoded) % 4))
    return bytes(a ^ b for a, b in zip(mixed, otp.encode(), strict=True)).decode()


def test_rotate_begins_a_new_term(operator):
    before = operator.sys.get_encryption_key_status()
    assert before["term"] == before["data"]["term"] and before["data"]["install_time"]
    assert operator.sys.rotate_encryption_key().status_code == 204
    assert operator.sys.get_encryption_key_status()["data"]["term"] == before["term"] + 1


def test_a_node_that_steps_down_alone_goes_on(operator):
    assert operator.sys.step_down().status_code == 204
    assert operator.sys.read_health_status(method="GET")["sealed"] is False


def test_generate_root_makes_a_root_token(operator, own_server):
    assert operator.sys.read_root_generation_progress()["started"] is False
    attempt = operator.sys.start_root_token_generation()
    assert attempt["started"] and attempt["otp"] and attempt["required"] == 3
    assert len(attempt["otp"]) == attempt["otp_length"]
    with pytest.raises(InvalidRequest):
        operator.sys.start_root_token_generation()
    with pytest.raises(InvalidRequest):
        operator.sys.generate_root(key=own_server.keys[0], nonce="not-the-nonce")
    for number, key in enumerate(own_server.keys[:3], 1):
        answer = operator.sys.generate_root(key=key, nonce=attempt["nonce"])
        assert answer["progress"] == number
    assert answer["complete"] is True
    token = decode_root_token(answer["encoded_token"] or answer["encoded_root_token"], attempt["otp"])
    made = hvac.Client(url=own_server.address, token=token)
    assert made.auth.token.lookup_self()["data"]["policies"] == ["root"]
    assert operator.sys.read_root_generation_progress()["started"] is False


def test_generate_root_with_a_password_of_ones_own(operator, own_server):
    mine = "BMjzW3wAsEzINXCM05Wbas3u9zSl"
    attempt = operator.sys.start_root_token_generation(otp=mine)
    assert attempt["started"] and not attempt["otp"] and attempt["otp_length"] == len(mine)
    for key in own_server.keys[:3]:
        answer = operator.sys.generate_root(key=key, nonce=attempt["nonce"])
    made = hvac.Client(url=own_server.address, token=decode_root_token(answer["encoded_root_token"], mine))
    assert made.is_authenticated()


def test_generate_root_can_be_cancelled(operator, own_server):
    attempt = operator.sys.start_root_token_generation()
    operator.sys.generate_root(key=own_server.keys[0], nonce=attempt["nonce"])
    assert operator.sys.read_root_generation_progress()["progress"] == 1
    assert operator.sys.cancel_root_generation().status_code == 204
    assert operator.sys.read_root_generation_progress()["started"] is False
    with pytest.raises(InvalidRequest):
        operator.sys.generate_root(key=own_server.keys[1], nonce=attempt["nonce"])


def test_nobody_cancels_an_attempt_without_a_token(operator, own_server):
    operator.sys.start_root_token_generation()
    with pytest.raises(VaultError):
        hvac.Client(url=own_server.address).sys.cancel_root_generation()
    assert operator.sys.read_root_generation_progress()["started"] is True
    operator.sys.cancel_root_generation()
    operator.sys.start_rekey(secret_shares=3, secret_threshold=2)
    with pytest.raises(VaultError):
        hvac.Client(url=own_server.address).sys.cancel_rekey()
    assert operator.sys.read_rekey_progress()["started"] is True
    operator.sys.cancel_rekey()


def test_rekey_backup_is_empty(operator):
    with pytest.raises(InvalidRequest, match="no backed-up keys found"):
        operator.sys.read_backup_keys()


def test_rekey_with_verification_replaces_the_shares(operator, own_server):
    assert operator.sys.read_rekey_progress()["started"] is False
    rekey = operator.sys.start_rekey(secret_shares=4, secret_threshold=2, require_verification=True)
    assert (rekey["n"], rekey["t"], rekey["required"]) == (4, 2, 3)
    assert rekey["verification_required"] is True
    made = operator.sys.rekey_multi(own_server.keys[:3], nonce=rekey["nonce"])
    assert made["complete"] is True and len(made["keys"]) == len(made["keys_base64"]) == 4
    nonce = made["verification_nonce"]
    assert operator.sys.read_rekey_verify_progress()["nonce"] == nonce

    operator.sys.rekey_verify(made["keys"][0], nonce=nonce)
    assert operator.sys.read_rekey_verify_progress()["progress"] == 1
    fresh = operator.sys.cancel_rekey_verify()
    assert fresh["nonce"] and fresh["nonce"] != nonce, "a reset verification has a nonce of its own"
    done = operator.sys.rekey_verify_multi(made["keys"][:2], nonce=fresh["nonce"])
    assert done["complete"] is True

    operator.sys.seal()
    with pytest.raises(InvalidRequest):
        operator.sys.submit_unseal_key(own_server.keys[0])
    assert operator.sys.submit_unseal_keys(made["keys"][2:])["sealed"] is False
    own_server.keys, own_server.threshold = made["keys"], 2
