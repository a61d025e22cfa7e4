// RequestConditions: what a request says about itself, as the condition keys of IAM.
//
// Made once for an operation, out of its shape: a member that the operation does not have is
// ignored by it, and says nothing here either. `Tags` are aws:RequestTag/KEY and aws:TagKeys,
// `TagKeys` are aws:TagKeys, others are keys of their service (a table in the .cc), some of them
// also where the request leaves them out: then as what the operation takes for them. Only accesses
// of the operation's own service get them: what a service does with another one for its caller is
// no request of the caller's. Immutable, safe to share.
#pragma once

#include "dialects/aws/operation.h"

#include <string_view>
#include <vector>

namespace coffer::dialects::aws {

class RequestConditions {
 public:
  // `shape` is static, as all shapes are.
  RequestConditions(Service service, std::string_view operation, const Shape& shape);

  // `body` is of the shape. What an access says of the same keys is replaced.
  Result<> add(const formats::JsonView& body, std::vector<policy::Access>& accesses) const;

 private:
  // A member of the operation, and the key that it is.
  struct Known {
    const Member* member;
    std::string_view key;
    std::string_view otherwise;  // in a request without it; empty: absent
  };

  Result<> add_tags(const formats::JsonView& body, policy::IamContext& out) const;

  Service service_;
  const Member* tags_;      // null: it has none
  const Member* tag_keys_;  // null: it has none
  std::vector<Known> known_;
};

}  // namespace coffer::dialects::aws
