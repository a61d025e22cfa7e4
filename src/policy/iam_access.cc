#include "policy/iam_access.h"

#include "policy/syntax.h"

#include <algorithm>

namespace coffer::policy {
namespace {

using Entry = std::pair<std::string, std::vector<std::string>>;

std::vector<std::string>& entry_of(std::vector<Entry>& entries, std::string_view key) {
  std::string name = lower_case(key);
  const auto found = std::ranges::find(entries, name, &Entry::first);
  if (found != entries.end()) return found->second;
  constexpr std::size_t kUsual = 16;  // of a request: moved to a larger block by few
  if (entries.empty()) entries.reserve(kUsual);
  return entries.emplace_back(std::move(name), std::vector<std::string>()).second;
}

}  // namespace

void IamContext::add(std::string_view key, std::string value) {
  entry_of(entries_, key).push_back(std::move(value));
}

void IamContext::set(std::string_view key, std::vector<std::string> values) {
  entry_of(entries_, key) = std::move(values);
}

void IamContext::set_all(const IamContext& other) {
  for (const auto& [key, values] : other.entries_) entry_of(entries_, key) = values;
}

void IamContext::leave_unknown(std::string_view key) {
  unknown_.push_back(lower_case(key));
}

bool IamContext::is_left_unknown(std::string_view key) const {
  return std::ranges::find(unknown_, key) != unknown_.end();
}

const std::vector<std::string>* IamContext::find(std::string_view key) const {
  const auto found = std::ranges::find(entries_, key, &Entry::first);
  return found == entries_.end() || found->second.empty() ? nullptr : &found->second;
}

}  // namespace coffer::policy
