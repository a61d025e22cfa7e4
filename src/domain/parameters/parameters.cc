#include "domain/parameters/parameters.h"

#include "domain/secrets/version_table.h"
#include "formats/json.h"

#include <algorithm>
#include <charconv>

namespace coffer::domain {
namespace {

// Of one parameter, beside its values: its row, its secret's.
constexpr std::size_t kOwnRows = 2;

std::unexpected<Error> version_not_found(const ParameterReference& reference) {
  return std::unexpected(Error{Code::not_found,
                               "Systems Manager could not find version " +
                                   reference.selector.substr(1) + " of " + reference.name +
                                   ". Verify the version and try again.",
                               "ParameterVersionNotFound"});
}

// nullopt: no number.
std::optional<std::uint64_t> version_number(std::string_view text) {
  std::uint64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (text.empty() || text.size() > 18 || error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

bool is_there(const SecretRow& secret, std::uint64_t version, Timestamp now) {
  const VersionState* const state = find_version(*secret.versions, version);
  return state != nullptr && !state->gone(now);
}

std::size_t labels_of(const ParameterRow& row, std::uint64_t version) {
  return static_cast<std::size_t>(
      std::ranges::count(*row.labels, version, [](const auto& label) { return label.second; }));
}

Result<> check_label_lengths(const std::vector<std::string>& labels) {
  const bool fit = std::ranges::all_of(
      labels, [](const std::string& label) { return !label.empty() && label.size() <= kMaxLabel; });
  if (fit) return {};
  std::string all;
  for (const std::string& label : labels) all += (all.empty() ? "" : ", ") + label;
  return std::unexpected(
      Error{Code::invalid_argument,
            "1 validation error detected: Value '[" + all +
                "]' at 'labels' failed to satisfy constraint: Member must satisfy constraint: "
                "[Member must have length less than or equal to 100, Member must have length "
                "greater than or equal to 1]",
            "ValidationException"});
}

}  // namespace

Result<secure::SecureText> value_of_secret(secure::SecureText text) {
  const auto json = formats::JsonView::parse(text.text());
  if (!json) return fail(Code::corrupt, "the value of a secret is no JSON");
  const auto value = json->find_value("value");
  if (!value || value->kind() != formats::JsonKind::string) return text;
  return value->secret_string();
}

bool Parameter::has(std::uint64_t version, Timestamp now) const {
  return is_there(secret->row, version, now);
}

ParameterRow Parameters::made_up(const SecretRow& secret) const {
  ParameterRow row;
  *row.mount = *secret.mount;
  *row.path = *secret.path;
  *row.uid = *secret.uid;
  *row.name = name_of_path(*secret.path);
  row.current->number = *secret.current;
  row.current->modified = *secret.updated;
  return row;
}

Result<std::optional<Parameter>> Parameters::at_path(std::string_view path) {
  if (!has_key(mount_.id.size(), path)) return std::nullopt;
  COFFER_TRY(auto secret, view_.find<SecretRow>(secret_key(mount_.id, path)));
  if (!secret || !is_there(secret->row, *secret->row.current, view_.now())) return std::nullopt;
  COFFER_TRY(const auto side, view_.find<ParameterRow>(secret_key(mount_.id, path)));
  if (!side || *side->row.uid != *secret->row.uid) {
    auto row = std::make_shared<const ParameterRow>(made_up(secret->row));
    return Parameter{std::move(row), std::move(secret)};
  }
  const auto& expires = *side->row.expires;
  if (expires && *expires <= view_.now()) return std::nullopt;
  return Parameter{std::shared_ptr<const ParameterRow>(side, &side->row), std::move(secret)};
}

Result<Parameter> Parameters::find(std::string_view name) {
  COFFER_TRY(auto found, at_path(path_of_parameter(name)));
  if (!found) return parameter_not_found(name);
  return *std::move(found);
}

Result<std::uint64_t> Parameters::select(const Parameter& parameter,
                                         const ParameterReference& reference) {
  if (reference.selector.empty()) return parameter.current();
  const std::string_view selector = std::string_view(reference.selector).substr(1);
  if (const auto number = version_number(selector)) {
    if (parameter.has(*number, view_.now())) return *number;
    return version_not_found(reference);
  }
  const auto label = parameter.row->labels->find(std::string(selector));
  if (label != parameter.row->labels->end() && parameter.has(label->second, view_.now())) {
    return label->second;
  }
  return version_not_found(reference);
}

Result<ParameterVersion> Parameters::about(const Parameter& parameter, std::uint64_t version) {
  const ParameterVersion& current = *parameter.row->current;
  if (current.number == version) return current;
  if (version < current.number) {
    COFFER_TRY(const auto row,
               view_.find<ParameterVersionRow>(
                   parameter_version_key(mount_.id, *parameter.row->uid, version)));
    if (row) return *row->row.version;
  }
  // Written through KV.
  ParameterVersion about;
  about.number = version;
  const VersionState* const state = find_version(*parameter.secret->row.versions, version);
  if (state != nullptr) about.modified = state->created;
  return about;
}

Result<ParameterReading> Parameters::read(const Parameter& parameter, std::uint64_t version) {
  COFFER_TRY(ParameterVersion about, this->about(parameter, version));
  COFFER_TRY(Reading reading, kv_.read(*parameter.row->path, version));
  if (!reading.data) return parameter_not_found(*parameter.row->name);
  COFFER_TRY(secure::SecureText stored, value_of_secret(*std::move(reading.data)));
  return ParameterReading{std::move(about), std::move(stored)};
}

Result<ParameterRow> Parameters::open_row(const Parameter& parameter) {
  return *parameter.row;
}

Result<LabelOutcome> Parameters::label(std::string_view name,
                                       std::uint64_t version,
                                       const std::vector<std::string>& labels) {
  COFFER_CHECK(check_label_lengths(labels));
  COFFER_TRY(const Parameter parameter, find(name));
  COFFER_TRY(ParameterRow row, open_row(parameter));
  LabelOutcome outcome{version == 0 ? parameter.current() : version, {}, {}};
  const ParameterReference reference{std::string(name), ":" + std::to_string(outcome.version)};
  COFFER_TRY(outcome.version, select(parameter, reference));
  for (const std::string& label : labels) {
    if (!is_label(label)) {
      outcome.invalid.push_back(label);
      continue;
    }
    (*row.labels)[label] = outcome.version;
    outcome.changed.push_back(label);
  }
  if (labels_of(row, outcome.version) > kMaxLabelsOfVersion) {
    return std::unexpected(
        Error{Code::exhausted,
              "An error occurred (ParameterVersionLabelLimitExceeded) when calling the "
              "LabelParameterVersion operation: A parameter version can have maximum 10 "
              "labels.Move one or more labels to another version and try again.",
              "ParameterVersionLabelLimitExceeded"});
  }
  if (!outcome.changed.empty()) COFFER_CHECK(put_row(std::move(row)));
  return outcome;
}

Result<LabelOutcome> Parameters::unlabel(std::string_view name,
                                         std::uint64_t version,
                                         const std::vector<std::string>& labels) {
  COFFER_CHECK(check_label_lengths(labels));
  COFFER_TRY(const Parameter parameter, find(name));
  COFFER_TRY(ParameterRow row, open_row(parameter));
  LabelOutcome outcome{version, {}, {}};
  COFFER_TRY(outcome.version,
             select(parameter, {std::string(name), ":" + std::to_string(version)}));
  for (const std::string& label : labels) {
    const auto at = row.labels->find(label);
    const bool carried = at != row.labels->end() && at->second == version;
    (carried ? outcome.changed : outcome.invalid).push_back(label);
    if (carried) row.labels->erase(at);
  }
  if (!outcome.changed.empty()) COFFER_CHECK(put_row(std::move(row)));
  return outcome;
}

Result<> Parameters::remove(std::string_view name, std::size_t room) {
  COFFER_TRY(const Parameter parameter, find(name));
  const std::size_t each = (std::max(room, kOwnRows) - kOwnRows) / 2;
  std::size_t erased = 0;
  const auto& versions = *parameter.secret->row.versions;
  for (auto at = versions.rbegin(); at != versions.rend() && erased < each; ++at, ++erased) {
    view_.erase_owned<ParameterVersionRow>(
        parameter_version_key(mount_.id, *parameter.row->uid, at->number));
  }
  COFFER_CHECK(view_.erase<ParameterRow>(parameter.row->key()));
  return kv_.erase(*parameter.row->path, each);
}

Result<std::vector<std::string>> Parameters::paths(std::string_view folder,
                                                   std::string_view after,
                                                   std::size_t limit) {
  const Bytes last = after.empty() ? Bytes{} : secret_key(mount_.id, after);
  COFFER_TRY(const auto keys, view_.keys<SecretRow>(secret_key(mount_.id, folder), last, limit));
  std::vector<std::string> paths;
  for (const Bytes& key : keys) {
    paths.emplace_back(as_text(ByteView(key).subspan(mount_.id.size())));
  }
  return paths;
}

}  // namespace coffer::domain
