// The AWS APIs at POST /: KMS, Secrets Manager and Parameter Store in JSON 1.1, STS and IAM in the
// query protocol (also GET, presigned).
//
// A request is dispatched on X-Amz-Target, else on Action and Version. Whoever signs with Signature
// V4 is an IAM principal; a request without a signature may carry a token as the Vault API takes it
// (X-Vault-Token), whose policies then decide under Vault's spelling of the same access. The path
// of a request in the audit log and in rate quotas is "aws/SERVICE/OPERATION". Immutable after
// construction; thread-safe. Reference: aws-apis.md §0.
#pragma once

#include "dialects/aws/families.h"
#include "dialects/aws/request_limits.h"
#include "gate/operation.h"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace coffer::dialects::aws {

class AwsDialect final : public gate::Dialect {
 public:
  explicit AwsDialect(std::vector<OperationTable> families);

  [[nodiscard]] std::string_view name() const override { return "aws"; }

  [[nodiscard]] bool owns(std::string_view path) const override { return path == "/"; }

  [[nodiscard]] gate::Credentials credentials() const override { return gate::Credentials::either; }

  [[nodiscard]] std::string_view credential(const net::Request& request) const override;

  Result<formats::JsonView> parse_body(net::Request& request) const override;
  Result<const gate::Operation*> route(gate::Call& call) const override;
  [[nodiscard]] std::optional<std::uint16_t> limit_of(
      const gate::Call& call, const gate::Operation& operation) const override;

  [[nodiscard]] Error throttled(std::uint16_t group) const override {
    return too_many_requests(group);
  }

  [[nodiscard]] std::string_view unrouted() const override { return "aws.unrouted"; }

  [[nodiscard]] std::string denial(const policy::Access& access,
                                   const policy::Facts& facts,
                                   const policy::Decision& decision) const override;
  net::Response success(const gate::Call& call, gate::Reply reply) const override;
  net::Response failure(const net::Request& request,
                        const Error& error,
                        std::string_view request_id) const override;

 private:
  // By the service and the operation's name.
  std::map<std::pair<Service, std::string>, AwsOperation, std::less<>> operations_;

  struct Limited {
    std::string_view name;  // "Decrypt"
    LimitRule rule;
  };

  // Borrow operations_.
  std::unordered_map<const gate::Operation*, Limited> limited_;
};

// With every family.
std::unique_ptr<AwsDialect> make_dialect(const Services& services);

}  // namespace coffer::dialects::aws
