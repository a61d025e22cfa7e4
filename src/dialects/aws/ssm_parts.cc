#include "dialects/aws/ssm_parts.h"

#include "dialects/aws/access.h"
#include "dialects/aws/arn.h"
#include "dialects/aws/page_token.h"
#include "dialects/aws/params.h"
#include "domain/identity/aws_names.h"
#include "formats/dotted_path.h"

namespace coffer::dialects::aws {
namespace {

constexpr std::string_view kHomePath = "parameter/";
constexpr std::string_view kResource = "parameter/";
constexpr std::string_view kArn = "arn:";

// The reference in an ARN: "arn:aws:ssm:R:A:parameter/a/b:3" names the path "a/b".
std::optional<std::string> text_of_arn(std::string_view text, std::string_view account) {
  const auto arn = parse_arn(text);
  if (!arn || arn->service != "ssm" || arn->account != account) return std::nullopt;
  if (!arn->resource.starts_with(kResource)) return std::nullopt;
  return arn->resource.substr(kResource.size());
}

}  // namespace

Result<Ssm> Ssm::of(gate::Call& call, const Services& services) {
  COFFER_TRY(MountPtr home, find_home(*call.view, Home::parameters));
  return Ssm(call, services.account, std::move(home));
}

Result<Ssm> Ssm::for_write(gate::Call& call, const Services& services) {
  COFFER_TRY(MountPtr home, home_for_write(*call.view, Home::parameters));
  return Ssm(call, services.account, std::move(home));
}

domain::Parameters Ssm::parameters() const {
  return {*call.view,
          *home,
          call.unsealed->secrets,
          call.principal != nullptr ? std::string_view(call.principal->display_name) : ""};
}

std::string Ssm::author() const {
  if (call.facts != nullptr && call.facts->iam) return call.facts->iam->arn;
  return call.principal != nullptr ? call.principal->display_name : "";
}

std::string Ssm::arn(std::string_view region, std::string_view name) const {
  return domain::regional_arn(
      "ssm",
      region.empty() ? kDefaultRegion : region,
      account,
      std::string(kResource) + std::string(domain::path_of_parameter(name)));
}

std::string Ssm::arn(const domain::ParameterRow& row) const {
  return arn(*row.region, *row.path);
}

Result<NamedParameter> Ssm::named(std::string_view text) const {
  NamedParameter out;
  out.text = text;
  std::string plain(text);
  if (text.starts_with(kArn)) {
    auto inner = text_of_arn(text, account);
    if (!inner) return domain::parameter_not_found(text);
    plain = *std::move(inner);
  }
  auto reference = domain::parse_parameter_reference(plain);
  if (!reference) return domain::parameter_not_found(text);
  out.reference = *std::move(reference);
  if (!home) return out;
  domain::Parameters all = parameters();
  COFFER_TRY(out.parameter, all.at_path(domain::path_of_parameter(out.reference.name)));
  if (out.parameter) out.reference.name = *out.parameter->row->name;
  return out;
}

Result<NamedParameter> Ssm::named_plainly(std::string_view member) const {
  COFFER_TRY(const std::string given, text_or_empty(call.body, member));
  if (given.contains(':')) return domain::parameter_not_found(given);
  return named(given);
}

Result<policy::Access> parameter_access(const Ssm& ssm,
                                        const NamedParameter& named,
                                        const SsmRule& rule) {
  const std::string path(domain::path_of_parameter(named.reference.name));
  const std::string arn =
      named.parameter ? ssm.arn(*named.parameter->row) : ssm.arn(ssm.call.routing.region, path);
  policy::Access out = access(rule.action,
                              "ssm:" + std::string(rule.iam),
                              arn,
                              std::string(kHomePath) + std::string(rule.place) + path,
                              rule.capability);
  if (auto segments = formats::parse_slashed(path)) out.secret_segments = *std::move(segments);
  if (!named.parameter) return out;
  const domain::ParameterRow& row = *named.parameter->row;
  for (const auto& [key, value] : *row.tags) {
    out.iam->context.add("aws:ResourceTag/" + key, value);
  }
  if (!row.sharing->empty()) {
    COFFER_TRY(out.iam->resource_policy.emplace(),
               ssm.call.unsealed->resource_policies.compiled(
                   *row.name, row.current->number, row.sharing->front().text));
  }
  return out;
}

policy::Access folder_access(const Ssm& ssm, std::string_view folder, const SsmRule& rule) {
  std::string path(domain::path_of_parameter(folder));
  if (path.ends_with('/')) path.pop_back();
  policy::Access out =
      access(rule.action,
             "ssm:" + std::string(rule.iam),
             folder.empty() ? "*" : ssm.arn(ssm.call.routing.region, path),
             std::string(kHomePath) + std::string(rule.place) + path + (path.empty() ? "" : "/"),
             rule.capability);
  out.secret_segments.emplace();
  if (auto segments = formats::parse_slashed(path)) out.secret_segments = *std::move(segments);
  return out;
}

AwsOperation ssm_operation(const Services& services,
                           std::string_view name,
                           const Shape& shape,
                           proof::EventType event,
                           SsmResolve resolve,
                           SsmHandler handler,
                           SsmHome home) {
  return guarded(
      Service::ssm,
      name,
      shape,
      event,
      [services,
       resolve = std::move(resolve)](gate::Call& call) -> Result<std::vector<policy::Access>> {
        COFFER_TRY(Ssm ssm, Ssm::of(call, services));
        return resolve(ssm);
      },
      [services, handler = std::move(handler), home](gate::Call& call) -> Result<gate::Reply> {
        COFFER_TRY(
            Ssm ssm,
            home == SsmHome::made ? Ssm::for_write(call, services) : Ssm::of(call, services));
        return handler(ssm);
      });
}

SsmResolve on_parameter(const SsmRule& rule) {
  return [rule](Ssm& ssm) -> Result<std::vector<policy::Access>> {
    COFFER_TRY(const NamedParameter named, ssm.named_plainly());
    std::vector<policy::Access> all;
    COFFER_TRY(all.emplace_back(), parameter_access(ssm, named, rule));
    return all;
  };
}

void write_parameter(const Ssm& ssm,
                     formats::JsonWriter& w,
                     const domain::ParameterRow& row,
                     const domain::ParameterVersion& version,
                     std::string_view value,
                     std::string_view selector) {
  w.begin_object().key("Name").string(*row.name);
  w.key("Type").string(to_text(version.type)).key("Value").string(value);
  w.key("Version").integer(static_cast<std::int64_t>(version.number));
  if (!selector.empty()) w.key("Selector").string(selector);
  w.key("LastModifiedDate");
  write_time(w, version.modified);
  w.key("ARN").string(ssm.arn(row)).key("DataType").string(version.data_type);
  w.end_object();
}

void write_attributes(formats::JsonWriter& w, const domain::ParameterVersion& version) {
  if (!version.key_id.empty()) w.key("KeyId").string(version.key_id);
  w.key("LastModifiedDate");
  write_time(w, version.modified);
  w.key("LastModifiedUser").string(version.modified_by.empty() ? "N/A" : version.modified_by);
  if (!version.description.empty()) w.key("Description").string(version.description);
  if (!version.allowed_pattern.empty()) w.key("AllowedPattern").string(version.allowed_pattern);
  w.key("Version").integer(static_cast<std::int64_t>(version.number));
  w.key("Tier").string(to_text(version.tier));
  w.key("Policies").begin_array();
  if (!version.policies.empty()) {
    // What was stored was parsed before.
    if (const auto policies = domain::parse_parameter_policies(version.policies)) {
      for (const domain::ParameterPolicy& policy : policies->all) {
        w.begin_object().key("PolicyText").string(policy.text);
        w.key("PolicyType").string(policy.type).key("PolicyStatus").string("Pending").end_object();
      }
    }
  }
  w.end_array();
  w.key("DataType").string(version.data_type);
}

Result<SsmPage> ssm_page(const Ssm& ssm,
                         std::string_view operation,
                         std::string_view request,
                         std::size_t otherwise) {
  SsmPage page;
  COFFER_TRY(const auto limit, integer(ssm.call.body, "MaxResults"));
  page.limit = static_cast<std::size_t>(limit.value_or(static_cast<std::int64_t>(otherwise)));
  COFFER_TRY(const auto token, text(ssm.call.body, "NextToken"));
  if (!token) return page;
  COFFER_TRY(page.position,
             open_page_token(*ssm.call.view->keyring(),
                             ssm.call.random,
                             operation,
                             request,
                             *token,
                             "InvalidNextToken"));
  return page;
}

Result<std::string> ssm_next(const Ssm& ssm,
                             std::string_view operation,
                             std::string_view request,
                             std::string_view position) {
  return seal_page_token(*ssm.call.view->keyring(), ssm.call.random, operation, request, position);
}

}  // namespace coffer::dialects::aws
