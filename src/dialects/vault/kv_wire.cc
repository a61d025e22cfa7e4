#include "dialects/vault/kv_wire.h"

#include "base/time_text.h"
#include "formats/vault_fields.h"
#include "net/target.h"

#include <charconv>

namespace coffer::dialects::vault {
namespace {

constexpr std::size_t kMaxListing = 100'000;

template <class Number>
std::optional<Number> parse_number(std::string_view text) {
  Number number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

void write_versions(formats::JsonWriter& w, const std::vector<domain::VersionState>& versions) {
  w.key("versions").begin_object();
  for (const domain::VersionState& version : versions) {
    w.key(std::to_string(version.number)).begin_object();
    w.key("created_time").string(rfc3339(version.created));
    w.key("deletion_time").string(deletion_text(version.deletion));
    w.key("destroyed").boolean(version.destroyed);
    w.end_object();
  }
  w.end_object();
}

// Vault's way to say where the history begins: 0 until something was pruned.
std::uint64_t oldest_version(const std::vector<domain::VersionState>& versions) {
  if (versions.empty() || versions.front().number == 1) return 0;
  return versions.front().number;
}

}  // namespace

Result<std::string_view> whole_body(const gate::Call& call) {
  if (call.body.members().empty()) return fail(Code::invalid_argument, "missing data fields");
  return call.body.raw();
}

Result<std::string_view> data_field(const gate::Call& call) {
  COFFER_TRY(const auto data, formats::object_field(call.body, "data"));
  if (!data) return fail(Code::invalid_argument, "no data provided");
  return data->raw();
}

Result<domain::Cas> cas_option(const gate::Call& call) {
  COFFER_TRY(const auto options, formats::object_field(call.body, "options"));
  if (!options) return domain::Cas();
  auto cas = formats::integer_field(*options, "cas");
  if (!cas) return fail(Code::invalid_argument, "error parsing check-and-set parameter");
  return *cas;
}

Result<std::vector<std::int64_t>> versions_field(const gate::Call& call) {
  std::vector<std::int64_t> numbers;
  const auto field = call.body.find_value("versions");
  if (field && field->kind() == formats::JsonKind::number) {
    COFFER_TRY(const auto number, formats::integer_field(call.body, "versions"));
    numbers.push_back(*number);
    return numbers;
  }
  COFFER_TRY(const auto texts, formats::list_field(call.body, "versions"));
  if (!texts) return numbers;
  for (const std::string& text : *texts) {
    const auto number = parse_number<std::int64_t>(text);
    if (!number) return fail(Code::invalid_argument, "versions: expected a list of integers");
    numbers.push_back(*number);
  }
  return numbers;
}

Result<std::uint64_t> query_number(const gate::Call& call, std::string_view name) {
  const auto text = net::query_value(call.target, name);
  if (!text || text->empty()) return std::uint64_t{0};
  const auto number = parse_number<std::uint64_t>(*text);
  if (!number) return fail(Code::invalid_argument, std::string(name) + ": expected a number");
  return *number;
}

Page page_of(const gate::Call& call, std::size_t most) {
  // Clients send -1 for "all".
  const auto asked =
      parse_number<std::int64_t>(net::query_value(call.target, "limit").value_or("-1"));
  const bool bounded = asked && *asked > 0 && static_cast<std::uint64_t>(*asked) <= most;
  return {.after = net::query_value(call.target, "after").value_or(""),
          .limit = bounded ? static_cast<std::size_t>(*asked) : most + 1};
}

Result<gate::Reply> list_reply(const gate::Call& call, const Lister& list) {
  const Page page = page_of(call, kMaxListing);
  COFFER_TRY(const auto names, list(page.after, page.limit));
  if (names.size() > kMaxListing) {
    return fail(Code::too_large, "more than 100000 names: ask for pages with after and limit");
  }
  return list_answer(call, names);
}

std::string deletion_text(Timestamp deletion) {
  return deletion == Timestamp{} ? std::string() : rfc3339(deletion);
}

void write_custom_metadata(formats::JsonWriter& w, const domain::CustomMetadata& custom) {
  w.key("custom_metadata");
  if (custom.empty()) {
    w.null();
    return;
  }
  w.begin_object();
  for (const auto& [name, value] : custom) w.key(name).string(value);
  w.end_object();
}

void write_version(formats::JsonWriter& w,
                   const domain::VersionState& version,
                   const domain::CustomMetadata& custom) {
  w.key("created_time").string(rfc3339(version.created));
  write_custom_metadata(w, custom);
  w.key("deletion_time").string(deletion_text(version.deletion));
  w.key("destroyed").boolean(version.destroyed);
  w.key("version").integer(static_cast<std::int64_t>(version.number));
}

void write_secret(formats::JsonWriter& w, const domain::SecretRow& secret) {
  w.key("cas_required").boolean(*secret.cas_required);
  w.key("created_time").string(rfc3339(*secret.created));
  w.key("current_metadata_version").integer(static_cast<std::int64_t>(*secret.metadata_version));
  w.key("current_version").integer(static_cast<std::int64_t>(*secret.current));
  write_custom_metadata(w, *secret.custom_metadata);
  w.key("delete_version_after").string(go_duration(*secret.delete_version_after));
  w.key("max_versions").integer(*secret.max_versions);
  w.key("metadata_cas_required").boolean(*secret.metadata_cas_required);
  w.key("oldest_version").integer(static_cast<std::int64_t>(oldest_version(*secret.versions)));
  w.key("updated_time").string(rfc3339(*secret.updated));
  write_versions(w, *secret.versions);
}

}  // namespace coffer::dialects::vault
