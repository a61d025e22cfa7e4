// Parameter Store: GetParametersByPath, DescribeParameters.
//
// One request looks at kLookedAt paths at most; when they show less than a page, the page is short
// and has a NextToken.
#include "dialects/aws/params.h"
#include "dialects/aws/ssm_parts.h"
#include "dialects/aws/ssm_shapes.h"
#include "dialects/aws/ssm_values.h"

#include <algorithm>

namespace coffer::dialects::aws {
namespace {

using domain::FilterScope;
using domain::Parameter;
using domain::ParameterFilters;
using gate::Reply;
using policy::Access;
using policy::Capability;
using proof::EventType;

constexpr std::size_t kLookedAt = 1000;
constexpr std::size_t kAtOnce = 100;
constexpr std::size_t kPathPage = 10;
constexpr std::size_t kDescribePage = 10;

constexpr Member kByPathMembers[] = {parameter_name_member("Path"),
                                     {.name = "Recursive", .kind = Kind::boolean},
                                     kParameterFilters,
                                     kWithDecryption,
                                     ssm_max_results(10),
                                     kSsmNextToken};
constexpr Shape kByPath{kByPathMembers};

constexpr std::array<std::string_view, 3> kOldKeys{"Name", "Type", "KeyId"};
constexpr Member kOldFilterMembers[] = {{.name = "Key", .required = true, .values = kOldKeys},
                                        {.name = "Values",
                                         .kind = Kind::list,
                                         .required = true,
                                         .min = 1,
                                         .max = 50,
                                         .item = &kSsmFilterValue}};
constexpr Shape kOldFilter{kOldFilterMembers};
constexpr Member kOldFilterItem{.kind = Kind::structure, .of = &kOldFilter};
constexpr Member kDescribeMembers[] = {
    {.name = "Filters", .kind = Kind::list, .item = &kOldFilterItem},
    kParameterFilters,
    ssm_max_results(50),
    kSsmNextToken,
    {.name = "Shared", .kind = Kind::boolean}};
constexpr Shape kDescribe{kDescribeMembers};

constexpr SsmRule kByPathRule{"secret.list", "GetParametersByPath", Capability::list, "metadata/"};
constexpr SsmRule kReadRule{"secret.read", "GetParametersByPath"};
constexpr SsmRule kDescribeRule{"secret.list", "DescribeParameters", Capability::list, "metadata/"};

// Which parameters are sought: those below a folder that the filters show.
struct Search {
  std::string folder;  // a path's beginning: "" or "a/b/"
  bool recursive = true;
  ParameterFilters filters;
};

struct Listed {
  Parameter parameter;
  std::uint64_t version = 0;  // that is shown
};

struct Found {
  std::vector<Listed> parameters;
  std::optional<std::string> next;  // goes on behind this path
};

// Behind everything below the first level of `path`: '0' comes after '/'.
std::string behind_level(const Search& search, const std::string& path) {
  const std::size_t slash = path.find('/', search.folder.size());
  return path.substr(0, slash) + "/\x7f";
}

Result<bool> has_more(domain::Parameters& all, const Search& search, const std::string& after) {
  COFFER_TRY(const auto paths, all.paths(search.folder, after, 1));
  return !paths.empty();
}

// The newest of the versions with a label that is asked for, else the current one; nullopt: none of
// them is there.
std::optional<std::uint64_t> version_shown(const Parameter& parameter,
                                           const ParameterFilters& filters,
                                           Timestamp now) {
  const auto labelled = filters.labelled(*parameter.row);
  if (!labelled) return parameter.current();
  const auto there = std::ranges::find_if(
      *labelled, [&](std::uint64_t version) { return parameter.has(version, now); });
  if (there == labelled->end()) return std::nullopt;
  return *there;
}

Result<Found> find_parameters(const Ssm& ssm, const Search& search, const SsmPage& page) {
  Found found;
  if (!ssm.home) return found;
  domain::Parameters all = ssm.parameters();
  std::string after = page.position;
  for (std::size_t seen = 0; seen < kLookedAt;) {
    COFFER_TRY(const auto paths, all.paths(search.folder, after, kAtOnce));
    if (paths.empty()) return found;
    for (const std::string& path : paths) {
      ++seen;
      if (path <= after) continue;  // skipped with its folder
      after = path;
      if (!search.recursive && path.find('/', search.folder.size()) != path.npos) {
        after = behind_level(search, path);
        continue;
      }
      COFFER_TRY(auto parameter, all.at_path(path));
      if (!parameter || !search.filters.shows(*parameter->row)) continue;
      const auto version = version_shown(*parameter, search.filters, ssm.call.now);
      if (!version) continue;
      found.parameters.push_back({*std::move(parameter), *version});
      if (found.parameters.size() < page.limit) continue;
      COFFER_TRY(const bool more, has_more(all, search, after));
      if (more) found.next = after;
      return found;
    }
  }
  found.next = after;
  return found;
}

// The token of the next page; empty: there is none.
Result<std::string> token_of(const Ssm& ssm,
                             std::string_view operation,
                             std::string_view request,
                             const Found& found) {
  if (!found.next) return std::string();
  return ssm_next(ssm, operation, request, *found.next);
}

Result<ParameterFilters> filters_of(const Ssm& ssm, FilterScope scope) {
  const auto filters = ssm.call.body.find_value("ParameterFilters");
  if (!filters) return ParameterFilters();
  return ParameterFilters::parse(*filters, scope);
}

// What must be the same when a listing goes on.
std::string request_of(const Ssm& ssm, std::string_view path) {
  std::string out(path);
  for (const std::string_view member : {"Recursive", "ParameterFilters", "Filters"}) {
    const auto value = ssm.call.body.find_value(member);
    out += "|";
    if (value) out += value->raw();
  }
  return out;
}

Result<Search> search_of(const Ssm& ssm) {
  COFFER_TRY(const std::string path, text_or_empty(ssm.call.body, "Path"));
  COFFER_CHECK(domain::check_parameter_path(path));
  Search search;
  search.folder = domain::path_of_parameter(path);
  if (!search.folder.empty() && !search.folder.ends_with('/')) search.folder += '/';
  COFFER_TRY(search.recursive, flag(ssm.call.body, "Recursive"));
  COFFER_TRY(search.filters, filters_of(ssm, FilterScope::by_path));
  return search;
}

// As IAM's policies name the folder.
std::string folder_arn(const Ssm& ssm, std::string_view region, const Search& search) {
  std::string_view folder = search.folder;
  if (folder.ends_with('/')) folder.remove_suffix(1);
  return ssm.arn(region, folder);
}

// An access that is to the folder for IAM.
void ask_for_folder(const Ssm& ssm, std::string_view region, const Search& search, Access& access) {
  access.iam->resource = folder_arn(ssm, region, search);
  access.iam->context.add("ssm:Recursive", search.recursive ? "true" : "false");
}

// A page of a folder.
struct FoundPage {
  std::vector<FoundValue> values;
  std::string token;  // of the next page; empty: there is none
};

// Asks for the folder, for reading what lies in it, and for the keys that the page needs.
Result<FoundPage> find_by_path(Ssm& ssm, std::vector<Access>& all) {
  COFFER_TRY(const Search search, search_of(ssm));
  all.push_back(folder_access(ssm, search.folder, kByPathRule));
  ask_for_folder(ssm, ssm.call.routing.region, search, all.front());
  const std::string request = request_of(ssm, search.folder);
  COFFER_TRY(const SsmPage page, ssm_page(ssm, "GetParametersByPath", request, kPathPage));
  COFFER_TRY(const Found found, find_parameters(ssm, search, page));
  COFFER_TRY(const bool decrypt, flag(ssm.call.body, "WithDecryption"));
  FoundPage out;
  COFFER_TRY(out.token, token_of(ssm, "GetParametersByPath", request, found));
  for (const auto& [parameter, version] : found.parameters) {
    NamedParameter named;
    named.reference.name = *parameter.row->name;
    named.parameter = parameter;
    COFFER_TRY(Access read, parameter_access(ssm, named, kReadRule));
    // The folder's permission is the parameters' for IAM, in the region of each, but for their own
    // policies; Vault's policies know both.
    ask_for_folder(ssm, *parameter.row->region, search, read);
    read.iam->policy_resource = ssm.arn(*parameter.row);
    all.push_back(std::move(read));
    AskedKeys asked;
    COFFER_TRY(auto value, find_value(ssm, std::move(named), version, decrypt, asked, all));
    out.values.push_back(std::move(value));
  }
  return out;
}

Result<Reply> get_parameters_by_path(Ssm& ssm, FoundPage& found) {
  COFFER_TRY(const bool decrypt, flag(ssm.call.body, "WithDecryption"));
  std::vector<secure::SecureText> values;
  for (FoundValue& value : found.values) {
    COFFER_TRY(secure::SecureText shown, shown_value(ssm, value, decrypt));
    values.push_back(std::move(shown));
  }
  return json_answer([&](formats::JsonWriter& w) {
    w.key("Parameters").begin_array();
    for (std::size_t i = 0; i < values.size(); ++i) {
      const FoundValue& value = found.values[i];
      write_parameter(
          ssm, w, *value.named.parameter->row, value.reading->version, values[i].text());
    }
    w.end_array();
    if (!found.token.empty()) w.key("NextToken").string(found.token);
  });
}

Result<std::vector<Access>> may_describe(Ssm& ssm) {
  return std::vector{folder_access(ssm, "", kDescribeRule)};
}

Result<Search> described(const Ssm& ssm) {
  Search search;
  const auto old = ssm.call.body.find_value("Filters");
  const auto filters = ssm.call.body.find_value("ParameterFilters");
  if (old && filters) {
    return aws::fail(Code::invalid_argument,
                     "ValidationException",
                     "You can use either Filters or ParameterFilters in a single request.");
  }
  if (old) {
    COFFER_TRY(search.filters, ParameterFilters::parse_old(*old));
  } else {
    COFFER_TRY(search.filters, filters_of(ssm, FilterScope::describe));
  }
  return search;
}

Result<Reply> describe_parameters(Ssm& ssm) {
  COFFER_TRY(const Search search, described(ssm));
  const std::string request = request_of(ssm, "");
  COFFER_TRY(const SsmPage page, ssm_page(ssm, "DescribeParameters", request, kDescribePage));
  Found found;
  COFFER_TRY(const bool shared, flag(ssm.call.body, "Shared"));
  // Those of other accounts: there are none.
  if (!shared) {
    COFFER_TRY(found, find_parameters(ssm, search, page));
  }
  COFFER_TRY(const std::string token, token_of(ssm, "DescribeParameters", request, found));
  std::vector<domain::ParameterVersion> versions;
  for (const auto& [parameter, version] : found.parameters) {
    domain::Parameters parameters = ssm.parameters();
    COFFER_TRY(versions.emplace_back(), parameters.about(parameter, version));
  }
  return json_answer([&](formats::JsonWriter& w) {
    w.key("Parameters").begin_array();
    for (std::size_t i = 0; i < versions.size(); ++i) {
      const domain::ParameterRow& row = *found.parameters[i].parameter.row;
      w.begin_object().key("Name").string(*row.name).key("ARN").string(ssm.arn(row));
      w.key("Type").string(to_text(versions[i].type));
      write_attributes(w, versions[i]);
      w.end_object();
    }
    w.end_array();
    if (!token.empty()) w.key("NextToken").string(token);
  });
}

}  // namespace

void add_ssm_list_operations(OperationTable& table, const Services& services) {
  table.push_back(ssm_reading(services,
                              "GetParametersByPath",
                              kByPath,
                              EventType::secret_accessed,
                              find_by_path,
                              get_parameters_by_path));
  table.push_back(ssm_operation(services,
                                "DescribeParameters",
                                kDescribe,
                                EventType::secret_listed,
                                may_describe,
                                describe_parameters));
}

}  // namespace coffer::dialects::aws
