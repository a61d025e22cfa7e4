// SHA256_CTX is deprecated in favour of EVP, but it is the only form whose half-way state is a
// plain value: it can be kept const, copied on the stack and wiped, which makes HmacKey safe for
// concurrent use without contexts per thread, and saves 20 % of the time of EVP.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "crypto/hash.h"

#include "crypto/openssl_digest.h"
#include "crypto/openssl_ptr.h"

#include <openssl/core_names.h>
#include <openssl/params.h>
#include <openssl/sha.h>

#include <algorithm>

namespace coffer::crypto {
namespace {

constexpr std::size_t kBlock = 64;  // of SHA-256
constexpr std::uint8_t kInnerPad = 0x36;
constexpr std::uint8_t kOuterPad = 0x5c;

// A running SHA-256 whose state is wiped at the end: it may have swallowed a key.
class Sha256 {
 public:
  Sha256() { SHA256_Init(&state_); }

  Sha256(const Sha256&) = default;
  Sha256& operator=(const Sha256&) = delete;

  ~Sha256() { secure::wipe(&state_, sizeof(state_)); }

  void update(ByteView data) { SHA256_Update(&state_, data.data(), data.size()); }

  Digest finish() {
    Digest out;
    SHA256_Final(out.data(), &state_);
    return out;
  }

 private:
  SHA256_CTX state_;
};

const EVP_MAC* openssl_hmac() {
  static const MacPtr mac(EVP_MAC_fetch(nullptr, "HMAC", nullptr));
  must(mac != nullptr, "OpenSSL has no HMAC");
  return mac.get();
}

// OpenSSL reads a null pointer as "no key given", so an empty view needs an address.
const std::uint8_t* address(ByteView view) {
  static constexpr std::uint8_t kNothing = 0;
  return view.empty() ? &kNothing : view.data();
}

}  // namespace

// The two hashes of RFC 2104 §4, each one block in.
struct HmacKey::State {
  Sha256 inner;
  Sha256 outer;

  explicit State(ByteView key) {
    std::array<std::uint8_t, kBlock> block{};
    if (key.size() > kBlock) {
      Digest hashed = sha256(key);
      std::ranges::copy(hashed, block.begin());
      secure::wipe(hashed.data(), hashed.size());
    } else {
      std::ranges::copy(key, block.begin());
    }
    for (auto& octet : block) octet ^= kInnerPad;
    inner.update(block);
    for (auto& octet : block) octet ^= kInnerPad ^ kOuterPad;
    outer.update(block);
    secure::wipe(block.data(), block.size());
  }

  [[nodiscard]] Digest mac(ByteView data) const {
    Sha256 first = inner;
    first.update(data);
    Sha256 second = outer;
    second.update(first.finish());
    return second.finish();
  }
};

HmacKey::HmacKey(ByteView key) : state_(std::make_unique<State>(key)) {}

HmacKey::HmacKey(HmacKey&&) noexcept = default;
HmacKey& HmacKey::operator=(HmacKey&&) noexcept = default;
HmacKey::~HmacKey() = default;

Digest HmacKey::mac(ByteView data) const {
  return state_->mac(data);
}

std::size_t digest_size(HashKind kind) {
  return static_cast<std::size_t>(EVP_MD_get_size(openssl_digest(kind)));
}

Digest sha256(ByteView data) {
  Sha256 running;
  running.update(data);
  return running.finish();
}

Digest sha256(std::initializer_list<ByteView> parts) {
  Sha256 running;
  for (const ByteView part : parts) running.update(part);
  return running.finish();
}

struct RunningSha256::State {
  Sha256 hash;
};

RunningSha256::RunningSha256() : state_(std::make_unique<State>()) {}

RunningSha256::RunningSha256(RunningSha256&&) noexcept = default;
RunningSha256& RunningSha256::operator=(RunningSha256&&) noexcept = default;
RunningSha256::~RunningSha256() = default;

void RunningSha256::update(ByteView data) {
  state_->hash.update(data);
}

Digest RunningSha256::finish() {
  return state_->hash.finish();
}

Bytes hash(HashKind kind, ByteView data) {
  Bytes out(digest_size(kind));
  must(
      EVP_Digest(data.data(), data.size(), out.data(), nullptr, openssl_digest(kind), nullptr) == 1,
      "OpenSSL failed to hash");
  return out;
}

Digest hmac_sha256(ByteView key, ByteView data) {
  return HmacKey(key).mac(data);
}

Bytes hmac(HashKind kind, ByteView key, ByteView data) {
  Bytes out(digest_size(kind));
  hmac_to(kind, key, data, out);
  return out;
}

void hmac_to(HashKind kind, ByteView key, ByteView data, MutableBytes out) {
  if (out.size() != digest_size(kind)) throw std::logic_error("hmac_to: wrong output size");
  const MacContextPtr context(EVP_MAC_CTX_new(const_cast<EVP_MAC*>(openssl_hmac())));
  const std::array params = {
      OSSL_PARAM_construct_utf8_string(
          OSSL_MAC_PARAM_DIGEST, const_cast<char*>(openssl_digest_name(kind)), 0),
      OSSL_PARAM_construct_end()};
  std::size_t written = 0;
  must(context != nullptr &&
           EVP_MAC_init(context.get(), address(key), key.size(), params.data()) == 1 &&
           EVP_MAC_update(context.get(), data.data(), data.size()) == 1 &&
           EVP_MAC_final(context.get(), out.data(), &written, out.size()) == 1,
       "OpenSSL failed to compute an HMAC");
}

}  // namespace coffer::crypto
