"""Limits of rate for each principal, as boto3 meets them: refused without retries, slower with them."""

import itertools
import re
import time

import boto3
import botocore.config
import botocore.exceptions
import pytest

from aws_command import REGION
from limited_server import LimitedServer

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def limited(tmp_path_factory):
    made = LimitedServer(tmp_path_factory.mktemp("limited"))
    try:
        yield made.begin()
    finally:
        made.stop()


@pytest.fixture
def name():
    return f"limited-{next(_numbers)}"


@pytest.fixture
def user(limited, name, no_ambient_settings):
    """user(service, **retries): a client of the one new user of the test, called `name`."""
    key = limited.new_user(name)

    def make(service, credentials=None, **retries):
        access, secret, token = credentials or (*key, None)
        return boto3.client(
            service, region_name=REGION, endpoint_url=limited.address, aws_access_key_id=access,
            aws_secret_access_key=secret, aws_session_token=token,
            config=botocore.config.Config(retries=retries or {"total_max_attempts": 1}))

    return make


def refusal(call):
    with pytest.raises(botocore.exceptions.ClientError) as raised:
        call()
    error = raised.value.response
    return (error["Error"]["Code"], error["Error"]["Message"],
            error["ResponseMetadata"]["HTTPStatusCode"])


def usage(server):
    """{(metric, service, resource): value} of the metrics page, without the labels that never differ."""
    _, _, text = server.request("GET", "/v1/sys/metrics?format=prometheus", token=server.root_token)
    line = re.compile(r'^(aws_usage_\w+)\{service="([^"]*)",type="API",resource="([^"]*)",class="None"'
                      r'(?:,fault="(\w+)")?\} (\S+)$', re.MULTILINE)
    return {tuple(part for part in found[:4] if part): float(found[4])
            for found in line.findall(text.decode())}


def test_without_retries_it_is_a_throttling_exception(user, name):
    kms = user("kms")
    kms.generate_random(NumberOfBytes=8)
    kms.generate_random(NumberOfBytes=8)
    assert refusal(lambda: kms.generate_random(NumberOfBytes=8)) == (
        "ThrottlingException",
        "You have exceeded the rate at which you may call KMS. Reduce the frequency of your calls.",
        400)
    secrets = user("secretsmanager")
    secrets.create_secret(Name=name, SecretString="x")
    secrets.get_secret_value(SecretId=name)
    secrets.describe_secret(SecretId=name)
    secrets.get_secret_value(SecretId=name)
    assert refusal(lambda: secrets.get_secret_value(SecretId=name)) == (
        "ThrottlingException", "Rate exceeded", 400)
    secrets.put_secret_value(SecretId=name, SecretString="y")  # is of another group
    ssm = user("ssm")
    ssm.describe_parameters()
    assert refusal(ssm.describe_parameters) == ("ThrottlingException", "Rate exceeded", 400)


def test_the_query_protocol_says_throttling(user):
    sts = user("sts")
    sts.get_caller_identity()
    assert refusal(sts.get_caller_identity) == ("Throttling", "Rate exceeded", 400)


@pytest.mark.parametrize("mode", ["standard", "adaptive", "legacy"])
def test_with_retries_it_is_slower_and_succeeds(user, mode):
    kms = user("kms", mode=mode, total_max_attempts=10)
    started = time.monotonic()
    retried = 0
    for _ in range(5):
        answer = kms.generate_random(NumberOfBytes=8)
        assert len(answer["Plaintext"]) == 8
        retried += answer["ResponseMetadata"]["RetryAttempts"]
    assert retried > 0 or mode == "adaptive"  # which may wait before it asks
    assert time.monotonic() - started > 1.2, "three of the five had to wait for half a second each"


def test_one_users_calls_are_not_anothers_and_a_session_is_its_users(limited, user, name):
    secrets = user("secretsmanager")
    session = user("sts").get_session_token()["Credentials"]
    sessions = user("secretsmanager", (session["AccessKeyId"], session["SecretAccessKey"],
                                       session["SessionToken"]))
    secrets.create_secret(Name=name, SecretString="x")
    for client in (secrets, sessions, secrets):
        client.get_secret_value(SecretId=name)
    for client in (secrets, sessions):
        assert refusal(lambda: client.get_secret_value(SecretId=name))[0] == "ThrottlingException"
    status, _, _ = limited.request("GET", f"/v1/secret/data/{name}", token=limited.root_token)
    assert status == 200, "other APIs have no such limit"


def test_the_metrics_count_what_was_refused(limited, user):
    before = usage(limited)
    ssm = user("ssm")
    ssm.describe_parameters()
    for _ in range(4):
        assert refusal(ssm.describe_parameters)[0] == "ThrottlingException"
    refusal(lambda: ssm.get_parameter(Name="none"))
    after = usage(limited)

    def grown(*key):
        return after[key] - before.get(key, 0)

    assert grown("aws_usage_call_count_total", "SSM", "DescribeParameters") == 5
    assert grown("aws_usage_throttle_count_total", "SSM", "DescribeParameters") == 4
    assert grown("aws_usage_error_count_total", "SSM", "DescribeParameters", "client") == 0
    assert grown("aws_usage_error_count_total", "SSM", "GetParameter", "client") == 1
    assert grown("aws_usage_latency_seconds_count", "SSM", "DescribeParameters") == 5


def test_the_audit_log_has_each_refusal(limited, user, name):
    ssm = user("ssm")
    ssm.describe_parameters()
    refusal(ssm.describe_parameters)
    refusal(ssm.describe_parameters)
    arn = f"arn:aws:iam::000000000000:user/{name}"
    found = limited.json("GET", f"/api/v1/audit/events?actor_name={arn}&path=aws/ssm/DescribeParameters"
                         "&outcome=failed&tail=true", token=limited.root_token)["events"]
    assert [(event["reason"], event["status"]) for event in found] == [("Rate exceeded", 400)] * 2
