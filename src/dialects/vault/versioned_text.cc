#include "dialects/vault/versioned_text.h"

#include <charconv>

namespace coffer::dialects::vault {
namespace {

constexpr std::string_view kPrefix = "vault:v";

}  // namespace

Result<VersionedText> parse_versioned(std::string_view what, std::string_view text) {
  const auto invalid = [&](std::string_view why) {
    return fail(Code::invalid_argument, "invalid " + std::string(what) + ": " + std::string(why));
  };
  if (!text.starts_with(kPrefix)) return invalid("no prefix");
  text.remove_prefix(kPrefix.size());
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return invalid("wrong number of fields");
  const std::string_view digits = text.substr(0, colon);
  VersionedText out;
  const auto [stop, error] =
      std::from_chars(digits.data(), digits.data() + digits.size(), out.version);
  if (digits.empty() || error != std::errc{} || stop != digits.data() + digits.size()) {
    return invalid("version number could not be decoded");
  }
  if (out.version == 0) out.version = 1;
  out.encoded = text.substr(colon + 1);
  return out;
}

secure::SecureText versioned_text(std::uint32_t version, ByteView octets, Base64 kind) {
  secure::SecureText out;
  const std::size_t size = base64_encoded_size(octets.size(), kind);
  out.reserve(kPrefix.size() + 12 + size);
  out.append(kPrefix);
  out.append(std::to_string(version));
  out.push_back(':');
  secure::SecureBytes& bytes = out.bytes();
  const std::size_t start = bytes.size();
  bytes.resize(start + size);
  base64_encode_to(
      octets, kind, reinterpret_cast<char*>(bytes.mutable_view().subspan(start).data()));
  return out;
}

std::optional<secure::SecureBytes> decode_secret(std::string_view text) {
  secure::SecureBytes octets(text.size());
  const auto size = base64_decode_to(text, Base64::standard, octets.mutable_view().data());
  if (!size) return std::nullopt;
  octets.resize(*size);
  return octets;
}

}  // namespace coffer::dialects::vault
