#include "domain/parameters/service_settings.h"

#include <algorithm>
#include <array>
#include <span>

template struct coffer::rows::RowCodec<coffer::domain::ServiceSettingsRow>;

namespace coffer::domain {
namespace {

constexpr std::string_view kTierSetting = "/ssm/parameter-store/default-parameter-tier";
constexpr std::array<std::string_view, 3> kTierValues{
    "Standard", "Advanced", "Intelligent-Tiering"};
constexpr std::array<std::string_view, 2> kSwitchValues{"false", "true"};

struct Known {
  std::string_view id;
  std::span<const std::string_view> values;  // the first is the default
};

constexpr std::array kKnown{Known{kTierSetting, kTierValues},
                            Known{"/ssm/parameter-store/high-throughput-enabled", kSwitchValues}};

// "arn:aws:ssm:R:A:servicesetting/ssm/parameter-store/…"
Result<const Known*> known(std::string_view id) {
  constexpr std::string_view kResource = ":servicesetting/";
  if (const std::size_t at = id.find(kResource); id.starts_with("arn:") && at != id.npos) {
    id.remove_prefix(at + kResource.size() - 1);
  }
  for (const Known& each : kKnown) {
    if (each.id == id || each.id.substr(1) == id) return &each;
  }
  return std::unexpected(
      Error{Code::not_found, "The service setting was not found.", "ServiceSettingNotFound"});
}

Result<rows::RowPtr<ServiceSettingsRow>> find_row(work::View& view) {
  return view.find<ServiceSettingsRow>(ServiceSettingsRow{}.key());
}

Result<ServiceSettingsRow> row_or_new(work::View& view) {
  COFFER_TRY(const auto row, find_row(view));
  return row ? row->row : ServiceSettingsRow{};
}

}  // namespace

Result<ShownSetting> service_setting(work::View& view, std::string_view id) {
  COFFER_TRY(const Known* setting, known(id));
  COFFER_TRY(const auto row, find_row(view));
  ShownSetting shown{std::string(setting->id), {}, false};
  if (row) {
    const auto at = row->row.chosen->find(shown.id);
    if (at != row->row.chosen->end()) {
      shown.setting = at->second;
      shown.customized = true;
      return shown;
    }
  }
  shown.setting.value = setting->values.front();
  shown.setting.modified_by = "System";
  return shown;
}

Result<> update_service_setting(work::View& view,
                                std::string_view id,
                                std::string_view value,
                                std::string_view author) {
  COFFER_TRY(const Known* setting, known(id));
  if (std::ranges::find(setting->values, value) == setting->values.end()) {
    return std::unexpected(Error{Code::invalid_argument,
                                 "The value is not one that the service setting takes.",
                                 "ValidationException"});
  }
  COFFER_TRY(ServiceSettingsRow row, row_or_new(view));
  (*row.chosen)[std::string(setting->id)] = {std::string(value), view.now(), std::string(author)};
  return view.put(std::move(row));
}

Result<ShownSetting> reset_service_setting(work::View& view, std::string_view id) {
  COFFER_TRY(ShownSetting before, service_setting(view, id));
  if (!before.customized) return before;
  COFFER_TRY(ServiceSettingsRow row, row_or_new(view));
  row.chosen->erase(before.id);
  COFFER_CHECK(view.put(std::move(row)));
  return before;
}

Result<ParameterTier> default_parameter_tier(work::View& view) {
  COFFER_TRY(const ShownSetting shown, service_setting(view, kTierSetting));
  return parse_parameter_tier(shown.setting.value).value_or(ParameterTier::standard);
}

}  // namespace coffer::domain
