#include "domain/parameters/parameter_rows.h"

#include "base/enum_table.h"

template struct coffer::rows::RowCodec<coffer::domain::ParameterRow>;
template struct coffer::rows::RowCodec<coffer::domain::ParameterVersionRow>;

namespace coffer::domain {
namespace {

constexpr EnumTable<ParameterType, 3> kTypes{{{{ParameterType::string, "String"},
                                               {ParameterType::string_list, "StringList"},
                                               {ParameterType::secure_string, "SecureString"}}}};
constexpr EnumTable<ParameterTier, 3> kTiers{
    {{{ParameterTier::standard, "Standard"},
      {ParameterTier::advanced, "Advanced"},
      {ParameterTier::intelligent, "Intelligent-Tiering"}}}};

}  // namespace

std::string_view to_text(ParameterType type) {
  return kTypes.text(type);
}

std::string_view to_text(ParameterTier tier) {
  return kTiers.text(tier);
}

std::optional<ParameterType> parse_parameter_type(std::string_view text) {
  return kTypes.parse(text);
}

std::optional<ParameterTier> parse_parameter_tier(std::string_view text) {
  return kTiers.parse(text);
}

std::vector<store::IndexEntry> ParameterRow::index() const {
  if (!*expires) return {};
  Bytes entry;
  Writer(entry).u64(static_cast<std::uint64_t>((*expires)->ns));
  return {{kParameterExpiry, std::move(entry)}};
}

Bytes parameter_version_key(ByteView mount, ByteView uid, std::uint64_t version) {
  Bytes key = to_bytes(mount);
  append(key, uid);
  Writer(key).u64(version);
  return key;
}

}  // namespace coffer::domain
