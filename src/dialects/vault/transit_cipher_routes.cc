// Transit: encrypt, decrypt, rewrap and data keys.
//
// A nonce never comes from the caller: a request that brings one is refused (CVE-2023-4680).
#include "dialects/vault/transit_parts.h"
#include "dialects/vault/versioned_text.h"

#include <map>

namespace coffer::dialects::vault {
namespace {

using domain::KeyPtr;
using domain::KeyUse;
using domain::MasterKeys;
using domain::ReadyKey;
using formats::JsonWriter;
using gate::Call;
using gate::Reply;
using proof::EventType;

std::unexpected<Error> refuse(std::string message) {
  return fail(Code::invalid_argument, std::move(message));
}

const std::string& key_name(const Call& call) {
  return call.routing.captures.back();
}

Result<> refuse_nonce(const Item& item) {
  COFFER_TRY(const std::string nonce, text_of(item, member::kNonce));
  if (nonce.empty()) return {};
  return refuse("provided nonce not allowed for this key");
}

// Whether the items bring a context: all of them, or none.
Result<bool> with_context(const Batch& batch) {
  std::size_t with = 0;
  for (const Item& item : batch.items) {
    COFFER_TRY(const std::string context, text_of(item, member::kContext));
    if (!context.empty()) ++with;
  }
  if (with == 0 || with == batch.items.size()) return with > 0;
  return refuse("context should be set either in all the request blocks or in none");
}

struct Bound {
  Bytes context;
  Bytes aad;
};

Result<Bound> bound_to(const Item& item, std::size_t place, domain::KeyType type) {
  COFFER_CHECK(refuse_nonce(item));
  Bound out;
  COFFER_TRY(out.context, octets_of(item, member::kContext));
  COFFER_TRY(out.aad, octets_of(item, member::kAssociatedData));
  if (!out.aad.empty() && !domain::aead_of(type)) {
    return refuse("'[" + std::to_string(place) +
                  "].associated_data' provided for non-AEAD cipher suite " +
                  std::string(domain::to_text(type)));
  }
  return out;
}

Result<KeyPtr> find_key(MasterKeys& keys, std::string_view name) {
  COFFER_TRY(KeyPtr key, keys.find(name));
  if (!key) return refuse("encryption key not found");
  return key;
}

// The key of encrypt/:name, made when it is not there.
Result<KeyPtr> find_or_create(Call& call, MasterKeys& keys, bool derived) {
  COFFER_TRY(KeyPtr key, keys.find(key_name(call)));
  if (key) return key;
  COFFER_TRY(const auto config,
             call.view->find<domain::KeyConfigRow>(domain::KeyConfigRow::key_of(call.mount->id)));
  if (config && *config->row.disable_upsert) return refuse("encryption key not found");
  domain::KeySpec spec{.name = key_name(call), .derived = derived};
  COFFER_TRY(spec.convergent, flag_of(call.body, "convergent_encryption"));
  if (spec.convergent && !derived) {
    return refuse(
        "convergent encryption requires derivation to be enabled, so context is required");
  }
  COFFER_TRY(const std::string type, text_of(call.body, "type"));
  const auto known = domain::parse_key_type(type.empty() ? "aes256-gcm96" : type);
  if (!known) return refuse("unknown key type");
  if (!domain::aead_of(*known)) {
    return refuse("key type " + type + " not supported for this operation");
  }
  spec.type = *known;
  const auto material = domain::generate_material(spec.type, 0, call.random);
  COFFER_CHECK(keys.create(spec, &material));
  call.note("created", "true");
  return keys.find(spec.name);
}

// Counts what the items are about to do under each version they name.
Result<KeyPtr> count(MasterKeys& keys, KeyPtr key, const Batch& batch) {
  std::map<std::int64_t, std::uint64_t> uses;
  for (const Item& item : batch.items) {
    COFFER_TRY(const std::int64_t version, number_of(item, member::kKeyVersion));
    ++uses[version];
  }
  for (const auto& [version, times] : uses) {
    COFFER_TRY(key, keys.count_uses(std::move(key), version, times));
  }
  return key;
}

// The key for each version that items name, looked up once: most batches name one. `find` is
// maker() or opener() of MasterKeys.
class ReadyKeys {
 public:
  using Find = Result<ReadyKey> (*)(MasterKeys&, const domain::MasterKeyRow&, std::int64_t);

  ReadyKeys(MasterKeys& keys, const domain::MasterKeyRow& key, Find find)
      : keys_(keys), key_(key), find_(find) {}

  Result<ReadyKey> at(std::int64_t version) {
    const auto known = found_.find(version);
    if (known != found_.end()) return known->second;
    return found_.emplace(version, find_(keys_, key_, version)).first->second;
  }

  [[nodiscard]] const domain::MasterKeyRow& row() const { return key_; }

 private:
  MasterKeys& keys_;
  const domain::MasterKeyRow& key_;
  Find find_;
  std::map<std::int64_t, Result<ReadyKey>> found_;
};

Result<ReadyKey> to_encrypt(MasterKeys& keys,
                            const domain::MasterKeyRow& key,
                            std::int64_t version) {
  return keys.maker(key, KeyUse::encrypt, version);
}

// `version` is not above that of the key.
Result<ReadyKey> to_decrypt(MasterKeys& keys,
                            const domain::MasterKeyRow& key,
                            std::int64_t version) {
  return keys.opener(key, KeyUse::decrypt, static_cast<std::uint64_t>(version));
}

Result<Produced> seal(const ReadyKey& with, const Bound& bound, ByteView plaintext) {
  COFFER_TRY(const Bytes sealed, with.key->encrypt(bound.context, bound.aad, plaintext));
  return Produced{.text = versioned_text(with.version, sealed), .version = with.version};
}

Result<Work> encryption_of(ReadyKeys& makers, const Item& item, std::size_t place) {
  COFFER_TRY(const auto text, formats::secret_field(item.view(), member::kPlaintext.name));
  if (!text) return refuse("missing plaintext to encrypt");
  auto plaintext = decode_secret(text->text());
  if (!plaintext) return refuse("illegal base64 data in plaintext");
  COFFER_TRY(Bound bound, bound_to(item, place, *makers.row().type));
  COFFER_TRY(const std::int64_t version, number_of(item, member::kKeyVersion));
  COFFER_TRY(ReadyKey ready, makers.at(version));
  return Work([ready = std::move(ready),
               bound = std::move(bound),
               plaintext = *std::move(plaintext)]() -> Result<Produced> {
    return seal(ready, bound, plaintext.view());
  });
}

void write_ciphertext(JsonWriter& w, const Produced& item) {
  w.key("ciphertext").string(item.text.text());
  w.key("key_version").integer(item.version);
}

Result<Reply> encrypt(Call& call) {
  COFFER_TRY(const Batch batch, batch_of(call));
  if (!batch.many && !call.body.find("plaintext")) return refuse("missing plaintext to encrypt");
  COFFER_TRY(const bool derived, with_context(batch));
  MasterKeys keys = transit_keys(call);
  COFFER_TRY(KeyPtr key, find_or_create(call, keys, derived));
  const std::uint32_t latest = key->row.latest();
  COFFER_TRY(key, count(keys, std::move(key), batch));
  // A version that reached its limit of uses.
  if (key->row.latest() != latest) call.note("rotated_to", std::to_string(key->row.latest()));
  ReadyKeys makers(keys, key->row, to_encrypt);
  std::vector<Result<Work>> work;
  work.reserve(batch.items.size());
  for (std::size_t i = 0; i < batch.items.size(); ++i) {
    work.push_back(encryption_of(makers, batch.items[i], i));
  }
  COFFER_TRY(const auto done, do_all(call, std::move(work), false));
  return batch_reply(call, batch, *done, OnFailure::bad_request, write_ciphertext);
}

struct Sealed {
  ReadyKey key;
  Bytes octets;
};

// What a ciphertext names and holds.
Result<Sealed> sealed_of(ReadyKeys& openers, const Item& item) {
  const domain::MasterKeyRow& key = openers.row();
  COFFER_TRY(const std::string text, text_of(item, member::kCiphertext));
  if (text.empty()) return refuse("missing ciphertext to decrypt");
  COFFER_CHECK(domain::check_usable(key, KeyUse::decrypt));
  COFFER_TRY(const VersionedText parsed, parse_versioned("ciphertext", text));
  if (parsed.version > key.latest()) return refuse("invalid ciphertext: version is too new");
  auto octets = base64_decode(parsed.encoded);
  if (!octets) return refuse("invalid ciphertext: could not decode base64");
  COFFER_TRY(ReadyKey ready, openers.at(static_cast<std::int64_t>(parsed.version)));
  return Sealed{std::move(ready), *std::move(octets)};
}

Result<Work> decryption_of(ReadyKeys& openers, const Item& item, std::size_t place) {
  COFFER_TRY(Sealed sealed, sealed_of(openers, item));
  COFFER_TRY(Bound bound, bound_to(item, place, *openers.row().type));
  return Work([sealed = std::move(sealed), bound = std::move(bound)]() -> Result<Produced> {
    COFFER_TRY(const auto plain, sealed.key.key->decrypt(bound.context, bound.aad, sealed.octets));
    return Produced{.text = secure::base64_text(plain.view())};
  });
}

Result<Work> rewrapping_of(ReadyKeys& openers,
                           ReadyKeys& makers,
                           const Item& item,
                           std::size_t place) {
  COFFER_TRY(Sealed sealed, sealed_of(openers, item));
  COFFER_TRY(Bound bound, bound_to(item, place, *openers.row().type));
  COFFER_TRY(const std::int64_t version, number_of(item, member::kKeyVersion));
  COFFER_TRY(ReadyKey ready, makers.at(version));
  return Work([sealed = std::move(sealed),
               bound = std::move(bound),
               ready = std::move(ready)]() -> Result<Produced> {
    COFFER_TRY(const auto plain, sealed.key.key->decrypt(bound.context, bound.aad, sealed.octets));
    return seal(ready, bound, plain.view());
  });
}

Result<Reply> decrypt(Call& call) {
  COFFER_TRY(const Batch batch, batch_of(call));
  COFFER_CHECK(with_context(batch));
  MasterKeys keys = transit_keys(call);
  COFFER_TRY(const KeyPtr key, find_key(keys, key_name(call)));
  ReadyKeys openers(keys, key->row, to_decrypt);
  std::vector<Result<Work>> work;
  work.reserve(batch.items.size());
  for (std::size_t i = 0; i < batch.items.size(); ++i) {
    work.push_back(decryption_of(openers, batch.items[i], i));
  }
  COFFER_TRY(const auto done, do_all(call, std::move(work), domain::is_rsa(*key->row.type)));
  return batch_reply(
      call, batch, *done, OnFailure::bad_request, [](JsonWriter& w, const Produced& item) {
        w.key("plaintext").string(item.text.text());
      });
}

Result<Reply> rewrap(Call& call) {
  COFFER_TRY(const Batch batch, batch_of(call));
  COFFER_CHECK(with_context(batch));
  MasterKeys keys = transit_keys(call);
  COFFER_TRY(KeyPtr key, find_key(keys, key_name(call)));
  COFFER_TRY(key, count(keys, std::move(key), batch));
  ReadyKeys openers(keys, key->row, to_decrypt);
  ReadyKeys makers(keys, key->row, to_encrypt);
  std::vector<Result<Work>> work;
  work.reserve(batch.items.size());
  for (std::size_t i = 0; i < batch.items.size(); ++i) {
    work.push_back(rewrapping_of(openers, makers, batch.items[i], i));
  }
  COFFER_TRY(const auto done, do_all(call, std::move(work), domain::is_rsa(*key->row.type)));
  return batch_reply(call, batch, *done, OnFailure::fine, write_ciphertext);
}

Result<std::size_t> data_key_size(const Call& call) {
  COFFER_TRY(const auto bits, formats::integer_field(call.body, "bits"));
  switch (bits.value_or(256)) {
    case 128:
    case 256:
    case 512:
      return static_cast<std::size_t>(bits.value_or(256) / 8);
    default:
      return refuse("invalid bit length");
  }
}

Result<Reply> data_key(Call& call) {
  const std::string& kind = call.routing.captures.front();
  const bool with_plaintext = kind == "plaintext";
  if (!with_plaintext && kind != "wrapped") {
    return refuse("Invalid path, must be 'plaintext' or 'wrapped'");
  }
  MasterKeys keys = transit_keys(call);
  COFFER_TRY(KeyPtr key, find_key(keys, key_name(call)));
  COFFER_TRY(const std::size_t size, data_key_size(call));
  COFFER_TRY(const Bound bound, bound_to(Item(call.body), 0, *key->row.type));
  COFFER_TRY(const std::int64_t version, number_of(call.body, "key_version"));
  COFFER_TRY(key, keys.count_uses(std::move(key), version, 1));
  COFFER_TRY(const ReadyKey ready, keys.maker(key->row, KeyUse::encrypt, version));
  const secure::SecureBytes made = call.random.bytes(size);
  COFFER_TRY(const Produced sealed, seal(ready, bound, made.view()));
  return data_answer(call, [&](JsonWriter& w) {
    write_ciphertext(w, sealed);
    if (with_plaintext) w.key("plaintext").string(secure::base64_text(made.view()).text());
  });
}

}  // namespace

void add_transit_cipher_routes(RouteTable& routes) {
  Rule creating{.action = "kms.encrypt", .refine = consent_of_key};
  creating.exists = [](Call& call) -> Result<bool> {
    COFFER_TRY(const KeyPtr key, transit_keys(call).find(key_name(call)));
    return key != nullptr;
  };
  routes.push_back(
      guarded(Verb::write, "encrypt/{key}", EventType::key_encrypted, creating, encrypt));
  const auto add = [&](std::string_view pattern,
                       std::string_view action,
                       EventType event,
                       gate::Handler handler) {
    add_transit(routes, Verb::write, pattern, action, event, std::move(handler));
  };
  add("decrypt/{key}", "kms.decrypt", EventType::key_decrypted, decrypt);
  add("rewrap/{key}", "kms.rewrap", EventType::key_rewrapped, rewrap);
  add("datakey/{kind}/{key}", "kms.data_key", EventType::key_data_key_issued, data_key);
}

}  // namespace coffer::dialects::vault
