// Managed policies of IAM as their owners see them: those that were made here, and those that are
// built in, which can be read and attached only.
//
// A policy has one text at a time, in as many versions as it was written ("v1", "v2", …): the
// newest is the default one, older ones are history. Errors carry IAM's names. Works on one View.
#pragma once

#include "domain/identity/aws_names.h"
#include "domain/identity/aws_policies.h"
#include "domain/identity/policies.h"

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

inline constexpr std::uint64_t kMaxAwsVersionsListed = 100;

struct AwsPolicy {
  std::string name;
  std::string path;
  std::string id;
  std::string arn;
  std::string description;
  std::uint64_t version = 1;
  std::string text;
  Timestamp created;
  Timestamp updated;
  bool built_in = false;
};

struct AwsPolicyVersion {
  std::uint64_t number = 0;
  std::string text;
  Timestamp created;
  bool is_default = false;
};

struct NewAwsPolicy {
  std::string name;
  std::string path = "/";
  std::string description;
  std::string text;
};

class AwsCustomerPolicies {
 public:
  AwsCustomerPolicies(work::View& view, PolicyCache& cache, std::string_view account)
      : view_(view), cache_(cache), account_(account) {}

  // NoSuchEntity when there is none. Built-in ones are found too.
  Result<AwsPolicy> by_arn(std::string_view arn);
  // Those that were made here, in order of their names in lower case.
  Result<std::vector<AwsPolicy>> made_here();
  static std::vector<AwsPolicy> built_in();

  // EntityAlreadyExists for a name in use under any path, MalformedPolicyDocument.
  Result<AwsPolicy> create(const NewAwsPolicy& wanted);
  // A new text, which is the default version from then on.
  Result<AwsPolicy> write(std::string_view arn, std::string_view text);
  // DeleteConflict while it is attached.
  Result<> remove(std::string_view arn);

  // NoSuchEntity when the policy never had it.
  Result<AwsPolicyVersion> version(std::string_view arn, std::uint64_t number);
  // The newest first, at most kMaxAwsVersionsListed.
  Result<std::vector<AwsPolicyVersion>> versions(std::string_view arn);

  // How many users and roles have each policy, by its ARN: those that none has are left out. One
  // walk over users and roles.
  Result<std::map<std::string, std::size_t>> attachments();
  // The same of one.
  Result<std::size_t> attachments(std::string_view arn);
  [[nodiscard]] std::string arn_of(std::string_view path, std::string_view name) const;

 private:
  Result<AwsPolicy> described(const PolicyRow& row) const;

  work::View& view_;
  PolicyCache& cache_;
  std::string account_;
};

}  // namespace coffer::domain
