#include "crypto/certificate_read.h"

#include <algorithm>
#include <array>
#include <ctime>
#include <limits>

namespace coffer::crypto {
namespace {

constexpr std::int64_t kSecond = 1'000'000'000;
constexpr std::size_t kMaxSerial = 20;

using NamesPtr = OpensslPtr<GENERAL_NAMES, GENERAL_NAMES_free>;

std::unexpected<Error> malformed_name() {
  return fail(Code::invalid_argument, "malformed name in a certificate or request");
}

Result<std::string> oid_text(const ASN1_OBJECT* object) {
  std::array<char, 256> text{};
  const int size = OBJ_obj2txt(text.data(), static_cast<int>(text.size()), object, 1);
  if (size <= 0 || static_cast<std::size_t>(size) >= text.size()) return malformed_name();
  return std::string(text.data(), static_cast<std::size_t>(size));
}

Result<std::string> utf8_text(const ASN1_STRING* string) {
  unsigned char* raw = nullptr;
  const int size = ASN1_STRING_to_UTF8(&raw, string);
  const MemoryPtr utf8(raw);
  if (size < 0) return malformed_name();
  return std::string(reinterpret_cast<const char*>(raw), static_cast<std::size_t>(size));
}

ByteView octets_of(const ASN1_STRING* string) {
  return {ASN1_STRING_get0_data(string), static_cast<std::size_t>(ASN1_STRING_length(string))};
}

Result<> add_name(const GENERAL_NAME* name, AlternativeNames& out) {
  int kind = 0;
  const void* const value = GENERAL_NAME_get0_value(name, &kind);
  const auto* string = static_cast<const ASN1_STRING*>(value);
  switch (kind) {
    case GEN_DNS:
      out.dns.emplace_back(as_text(octets_of(string)));
      return {};
    case GEN_EMAIL:
      out.email.emplace_back(as_text(octets_of(string)));
      return {};
    case GEN_URI:
      out.uri.emplace_back(as_text(octets_of(string)));
      return {};
    case GEN_IPADD:
      out.ip.push_back(to_bytes(octets_of(string)));
      return {};
    case GEN_OTHERNAME: {
      const auto* other = static_cast<const OTHERNAME*>(value);
      if (ASN1_TYPE_get(other->value) != V_ASN1_UTF8STRING) break;
      COFFER_TRY(std::string type, oid_text(other->type_id));
      COFFER_TRY(std::string text, utf8_text(other->value->value.utf8string));
      out.other.push_back({std::move(type), std::move(text)});
      return {};
    }
    default:
      break;
  }
  return fail(Code::invalid_argument, "subject alternative name of a kind that is not supported");
}

}  // namespace

Result<Timestamp> read_time(const ASN1_TIME* time) {
  std::tm calendar{};
  if (ASN1_TIME_to_tm(time, &calendar) != 1) {
    return fail(Code::invalid_argument, "certificate with a malformed time");
  }
  const std::int64_t seconds = timegm(&calendar);
  constexpr std::int64_t kLimit = std::numeric_limits<std::int64_t>::max() / kSecond;
  if (seconds >= kLimit) return Timestamp{std::numeric_limits<std::int64_t>::max()};
  if (seconds <= -kLimit) return Timestamp{std::numeric_limits<std::int64_t>::min()};
  return Timestamp{seconds * kSecond};
}

Result<Bytes> read_serial(const ASN1_INTEGER* serial) {
  const BignumPtr number(ASN1_INTEGER_to_BN(serial, nullptr));
  const auto size = number == nullptr ? 0 : static_cast<std::size_t>(BN_num_bytes(number.get()));
  if (number == nullptr || BN_is_negative(number.get()) != 0 || size == 0 || size > kMaxSerial) {
    return fail(Code::invalid_argument, "certificate with a serial number out of its range");
  }
  Bytes octets(size);
  BN_bn2bin(number.get(), octets.data());
  return octets;
}

Result<DistinguishedName> read_name(const X509_NAME* name) {
  DistinguishedName out;
  const int count = X509_NAME_entry_count(name);
  for (int i = 0; i < count; ++i) {
    const X509_NAME_ENTRY* entry = X509_NAME_get_entry(name, i);
    COFFER_TRY(std::string type, oid_text(X509_NAME_ENTRY_get_object(entry)));
    COFFER_TRY(std::string value, utf8_text(X509_NAME_ENTRY_get_data(entry)));
    out.attributes.push_back({std::move(type), std::move(value)});
  }
  COFFER_CHECK(check_name(out));
  return out;
}

Bytes name_der(const X509_NAME* name) {
  const unsigned char* octets = nullptr;
  std::size_t size = 0;
  must(X509_NAME_get0_der(name, &octets, &size) == 1, "OpenSSL failed to write a name");
  return {octets, octets + size};
}

Result<AlternativeNames> read_alternative_names(const STACK_OF(X509_EXTENSION) * extensions) {
  AlternativeNames out;
  COFFER_TRY(GENERAL_NAMES* const found,
             read_extension<GENERAL_NAMES>(extensions, NID_subject_alt_name));
  if (found == nullptr) return out;
  const NamesPtr names(found);
  const int count = sk_GENERAL_NAME_num(names.get());
  if (static_cast<std::size_t>(count) > kMaxAlternativeNames) return malformed_name();
  for (int i = 0; i < count; ++i) {
    COFFER_CHECK(add_name(sk_GENERAL_NAME_value(names.get(), i), out));
  }
  COFFER_CHECK(check_names(out));
  return out;
}

}  // namespace coffer::crypto
