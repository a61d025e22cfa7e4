#include "domain/identity/policies.h"

#include "base/wire.h"
#include "domain/identity/default_policy.h"
#include "domain/identity/names.h"

#include <algorithm>

namespace coffer::domain {
namespace {

constexpr std::size_t kPage = 256;

Bytes history_prefix(std::string_view name) {
  Bytes key = to_bytes(name);
  key.push_back(0);
  return key;
}

// The last version that a deleted policy of this name had; 0: there was none. Versions go on after
// it, so that (name, version) never means two texts.
Result<std::uint64_t> last_version(work::View& view, const std::string& name) {
  const Bytes prefix = history_prefix(name);
  Bytes last;
  while (true) {
    COFFER_TRY(const std::vector<Bytes> page, view.keys<PolicyHistoryRow>(prefix, last, kPage));
    if (!page.empty()) last = page.back();
    if (page.size() < kPage) break;
  }
  if (last.empty()) return 0;
  COFFER_TRY(const auto row, view.find<PolicyHistoryRow>(last));
  return row ? *row->row.version : 0;
}

Result<> keep_in_history(work::View& view, const PolicyRow& row) {
  PolicyHistoryRow old;
  old.name = *row.name;
  old.version = *row.version;
  old.language = *row.language;
  old.text = *row.text;
  old.modified = *row.modified;
  return view.put(std::move(old));
}

Result<std::string> writable_name(std::string_view name, std::string_view verb) {
  COFFER_TRY(std::string canonical, canonical_policy_name(name));
  if (canonical == kRootPolicy) {
    return fail(Code::invalid_argument, "cannot " + std::string(verb) + " \"root\" policy");
  }
  return canonical;
}

// IAM's managed policies and the others have names of their own: none replaces another's.
Result<> check_language(std::string_view name, policy::Language language) {
  if (name.starts_with(kIamPolicyPrefix) == (language == policy::Language::iam)) return {};
  return fail(Code::invalid_argument, "names that begin with \"iam:\" are those of IAM policies");
}

}  // namespace

Bytes PolicyHistoryRow::key() const {
  Bytes key = history_prefix(*name);
  Writer(key).u64(*version);
  return key;
}

Result<policy::PolicyPtr> PolicyCache::compiled(const PolicyRow& row) {
  Key key{*row.name, *row.version};
  if (policy::PolicyPtr found = find(key)) return found;
  COFFER_TRY(policy::PolicyPtr made,
             policy::compile_policy(
                 *row.name, *row.version, static_cast<policy::Language>(*row.language), *row.text));
  return keep(std::move(key), std::move(made));
}

Result<policy::PolicyPtr> PolicyCache::compiled_iam(Key key,
                                                    std::string shown,
                                                    policy::IamKind kind,
                                                    std::string_view text) {
  if (policy::PolicyPtr found = find(key)) return found;
  COFFER_TRY(policy::PolicyPtr made,
             policy::compile_iam_policy(std::move(shown), key.second, kind, text));
  return keep(std::move(key), std::move(made));
}

policy::PolicyPtr PolicyCache::find(const Key& key) {
  const std::lock_guard lock(mutex_);
  const auto at = compiled_.find(key);
  return at == compiled_.end() ? nullptr : at->second;
}

policy::PolicyPtr PolicyCache::keep(Key key, policy::PolicyPtr made) {
  const std::lock_guard lock(mutex_);
  if (compiled_.size() >= kCapacity) compiled_.clear();
  return compiled_.emplace(std::move(key), std::move(made)).first->second;
}

Result<std::vector<policy::PolicyPtr>> Policies::load(const std::vector<std::string>& names) {
  std::vector<policy::PolicyPtr> loaded;
  loaded.reserve(names.size());
  for (const std::string& name : names) {
    if (name == kRootPolicy) {
      loaded.push_back(policy::root_policy());
      continue;
    }
    COFFER_TRY(const auto row, view_.find<PolicyRow>(name));
    if (!row) {
      loaded.emplace_back();
      continue;
    }
    COFFER_TRY(policy::PolicyPtr compiled, cache_.compiled(row->row));
    loaded.push_back(std::move(compiled));
  }
  return loaded;
}

Result<rows::RowPtr<PolicyRow>> Policies::read(std::string_view name) {
  const auto canonical = canonical_policy_name(name);
  if (!canonical) return rows::RowPtr<PolicyRow>();
  return view_.find<PolicyRow>(*canonical);
}

Result<std::vector<std::string>> Policies::list(std::optional<policy::Language> language) {
  std::vector<std::string> names;
  COFFER_TRY(const std::vector<Bytes> keys, view_.keys<PolicyRow>({}, {}, kMaxPolicies));
  for (const Bytes& key : keys) {
    if (language) {
      COFFER_TRY(const auto row, view_.find<PolicyRow>(key));
      if (!row || *row->row.language != static_cast<std::uint8_t>(*language)) continue;
    }
    names.emplace_back(as_text(key));
  }
  if (!language || *language == policy::Language::vault) {
    names.insert(std::ranges::lower_bound(names, kRootPolicy), std::string(kRootPolicy));
  }
  return names;
}

Result<bool> Policies::write(std::string_view name,
                             policy::Language language,
                             std::string_view text,
                             std::map<std::string, std::string> labels) {
  COFFER_TRY(const std::string canonical, writable_name(name, "update"));
  COFFER_CHECK(check_language(canonical, language));
  COFFER_TRY(const auto present, view_.find<PolicyRow>(canonical));
  std::uint64_t version = 0;
  if (present) {
    version = *present->row.version;
    if (labels.empty()) labels = *present->row.labels;
    COFFER_CHECK(keep_in_history(view_, present->row));
  } else {
    COFFER_TRY(const auto keys, view_.keys<PolicyRow>({}, {}, kMaxPolicies));
    if (keys.size() >= kMaxPolicies) return fail(Code::too_large, "there are too many policies");
    COFFER_TRY(version, last_version(view_, canonical));
  }
  COFFER_CHECK(policy::compile_policy(canonical, version + 1, language, text));
  PolicyRow row;
  row.name = canonical;
  row.language = static_cast<std::uint8_t>(language);
  row.version = version + 1;
  row.text = std::string(text);
  row.modified = view_.now();
  row.labels = std::move(labels);
  COFFER_CHECK(view_.put(std::move(row)));
  return !present;
}

Result<> Policies::remove(std::string_view name, policy::Language language) {
  COFFER_TRY(const std::string canonical, writable_name(name, "delete"));
  if (canonical == kDefaultPolicy) {
    return fail(Code::invalid_argument, "cannot delete \"default\" policy");
  }
  COFFER_TRY(const auto present, view_.find<PolicyRow>(canonical));
  if (!present || *present->row.language != static_cast<std::uint8_t>(language)) return {};
  COFFER_CHECK(keep_in_history(view_, present->row));
  return view_.erase<PolicyRow>(to_bytes(canonical));
}

Result<> Policies::install_defaults() {
  COFFER_TRY(const auto present, view_.find<PolicyRow>(kDefaultPolicy));
  if (present) return {};
  COFFER_CHECK(write(kDefaultPolicy, policy::Language::vault, kDefaultPolicyText));
  return {};
}

}  // namespace coffer::domain

template struct coffer::rows::RowCodec<coffer::domain::PolicyRow>;
template struct coffer::rows::RowCodec<coffer::domain::PolicyHistoryRow>;
