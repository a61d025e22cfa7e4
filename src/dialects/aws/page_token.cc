#include "dialects/aws/page_token.h"

#include "base/encoding.h"
#include "base/wire.h"
#include "crypto/aead.h"
#include "dialects/aws/answers.h"

namespace coffer::dialects::aws {
namespace {

constexpr std::uint8_t kFormat = 1;
constexpr std::size_t kMaxPosition = 2048;
constexpr std::size_t kHead = 5;
constexpr std::string_view kLabel = "coffer aws page token v1";

Bytes binding(std::string_view operation, std::string_view request) {
  Bytes aad;
  Writer w(aad);
  w.text(operation);
  w.text(request);
  return aad;
}

}  // namespace

Result<std::string> seal_page_token(const keys::Keyring& keyring,
                                    crypto::Random& random,
                                    std::string_view operation,
                                    std::string_view request,
                                    std::string_view position) {
  if (position.size() > kMaxPosition)
    return coffer::fail(Code::too_large, "a page token is too large");
  const secure::SecureBytes key = keyring.derive(kLabel);
  COFFER_TRY(const auto aead, crypto::make_aead(crypto::AeadKind::xaes256_gcm, key.view(), random));
  Bytes whole;
  Writer w(whole);
  w.u8(kFormat);
  w.u32(keyring.active_term());
  aead->seal(binding(operation, request), as_bytes(position), whole);
  return base64_encode(whole, Base64::url_raw);
}

Result<std::string> open_page_token(const keys::Keyring& keyring,
                                    crypto::Random& random,
                                    std::string_view operation,
                                    std::string_view request,
                                    std::string_view token,
                                    std::string_view error_name) {
  const auto refused = [error_name] {
    return aws::fail(Code::invalid_argument, error_name, "The token is not valid.");
  };
  if (token.size() > kMaxPageToken) return refused();
  const auto whole = base64_decode(token, Base64::url_raw);
  if (!whole || whole->size() < kHead) return refused();
  Reader head(*whole);
  const auto format = head.u8();
  const auto term = head.u32();
  if (!format || *format != kFormat || !term) return refused();
  const auto key = keyring.derive(kLabel, *term);
  if (!key) return refused();
  COFFER_TRY(const auto aead,
             crypto::make_aead(crypto::AeadKind::xaes256_gcm, key->view(), random));
  const auto opened = aead->open(binding(operation, request), ByteView(*whole).subspan(kHead));
  if (!opened) return refused();
  return std::string(as_text(opened->view()));
}

}  // namespace coffer::dialects::aws
