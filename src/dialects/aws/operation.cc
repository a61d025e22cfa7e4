#include "dialects/aws/operation.h"

#include "dialects/aws/request_conditions.h"

#include <algorithm>
#include <array>

namespace coffer::dialects::aws {
namespace {

constexpr std::array kServices{
    ServiceFacts{Service::kms, "kms", "TrentService", Protocol::json, "2014-11-01", ""},
    ServiceFacts{Service::secrets_manager,
                 "secretsmanager",
                 "secretsmanager",
                 Protocol::json,
                 "2017-10-17",
                 ""},
    ServiceFacts{Service::ssm, "ssm", "AmazonSSM", Protocol::json, "2014-11-06", ""},
    ServiceFacts{Service::sts,
                 "sts",
                 "",
                 Protocol::query,
                 "2011-06-15",
                 "https://sts.amazonaws.com/doc/2011-06-15/"},
    ServiceFacts{Service::iam,
                 "iam",
                 "",
                 Protocol::query,
                 "2010-05-08",
                 "https://iam.amazonaws.com/doc/2010-05-08/"},
};

AwsOperation made(Service service,
                  std::string_view name,
                  const Shape& input,
                  proof::EventType event,
                  gate::Permission permission,
                  gate::Handler handler) {
  std::string full(facts_of(service).name);
  full += '.';
  full += name;
  return {service,
          std::string(name),
          &input,
          gate::Operation(full, event, std::move(permission), std::move(handler))};
}

gate::Handler checked(const Shape& input, gate::Handler handler) {
  return [&input, handler = std::move(handler)](gate::Call& call) -> Result<gate::Reply> {
    COFFER_CHECK(check_shape(input, call.body));
    return handler(call);
  };
}

}  // namespace

const ServiceFacts& facts_of(Service service) {
  return *std::ranges::find(kServices, service, &ServiceFacts::service);
}

AwsOperation guarded(Service service,
                     std::string_view name,
                     const Shape& input,
                     proof::EventType event,
                     gate::Resolve resolve,
                     gate::Handler handler) {
  // Whoever resolves reads the input: its shape holds by then.
  gate::Resolve checked =
      [&input, conditions = RequestConditions(service, name, input), resolve = std::move(resolve)](
          gate::Call& call) -> Result<std::vector<policy::Access>> {
    COFFER_CHECK(check_shape(input, call.body));
    COFFER_TRY(std::vector<policy::Access> accesses, resolve(call));
    COFFER_CHECK(conditions.add(call.body, accesses));
    return accesses;
  };
  return made(service, name, input, event, std::move(checked), std::move(handler));
}

AwsOperation authenticated(Service service,
                           std::string_view name,
                           const Shape& input,
                           proof::EventType event,
                           std::string_view reason,
                           gate::Handler handler) {
  return made(
      service, name, input, event, gate::AnyToken{reason}, checked(input, std::move(handler)));
}

AwsOperation open_to_all(Service service,
                         std::string_view name,
                         const Shape& input,
                         proof::EventType event,
                         std::string_view reason,
                         gate::Handler handler) {
  return made(
      service, name, input, event, gate::Public{reason}, checked(input, std::move(handler)));
}

}  // namespace coffer::dialects::aws
