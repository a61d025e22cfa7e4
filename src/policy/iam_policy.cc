#include "policy/iam_policy.h"

#include "formats/hcl.h"
#include "policy/syntax.h"

#include <algorithm>
#include <set>
#include <utility>

namespace coffer::policy {
namespace {

using formats::HclItem;
using formats::HclKind;
using formats::HclValue;

// In characters that are no white space.
std::size_t limit_of(IamKind kind) {
  switch (kind) {
    case IamKind::managed:
      return 6144;
    case IamKind::embedded:
      return 10'240;
    case IamKind::session:
      return 2048;
    case IamKind::resource:
      return 20'480;
    case IamKind::key:
      return std::size_t{32} * 1024;
    case IamKind::trust:
      return 4096;
  }
  return 0;
}

Result<> check_size(IamKind kind, std::string_view text) {
  const auto counted = std::ranges::count_if(
      text, [](char c) { return c != ' ' && c != '\t' && c != '\r' && c != '\n'; });
  if (static_cast<std::size_t>(counted) > limit_of(kind)) {
    return fail(Code::too_large, "policy is too long");
  }
  return {};
}

Result<bool> reads_variables(const HclValue& root) {
  const auto found = std::ranges::find(root.items, "Version", &HclItem::key);
  if (found == root.items.end()) return false;
  COFFER_TRY(const std::string version, read_text(*found));
  if (version == "2012-10-17") return true;
  if (version == "2008-10-17") return false;
  return error_in(*found, "must be 2012-10-17 or 2008-10-17");
}

}  // namespace

Result<IamPolicy> IamPolicy::compile(IamKind kind, std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  if (first == std::string_view::npos || text[first] != '{') {
    return fail(Code::invalid_argument, "policy is not a JSON object");
  }
  COFFER_TRY(const HclValue root, formats::parse_hcl(text));
  COFFER_CHECK(check_size(kind, text));
  COFFER_CHECK(check_plain_object(root));
  COFFER_TRY(const bool variables, reads_variables(root));
  IamPolicy out(kind);
  std::set<std::string_view> sids;
  for (const HclItem& item : root.items) {
    if (item.key == "Version") continue;
    if (item.key == "Id") {
      COFFER_CHECK(read_text(item));
      continue;
    }
    if (item.key != "Statement") return error_in(item, "is not a key of a policy");
    const bool single = item.value.kind == HclKind::object;
    if (!single && item.value.kind != HclKind::list) return error_in(item, "must be a list");
    const std::vector<HclValue> one = single ? std::vector{item.value} : std::vector<HclValue>();
    for (const HclValue& value : single ? one : item.value.list) {
      COFFER_TRY(IamStatement statement,
                 IamStatement::read(value, kind, variables, out.statements_.size() + 1));
      out.statements_.push_back(std::move(statement));
    }
  }
  if (out.statements_.empty()) return fail(Code::invalid_argument, "policy has no statement");
  for (const IamStatement& statement : out.statements_) {
    if (!statement.sid().empty() && !sids.insert(statement.sid()).second) {
      return fail(Code::invalid_argument, "two statements have the same \"Sid\"");
    }
  }
  return out;
}

const IamStatement* IamPolicy::denial(const IamQuestion& question) const {
  for (const IamStatement& statement : statements_) {
    if (!statement.denies()) continue;
    const IamPrincipals* const principals = statement.principals();
    if (principals != nullptr && !principals->denies(question.facts, question.resource)) {
      continue;
    }
    if (statement.covers(question) != Verdict::unmet) return &statement;
  }
  return nullptr;
}

IamPolicy::Allowance IamPolicy::allowance(const IamQuestion& question) const {
  Allowance out;
  for (const IamStatement& statement : statements_) {
    if (statement.denies()) continue;
    const IamPrincipals* const principals = statement.principals();
    const Reach reach = principals == nullptr
                            ? Reach::principal
                            : principals->allows(question.facts, question.resource);
    if (reach <= out.reach || statement.covers(question) != Verdict::met) continue;
    out = {&statement, reach};
    if (reach == Reach::principal) break;
  }
  return out;
}

}  // namespace coffer::policy
