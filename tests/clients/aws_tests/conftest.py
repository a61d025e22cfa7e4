"""AWS's own clients against a development server: only the endpoint URL and the credentials differ.

`server` is shared by the tests of a run: a test keeps to names of its own on it.
"""

import itertools
import os
import subprocess

import boto3
import botocore.config
import hvac
import pytest

from aws_command import REGION, command_line
from coffer_server import BINARY
from dev_server import ACCESS_KEY, SECRET_KEY, DevServer
from rotating_server import RotatingServer

_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def server(tmp_path_factory):
    made = DevServer(tmp_path_factory.mktemp("dev"))
    try:
        yield made.start()
    finally:
        made.stop()


@pytest.fixture(scope="session")
def no_ambient_settings():
    """What boto3 would find on the machine of a developer is not looked at."""
    kept = dict(os.environ)
    for variable in list(os.environ):
        if variable.startswith("AWS_"):
            del os.environ[variable]
    os.environ.update(AWS_CONFIG_FILE=os.devnull, AWS_SHARED_CREDENTIALS_FILE=os.devnull,
                      AWS_EC2_METADATA_DISABLED="true")
    yield
    os.environ.clear()
    os.environ.update(kept)


@pytest.fixture(scope="session")
def client(server, no_ambient_settings):
    """client(service, **more): a boto3 client of the administrator, or of `credentials`."""

    def make(service, region=REGION, credentials=None, **more):
        keys = credentials or {"AccessKeyId": ACCESS_KEY, "SecretAccessKey": SECRET_KEY}
        return boto3.client(
            service, region_name=region, endpoint_url=server.address,
            aws_access_key_id=keys["AccessKeyId"],
            aws_secret_access_key=keys["SecretAccessKey"],
            aws_session_token=keys.get("SessionToken"),
            config=botocore.config.Config(retries={"total_max_attempts": 1}), **more)

    return make


@pytest.fixture(scope="session")
def ssm(client):
    return client("ssm")


@pytest.fixture(scope="session")
def kms(client):
    return client("kms")


@pytest.fixture(scope="session")
def secrets(client):
    return client("secretsmanager")


@pytest.fixture(scope="session")
def sts(client):
    return client("sts")


@pytest.fixture(scope="session")
def iam(client):
    return client("iam")


@pytest.fixture
def name():
    """A name that no other test uses."""
    return f"n{next(_numbers)}"


@pytest.fixture(scope="session")
def vault(server):
    """hvac with the root token."""
    return hvac.Client(url=server.address, token=server.root_token)


@pytest.fixture(scope="session")
def coffer(server):
    """coffer(arguments…): the output of a command of the program itself."""

    def run(*arguments):
        environment = {k: v for k, v in os.environ.items() if not k.startswith(("VAULT_", "AWS_"))}
        environment.update(COFFER_ADDR=server.address, VAULT_ADDR=server.address,
                           COFFER_TOKEN=server.root_token, VAULT_TOKEN=server.root_token)
        done = subprocess.run([str(BINARY), *arguments], env=environment, capture_output=True,
                              text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        return done.stdout

    return run


@pytest.fixture(scope="session")
def rotating(tmp_path_factory):
    """A server whose configuration lists a rotation function."""
    made = RotatingServer(tmp_path_factory.mktemp("rotating"))
    try:
        yield made.begin()
    finally:
        made.stop()


@pytest.fixture(scope="session")
def rotating_secrets(rotating, no_ambient_settings):
    return boto3.client("secretsmanager", region_name=REGION, endpoint_url=rotating.address,
                        aws_access_key_id=rotating.access_key,
                        aws_secret_access_key=rotating.secret_key)


@pytest.fixture(scope="session")
def aws_cli(server):
    """aws_cli(words…): AWS CLI v2 of the administrator; gives (exit code, output, errors)."""
    return command_line(server.address, server.folder, ACCESS_KEY, SECRET_KEY)


def new_user(iam, name, *statements):
    """A user with one embedded policy; gives its credentials."""
    import json

    iam.create_user(UserName=name)
    if statements:
        iam.put_user_policy(UserName=name, PolicyName="own", PolicyDocument=json.dumps(
            {"Version": "2012-10-17", "Statement": list(statements)}))
    return iam.create_access_key(UserName=name)["AccessKey"]


@pytest.fixture
def user_with(iam, name):
    """user_with(statement…): credentials of a new user that may do just this."""

    def make(*statements):
        return new_user(iam, f"u-{name}-{next(_numbers)}", *statements)

    return make
