// Service settings of Parameter Store: what an account has chosen for all its parameters.
//
//   /ssm/parameter-store/default-parameter-tier          Standard, Advanced, Intelligent-Tiering
//   /ssm/parameter-store/high-throughput-enabled         false, true: kept, and nothing else
//
// One row. Errors carry AWS's words: ServiceSettingNotFound, ValidationException. Functions over a
// view.
#pragma once

#include "base/clock.h"
#include "domain/parameters/parameter_rows.h"
#include "work/view.h"

#include <map>
#include <string>
#include <string_view>

namespace coffer::domain {

struct ServiceSetting {
  std::string value;
  Timestamp modified;
  std::string modified_by;
  static constexpr auto kMembers =
      std::tuple{&ServiceSetting::value, &ServiceSetting::modified, &ServiceSetting::modified_by};
};

struct ServiceSettingsRow {
  static constexpr rows::TableSpec kTable = rows::tables::kSettings;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<std::map<std::string, ServiceSetting>> chosen;  // by id; absent: the default
  static constexpr auto kMembers = std::tuple{&ServiceSettingsRow::chosen};

  [[nodiscard]] Bytes key() const { return to_bytes("ssm-settings"); }
};

struct ShownSetting {
  std::string id;  // "/ssm/…"
  ServiceSetting setting;
  bool customized = false;
};

// By its id, with or without the ARN's beginning.
Result<ShownSetting> service_setting(work::View& view, std::string_view id);
Result<> update_service_setting(work::View& view,
                                std::string_view id,
                                std::string_view value,
                                std::string_view author);
// Gives the setting as it was.
Result<ShownSetting> reset_service_setting(work::View& view, std::string_view id);

Result<ParameterTier> default_parameter_tier(work::View& view);

}  // namespace coffer::domain

extern template struct coffer::rows::RowCodec<coffer::domain::ServiceSettingsRow>;
