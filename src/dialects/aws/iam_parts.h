// What the operations of IAM have in common: their table rows, whom they are about, their XML.
#pragma once

#include "dialects/aws/answers.h"
#include "dialects/aws/families.h"
#include "dialects/aws/operation.h"
#include "dialects/aws/params.h"
#include "domain/auth/aws_caller.h"
#include "domain/identity/aws_customer_policies.h"
#include "domain/identity/aws_identities.h"
#include "formats/xml_writer.h"

#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer::dialects::aws {

inline domain::AwsIdentities identities_of(gate::Call& call) {
  return {*call.view, call.unsealed->policies, call.unsealed->aws_account};
}

inline domain::AwsCustomerPolicies policies_of(gate::Call& call) {
  return {*call.view, call.unsealed->policies, call.unsealed->aws_account};
}

// permission_denied for sessions that administrate nobody, as with AWS: those of GetSessionToken
// and GetFederationToken.
Result<> check_may_administrate(const gate::Call& call);

// What an operation is about: its ARN, and the tags of what is there.
struct IamTarget {
  std::string arn;
  std::map<std::string, std::string> tags = {};
};

using IamResource = std::function<Result<IamTarget>(gate::Call&)>;

// "*": a listing, or one that is found below no name.
Result<IamTarget> any_resource(gate::Call& call);
// The user or role that UserName or RoleName names, also one that is not there (yet). Without a
// UserName the caller itself is meant, when it is a user.
Result<IamTarget> user_resource(gate::Call& call);
Result<IamTarget> role_resource(gate::Call& call);
// By PolicyArn.
Result<IamTarget> policy_resource(gate::Call& call);

// The user that the request is about.
Result<std::string> user_name(const gate::Call& call);

AwsOperation iam_read(std::string_view name,
                      const Shape& input,
                      IamResource resource,
                      gate::Handler handler);
// `tag_action`: what Tags in the request need as well; empty: it takes none, or is about nothing
// else.
AwsOperation iam_write(std::string_view name,
                       const Shape& input,
                       proof::EventType event,
                       IamResource resource,
                       gate::Handler handler,
                       std::string_view tag_action = {});

// InvalidInput for a PermissionsBoundary: a user or role without the limit that was asked for may
// do more than its maker wanted.
Result<> refuse_boundary(const gate::Call& call);

// Tags as a list of Key and Value. InvalidInput for a key that is there twice.
Result<std::map<std::string, std::string>> tags_of(const gate::Call& call);
void write_tags(formats::XmlWriter& x, const std::map<std::string, std::string>& tags);

// ISO 8601 in whole seconds.
std::string xml_time(Timestamp at);
// A document as IAM answers with it: percent-encoded.
std::string xml_document(std::string_view text);

// Which of `count` things, in order of their `names`, this page has, and the marker of the next.
struct Page {
  std::size_t begin = 0;
  std::size_t end = 0;
  std::string marker;  // empty: it was the last
};

// By Marker and MaxItems (100 unless said otherwise).
Result<Page> page_of(gate::Call& call,
                     std::string_view operation,
                     const std::vector<std::string>& names);
// IsTruncated and Marker.
void write_page_end(formats::XmlWriter& x, const Page& page);

// Members that several shapes have. Other services have other members of these names.
inline namespace iam_shapes {

inline constexpr std::string_view kNamePattern = "[\\w+=,.@-]+";
inline constexpr std::string_view kNameAlphabet = "a-zA-Z0-9_+=,.@-";
inline constexpr Member kUserName{
    .name = "UserName", .min = 1, .max = 128, .pattern = kNamePattern, .alphabet = kNameAlphabet};
inline constexpr Member kRequiredUserName{.name = "UserName",
                                          .required = true,
                                          .min = 1,
                                          .max = 128,
                                          .pattern = kNamePattern,
                                          .alphabet = kNameAlphabet};
inline constexpr Member kRoleName{.name = "RoleName",
                                  .required = true,
                                  .min = 1,
                                  .max = 64,
                                  .pattern = kNamePattern,
                                  .alphabet = kNameAlphabet};
inline constexpr Member kPolicyName{.name = "PolicyName",
                                    .required = true,
                                    .min = 1,
                                    .max = 128,
                                    .pattern = kNamePattern,
                                    .alphabet = kNameAlphabet};
inline constexpr Member kPolicyArn{.name = "PolicyArn", .required = true, .min = 20, .max = 2048};
inline constexpr Member kPolicyDocument{
    .name = "PolicyDocument", .required = true, .min = 1, .max = 131072};
inline constexpr Member kBoundary{.name = "PermissionsBoundary", .min = 20, .max = 2048};
inline constexpr Member kPath{.name = "Path", .min = 1, .max = 512};
inline constexpr Member kPathPrefix{.name = "PathPrefix", .min = 1, .max = 512};
inline constexpr Member kMarker{.name = "Marker", .min = 1};
inline constexpr Member kMaxItems{.name = "MaxItems", .kind = Kind::integer, .min = 1, .max = 1000};
inline constexpr Member kTagMembers[] = {
    {.name = "Key", .required = true, .min = 1, .max = 128},
    {.name = "Value", .required = true, .max = 256},
};
inline constexpr Shape kTag{kTagMembers};
inline constexpr Member kTagItem{.kind = Kind::structure, .of = &kTag};
inline constexpr Member kTags{.name = "Tags", .kind = Kind::list, .max = 50, .item = &kTagItem};
inline constexpr Member kTagKeyItem{.min = 1, .max = 128};
inline constexpr Member kTagKeys{
    .name = "TagKeys", .kind = Kind::list, .required = true, .max = 50, .item = &kTagKeyItem};

}  // namespace iam_shapes

OperationTable iam_user_operations();
OperationTable iam_key_operations();
OperationTable iam_role_operations();
OperationTable iam_policy_operations();
// What users and roles have alike.
OperationTable iam_grant_operations();

}  // namespace coffer::dialects::aws
