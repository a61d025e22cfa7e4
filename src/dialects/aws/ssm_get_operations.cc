// Parameter Store: GetParameter, GetParameters, GetParameterHistory.
#include "dialects/aws/params.h"
#include "dialects/aws/ssm_parts.h"
#include "dialects/aws/ssm_reference.h"
#include "dialects/aws/ssm_shapes.h"
#include "dialects/aws/ssm_values.h"

#include <algorithm>
#include <map>
#include <set>
#include <variant>

namespace coffer::dialects::aws {
namespace {

using domain::Parameter;
using gate::Reply;
using policy::Access;
using proof::EventType;

constexpr Member kGetMembers[] = {parameter_name_member(), kWithDecryption};
constexpr Shape kGet{kGetMembers};
constexpr Member kGetManyMembers[] = {kParameterNames, kWithDecryption};
constexpr Shape kGetMany{kGetManyMembers};
constexpr Member kHistoryMembers[] = {
    parameter_name_member(), kWithDecryption, ssm_max_results(50), kSsmNextToken};
constexpr Shape kHistory{kHistoryMembers};
constexpr std::size_t kHistoryPage = 50;

constexpr SsmRule kGetRule{"secret.read", "GetParameter"};
constexpr SsmRule kGetManyRule{"secret.read", "GetParameters"};
constexpr SsmRule kHistoryRule{"secret.read", "GetParameterHistory"};

// What one name of a request names.
using FoundItem = std::variant<FoundValue, FoundReference>;

// Adds what reading it needs. Its key is the one that the stored value of the version is under.
Result<FoundItem> find_item(Ssm& ssm,
                            const std::string& name,
                            const SsmRule& rule,
                            std::vector<Access>& all) {
  if (is_secret_reference(name)) return find_reference(ssm, name, all);
  COFFER_TRY(const bool decrypt, flag(ssm.call.body, "WithDecryption"));
  COFFER_TRY(NamedParameter named, ssm.named(name));
  COFFER_TRY(all.emplace_back(), parameter_access(ssm, named, rule));
  if (!named.parameter) {
    std::unexpected<Error> missing = domain::parameter_not_found(named.text);
    return FoundValue{std::move(named), std::move(missing)};
  }
  domain::Parameters parameters = ssm.parameters();
  const auto version = parameters.select(*named.parameter, named.reference);
  if (!version) return FoundValue{std::move(named), std::unexpected(version.error())};
  AskedKeys asked;
  return find_value(ssm, std::move(named), *version, decrypt, asked, all);
}

void write_value(const Ssm& ssm,
                 formats::JsonWriter& w,
                 const FoundValue& found,
                 std::string_view value) {
  write_parameter(ssm,
                  w,
                  *found.named.parameter->row,
                  found.reading->version,
                  value,
                  found.named.reference.selector);
}

Result<FoundItem> find_one(Ssm& ssm, std::vector<Access>& all) {
  COFFER_TRY(const std::string name, text_or_empty(ssm.call.body, "Name"));
  return find_item(ssm, name, kGetRule, all);
}

Result<Reply> get_parameter(Ssm& ssm, FoundItem& found) {
  COFFER_TRY(const bool decrypt, flag(ssm.call.body, "WithDecryption"));
  if (const auto* reference = std::get_if<FoundReference>(&found)) {
    COFFER_TRY(const SecretByReference secret, read_reference(ssm, *reference, decrypt));
    return json_answer([&](formats::JsonWriter& w) {
      w.key("Parameter");
      write_reference(w, secret);
    });
  }
  auto& value = std::get<FoundValue>(found);
  COFFER_TRY(const secure::SecureText shown, shown_value(ssm, value, decrypt));
  return json_answer([&](formats::JsonWriter& w) {
    w.key("Parameter");
    write_value(ssm, w, value, shown.text());
  });
}

struct FoundMany {
  std::map<std::string, FoundItem> items;  // by the names of the request
  std::vector<std::string> no_names;       // can be no parameter's
};

Result<FoundMany> find_many(Ssm& ssm, std::vector<Access>& all) {
  COFFER_TRY(const auto names, texts(ssm.call.body, "Names"));
  FoundMany many;
  for (const std::string& name : std::set<std::string>(names.begin(), names.end())) {
    auto item = find_item(ssm, name, kGetManyRule, all);
    if (item) {
      many.items.emplace(name, *std::move(item));
    } else if (item.error().code == Code::not_found) {
      many.no_names.push_back(name);
    } else {
      return std::unexpected(item.error());
    }
  }
  if (all.empty()) all.push_back(folder_access(ssm, "", kGetManyRule));
  return many;
}

struct ManyShown {
  // By the name in the answer.
  std::multimap<std::string, std::pair<const FoundValue*, secure::SecureText>> values;
  std::vector<SecretByReference> secrets;
  std::vector<std::string> invalid;
};

bool is_about_the_name(const Error& error) {
  return error.name == "ParameterNotFound" || error.name == "ParameterVersionNotFound";
}

Result<> show_one(Ssm& ssm, FoundItem& item, bool decrypt, ManyShown& into) {
  if (const auto* reference = std::get_if<FoundReference>(&item)) {
    COFFER_TRY(auto secret, read_reference(ssm, *reference, decrypt));
    into.secrets.push_back(std::move(secret));
    return {};
  }
  auto& value = std::get<FoundValue>(item);
  COFFER_TRY(secure::SecureText shown, shown_value(ssm, value, decrypt));
  const domain::ParameterReference& reference = value.named.reference;
  into.values.emplace(reference.name + reference.selector, std::pair(&value, std::move(shown)));
  return {};
}

Result<Reply> get_parameters(Ssm& ssm, FoundMany& found) {
  COFFER_TRY(const bool decrypt, flag(ssm.call.body, "WithDecryption"));
  ManyShown many;
  many.invalid = found.no_names;
  for (auto& [name, item] : found.items) {
    const auto done = show_one(ssm, item, decrypt, many);
    if (!done && !is_about_the_name(done.error())) return std::unexpected(done.error());
    if (!done) many.invalid.push_back(name);
  }
  std::ranges::sort(many.invalid);
  return json_answer([&](formats::JsonWriter& w) {
    w.key("Parameters").begin_array();
    for (const auto& [key, value] : many.values) {
      write_value(ssm, w, *value.first, value.second.text());
    }
    for (const SecretByReference& secret : many.secrets) write_reference(w, secret);
    w.end_array();
    w.key("InvalidParameters").strings(many.invalid);
  });
}

struct FoundHistory {
  NamedParameter named;
  std::vector<FoundValue> versions;   // of the page
  std::optional<std::uint64_t> next;  // goes on behind this one
};

// With the keys of the versions that are shown.
Result<FoundHistory> find_history(Ssm& ssm, std::vector<Access>& all) {
  FoundHistory found;
  COFFER_TRY(found.named, ssm.named_plainly());
  COFFER_TRY(all.emplace_back(), parameter_access(ssm, found.named, kHistoryRule));
  if (!found.named.parameter) return found;
  COFFER_TRY(const bool decrypt, flag(ssm.call.body, "WithDecryption"));
  COFFER_TRY(const SsmPage page,
             ssm_page(ssm, "GetParameterHistory", found.named.reference.name, kHistoryPage));
  const std::uint64_t after = page.position.empty() ? 0 : std::stoull(page.position);
  AskedKeys asked;
  std::uint64_t last = 0;
  for (const auto& state : *found.named.parameter->secret->row.versions) {
    if (state.number <= after || state.gone(ssm.call.now)) continue;
    if (found.versions.size() == page.limit) {
      found.next = last;
      break;
    }
    COFFER_TRY(auto value, find_value(ssm, found.named, state.number, decrypt, asked, all));
    found.versions.push_back(std::move(value));
    last = state.number;
  }
  return found;
}

void write_version(const Parameter& parameter,
                   formats::JsonWriter& w,
                   const domain::ParameterVersion& version,
                   std::string_view value) {
  w.begin_object().key("Name").string(*parameter.row->name);
  w.key("Type").string(to_text(version.type)).key("Value").string(value);
  write_attributes(w, version);
  w.key("Labels").begin_array();
  for (const auto& [label, number] : *parameter.row->labels) {
    if (number == version.number) w.string(label);
  }
  w.end_array().end_object();
}

Result<Reply> get_history(Ssm& ssm, FoundHistory& found) {
  if (!found.named.parameter) return domain::parameter_not_found(found.named.text);
  COFFER_TRY(const bool decrypt, flag(ssm.call.body, "WithDecryption"));
  std::vector<secure::SecureText> values;
  for (FoundValue& version : found.versions) {
    COFFER_TRY(secure::SecureText value, shown_value(ssm, version, decrypt));
    values.push_back(std::move(value));
  }
  std::string token;
  if (found.next) {
    COFFER_TRY(
        token,
        ssm_next(
            ssm, "GetParameterHistory", found.named.reference.name, std::to_string(*found.next)));
  }
  return json_answer([&](formats::JsonWriter& w) {
    w.key("Parameters").begin_array();
    for (std::size_t i = 0; i < values.size(); ++i) {
      write_version(
          *found.named.parameter, w, found.versions[i].reading->version, values[i].text());
    }
    w.end_array();
    if (!token.empty()) w.key("NextToken").string(token);
  });
}

}  // namespace

void add_ssm_get_operations(OperationTable& table, const Services& services) {
  table.push_back(ssm_reading(
      services, "GetParameter", kGet, EventType::secret_accessed, find_one, get_parameter));
  table.push_back(ssm_reading(
      services, "GetParameters", kGetMany, EventType::secret_accessed, find_many, get_parameters));
  table.push_back(ssm_reading(services,
                              "GetParameterHistory",
                              kHistory,
                              EventType::secret_accessed,
                              find_history,
                              get_history));
}

}  // namespace coffer::dialects::aws
