"""AWS CLI v2, Debian's, against one of our servers."""

import os
import subprocess

import pytest

AWS = "/usr/bin/aws"
REGION = "eu-north-1"


def command_line(address, home, access_key, secret_key, token=None):
    """run(words…) at this address with these credentials; gives (exit code, output, errors)."""
    if not os.access(AWS, os.X_OK):
        pytest.skip("Debian's awscli is not installed")
    environment = {
        "PATH": "/usr/bin:/bin", "HOME": str(home), "AWS_PAGER": "",
        "AWS_ACCESS_KEY_ID": access_key, "AWS_SECRET_ACCESS_KEY": secret_key,
        "AWS_DEFAULT_REGION": REGION, "AWS_EC2_METADATA_DISABLED": "true", "AWS_MAX_ATTEMPTS": "1",
    }
    if token:
        environment["AWS_SESSION_TOKEN"] = token

    def run(*words):
        done = subprocess.run([AWS, "--endpoint-url", address, "--output", "json", *words],
                              env=environment, capture_output=True, text=True, timeout=60,
                              check=False)
        return done.returncode, done.stdout, done.stderr

    return run
