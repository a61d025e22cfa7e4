#include "domain/secrets/data_key_wrap.h"

#include "base/wire.h"
#include "domain/secrets/value_cipher.h"

#include <algorithm>

namespace coffer::domain {
namespace {

Bytes binding(const SecretRow& owner) {
  Bytes out = to_bytes("coffer secret data key v1");
  append(out, *owner.mount);
  append(out, *owner.uid);
  return out;
}

// What a master key refuses, in the word that AWS has for it.
template <class T>
Result<T> named(Result<T> result, std::string_view name) {
  if (result) return result;
  const Code code = result.error().code;
  if (code == Code::precondition_failed || code == Code::invalid_argument) {
    result.error().name = name;
  }
  return result;
}

Result<ReadyKey> opener(work::View& view, KmsState& kms, const DataKeyWrap& wrap) {
  COFFER_TRY(const WrapUnder under, wrapping_key(view, kms, wrap));
  MasterKeys keys(view, under.mount, kms);
  return named(keys.opener(under.key->row, KeyUse::decrypt, wrap.key_version), "DecryptionFailure");
}

}  // namespace

Result<DataKeyWrap> wrap_data_key(work::View& view,
                                  KmsState& kms,
                                  const WrapUnder& under,
                                  const SecretRow& owner,
                                  ByteView data_key) {
  if (!aead_of(*under.key->row.type) || *under.key->row.derived) {
    return std::unexpected(Error{Code::invalid_argument,
                                 "the master key is not a symmetric encryption key",
                                 "EncryptionFailure"});
  }
  MasterKeys keys(view, under.mount, kms);
  COFFER_TRY(const KeyPtr key, named(keys.count_uses(under.key, 0, 1), "EncryptionFailure"));
  COFFER_TRY(const ReadyKey ready,
             named(keys.maker(key->row, KeyUse::encrypt, 0), "EncryptionFailure"));
  DataKeyWrap wrap{.key_mount = under.mount,
                   .key_name = *key->row.name,
                   .key_uid = *key->row.uid,
                   .key_version = ready.version,
                   .blob = {}};
  COFFER_TRY(wrap.blob, ready.key->encrypt({}, binding(owner), data_key));
  return wrap;
}

Result<WrapUnder> wrapping_key(work::View& view, KmsState& kms, const DataKeyWrap& wrap) {
  MasterKeys keys(view, wrap.key_mount, kms);
  COFFER_TRY(KeyPtr key, keys.find(wrap.key_name));
  if (!key || !std::ranges::equal(*key->row.uid, wrap.key_uid)) {
    COFFER_TRY(key, keys.by_uid(wrap.key_uid));
  }
  if (!key) {
    return std::unexpected(Error{
        Code::precondition_failed, "the master key of the secret is gone", "DecryptionFailure"});
  }
  return WrapUnder{wrap.key_mount, std::move(key)};
}

Result<> check_unwrap(work::View& view, KmsState& kms, const DataKeyWrap& wrap) {
  COFFER_TRY(const ReadyKey ready, opener(view, kms, wrap));
  return {};
}

Result<secure::SecureBytes> unwrap_data_key(work::View& view,
                                            KmsState& kms,
                                            const SecretRow& owner,
                                            const DataKeyWrap& wrap) {
  COFFER_TRY(const ReadyKey ready, opener(view, kms, wrap));
  auto opened = ready.key->decrypt({}, binding(owner), wrap.blob);
  if (!opened || opened->size() != kDataKeySize) {
    return fail(Code::corrupt, "the wrapped data key of a secret does not open");
  }
  return *std::move(opened);
}

Bytes wrap_entry(ByteView key_uid) {
  return to_bytes(key_uid);
}

Bytes wrap_entry(ByteView key_uid, std::uint32_t version) {
  Bytes entry = to_bytes(key_uid);
  Writer(entry).u32(version);
  return entry;
}

Result<std::vector<Bytes>> wrapped_below(work::View& view,
                                         ByteView key_uid,
                                         std::uint32_t version,
                                         std::size_t limit) {
  COFFER_TRY(std::vector<Bytes> places,
             view.lookup<SecretRow>(kSecretWraps, wrap_entry(key_uid), limit));
  std::vector<Bytes> below;
  for (Bytes& place : places) {
    COFFER_TRY(const auto found, view.find<SecretRow>(place));
    // An index is a projection: what decides is the row.
    if (!found || !*found->row.extra || !(*found->row.extra)->wrap) continue;
    const DataKeyWrap& wrap = *(*found->row.extra)->wrap;
    if (!std::ranges::equal(wrap.key_uid, key_uid) || wrap.key_version >= version) continue;
    below.push_back(std::move(place));
  }
  return below;
}

Result<bool> rewrap_data_key(work::View& view, KmsState& kms, const Bytes& place) {
  COFFER_TRY(const auto found, view.find<SecretRow>(place));
  if (!found || !*found->row.extra || !(*found->row.extra)->wrap) return false;
  COFFER_TRY(SecretRow secret, view.open(*found));
  DataKeyWrap& wrap = *(*secret.extra)->wrap;
  COFFER_TRY(const WrapUnder under, wrapping_key(view, kms, wrap));
  if (wrap.key_version == under.key->row.latest()) return false;
  COFFER_TRY(const secure::SecureBytes data_key, unwrap_data_key(view, kms, secret, wrap));
  COFFER_TRY(wrap, wrap_data_key(view, kms, under, secret, data_key.view()));
  COFFER_CHECK(view.put(std::move(secret)));
  return true;
}

}  // namespace coffer::domain
