// Drives a development server, one that lists a rotation function and one that limits its users (all
// as with_dev_server.py says them), with the unmodified AWS SDK for JavaScript v3. Prints a line a failed check and, last,
// "N passed, N failed".
'use strict';

const assert = require('node:assert/strict');
const kmsSdk = require('@aws-sdk/client-kms');
const smSdk = require('@aws-sdk/client-secrets-manager');
const ssmSdk = require('@aws-sdk/client-ssm');
const stsSdk = require('@aws-sdk/client-sts');

const settings = { endpoint: process.env.AWS_ENDPOINT_URL, region: 'eu-west-1', maxAttempts: 1 };
const kms = new kmsSdk.KMSClient(settings);
const secrets = new smSdk.SecretsManagerClient(settings);
const ssm = new ssmSdk.SSMClient(settings);
const sts = new stsSdk.STSClient(settings);

const rotating = JSON.parse(process.env.ROTATING_SERVER);
const rotatingSecrets = new smSdk.SecretsManagerClient(
  { ...settings, endpoint: rotating.endpoint, credentials: rotating.credentials });

const limited = JSON.parse(process.env.LIMITED_SERVER);

// A request of the root token to the native API.
async function native(method, path, body) {
  const answer = await fetch(`${process.env.AWS_ENDPOINT_URL}/api/v1/${path}`, {
    method,
    headers: { 'X-Vault-Token': process.env.COFFER_TOKEN },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status}`);
}

// The promise must be refused with this error's name.
async function refused(promise, name) {
  await assert.rejects(promise, (error) => {
    assert.equal(error.name, name, error.message);
    return true;
  });
}

const checks = {
  async 'who am I'() {
    const identity = await sts.send(new stsSdk.GetCallerIdentityCommand({}));
    assert.equal(identity.Account, '123456789012');
    assert.match(identity.Arn, /^arn:aws:iam::123456789012:user\//);
  },

  async 'a parameter is put, overwritten, read and deleted'() {
    const Name = '/js/db/password';
    await ssm.send(new ssmSdk.PutParameterCommand({ Name, Value: 'one', Type: 'SecureString' }));
    const put = await ssm.send(new ssmSdk.PutParameterCommand({ Name, Value: 'two', Overwrite: true }));
    assert.equal(put.Version, 2);
    const read = await ssm.send(new ssmSdk.GetParameterCommand({ Name, WithDecryption: true }));
    assert.equal(read.Parameter.Value, 'two');
    assert.ok(read.Parameter.LastModifiedDate instanceof Date);
    assert.equal(read.Parameter.ARN, 'arn:aws:ssm:eu-west-1:123456789012:parameter/js/db/password');
    const closed = await ssm.send(new ssmSdk.GetParameterCommand({ Name }));
    assert.notEqual(closed.Parameter.Value, 'two');
    await ssm.send(new ssmSdk.DeleteParameterCommand({ Name }));
    await refused(ssm.send(new ssmSdk.GetParameterCommand({ Name })), 'ParameterNotFound');
    await ssm.send(new ssmSdk.PutParameterCommand({ Name, Value: 'three', Type: 'String' }));
    const again = await ssm.send(new ssmSdk.GetParameterCommand({ Name }));
    assert.deepEqual([again.Parameter.Value, again.Parameter.Version], ['three', 1]);
  },

  async 'a secret is made, changed, read, deleted and restored'() {
    const made = await secrets.send(new smSdk.CreateSecretCommand({ Name: 'js', SecretString: 'one' }));
    const SecretId = made.ARN;
    await secrets.send(new smSdk.PutSecretValueCommand({ SecretId, SecretString: 'two' }));
    const now = await secrets.send(new smSdk.GetSecretValueCommand({ SecretId }));
    assert.equal(now.SecretString, 'two');
    const before = await secrets.send(
      new smSdk.GetSecretValueCommand({ SecretId, VersionStage: 'AWSPREVIOUS' }));
    assert.equal(before.SecretString, 'one');
    await secrets.send(new smSdk.DeleteSecretCommand({ SecretId }));
    await refused(secrets.send(new smSdk.GetSecretValueCommand({ SecretId })), 'InvalidRequestException');
    await secrets.send(new smSdk.RestoreSecretCommand({ SecretId }));
    const again = await secrets.send(new smSdk.GetSecretValueCommand({ SecretId }));
    assert.equal(again.SecretString, 'two');
  },

  async 'a secret is rotated by a function, deleted and restored'() {
    const made = await rotatingSecrets.send(
      new smSdk.CreateSecretCommand({ Name: 'js', SecretString: 'one' }));
    const SecretId = made.ARN;
    const value = async () => (
      await rotatingSecrets.send(new smSdk.GetSecretValueCommand({ SecretId }))).SecretString;
    await rotatingSecrets.send(new smSdk.RotateSecretCommand({
      SecretId, RotationLambdaARN: rotating.function, RotationRules: { AutomaticallyAfterDays: 30 } }));
    const deadline = Date.now() + 30_000;
    while (await value() !== 'one+') {
      assert.ok(Date.now() < deadline, 'the rotation did not come in time');
      await new Promise((done) => { setTimeout(done, 100); });
    }
    await rotatingSecrets.send(new smSdk.DeleteSecretCommand({ SecretId }));
    await refused(value(), 'InvalidRequestException');
    await rotatingSecrets.send(new smSdk.RestoreSecretCommand({ SecretId }));
    assert.equal(await value(), 'one+');
  },

  async 'a role is assumed, deleted and made again'() {
    const role = {
      trust_policy: { Version: '2012-10-17', Statement: [{
        Effect: 'Allow', Action: 'sts:AssumeRole', Principal: { AWS: '123456789012' } }] },
    };
    const RoleArn = 'arn:aws:iam::123456789012:role/js';
    const assume = async () => {
      const { Credentials: made } = await sts.send(
        new stsSdk.AssumeRoleCommand({ RoleArn, RoleSessionName: 'js' }));
      return new stsSdk.STSClient({ ...settings, credentials: {
        accessKeyId: made.AccessKeyId,
        secretAccessKey: made.SecretAccessKey,
        sessionToken: made.SessionToken } });
    };
    const who = (client) => client.send(new stsSdk.GetCallerIdentityCommand({}));
    await native('PUT', 'aws/roles/js', role);
    const first = await assume();
    assert.equal((await who(first)).Arn, 'arn:aws:sts::123456789012:assumed-role/js/js');
    await native('DELETE', 'aws/roles/js');
    await refused(who(first), 'InvalidClientTokenId');
    await refused(assume(), 'AccessDenied');
    await native('PUT', 'aws/roles/js', role);
    assert.equal((await who(await assume())).Arn, 'arn:aws:sts::123456789012:assumed-role/js/js');
    await refused(who(first), 'InvalidClientTokenId');
  },

  async 'a key encrypts, rotates and opens what it closed'() {
    const made = await kms.send(new kmsSdk.CreateKeyCommand({}));
    const KeyId = made.KeyMetadata.KeyId;
    const EncryptionContext = { app: 'js' };
    const closed = await kms.send(new kmsSdk.EncryptCommand(
      { KeyId, Plaintext: Buffer.from('secret'), EncryptionContext }));
    await kms.send(new kmsSdk.RotateKeyOnDemandCommand({ KeyId }));
    const CiphertextBlob = closed.CiphertextBlob;
    const opened = await kms.send(new kmsSdk.DecryptCommand({ CiphertextBlob, EncryptionContext }));
    assert.equal(Buffer.from(opened.Plaintext).toString(), 'secret');
    await refused(kms.send(new kmsSdk.DecryptCommand({ CiphertextBlob })), 'InvalidCiphertextException');
    await kms.send(new kmsSdk.ScheduleKeyDeletionCommand({ KeyId, PendingWindowInDays: 7 }));
    await kms.send(new kmsSdk.CancelKeyDeletionCommand({ KeyId }));
    await kms.send(new kmsSdk.EnableKeyCommand({ KeyId }));
    const restored = await kms.send(new kmsSdk.DecryptCommand({ CiphertextBlob, EncryptionContext }));
    assert.equal(Buffer.from(restored.Plaintext).toString(), 'secret');
  },

  async 'who asks too much is throttled, and waits by itself'() {
    const [ann, bob] = limited.users.map((credentials) => ({
      ...settings, endpoint: limited.endpoint, credentials,
    }));
    const random = new kmsSdk.GenerateRandomCommand({ NumberOfBytes: 8 });
    const hasty = new kmsSdk.KMSClient(ann);
    await hasty.send(random);
    await hasty.send(random);
    await refused(hasty.send(random), 'ThrottlingException');
    const patient = new kmsSdk.KMSClient({ ...bob, maxAttempts: 10 });
    let attempts = 0;
    for (let i = 0; i < 5; i += 1) attempts += (await patient.send(random)).$metadata.attempts;
    assert.ok(attempts > 5, `${attempts} attempts`);
    const whoAmI = new stsSdk.GetCallerIdentityCommand({});
    const security = new stsSdk.STSClient(ann);
    await security.send(whoAmI);
    await refused(security.send(whoAmI), 'Throttling');
  },

  async 'a wrong secret is refused'() {
    const credentials = { accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: 'wrong' };
    const stranger = new ssmSdk.SSMClient({ ...settings, credentials });
    await refused(stranger.send(new ssmSdk.DescribeParametersCommand({})), 'InvalidSignatureException');
  },
};

(async () => {
  let passed = 0;
  let failed = 0;
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check();
      passed += 1;
    } catch (error) {
      failed += 1;
      console.log(`FAILED ${name}: ${error.stack}`);
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
})();
