// Parameter Store: GetServiceSetting, UpdateServiceSetting, ResetServiceSetting.
#include "dialects/aws/access.h"
#include "dialects/aws/arn.h"
#include "dialects/aws/params.h"
#include "dialects/aws/ssm_parts.h"
#include "domain/identity/aws_names.h"
#include "domain/parameters/service_settings.h"

namespace coffer::dialects::aws {
namespace {

using gate::Reply;
using policy::Access;
using policy::Capability;
using proof::EventType;

constexpr Member kSettingId{.name = "SettingId", .required = true, .min = 1, .max = 1000};
constexpr Member kIdMembers[] = {kSettingId};
constexpr Shape kId{kIdMembers};
constexpr Member kUpdateMembers[] = {
    kSettingId, {.name = "SettingValue", .required = true, .min = 1, .max = 4096}};
constexpr Shape kUpdate{kUpdateMembers};

std::string setting_arn(const Ssm& ssm, std::string_view id) {
  return domain::regional_arn(
      "ssm", ssm.call.routing.region, ssm.account, "servicesetting" + std::string(id));
}

SsmResolve on_setting(std::string_view iam, Capability capability) {
  return [iam, capability](Ssm& ssm) -> Result<std::vector<Access>> {
    COFFER_TRY(const std::string id, text_or_empty(ssm.call.body, "SettingId"));
    COFFER_TRY(const auto shown, domain::service_setting(*ssm.call.view, id));
    const bool reads = capability == Capability::read;
    return std::vector{access(reads ? "system.config.read" : "system.config.write",
                              "ssm:" + std::string(iam),
                              setting_arn(ssm, shown.id),
                              "sys/aws" + shown.id,
                              capability)};
  };
}

Reply setting_answer(const Ssm& ssm, const domain::ShownSetting& shown) {
  return json_answer([&](formats::JsonWriter& w) {
    w.key("ServiceSetting").begin_object();
    w.key("SettingId").string(shown.id).key("SettingValue").string(shown.setting.value);
    w.key("LastModifiedDate");
    write_time(w, shown.setting.modified);
    w.key("LastModifiedUser").string(shown.setting.modified_by);
    w.key("ARN").string(setting_arn(ssm, shown.id));
    w.key("Status").string(shown.customized ? "Customized" : "Default");
    w.end_object();
  });
}

Result<Reply> get_setting(Ssm& ssm) {
  COFFER_TRY(const std::string id, text_or_empty(ssm.call.body, "SettingId"));
  COFFER_TRY(const auto shown, domain::service_setting(*ssm.call.view, id));
  return setting_answer(ssm, shown);
}

Result<Reply> update_setting(Ssm& ssm) {
  COFFER_TRY(const std::string id, text_or_empty(ssm.call.body, "SettingId"));
  COFFER_TRY(const std::string value, text_or_empty(ssm.call.body, "SettingValue"));
  COFFER_CHECK(domain::update_service_setting(*ssm.call.view, id, value, ssm.author()));
  return json_answer([](formats::JsonWriter&) {});
}

Result<Reply> reset_setting(Ssm& ssm) {
  COFFER_TRY(const std::string id, text_or_empty(ssm.call.body, "SettingId"));
  COFFER_TRY(const auto before, domain::reset_service_setting(*ssm.call.view, id));
  return setting_answer(ssm, before);
}

}  // namespace

void add_ssm_setting_operations(OperationTable& table, const Services& services) {
  table.push_back(ssm_operation(services,
                                "GetServiceSetting",
                                kId,
                                EventType::system_read,
                                on_setting("GetServiceSetting", Capability::read),
                                get_setting));
  table.push_back(ssm_operation(services,
                                "UpdateServiceSetting",
                                kUpdate,
                                EventType::system_configured,
                                on_setting("UpdateServiceSetting", Capability::update),
                                update_setting));
  table.push_back(ssm_operation(services,
                                "ResetServiceSetting",
                                kId,
                                EventType::system_configured,
                                on_setting("ResetServiceSetting", Capability::update),
                                reset_setting));
}

}  // namespace coffer::dialects::aws
