// Policies: named, versioned rule texts, kept as rows and compiled once per revision.
//
// A policy keeps its text byte for byte. Every change makes a new revision and leaves the old one
// in the history table, so that a decision of the past can be explained. "root" is not a row and
// cannot be written; "default" exists from the first unseal on and cannot be deleted. A version is
// never used twice for a name, also not by a policy that is deleted and written again.
//
// Limits: kMaxPolicies a realm (too_large beyond), texts as policy/evaluator.h says.
#pragma once

#include "policy/evaluator.h"
#include "rows/row.h"
#include "work/view.h"

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

inline constexpr std::size_t kMaxPolicies = 4096;
// Names that begin so are IAM's managed policies (aws_policies.h), and theirs alone.
inline constexpr std::string_view kIamPolicyPrefix = "iam:";

struct PolicyRow {
  static constexpr rows::TableSpec kTable = rows::tables::kPolicies;
  static constexpr std::uint8_t kVersion = 2;
  rows::Clear<std::string> name;  // canonical: lower case
  rows::Clear<std::uint8_t> language;
  rows::Clear<std::uint64_t> version;  // counts from 1
  rows::Clear<std::string> text;
  rows::Clear<Timestamp> modified;
  // Since version 2: what a dialect knows about the policy beyond its text; kept when it is
  // written again.
  rows::Clear<std::map<std::string, std::string>> labels;
  static constexpr auto kMembers = std::tuple{&PolicyRow::name,
                                              &PolicyRow::language,
                                              &PolicyRow::version,
                                              &PolicyRow::text,
                                              &PolicyRow::modified,
                                              &PolicyRow::labels};

  [[nodiscard]] Bytes key() const { return to_bytes(*name); }
};

// A superseded or deleted revision.
struct PolicyHistoryRow {
  static constexpr rows::TableSpec kTable = rows::tables::kPolicyHistory;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<std::string> name;
  rows::Clear<std::uint64_t> version;
  rows::Clear<std::uint8_t> language;
  rows::Clear<std::string> text;
  rows::Clear<Timestamp> modified;
  static constexpr auto kMembers = std::tuple{&PolicyHistoryRow::name,
                                              &PolicyHistoryRow::version,
                                              &PolicyHistoryRow::language,
                                              &PolicyHistoryRow::text,
                                              &PolicyHistoryRow::modified};

  [[nodiscard]] Bytes key() const;  // name, 0, version (u64 big endian)
};

// Compiled policies by (name, version). Thread-safe; one per unsealed server. Holds kCapacity; when
// it is full it starts anew, which costs a compilation each.
class PolicyCache {
 public:
  // The compiled form of a committed row.
  Result<policy::PolicyPtr> compiled(const PolicyRow& row);

  using Key = std::pair<std::string, std::uint64_t>;  // never means two texts

  // The compiled form of an IAM policy that is no row; its key begins with an upper-case id or ARN,
  // unlike the names of rows. `shown`: what people call it.
  Result<policy::PolicyPtr> compiled_iam(Key key,
                                         std::string shown,
                                         policy::IamKind kind,
                                         std::string_view text);

 private:
  static constexpr std::size_t kCapacity = 2 * kMaxPolicies;

  [[nodiscard]] policy::PolicyPtr find(const Key& key);
  policy::PolicyPtr keep(Key key, policy::PolicyPtr made);

  std::mutex mutex_;
  std::map<Key, policy::PolicyPtr> compiled_;
};

class Policies {
 public:
  Policies(work::View& view, PolicyCache& cache) : view_(view), cache_(cache) {}

  // Compiled policies by name, in order. A name without a row gives a null pointer, which denies.
  // "root" gives the policy that grants everything.
  Result<std::vector<policy::PolicyPtr>> load(const std::vector<std::string>& names);

  Result<rows::RowPtr<PolicyRow>> read(std::string_view name);
  // Names in order, "root" included with Vault's, of one language (nullopt: all).
  Result<std::vector<std::string>> list(std::optional<policy::Language> language);
  // Compiles first: what does not compile is not stored. Returns true when the policy is new.
  // Labels of a policy that is there stay, unless others are given.
  Result<bool> write(std::string_view name,
                     policy::Language language,
                     std::string_view text,
                     std::map<std::string, std::string> labels = {});
  // Absent, or a policy of another language: no error. "default", "root": invalid_argument.
  Result<> remove(std::string_view name, policy::Language language);
  // The policies that exist before anybody writes one: "default".
  Result<> install_defaults();

 private:
  work::View& view_;
  PolicyCache& cache_;
};

}  // namespace coffer::domain

extern template struct coffer::rows::RowCodec<coffer::domain::PolicyRow>;
extern template struct coffer::rows::RowCodec<coffer::domain::PolicyHistoryRow>;
