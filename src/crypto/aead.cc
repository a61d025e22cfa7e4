#include "crypto/aead.h"

#include "base/wire.h"
#include "crypto/block_cipher.h"
#include "crypto/kept_schedule.h"
#include "crypto/xaes.h"

#include <optional>
#include <stdexcept>

namespace coffer::crypto {
namespace {

constexpr std::size_t kXaesNonce = 24;
constexpr std::size_t kPlainNonce = 12;

AuthCipher cipher_of(AeadKind kind) {
  switch (kind) {
    case AeadKind::xaes256_gcm:
    case AeadKind::aes256_gcm:
      return AuthCipher::aes256_gcm;
    case AeadKind::aes128_gcm:
      return AuthCipher::aes128_gcm;
    case AeadKind::chacha20_poly1305:
      return AuthCipher::chacha20_poly1305;
  }
  throw std::logic_error("no such AeadKind");
}

// The key of one message: the key itself, or for XAES one derived from the nonce and wiped after.
class MessageKey {
 public:
  MessageKey(const std::optional<XaesKey>& xaes, ByteView key, ByteView nonce)
      : key_(key), nonce_(nonce) {
    if (!xaes) return;
    serves_once_ = true;
    xaes->derive(nonce.first(XaesKey::kDerivedFrom), derived_);
    key_ = derived_;
    nonce_ = nonce.subspan(XaesKey::kDerivedFrom);
  }

  MessageKey(const MessageKey&) = delete;
  MessageKey& operator=(const MessageKey&) = delete;

  ~MessageKey() { secure::wipe(derived_.data(), derived_.size()); }

  [[nodiscard]] AuthMessage with(ByteView aad) const {
    return {.key = key_, .nonce = nonce_, .aad = aad, .key_serves_once = serves_once_};
  }

 private:
  ByteView key_;
  ByteView nonce_;
  bool serves_once_ = false;
  std::array<std::uint8_t, 32> derived_{};
};

enum class Lifetime : std::uint8_t { call, lasting };  // of the expanded key

class KeyedAead final : public Aead {
 public:
  // `key` has the size of `kind`. A null `random` is for callers of seal_under() and open() alone.
  KeyedAead(AeadKind kind, ByteView key, Random* random, Lifetime lifetime)
      : kind_(kind), cipher_(cipher_of(kind)), random_(random) {
    if (kind == AeadKind::xaes256_gcm) {
      xaes_.emplace(key);
    } else {
      key_ = secure::SecureBytes(key);
      if (lifetime == Lifetime::lasting) kept_ = std::make_unique<KeptSchedule>(cipher_, key);
    }
  }

  void seal(ByteView aad, ByteView plaintext, Bytes& out) const override {
    std::array<std::uint8_t, kXaesNonce> buffer{};
    const MutableBytes nonce = MutableBytes(buffer).first(nonce_size(kind_));
    random_->fill(nonce);
    seal_under(nonce, aad, plaintext, out);
  }

  void seal_convergent(const HmacKey& nonce_key,
                       ByteView aad,
                       ByteView plaintext,
                       Bytes& out) const override {
    Bytes size;
    Writer(size).u64(aad.size());
    secure::SecureBytes message(size);
    message.reserve(size.size() + aad.size() + plaintext.size());
    message.append(aad);
    message.append(plaintext);
    const Digest mac = nonce_key.mac(message.view());
    seal_under(ByteView(mac).first(nonce_size(kind_)), aad, plaintext, out);
  }

  void seal_under(ByteView nonce, ByteView aad, ByteView plaintext, Bytes& out) const {
    if (plaintext.size() > kMaxMessage || aad.size() > kMaxMessage) {
      throw std::length_error("message beyond the limit of Aead");
    }
    append(out, nonce);
    const std::size_t start = out.size();
    out.resize(start + plaintext.size() + kTagSize);
    const MutableBytes sealed = MutableBytes(out).subspan(start);
    if (kept_ && kept_->encrypt(nonce, aad, plaintext, sealed)) return;
    const MessageKey key(xaes_, key_.view(), nonce);
    auth_encrypt(cipher_, key.with(aad), plaintext, sealed);
  }

  Result<secure::SecureBytes> open(ByteView aad, ByteView sealed) const override {
    const std::size_t overhead = nonce_size(kind_) + kTagSize;
    if (sealed.size() < overhead || sealed.size() - overhead > kMaxMessage ||
        aad.size() > kMaxMessage) {
      return fail(Code::corrupt, "sealed message of an impossible size");
    }
    secure::SecureBytes plaintext(sealed.size() - overhead);
    const ByteView nonce = sealed.first(nonce_size(kind_));
    if (!decrypt(nonce, aad, sealed.subspan(nonce.size()), plaintext.mutable_view())) {
      return fail(Code::corrupt, "sealed message does not authenticate");
    }
    return plaintext;
  }

  Result<> verify(ByteView aad, ByteView sealed) const override {
    COFFER_TRY(const auto plaintext, open(aad, sealed));
    return {};
  }

 private:
  [[nodiscard]] bool decrypt(ByteView nonce,
                             ByteView aad,
                             ByteView sealed,
                             MutableBytes out) const {
    std::optional<bool> authentic;
    if (kept_) authentic = kept_->decrypt(nonce, aad, sealed, out);
    if (authentic) return *authentic;
    const MessageKey key(xaes_, key_.view(), nonce);
    return auth_decrypt(cipher_, key.with(aad), sealed, out);
  }

  const AeadKind kind_;
  const AuthCipher cipher_;
  Random* const random_;
  secure::SecureBytes key_;             // empty for XAES,
  std::optional<XaesKey> xaes_;         // which keeps its own
  std::unique_ptr<KeptSchedule> kept_;  // of a lasting one; it locks itself
};

Result<> validate_key(AeadKind kind, ByteView key) {
  if (key.size() != key_size(kind)) {
    return fail(Code::invalid_argument, "AEAD key of the wrong size");
  }
  return {};
}

}  // namespace

std::size_t key_size(AeadKind kind) {
  return kind == AeadKind::aes128_gcm ? 16 : 32;
}

std::size_t nonce_size(AeadKind kind) {
  return kind == AeadKind::xaes256_gcm ? kXaesNonce : kPlainNonce;
}

Result<std::unique_ptr<Aead>> make_aead(AeadKind kind, ByteView key, Random& random) {
  COFFER_CHECK(validate_key(kind, key));
  return std::make_unique<KeyedAead>(kind, key, &random, Lifetime::call);
}

Result<std::unique_ptr<Aead>> make_lasting_aead(AeadKind kind, ByteView key, Random& random) {
  COFFER_CHECK(validate_key(kind, key));
  return std::make_unique<KeyedAead>(kind, key, &random, Lifetime::lasting);
}

Result<Bytes> seal_with_nonce(
    AeadKind kind, ByteView key, ByteView nonce, ByteView aad, ByteView plaintext) {
  COFFER_CHECK(validate_key(kind, key));
  if (nonce.size() != nonce_size(kind)) {
    return fail(Code::invalid_argument, "AEAD nonce of the wrong size");
  }
  Bytes out;
  KeyedAead(kind, key, nullptr, Lifetime::call).seal_under(nonce, aad, plaintext, out);
  return out;
}

}  // namespace coffer::crypto
