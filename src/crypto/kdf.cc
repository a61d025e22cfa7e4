#include "crypto/kdf.h"

#include <openssl/evp.h>

#include <algorithm>
#include <bit>
#include <stdexcept>

namespace coffer::crypto {
namespace {

// RFC 5869 §2.2. An absent salt is a string of zeros of the hash's size, which HMAC makes of an
// empty key by itself.
secure::SecureBytes extract(HashKind kind, ByteView salt, ByteView key) {
  secure::SecureBytes out(digest_size(kind));
  hmac_to(kind, salt, key, out.mutable_view());
  return out;
}

// RFC 5869 §2.3: T(n) = HMAC(PRK, T(n-1) || info || n), and the output is T(1) || T(2) || ...
secure::SecureBytes expand(HashKind kind, ByteView prk, ByteView info, std::size_t size) {
  secure::SecureBytes out;
  out.reserve(size);
  secure::SecureBytes block(digest_size(kind));
  secure::SecureBytes input;
  for (std::uint8_t n = 1; out.size() < size; ++n) {
    input.resize(0);
    if (n > 1) input.append(block.view());
    input.append(info);
    input.push_back(n);
    hmac_to(kind, prk, input.view(), block.mutable_view());
    out.append(block.view().first(std::min(block.size(), size - out.size())));
  }
  return out;
}

Result<> validate(const ScryptCost& cost, std::size_t size) {
  const bool in_range = std::has_single_bit(cost.n) && cost.n >= 2 && cost.n <= kMaxScryptN &&
                        cost.r >= 1 && cost.r <= kMaxScryptR && cost.p >= 1 &&
                        cost.p <= kMaxScryptP && size >= 1 && size <= kMaxScryptSize;
  if (!in_range) return fail(Code::invalid_argument, "scrypt cost or size out of its limits");
  return {};
}

}  // namespace

Result<secure::SecureBytes> hkdf(
    HashKind kind, ByteView key, ByteView salt, ByteView info, std::size_t size) {
  if (size > 255 * digest_size(kind)) {
    return fail(Code::invalid_argument, "HKDF output longer than 255 hash lengths");
  }
  return expand(kind, extract(kind, salt, key).view(), info, size);
}

secure::SecureBytes derive_key(ByteView key, std::string_view label) {
  return *hkdf(HashKind::sha256, key, {}, as_bytes(label), 32);
}

Result<secure::SecureBytes> scrypt(ByteView password,
                                   ByteView salt,
                                   ScryptCost cost,
                                   std::size_t size) {
  COFFER_CHECK(validate(cost, size));
  // OpenSSL refuses to allocate more than this; what RFC 7914 §6 needs is just below it.
  const std::uint64_t memory_limit = 128 * cost.r * (cost.n + cost.p + 2) + 4096;
  // An absent password would make OpenSSL skip the work.
  const std::string_view password_text =
      password.empty() ? std::string_view("") : as_text(password);
  secure::SecureBytes out(size);
  if (EVP_PBE_scrypt(password_text.data(),
                     password_text.size(),
                     salt.data(),
                     salt.size(),
                     cost.n,
                     cost.r,
                     cost.p,
                     memory_limit,
                     out.mutable_view().data(),
                     size) != 1) {
    throw std::runtime_error("OpenSSL failed to run scrypt");
  }
  return out;
}

}  // namespace coffer::crypto
