"""A rotation function as AWS's templates write them, started by the server as a program.

rotation_function.py SETTINGS: the event comes on standard input; SETTINGS is a JSON file with the
endpoint, the access key, and whether to fail.
"""

import json
import pathlib
import sys

import boto3

settings = json.loads(pathlib.Path(sys.argv[1]).read_text())
event = json.load(sys.stdin)
with pathlib.Path(settings["log"]).open("a", encoding="utf-8") as log:
    log.write(f"{event['SecretId']} {event['Step']}\n")
if settings.get("broken"):
    sys.exit("out of order")

client = boto3.client("secretsmanager", region_name="eu-north-1",
                      endpoint_url=settings["endpoint"],
                      aws_access_key_id=settings["access_key"],
                      aws_secret_access_key=settings["secret_key"])
arn, token = event["SecretId"], event["ClientRequestToken"]
described = client.describe_secret(SecretId=arn)
assert described["RotationEnabled"]
stages = described["VersionIdsToStages"]
assert token in stages, stages

if event["Step"] == "createSecret":
    current = client.get_secret_value(SecretId=arn, VersionStage="AWSCURRENT")
    try:
        client.get_secret_value(SecretId=arn, VersionId=token, VersionStage="AWSPENDING")
    except client.exceptions.ResourceNotFoundException:
        client.put_secret_value(SecretId=arn, ClientRequestToken=token,
                                SecretString=current["SecretString"] + "+",
                                VersionStages=["AWSPENDING"])
elif event["Step"] == "testSecret":
    client.get_secret_value(SecretId=arn, VersionId=token, VersionStage="AWSPENDING")
elif event["Step"] == "finishSecret":
    held = [version for version, labels in stages.items() if "AWSCURRENT" in labels]
    if held != [token]:
        client.update_secret_version_stage(SecretId=arn, VersionStage="AWSCURRENT",
                                           MoveToVersionId=token, RemoveFromVersionId=held[0])
