// Parameter Store: GetParameter, GetParameters, GetParameterHistory.
#include "dialects/aws/params.h"
#include "dialects/aws/ssm_parts.h"
#include "dialects/aws/ssm_reference.h"
#include "dialects/aws/ssm_shapes.h"
#include "dialects/aws/ssm_values.h"

#include <algorithm>
#include <map>

namespace coffer::dialects::aws {
namespace {

using domain::Parameter;
using domain::ParameterReading;
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

// Adds what reading one parameter needs. Its key is the one that the stored value of the version is
// under.
Result<> add_accesses(Ssm& ssm,
                      const NamedParameter& named,
                      const SsmRule& rule,
                      std::vector<Access>& all) {
  COFFER_TRY(all.emplace_back(), parameter_access(ssm, named, rule));
  COFFER_TRY(const bool decrypt, flag(ssm.call.body, "WithDecryption"));
  if (!decrypt || !named.parameter) return {};
  domain::Parameters parameters = ssm.parameters();
  const auto version = parameters.select(*named.parameter, named.reference);
  if (!version) return {};  // the handler says so
  AskedKeys asked;
  return add_key_access(ssm, *named.parameter, *version, asked, all);
}

Result<std::vector<Access>> may_get(Ssm& ssm) {
  COFFER_TRY(const std::string name, text_or_empty(ssm.call.body, "Name"));
  if (is_secret_reference(name)) return reference_accesses(ssm, name);
  COFFER_TRY(const NamedParameter named, ssm.named(name));
  std::vector<Access> all;
  COFFER_CHECK(add_accesses(ssm, named, kGetRule, all));
  return all;
}

struct Shown {
  domain::ParameterVersion version;
  secure::SecureText value;
};

Result<Shown> show(Ssm& ssm, const NamedParameter& named, bool decrypt) {
  if (!named.parameter) return domain::parameter_not_found(named.text);
  domain::Parameters parameters = ssm.parameters();
  COFFER_TRY(const std::uint64_t version, parameters.select(*named.parameter, named.reference));
  COFFER_TRY(ParameterReading reading, parameters.read(*named.parameter, version));
  COFFER_TRY(secure::SecureText value, shown_value(ssm, *named.parameter, reading, decrypt));
  return Shown{std::move(reading.version), std::move(value)};
}

Result<Reply> get_parameter(Ssm& ssm) {
  COFFER_TRY(const std::string name, text_or_empty(ssm.call.body, "Name"));
  COFFER_TRY(const bool decrypt, flag(ssm.call.body, "WithDecryption"));
  if (is_secret_reference(name)) {
    COFFER_TRY(const SecretByReference secret, read_reference(ssm, name, decrypt));
    return json_answer([&](formats::JsonWriter& w) {
      w.key("Parameter");
      write_reference(w, secret);
    });
  }
  COFFER_TRY(const NamedParameter named, ssm.named(name));
  COFFER_TRY(const Shown shown, show(ssm, named, decrypt));
  return json_answer([&](formats::JsonWriter& w) {
    w.key("Parameter");
    write_parameter(
        ssm, w, *named.parameter->row, shown.version, shown.value.text(), named.reference.selector);
  });
}

Result<std::vector<Access>> may_get_many(Ssm& ssm) {
  COFFER_TRY(const auto names, texts(ssm.call.body, "Names"));
  std::vector<Access> all;
  for (const std::string& name : names) {
    if (is_secret_reference(name)) {
      COFFER_TRY(auto more, reference_accesses(ssm, name));
      for (Access& access : more) all.push_back(std::move(access));
      continue;
    }
    const auto named = ssm.named(name);
    if (!named) continue;  // can be no parameter's name
    COFFER_CHECK(add_accesses(ssm, *named, kGetManyRule, all));
  }
  if (all.empty()) all.push_back(folder_access(ssm, "", kGetManyRule));
  return all;
}

struct ManyShown {
  std::multimap<std::string, std::pair<NamedParameter, Shown>> found;  // by name
  std::vector<SecretByReference> secrets;
  std::vector<std::string> invalid;
};

bool is_about_the_name(const Error& error) {
  return error.name == "ParameterNotFound" || error.name == "ParameterVersionNotFound";
}

Result<> show_one(Ssm& ssm, const std::string& name, bool decrypt, ManyShown& into) {
  if (is_secret_reference(name)) {
    auto secret = read_reference(ssm, name, decrypt);
    if (secret) {
      into.secrets.push_back(*std::move(secret));
      return {};
    }
    if (!is_about_the_name(secret.error())) return std::unexpected(secret.error());
    into.invalid.push_back(name);
    return {};
  }
  auto named = ssm.named(name);
  auto shown = named ? show(ssm, *named, decrypt) : Result<Shown>(std::unexpected(named.error()));
  if (!shown) {
    if (!is_about_the_name(shown.error())) return std::unexpected(shown.error());
    into.invalid.push_back(name);
    return {};
  }
  std::string key = named->reference.name + named->reference.selector;
  into.found.emplace(std::move(key), std::pair(*std::move(named), *std::move(shown)));
  return {};
}

Result<Reply> get_parameters(Ssm& ssm) {
  COFFER_TRY(std::vector<std::string> names, texts(ssm.call.body, "Names"));
  COFFER_TRY(const bool decrypt, flag(ssm.call.body, "WithDecryption"));
  std::ranges::sort(names);
  names.erase(std::ranges::unique(names).begin(), names.end());
  ManyShown many;
  for (const std::string& name : names) COFFER_CHECK(show_one(ssm, name, decrypt, many));
  return json_answer([&](formats::JsonWriter& w) {
    w.key("Parameters").begin_array();
    for (const auto& [key, item] : many.found) {
      const auto& [named, shown] = item;
      write_parameter(ssm,
                      w,
                      *named.parameter->row,
                      shown.version,
                      shown.value.text(),
                      named.reference.selector);
    }
    for (const SecretByReference& secret : many.secrets) write_reference(w, secret);
    w.end_array();
    w.key("InvalidParameters").strings(many.invalid);
  });
}

// With the keys of all its versions.
Result<std::vector<Access>> may_read_history(Ssm& ssm) {
  COFFER_TRY(const NamedParameter named, ssm.named_plainly());
  std::vector<Access> all;
  COFFER_TRY(all.emplace_back(), parameter_access(ssm, named, kHistoryRule));
  COFFER_TRY(const bool decrypt, flag(ssm.call.body, "WithDecryption"));
  if (!decrypt || !named.parameter) return all;
  AskedKeys asked;
  for (const auto& state : *named.parameter->secret->row.versions) {
    if (state.gone(ssm.call.now)) continue;
    COFFER_CHECK(add_key_access(ssm, *named.parameter, state.number, asked, all));
  }
  return all;
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

Result<Reply> get_history(Ssm& ssm) {
  COFFER_TRY(const NamedParameter named, ssm.named_plainly());
  if (!named.parameter) return domain::parameter_not_found(named.text);
  COFFER_TRY(const bool decrypt, flag(ssm.call.body, "WithDecryption"));
  COFFER_TRY(const SsmPage page,
             ssm_page(ssm, "GetParameterHistory", named.reference.name, kHistoryPage));
  const std::uint64_t after = page.position.empty() ? 0 : std::stoull(page.position);
  domain::Parameters parameters = ssm.parameters();
  std::vector<Shown> shown;
  std::optional<std::uint64_t> next;
  for (const auto& state : *named.parameter->secret->row.versions) {
    if (state.number <= after || state.gone(ssm.call.now)) continue;
    if (shown.size() == page.limit) {
      next = shown.back().version.number;
      break;
    }
    COFFER_TRY(ParameterReading reading, parameters.read(*named.parameter, state.number));
    COFFER_TRY(secure::SecureText value, shown_value(ssm, *named.parameter, reading, decrypt));
    shown.push_back({std::move(reading.version), std::move(value)});
  }
  std::string token;
  if (next) {
    COFFER_TRY(token,
               ssm_next(ssm, "GetParameterHistory", named.reference.name, std::to_string(*next)));
  }
  return json_answer([&](formats::JsonWriter& w) {
    w.key("Parameters").begin_array();
    for (const Shown& each : shown) {
      write_version(*named.parameter, w, each.version, each.value.text());
    }
    w.end_array();
    if (!token.empty()) w.key("NextToken").string(token);
  });
}

}  // namespace

void add_ssm_get_operations(OperationTable& table, const Services& services) {
  table.push_back(ssm_operation(
      services, "GetParameter", kGet, EventType::secret_accessed, may_get, get_parameter));
  table.push_back(ssm_operation(services,
                                "GetParameters",
                                kGetMany,
                                EventType::secret_accessed,
                                may_get_many,
                                get_parameters));
  table.push_back(ssm_operation(services,
                                "GetParameterHistory",
                                kHistory,
                                EventType::secret_accessed,
                                may_read_history,
                                get_history));
}

}  // namespace coffer::dialects::aws
