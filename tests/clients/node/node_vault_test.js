// Drives a server that is not initialised yet (VAULT_ADDR) with the unmodified node-vault client.
// Prints a line a failed check and, last, "N passed, N failed".
'use strict';

const assert = require('node:assert/strict');
const nodeVault = require('node-vault');

const endpoint = process.env.VAULT_ADDR;
const root = nodeVault({ endpoint });
let keys = [];

// A client of its own: node-vault makes every token that an answer carries the client's new one.
const as = (token, more = {}) => nodeVault({ endpoint, token, ...more });

// The promise must be refused with this status and a message that matches.
async function refused(promise, status, message = /./) {
  await assert.rejects(promise, (error) => {
    assert.equal(error.response && error.response.statusCode, status, error.message);
    assert.match(error.message, message);
    return true;
  });
}

async function approle(role, options) {
  await root.addApproleRole({ role_name: role, ...options });
  const id = await root.getApproleRoleId({ role_name: role });
  const secret = await root.getApproleRoleSecret({ role_name: role });
  return { role_id: id.data.role_id, secret_id: secret.data.secret_id };
}

const checks = {
  async 'health before init is an answer, not an error'() {
    const health = await root.health();
    assert.equal(health.initialized, false);
    assert.equal((await root.initialized()).initialized, false);
  },

  async 'init gives shares once'() {
    const made = await root.init({ secret_shares: 5, secret_threshold: 3 });
    assert.equal(made.keys.length, 5);
    keys = made.keys;
    root.token = made.root_token;
    assert.equal((await root.initialized()).initialized, true);
    await refused(root.init({ secret_shares: 1, secret_threshold: 1 }), 400, /^Vault is already initialized$/);
  },

  async 'unseal with three shares'() {
    assert.equal((await root.status()).sealed, true);
    assert.equal((await root.unseal({ key: keys[4] })).progress, 1);
    for (const key of keys.slice(0, 2)) await root.unseal({ key });
    const status = await root.status();
    assert.deepEqual([status.sealed, status.t, status.n], [false, 3, 5]);
    assert.equal((await root.health()).sealed, false);
    assert.equal((await root.leader()).ha_enabled, false);
  },

  async 'seal and unseal again'() {
    await root.seal();
    assert.equal((await root.health()).sealed, true);
    await refused(root.mounts(), 503, /sealed/);
    for (const key of keys.slice(2)) await root.unseal({ key });
    assert.equal((await root.status()).sealed, false);
  },

  async 'mounts come, move and go'() {
    await root.mount({ mount_point: 'one', type: 'generic', description: 'kv version 1' });
    await root.mount({ mount_point: 'two', type: 'kv', options: { version: '2' } });
    assert.equal((await root.mounts())['two/'].options.version, '2');
    await root.remount({ from: 'one', to: 'moved' });
    assert.ok((await root.mounts())['moved/']);
    await root.remount({ from: 'moved', to: 'one' });
    await root.mount({ mount_point: 'short-lived', type: 'kv' });
    await root.unmount({ mount_point: 'short-lived' });
    assert.equal((await root.mounts())['short-lived/'], undefined);
    await root.unmount({ mount_point: 'short-lived' });
  },

  async 'kv version 1 round trip'() {
    await root.write('one/hello', { value: 'world', lease: '1s', n: 5 });
    assert.deepEqual((await root.read('one/hello')).data, { value: 'world', lease: '1s', n: 5 });
    await root.write('one/folder/inside', { a: 'b' });
    assert.deepEqual((await root.list('one')).data.keys, ['folder/', 'hello']);
    const plain = as(root.token, { noCustomHTTPVerbs: true });
    assert.deepEqual((await plain.list('one')).data.keys, ['folder/', 'hello']);
    await root.delete('one/hello');
    await refused(root.read('one/hello'), 404);
  },

  async 'kv version 2 round trip'() {
    const first = await root.write('two/data/app/db', { data: { user: 'app', password: 'x' }, options: { cas: 0 } });
    assert.equal(first.data.version, 1);
    await refused(root.write('two/data/app/db', { data: { a: 1 }, options: { cas: 0 } }), 400,
      /did not match the current version/);
    assert.equal((await root.update('two/data/app/db', { data: { password: 'y' } })).data.version, 2);
    const read = await root.read('two/data/app/db');
    assert.deepEqual(read.data.data, { user: 'app', password: 'y' });
    assert.equal((await root.read('two/data/app/db?version=1')).data.data.password, 'x');
    assert.deepEqual((await root.list('two/metadata/app')).data.keys, ['db']);
    await root.delete('two/data/app/db');
    await refused(root.read('two/data/app/db'), 404);
    await root.write('two/undelete/app/db', { versions: [2] });
    assert.equal((await root.read('two/data/app/db')).data.metadata.version, 2);
    await root.destroySecretVersions({ mount_point: 'two', path: 'app/db', versions: [1] });
    await refused(root.read('two/data/app/db?version=1'), 404);
  },

  async 'policies decide'() {
    const rules = 'path "one/open/*" {\n  capabilities = ["read", "create", "update"]\n}\n';
    await root.addPolicy({ name: 'open', rules });
    assert.equal((await root.getPolicy({ name: 'open' })).rules, rules);
    assert.ok((await root.policies()).policies.includes('open'));
    const made = await as(root.token).tokenCreate({ policies: ['open'] });
    const client = as(made.auth.client_token);
    await client.write('one/open/x', { a: 'b' });
    assert.equal((await client.read('one/open/x')).data.a, 'b');
    await refused(client.read('one/folder/inside'), 403, /permission denied/);
    await refused(client.delete('one/open/x'), 403);
    await refused(client.list('one/open'), 403);
    await root.removePolicy({ name: 'open' });
    await refused(client.read('one/open/x'), 403);
    await refused(root.getPolicy({ name: 'open' }), 404);
  },

  async 'approle logs in'() {
    await root.enableAuth({ mount_point: 'approle', type: 'approle' });
    assert.ok((await root.auths())['approle/']);
    const ids = await approle('web', { policies: 'default', token_ttl: 1200 });
    assert.deepEqual((await root.approleRoles()).data.keys, ['web']);
    const client = as(undefined);
    const login = await client.approleLogin(ids);
    assert.equal(login.auth.metadata.role_name, 'web');
    assert.equal(client.token, login.auth.client_token);
    assert.equal((await client.tokenLookupSelf()).data.id, client.token);
    await refused(as(undefined).approleLogin({ ...ids, secret_id: 'wrong' }), 400);
    const found = await root.approleSecretLookup({ role_name: 'web', secret_id: ids.secret_id });
    assert.ok(found.data.secret_id_accessor);
    await root.approleSecretDestroy({ role_name: 'web', secret_id: ids.secret_id });
    await refused(as(undefined).approleLogin(ids), 400);
    await root.deleteApproleRole({ role_name: 'web' });
    await root.disableAuth({ mount_point: 'approle' });
  },

  async 'userpass logs in'() {
    await root.enableAuth({ mount_point: 'userpass', type: 'userpass' });
    await root.write('auth/userpass/users/ann', { password: 'right', policies: 'default' });
    const client = as(undefined);
    const login = await client.userpassLogin({ username: 'ann', password: 'right' });
    assert.equal(login.auth.metadata.username, 'ann');
    await refused(as(undefined).userpassLogin({ username: 'ann', password: 'wrong' }), 400);
  },

  async 'a wrapped answer is read once'() {
    const headers = { 'X-Vault-Wrap-TTL': '60s' };
    const wrapped = await root.write('sys/wrapping/wrap', { a: 'b' }, { headers });
    assert.equal(wrapped.wrap_info.ttl, 60);
    const token = wrapped.wrap_info.token;
    assert.deepEqual((await as(token).unwrap()).data, { a: 'b' });
    await refused(as(root.token).unwrap({ token }), 400, /wrapping token is not valid or does not exist/);
  },

  async 'tokens: tree, renewal, accessor'() {
    const made = await as(root.token).tokenCreate({ policies: ['root'], ttl: '1h', display_name: 'parent' });
    const parent = as(made.auth.client_token);
    const child = as((await as(parent.token).tokenCreate({ policies: ['default'] })).auth.client_token);
    const orphan = as((await as(parent.token).tokenCreateOrphan({ policies: ['default'] })).auth.client_token);
    assert.equal((await as(parent.token).tokenRenewSelf({ increment: '30m' })).auth.lease_duration, 1800);
    assert.equal((await as(root.token).tokenRenew({ token: child.token })).auth.client_token, child.token);
    assert.ok((await root.tokenAccessors()).data.keys.includes(made.auth.accessor));
    assert.equal((await root.tokenLookupAccessor({ accessor: made.auth.accessor })).data.id, '');
    assert.equal((await root.tokenLookup({ token: parent.token })).data.display_name, 'token-parent');
    await root.tokenRevoke({ token: parent.token });
    await refused(parent.tokenLookupSelf(), 403);
    await refused(child.tokenLookupSelf(), 403);
    assert.equal((await orphan.tokenLookupSelf()).data.orphan, true);
    await orphan.tokenRevokeSelf();
    await refused(root.tokenLookup({ token: orphan.token }), 403, /bad token/);
  },

  async 'token roles'() {
    await root.addTokenRole({ role_name: 'jobs', allowed_policies: 'default', orphan: true });
    assert.ok((await root.tokenRoles()).data.keys.includes('jobs'));
    assert.equal((await as(root.token).tokenCreateRole({ role_name: 'jobs' })).auth.orphan, true);
    assert.equal((await root.getTokenRole({ role_name: 'jobs' })).data.name, 'jobs');
    await root.removeTokenRole({ role_name: 'jobs' });
    await refused(root.getTokenRole({ role_name: 'jobs' }), 404);
  },

  async 'revoking by prefix, rotating, auditing'() {
    const login = await as(undefined).userpassLogin({ username: 'ann', password: 'right' });
    await root.revokePrefix({ path_prefix: 'auth/userpass/login/ann' });
    await refused(as(login.auth.client_token).tokenLookupSelf(), 403);
    await root.rotate();
    assert.equal(typeof await root.audits(), 'object');
    await root.disableAudit({ name: 'never-enabled' });
    await refused(root.read('never-mounted/x'), 404);
    await refused(as('hvs.unknown').read('one/folder/inside'), 403);
  },

  async 'transit keys encrypt, rotate and sign'() {
    await root.mount({ mount_point: 'transit', type: 'transit' });
    await root.transitCreateKey({ name: 'app' });
    assert.deepEqual((await root.transitListKeys()).data.keys, ['app']);
    assert.equal((await root.transitReadKey({ name: 'app' })).data.latest_version, 1);
    const plaintext = Buffer.from('hello').toString('base64');
    const sealed = (await root.encryptData({ name: 'app', plaintext })).data.ciphertext;
    assert.match(sealed, /^vault:v1:/);
    assert.equal((await root.decryptData({ name: 'app', ciphertext: sealed })).data.plaintext, plaintext);
    await root.write('transit/keys/app/rotate', {});
    const rewrapped = (await root.write('transit/rewrap/app', { ciphertext: sealed })).data;
    assert.equal(rewrapped.key_version, 2);
    const made = (await root.write('transit/datakey/plaintext/app', {})).data;
    assert.equal(Buffer.from(made.plaintext, 'base64').length, 32);
    await root.write('transit/keys/signer', { type: 'ecdsa-p256' });
    const { signature } = (await root.write('transit/sign/signer', { input: plaintext })).data;
    assert.equal((await root.write('transit/verify/signer', { input: plaintext, signature })).data.valid, true);
    await refused(root.decryptData({ name: 'none', ciphertext: sealed }), 400, /encryption key not found/);
    await root.unmount({ mount_point: 'transit' });
  },

  async 'generate-root starts and is cancelled'() {
    const started = await root.generateRootInit({});
    assert.equal(started.started, true);
    const step = await root.generateRootUpdate({ key: keys[0], nonce: started.nonce });
    assert.equal(step.progress, 1);
    await root.generateRootCancel();
  },
};

async function main() {
  let passed = 0;
  let failed = 0;
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check();
      passed += 1;
    } catch (error) {
      failed += 1;
      console.log(`FAILED: ${name}\n${error.stack}`);
    }
  }
  console.log(`${passed} passed, ${failed} failed`);
  process.exitCode = failed === 0 ? 0 : 1;
}

main();
