#include "domain/realms/quotas.h"

#include <algorithm>

namespace coffer::domain {
namespace {

constexpr std::size_t kMaxQuotas = 256;
constexpr std::size_t kMaxExempt = 100;
constexpr std::size_t kMaxPath = 512;
constexpr std::size_t kMaxQuotaName = 128;
constexpr std::uint64_t kMaxThousandths = 1'000'000'000;
constexpr Duration kLongest = std::chrono::hours(24);

Result<> check_path(std::string_view path) {
  const auto printable = [](char c) { return c >= 0x20 && c != 0x7f; };
  if (path.size() > kMaxPath || path.starts_with('/') || !std::ranges::all_of(path, printable) ||
      path.substr(0, path.size() - (path.ends_with('*') ? 1 : 0)).contains('*')) {
    return fail(Code::invalid_argument, "malformed path of a quota");
  }
  return {};
}

Result<> check(const RateQuota& quota) {
  COFFER_CHECK(check_path(quota.path));
  if (quota.thousandths == 0 || quota.thousandths > kMaxThousandths) {
    return fail(Code::invalid_argument, "rate must be from 0.001 to 1000000");
  }
  if (quota.interval < std::chrono::seconds(1) || quota.interval > kLongest) {
    return fail(Code::invalid_argument, "interval must be from 1s to 24h");
  }
  // So that whoever is refused may come again within a day.
  if (quota.thousandths < 1000 &&
      quota.interval * 1000 > kLongest * static_cast<std::int64_t>(quota.thousandths)) {
    return fail(Code::invalid_argument, "rate must allow one request in 24h");
  }
  if (quota.block < Duration{} || quota.block > kLongest) {
    return fail(Code::invalid_argument, "block_interval must be at most 24h");
  }
  return {};
}

Result<> check_name(std::string_view name) {
  const auto word = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  };
  if (!name.empty() && name.size() <= kMaxQuotaName && std::ranges::all_of(name, word)) return {};
  return fail(Code::invalid_argument, "malformed name of a quota");
}

bool covers(std::string_view quota, std::string_view path) {
  if (quota.ends_with('*')) return path.starts_with(quota.substr(0, quota.size() - 1));
  if (!path.starts_with(quota)) return false;
  return quota.empty() || quota.ends_with('/') || path.size() == quota.size() ||
         path[quota.size()] == '/';
}

}  // namespace

Result<rows::RowPtr<RateQuotasRow>> RateQuotas::all() {
  return view_.find<RateQuotasRow>(RateQuotasRow::kKey);
}

Result<RateQuotasRow> RateQuotas::for_change() {
  COFFER_TRY(const auto found, all());
  return found ? found->row : RateQuotasRow();
}

Result<> RateQuotas::put(std::string_view name, const RateQuota& quota) {
  COFFER_CHECK(check_name(name));
  COFFER_CHECK(check(quota));
  COFFER_TRY(RateQuotasRow row, for_change());
  for (const auto& [other, present] : *row.quotas) {
    if (other != name && present.path == quota.path) {
      return fail(Code::already_exists, "another quota has this path");
    }
  }
  if (row.quotas->size() >= kMaxQuotas && !row.quotas->contains(std::string(name))) {
    return fail(Code::invalid_argument, "there are at most 256 quotas");
  }
  row.quotas->insert_or_assign(std::string(name), quota);
  return view_.put(std::move(row));
}

Result<> RateQuotas::remove(std::string_view name) {
  COFFER_TRY(RateQuotasRow row, for_change());
  if (row.quotas->erase(std::string(name)) == 0) return {};
  return view_.put(std::move(row));
}

Result<> RateQuotas::set_exempt(std::vector<std::string> paths) {
  if (paths.size() > kMaxExempt) {
    return fail(Code::invalid_argument, "there are at most 100 exempt paths");
  }
  for (const std::string& path : paths) COFFER_CHECK(check_path(path));
  COFFER_TRY(RateQuotasRow row, for_change());
  row.exempt = std::move(paths);
  return view_.put(std::move(row));
}

const std::pair<const std::string, RateQuota>* quota_for(const RateQuotasRow& row,
                                                         std::string_view path) {
  // An empty path among the exempt ones would lift every quota: it says nothing.
  const auto exempt = [&](const std::string& one) { return !one.empty() && covers(one, path); };
  if (std::ranges::any_of(*row.exempt, exempt)) return nullptr;
  const std::pair<const std::string, RateQuota>* best = nullptr;
  for (const auto& one : *row.quotas) {
    if (!covers(one.second.path, path)) continue;
    if (best == nullptr || one.second.path.size() > best->second.path.size()) best = &one;
  }
  return best;
}

}  // namespace coffer::domain

template struct coffer::rows::RowCodec<coffer::domain::RateQuotasRow>;
