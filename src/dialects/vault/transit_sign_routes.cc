// Transit: signatures and MACs.
#include "dialects/vault/transit_parts.h"
#include "dialects/vault/versioned_text.h"

#include <array>
#include <charconv>
#include <optional>

namespace coffer::dialects::vault {
namespace {

using crypto::HashKind;
using domain::KeyPtr;
using domain::KeyUse;
using domain::MasterKeys;
using domain::ReadyKey;
using domain::SignatureForm;
using domain::SignOptions;
using formats::JsonWriter;
using gate::Call;
using gate::Reply;
using proof::EventType;

constexpr std::array kHashes{std::pair{std::string_view("sha2-224"), HashKind::sha224},
                             std::pair{std::string_view("sha2-256"), HashKind::sha256},
                             std::pair{std::string_view("sha2-384"), HashKind::sha384},
                             std::pair{std::string_view("sha2-512"), HashKind::sha512},
                             std::pair{std::string_view("sha3-224"), HashKind::sha3_224},
                             std::pair{std::string_view("sha3-256"), HashKind::sha3_256},
                             std::pair{std::string_view("sha3-384"), HashKind::sha3_384},
                             std::pair{std::string_view("sha3-512"), HashKind::sha3_512}};

// More signatures than this are worked on by a worker: one takes up to a millisecond.
constexpr std::size_t kMaxSignaturesInLoop = 32;

std::unexpected<Error> refuse(std::string message) {
  return fail(Code::invalid_argument, std::move(message));
}

const std::string& key_name(const Call& call) {
  return call.routing.captures.front();
}

// The hash that the path names, else the body in either of its fields.
Result<HashKind> hash_of(const Call& call, std::string_view refusal) {
  std::string name = call.routing.captures.size() > 1 ? call.routing.captures.back() : "";
  for (const std::string_view field : {"hash_algorithm", "algorithm"}) {
    if (!name.empty()) break;
    COFFER_TRY(name, text_of(call.body, field));
  }
  if (name.empty()) return HashKind::sha256;
  for (const auto& [known, kind] : kHashes) {
    if (name == known) return kind;
  }
  return refuse(std::string(refusal));
}

// "auto", "hash" or a number; Go's numbers for the first two are 0 and -1, which clients send.
Result<int> salt_of(const Call& call) {
  COFFER_TRY(const std::string text, text_of(call.body, "salt_length"));
  if (text.empty() || text == "auto") return crypto::kSaltAny;
  if (text == "hash") return crypto::kSaltLikeHash;
  int salt = 0;
  const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), salt);
  if (error != std::errc{} || stop != text.data() + text.size()) {
    return refuse("salt length neither 'auto', 'hash', nor an int");
  }
  if (salt < -1) return refuse("salt length is invalid");
  if (salt == 0) return crypto::kSaltAny;
  return salt == -1 ? crypto::kSaltLikeHash : salt;
}

Result<SignOptions> options_of(const Call& call) {
  SignOptions options;
  COFFER_TRY(options.hash, hash_of(call, "invalid hash algorithm"));
  COFFER_TRY(options.prehashed, flag_of(call.body, "prehashed"));
  COFFER_TRY(options.salt, salt_of(call));
  COFFER_TRY(const std::string padding, text_of(call.body, "signature_algorithm"));
  if (padding == "pkcs1v15") {
    options.padding = crypto::Padding::pkcs1;
  } else if (!padding.empty() && padding != "pss") {
    return refuse("unsupported rsa signature algorithm");
  }
  COFFER_TRY(const std::string form, text_of(call.body, "marshaling_algorithm"));
  if (form == "jws") {
    options.form = SignatureForm::jws;
  } else if (!form.empty() && form != "asn1") {
    return refuse("invalid marshaling type");
  }
  return options;
}

Base64 base64_of(const SignOptions& options) {
  return options.form == SignatureForm::jws ? Base64::url_raw : Base64::standard;
}

// The input of an item. An absent one is empty where the request is one item.
Result<secure::SecureBytes> input_of(const Batch& batch,
                                     const Item& item,
                                     std::string_view missing) {
  COFFER_TRY(const auto text, formats::secret_field(item.view(), member::kInput.name));
  if (!text) {
    if (batch.many || missing.ends_with("HMAC")) return refuse(std::string(missing));
    return secure::SecureBytes();
  }
  auto input = decode_secret(text->text());
  if (!input) return refuse("unable to decode input as base64");
  return *std::move(input);
}

Result<Work> signature_of(MasterKeys& keys,
                          const domain::MasterKeyRow& key,
                          const Batch& batch,
                          const Item& item,
                          const SignOptions& options,
                          std::int64_t version) {
  COFFER_TRY(auto input, input_of(batch, item, "missing input"));
  COFFER_TRY(Bytes context, octets_of(item, member::kContext));
  COFFER_TRY(ReadyKey ready, keys.maker(key, KeyUse::sign, version));
  const bool derived = *key.derived;
  return Work([ready = std::move(ready),
               input = std::move(input),
               context = std::move(context),
               options,
               derived]() -> Result<Produced> {
    COFFER_TRY(const Bytes signature, ready.key->sign(context, input.view(), options));
    Produced made{.text = versioned_text(ready.version, signature, base64_of(options)),
                  .version = ready.version};
    if (derived) {
      COFFER_TRY(made.public_key, ready.key->derived_public(context));
    }
    return made;
  });
}

Result<Reply> sign(Call& call) {
  COFFER_TRY(const SignOptions options, options_of(call));
  COFFER_TRY(const Batch batch, batch_of(call));
  COFFER_TRY(const std::int64_t version, number_of(call.body, "key_version"));
  MasterKeys keys = transit_keys(call);
  COFFER_TRY(const KeyPtr key, keys.find(key_name(call)));
  if (!key) return refuse("signing key not found");
  COFFER_CHECK(domain::check_usable(key->row, KeyUse::sign));
  std::vector<Result<Work>> work;
  for (const Item& item : batch.items) {
    work.push_back(signature_of(keys, key->row, batch, item, options, version));
  }
  const bool slow = domain::is_rsa(*key->row.type) || work.size() > kMaxSignaturesInLoop;
  COFFER_TRY(const auto done, do_all(call, std::move(work), slow));
  const std::string_view public_name = batch.many ? "publickey" : "public_key";
  return batch_reply(call, batch, *done, OnFailure::fine, [&](JsonWriter& w, const Produced& item) {
    w.key("signature").string(item.text.text());
    w.key("key_version").integer(item.version);
    if (!item.public_key.empty()) w.key(public_name).string(base64_encode(item.public_key));
  });
}

Result<Work> verification_of(MasterKeys& keys,
                             const domain::MasterKeyRow& key,
                             const Batch& batch,
                             const Item& item,
                             const SignOptions& options) {
  COFFER_TRY(auto input, input_of(batch, item, "missing input"));
  COFFER_TRY(const std::string text, text_of(item, member::kSignature));
  COFFER_TRY(Bytes context, octets_of(item, member::kContext));
  COFFER_TRY(const VersionedText parsed, parse_versioned("signature", text));
  if (parsed.version > key.latest()) return refuse("invalid signature: version is too new");
  auto signature = base64_decode(parsed.encoded, base64_of(options));
  if (!signature) return refuse("invalid base64 signature value");
  COFFER_TRY(ReadyKey ready, keys.opener(key, KeyUse::verify, parsed.version));
  return Work([ready = std::move(ready),
               input = std::move(input),
               context = std::move(context),
               signature = *std::move(signature),
               options]() -> Result<Produced> {
    COFFER_TRY(const bool valid, ready.key->verify(context, input.view(), signature, options));
    return Produced{.valid = valid};
  });
}

Result<Work> mac_check_of(MasterKeys& keys,
                          const domain::MasterKeyRow& key,
                          const Batch& batch,
                          const Item& item,
                          HashKind hash) {
  COFFER_TRY(auto input, input_of(batch, item, "missing input"));
  COFFER_TRY(const std::string text, text_of(item, member::kHmac));
  const auto parsed = parse_versioned("HMAC", text);
  if (!parsed) {
    const std::string& why = parsed.error().message;
    return refuse(why.ends_with("no prefix") ? "invalid HMAC to verify: no prefix" : why);
  }
  auto expected = base64_decode(parsed->encoded);
  if (!expected) return refuse("unable to decode verification HMAC as base64");
  if (parsed->version > key.latest()) return refuse("invalid HMAC: version is too new");
  if (parsed->version < *key.min_decryption) {
    return refuse("cannot verify HMAC: version is too old (disallowed by policy)");
  }
  COFFER_TRY(ReadyKey ready, keys.opener(key, KeyUse::mac, parsed->version));
  return Work([ready = std::move(ready),
               input = std::move(input),
               expected = *std::move(expected),
               hash]() -> Result<Produced> {
    return Produced{.valid = secure::equal(ready.key->mac(hash, input.view()), expected)};
  });
}

enum class Proof : std::uint8_t { signature, hmac };

// What is to be verified: all items by signature, or all by MAC.
Result<Proof> proof_of(const Batch& batch) {
  std::size_t signatures = 0;
  std::size_t macs = 0;
  for (const Item& item : batch.items) {
    const bool by_signature = item.has(member::kSignature);
    const bool by_mac = item.has(member::kHmac);
    if (!batch.many && by_signature && by_mac) {
      return refuse("provide one of 'signature' or 'hmac'");
    }
    signatures += by_signature ? 1 : 0;
    macs += by_mac && !by_signature ? 1 : 0;
  }
  const bool missing = signatures + macs < batch.items.size();
  if (!batch.many && missing) {
    return refuse("neither a 'signature' nor an 'hmac' were given to verify");
  }
  if (signatures > 0 && macs > 0) {
    return refuse("elements of batch_input must all provide 'signature' or all provide 'hmac'");
  }
  if (missing && signatures > 0) {
    return refuse("some elements of batch_input are missing 'signature'");
  }
  if (missing && macs > 0) return refuse("some elements of batch_input are missing 'hmac'");
  if (missing) return refuse("no batch_input elements have 'signature' or 'hmac'");
  return macs > 0 ? Proof::hmac : Proof::signature;
}

Result<Reply> verify(Call& call) {
  COFFER_TRY(const Batch batch, batch_of(call));
  COFFER_TRY(const Proof proof, proof_of(batch));
  const bool by_mac = proof == Proof::hmac;
  SignOptions options;
  if (by_mac) {
    COFFER_TRY(options.hash, hash_of(call, "unsupported algorithm"));
  } else {
    COFFER_TRY(options, options_of(call));
  }
  MasterKeys keys = transit_keys(call);
  COFFER_TRY(const KeyPtr key, keys.find(key_name(call)));
  if (!key) {
    return refuse(by_mac ? "encryption key not found" : "signature verification key not found");
  }
  COFFER_CHECK(domain::check_usable(key->row, by_mac ? KeyUse::mac : KeyUse::verify));
  std::vector<Result<Work>> work;
  for (const Item& item : batch.items) {
    work.push_back(by_mac ? mac_check_of(keys, key->row, batch, item, options.hash)
                          : verification_of(keys, key->row, batch, item, options));
  }
  const bool slow = !by_mac && work.size() > kMaxSignaturesInLoop;
  COFFER_TRY(const auto done, do_all(call, std::move(work), slow));
  return batch_reply(call, batch, *done, OnFailure::fine, [](JsonWriter& w, const Produced& item) {
    w.key("valid").boolean(item.valid);
  });
}

Result<Reply> hmac(Call& call) {
  COFFER_TRY(const HashKind hash, hash_of(call, "unsupported algorithm"));
  COFFER_TRY(const Batch batch, batch_of(call));
  COFFER_TRY(const std::int64_t version, number_of(call.body, "key_version"));
  MasterKeys keys = transit_keys(call);
  COFFER_TRY(const KeyPtr key, keys.find(key_name(call)));
  if (!key) return refuse("encryption key not found");
  COFFER_TRY(const ReadyKey ready, keys.maker(key->row, KeyUse::mac, version));
  std::vector<Result<Work>> work;
  for (const Item& item : batch.items) {
    auto input = input_of(batch, item, "missing input for HMAC");
    if (!input) {
      work.push_back(std::unexpected(input.error()));
      continue;
    }
    work.push_back(Work([ready, input = *std::move(input), hash]() -> Result<Produced> {
      return Produced{.text = versioned_text(ready.version, ready.key->mac(hash, input.view()))};
    }));
  }
  COFFER_TRY(const auto done, do_all(call, std::move(work), false));
  return batch_reply(call, batch, *done, OnFailure::fine, [](JsonWriter& w, const Produced& item) {
    w.key("hmac").string(item.text.text());
  });
}

}  // namespace

void add_transit_sign_routes(RouteTable& routes) {
  for (const std::string_view suffix : {"{key}", "{key}/{algorithm}"}) {
    const auto add = [&](std::string_view prefix,
                         std::string_view action,
                         EventType event,
                         gate::Handler handler) {
      add_transit(routes,
                  Verb::write,
                  std::string(prefix) + std::string(suffix),
                  action,
                  event,
                  std::move(handler));
    };
    add("sign/", "kms.sign", EventType::key_signed, sign);
    add("verify/", "kms.verify", EventType::key_verified, verify);
    add("hmac/", "kms.mac", EventType::key_mac_computed, hmac);
  }
}

}  // namespace coffer::dialects::vault
