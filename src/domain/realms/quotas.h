// Rate quotas: how many requests one address may make below a path. One row holds them all, so that
// the gate asks for one cached row a request.
//
// A quota's path is empty (all requests), or a path without "/v1/": "secret/",
// "auth/approle/login". It covers that path and what lies below it; with a "*" at its end, whatever
// begins so. Of several the longest decides. Limits: 256 quotas, a path of 512 octets, 0.001 to
// 1,000,000 requests an interval of 1 s to 24 h and at least one in 24 h, a block of at most 24 h,
// 100 exempt paths. Errors: invalid_argument, already_exists (another quota of this path),
// not_found.
#pragma once

#include "base/clock.h"
#include "rows/row.h"
#include "work/view.h"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

struct RateQuota {
  std::string path;
  std::uint64_t thousandths = 0;  // of a request, that an address may make in an interval
  Duration interval{};
  Duration block{};  // how long an address is refused after it made too many; 0: until it may again
  static constexpr auto kMembers = std::tuple{
      &RateQuota::path, &RateQuota::thousandths, &RateQuota::interval, &RateQuota::block};
};

struct RateQuotasRow {
  static constexpr rows::TableSpec kTable = rows::tables::kSettings;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<std::string> key_text = std::string(kKey);
  rows::Clear<std::map<std::string, RateQuota>> quotas;  // by name
  rows::Clear<std::vector<std::string>> exempt;          // paths, as those of quotas
  static constexpr auto kMembers =
      std::tuple{&RateQuotasRow::key_text, &RateQuotasRow::quotas, &RateQuotasRow::exempt};

  static constexpr std::string_view kKey = "rate-limit-quotas";

  [[nodiscard]] Bytes key() const { return to_bytes(*key_text); }
};

class RateQuotas {
 public:
  explicit RateQuotas(work::View& view) : view_(view) {}

  // Null: there never was one.
  Result<rows::RowPtr<RateQuotasRow>> all();
  Result<> put(std::string_view name, const RateQuota& quota);
  // Absent: no error.
  Result<> remove(std::string_view name);
  Result<> set_exempt(std::vector<std::string> paths);

 private:
  Result<RateQuotasRow> for_change();

  work::View& view_;
};

// The quota that a request for `path` falls under, with its name; null: none.
const std::pair<const std::string, RateQuota>* quota_for(const RateQuotasRow& row,
                                                         std::string_view path);

}  // namespace coffer::domain

extern template struct coffer::rows::RowCodec<coffer::domain::RateQuotasRow>;
