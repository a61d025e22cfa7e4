// For the tests of this floor: a world with one mount, and units of work in one line.
#pragma once

#include "domain/kms/master_keys.h"
#include "work/test_world.h"

#include <gtest/gtest.h>

#include <array>
#include <map>
#include <memory>
#include <string>
#include <string_view>

namespace coffer::domain {

inline constexpr std::array kEveryKeyType{KeyType::aes128_gcm96,
                                          KeyType::aes256_gcm96,
                                          KeyType::chacha20_poly1305,
                                          KeyType::hmac,
                                          KeyType::ecdsa_p256,
                                          KeyType::ecdsa_p384,
                                          KeyType::ecdsa_p521,
                                          KeyType::ecdsa_secp256k1,
                                          KeyType::ed25519,
                                          KeyType::rsa2048,
                                          KeyType::rsa3072,
                                          KeyType::rsa4096};

// Material of a type. RSA keys take seconds to make: one of each for all tests.
inline KeyMaterial test_material(KeyType type) {
  static const auto random = crypto::seeded_random(77);
  if (!is_rsa(type)) return generate_material(type, 0, *random);
  static std::map<KeyType, KeyMaterial> made;
  const auto at = made.find(type);
  if (at != made.end()) return at->second.clone();
  return made.emplace(type, generate_material(type, 0, *random)).first->second.clone();
}

class KmsTest : public testing::Test {
 protected:
  // Runs `work(MasterKeys&)` in a unit of its own and commits it when it succeeds.
  template <class F>
  auto unit(F&& work) {
    work::View view = world_.view();
    MasterKeys keys(view, mount_, *state_);
    auto result = work(keys);
    if (result && view.has_writes()) {
      if (const Result<> done = world_.commit(view); !done) {
        result = std::unexpected(done.error());
      }
    }
    return result;
  }

  // The same for a key that is there.
  template <class F>
  auto with(std::string_view name, F&& work) {
    return unit([&](MasterKeys& keys) -> decltype(work(keys, std::declval<const MasterKeyRow&>())) {
      COFFER_TRY(const KeyPtr key, keys.find(name));
      if (!key) return fail(Code::not_found, "no such key");
      return work(keys, key->row);
    });
  }

  Result<> create(KeySpec spec) {
    const KeyMaterial first = test_material(spec.type);
    return unit([&](MasterKeys& keys) { return keys.create(spec, &first); });
  }

  Result<> create(std::string_view name, KeyType type = KeyType::aes256_gcm96) {
    KeySpec spec;
    spec.name = name;
    spec.type = type;
    return create(std::move(spec));
  }

  Result<> rotate(std::string_view name) {
    return with(name, [&](MasterKeys& keys, const MasterKeyRow& key) {
      return keys.rotate(key, test_material(*key.type));
    });
  }

  MasterKeyRow row(std::string_view name) {
    return world_.value(unit([&](MasterKeys& keys) { return keys.find(name); }))->row;
  }

  Result<Bytes> encrypt(std::string_view name, std::string_view text, std::int64_t version = 0) {
    return unit([&](MasterKeys& keys) -> Result<Bytes> {
      COFFER_TRY(KeyPtr key, keys.find(name));
      if (!key) return fail(Code::not_found, "no such key");
      COFFER_TRY(key, keys.count_uses(key, version, 1));
      COFFER_TRY(const ReadyKey ready, keys.maker(key->row, KeyUse::encrypt, version));
      return ready.key->encrypt({}, {}, as_bytes(text));
    });
  }

  // The text, or the error's message.
  std::string decrypt(std::string_view name, std::uint64_t version, ByteView sealed) {
    const auto opened =
        with(name, [&](MasterKeys& keys, const MasterKeyRow& key) -> Result<std::string> {
          COFFER_TRY(const ReadyKey ready, keys.opener(key, KeyUse::decrypt, version));
          COFFER_TRY(const auto plain, ready.key->decrypt({}, {}, sealed));
          return std::string(as_text(plain.view()));
        });
    return opened ? *opened : opened.error().message;
  }

  template <class T>
  static std::string why(const Result<T>& result) {
    return result ? "" : result.error().message;
  }

  const Bytes mount_ = to_bytes("\x01mount\xff!");
  work::TestWorld world_;
  std::unique_ptr<KmsState> state_ = std::make_unique<KmsState>();
};

}  // namespace coffer::domain
