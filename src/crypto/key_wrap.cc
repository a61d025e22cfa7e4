#include "crypto/key_wrap.h"

#include "crypto/openssl_ptr.h"

#include <array>

namespace coffer::crypto {
namespace {

enum class Form : std::uint8_t { whole_blocks, padded };
enum class Direction : std::uint8_t { unwrap = 0, wrap = 1 };

constexpr std::size_t kBlock = 8;

// OpenSSL's name; null for a key size that AES does not have.
const char* cipher_name(Form form, std::size_t key_size) {
  const bool padded = form == Form::padded;
  switch (key_size) {
    case 16:
      return padded ? "AES-128-WRAP-PAD" : "AES-128-WRAP";
    case 24:
      return padded ? "AES-192-WRAP-PAD" : "AES-192-WRAP";
    case 32:
      return padded ? "AES-256-WRAP-PAD" : "AES-256-WRAP";
    default:
      return nullptr;
  }
}

// The output of one pass; empty when OpenSSL refused the input. `out` has room for it.
bool run(Form form, Direction direction, ByteView key, ByteView in, secure::SecureBytes& out) {
  const QuietErrors quiet;
  const CipherPtr cipher(EVP_CIPHER_fetch(nullptr, cipher_name(form, key.size()), nullptr));
  const CipherContextPtr context(EVP_CIPHER_CTX_new());
  must(cipher != nullptr && context != nullptr, "OpenSSL lacks AES key wrap");
  EVP_CIPHER_CTX_set_flags(context.get(), EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
  must(
      EVP_CipherInit_ex2(
          context.get(), cipher.get(), key.data(), nullptr, static_cast<int>(direction), nullptr) ==
          1,
      "OpenSSL failed to key a cipher");
  int written = 0;
  if (EVP_CipherUpdate(context.get(),
                       out.mutable_view().data(),
                       &written,
                       in.data(),
                       static_cast<int>(in.size())) != 1 ||
      written <= 0) {
    return false;
  }
  out.resize(static_cast<std::size_t>(written));
  return true;
}

std::unexpected<Error> unfit() {
  return fail(Code::invalid_argument, "wrapping key or key of a size that key wrap does not take");
}

Result<Bytes> wrap(Form form, ByteView wrapping_key, ByteView key) {
  if (cipher_name(form, wrapping_key.size()) == nullptr || key.size() > kMaxWrappedKey) {
    return unfit();
  }
  secure::SecureBytes out(key.size() + 3 * kBlock);
  if (!run(form, Direction::wrap, wrapping_key, key, out)) return unfit();
  return to_bytes(out.view());
}

Result<secure::SecureBytes> unwrap(Form form, ByteView wrapping_key, ByteView wrapped) {
  if (cipher_name(form, wrapping_key.size()) == nullptr) return unfit();
  const std::size_t least = form == Form::padded ? 2 * kBlock : 3 * kBlock;
  const bool possible = wrapped.size() >= least && wrapped.size() % kBlock == 0 &&
                        wrapped.size() <= kMaxWrappedKey + 2 * kBlock;
  secure::SecureBytes out(wrapped.size() + kBlock);
  if (!possible || !run(form, Direction::unwrap, wrapping_key, wrapped, out)) {
    return fail(Code::corrupt, "wrapped key does not authenticate");
  }
  return out;
}

}  // namespace

Result<Bytes> wrap_key(ByteView wrapping_key, ByteView key) {
  if (key.size() < 2 * kBlock || key.size() % kBlock != 0) return unfit();
  return wrap(Form::whole_blocks, wrapping_key, key);
}

Result<secure::SecureBytes> unwrap_key(ByteView wrapping_key, ByteView wrapped) {
  return unwrap(Form::whole_blocks, wrapping_key, wrapped);
}

Result<Bytes> wrap_padded_key(ByteView wrapping_key, ByteView key) {
  if (key.empty()) return unfit();
  return wrap(Form::padded, wrapping_key, key);
}

Result<secure::SecureBytes> unwrap_padded_key(ByteView wrapping_key, ByteView wrapped) {
  return unwrap(Form::padded, wrapping_key, wrapped);
}

}  // namespace coffer::crypto
