#include "domain/identity/admin_parts.h"

#include "formats/utf8.h"
#include "rows/row.h"

namespace coffer::domain {
namespace {

constexpr std::size_t kMaxMetadata = 64;
constexpr std::size_t kMaxMetadataKey = 128;    // octets
constexpr std::size_t kMaxMetadataValue = 512;  // octets

struct NamesRow {
  static constexpr rows::TableSpec kTable = rows::tables::kSettings;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<std::string> name;
  rows::Clear<std::uint64_t> given;
  static constexpr auto kMembers = std::tuple{&NamesRow::name, &NamesRow::given};

  [[nodiscard]] Bytes key() const { return to_bytes(*name); }
};

}  // namespace

Result<> note_name_given(work::View& view, std::string_view kind) {
  NamesRow names;
  names.name = std::string(kind);
  COFFER_TRY(const auto present, view.find<NamesRow>(names.key()));
  if (present) names.given = *present->row.given;
  ++*names.given;
  return view.put(std::move(names));
}

Result<> check_identity_metadata(const std::map<std::string, std::string>& metadata) {
  if (metadata.size() > kMaxMetadata) {
    return fail(Code::invalid_argument, "metadata: more than 64 keys");
  }
  for (const auto& [name, value] : metadata) {
    if (name.empty() || name.size() > kMaxMetadataKey || !formats::is_printable_utf8(name)) {
      return fail(Code::invalid_argument,
                  "metadata: a key is empty, longer than 128 octets or not printable");
    }
    if (value.size() > kMaxMetadataValue || !formats::is_printable_utf8(value)) {
      return fail(Code::invalid_argument,
                  "metadata: a value is longer than 512 octets or not printable");
    }
  }
  return {};
}

}  // namespace coffer::domain
