#include "dialects/aws/dialect.h"

#include "dialects/aws/answers.h"
#include "dialects/aws/arn.h"
#include "dialects/aws/params.h"
#include "dialects/aws/query.h"
#include "formats/form.h"

#include <algorithm>
#include <array>
#include <iterator>
#include <optional>

namespace coffer::dialects::aws {
namespace {

using formats::JsonView;

constexpr std::array kAllServices{
    Service::kms, Service::secrets_manager, Service::ssm, Service::sts, Service::iam};

struct Asked {
  Service service;
  std::string name;
};

std::optional<Service> service_of_target(std::string_view target) {
  const std::string_view prefix = target.substr(0, target.find('.'));
  for (const Service service : kAllServices) {
    const ServiceFacts& facts = facts_of(service);
    if (!facts.target.empty() && facts.target == prefix) return service;
  }
  return std::nullopt;
}

Service service_of_version(std::string_view version) {
  return facts_of(Service::iam).version == version ? Service::iam : Service::sts;
}

std::unexpected<Error> unknown_operation() {
  return aws::fail(Code::unsupported, "UnknownOperationException", "");
}

Result<Asked> asked(const net::Request& request, const JsonView& body) {
  if (const std::string_view target = request.header("x-amz-target"); !target.empty()) {
    const auto service = service_of_target(target);
    const std::size_t dot = target.find('.');
    if (!service || dot == std::string_view::npos) return unknown_operation();
    return Asked{*service, std::string(target.substr(dot + 1))};
  }
  COFFER_TRY(const std::string action, text_or_empty(body, "Action"));
  COFFER_TRY(const std::string version, text_or_empty(body, "Version"));
  if (action.empty()) {
    return aws::fail(Code::unsupported, "MissingAction", "Could not find operation in request");
  }
  return Asked{service_of_version(version), action};
}

// A signature is for one service. Whether it is good is decided later; until then its region only
// names things.
Result<std::string> region_for(const gate::Call& call, Service service) {
  if (call.signature == nullptr) return std::string(kDefaultRegion);
  const std::string_view expected = facts_of(service).name;
  if (call.signature->scope.service != expected) {
    return aws::fail(
        Code::unauthenticated,
        "InvalidSignatureException",
        "Credential should be scoped to correct service: '" + std::string(expected) + "'. ");
  }
  return call.signature->scope.region;
}

// The parameters of the query protocol: of the body, and of the query string but for what belongs
// to the signature.
Result<std::vector<formats::FormPair>> parameters_of(const net::Request& request) {
  std::vector<formats::FormPair> pairs;
  if (!request.body.empty()) {
    COFFER_TRY(pairs, formats::parse_form(request.body.text()));
  }
  const std::string_view target = request.target;
  if (const std::size_t mark = target.find('?'); mark != std::string_view::npos) {
    COFFER_TRY(auto more, formats::parse_form(target.substr(mark + 1)));
    std::erase_if(more,
                  [](const formats::FormPair& pair) { return pair.name.starts_with("X-Amz-"); });
    std::ranges::move(more, std::back_inserter(pairs));
  }
  return pairs;
}

}  // namespace

AwsDialect::AwsDialect(std::vector<OperationTable> families) {
  for (OperationTable& family : families) {
    for (AwsOperation& operation : family) {
      std::pair key(operation.service, operation.name);
      operations_.emplace(std::move(key), std::move(operation));
    }
  }
  for (const auto& [key, operation] : operations_) {
    const std::optional<LimitRule> rule = limit_rule(operation.service, operation.name);
    if (rule) limited_.emplace(&operation.operation, Limited{operation.name, *rule});
  }
}

std::string_view AwsDialect::credential(const net::Request& request) const {
  return request.header("x-vault-token");
}

// Called for requests without a body too: a presigned one has its parameters in its target.
Result<JsonView> AwsDialect::parse_body(net::Request& request) const {
  if (request.header("x-amz-target").empty()) {
    auto pairs = parameters_of(request);
    if (!pairs)
      return aws::fail(pairs.error().code, "SerializationException", pairs.error().message);
    COFFER_TRY(request.body, json_of_query(*pairs));
  } else if (request.body.empty()) {
    return JsonView();
  }
  auto body = JsonView::parse(request.body.text());
  if (!body) return aws::fail(body.error().code, "SerializationException", body.error().message);
  if (body->kind() != formats::JsonKind::object) return wrong_kind("body");
  return body;
}

Result<const gate::Operation*> AwsDialect::route(gate::Call& call) const {
  if (call.request.method != "POST" && call.request.method != "GET") return unknown_operation();
  COFFER_TRY(Asked what, asked(call.request, call.body));
  const auto found = operations_.find(std::pair(what.service, std::move(what.name)));
  if (found == operations_.end()) return unknown_operation();
  call.routing.path =
      "aws/" + std::string(facts_of(found->second.service).name) + "/" + found->second.name;
  COFFER_TRY(call.routing.region, region_for(call, found->second.service));
  return &found->second.operation;
}

std::optional<std::uint16_t> AwsDialect::limit_of(const gate::Call& call,
                                                  const gate::Operation& operation) const {
  const auto found = limited_.find(&operation);
  if (found == limited_.end()) return std::nullopt;
  const auto& [name, rule] = found->second;
  return rule.by_body ? refine_limit(name, call.body, rule.group) : rule.group;
}

std::string AwsDialect::denial(const policy::Access& access,
                               const policy::Facts& facts,
                               const policy::Decision& decision) const {
  return policy::denial_text(access, facts, decision.denial);
}

net::Response AwsDialect::success(const gate::Call& call, gate::Reply reply) const {
  net::Response response;
  response.status = reply.status;
  response.content_type = reply.content_type;
  response.headers = std::move(reply.headers);
  response.headers.emplace_back("x-amzn-requestid", call.event.request_id);
  response.body = std::move(reply.body);
  response.stream = std::move(reply.stream);
  return response;
}

net::Response AwsDialect::failure(const net::Request& request,
                                  const Error& error,
                                  std::string_view request_id) const {
  if (const std::string_view target = request.header("x-amz-target"); !target.empty()) {
    return error_response(service_of_target(target).value_or(Service::kms), error, request_id);
  }
  const auto body = JsonView::parse(request.body.text());
  const auto version = body ? text_or_empty(*body, "Version") : Result<std::string>("");
  return error_response(service_of_version(version ? *version : ""), error, request_id);
}

std::unique_ptr<AwsDialect> make_dialect(const Services& services) {
  std::vector<OperationTable> families;
  families.push_back(kms_operations(services));
  families.push_back(secrets_operations(services));
  families.push_back(ssm_operations(services));
  families.push_back(sts_operations(services));
  families.push_back(iam_operations(services));
  families.push_back(oidc_operations());
  return std::make_unique<AwsDialect>(std::move(families));
}

}  // namespace coffer::dialects::aws
