#include "policy/iam_keys.h"

#include "base/enum_table.h"
#include "base/time_text.h"
#include "formats/cidr.h"
#include "policy/syntax.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

namespace coffer::policy {
namespace {

using State = IamKeyValue::State;
using Type = IamPrincipal::Type;

constexpr EnumTable<Type, 5> kTypes{{{{Type::account, "Account"},
                                      {Type::user, "User"},
                                      {Type::assumed_role, "AssumedRole"},
                                      {Type::federated_user, "FederatedUser"},
                                      {Type::federated, "Anonymous"}}}};

// Keys of services that a request may have or not. Those that end in ":" or "/" go on with a name.
// Each is set by every operation that has such a fact, or it must not stand here: what is absent
// meets negated conditions and keeps denials from applying.
constexpr std::array<std::string_view, 50> kServiceKeys{
    "kms:bypasspolicylockoutsafetycheck",
    "kms:calleraccount",
    "kms:datakeypairspec",
    "kms:encryptionalgorithm",
    "kms:encryptioncontext:",
    "kms:encryptioncontextkeys",
    "kms:expirationmodel",
    "kms:grantconstrainttype",
    "kms:granteeprincipal",
    "kms:grantisforawsresource",
    "kms:grantoperations",
    "kms:keyagreementalgorithm",
    "kms:keyorigin",
    "kms:keyspec",
    "kms:keyusage",
    "kms:macalgorithm",
    "kms:messagetype",
    "kms:multiregion",
    "kms:multiregionkeytype",
    "kms:reencryptonsamekey",
    "kms:requestalias",
    "kms:retiringprincipal",
    "kms:rotationperiodindays",
    "kms:schedulekeydeletionpendingwindowindays",
    "kms:signingalgorithm",
    "kms:validto",
    "kms:viaservice",
    "kms:wrappingalgorithm",
    "kms:wrappingkeyspec",
    "secretsmanager:blockpublicpolicy",
    "secretsmanager:description",
    "secretsmanager:forcedeletewithoutrecovery",
    "secretsmanager:kmskeyid",
    "secretsmanager:name",
    "secretsmanager:recoverywindowindays",
    "secretsmanager:resourcetag/",
    "secretsmanager:rotationlambdaarn",
    "secretsmanager:secretid",
    "secretsmanager:secretprimaryregion",
    "secretsmanager:versionid",
    "secretsmanager:versionstage",
    "ssm:overwrite",
    "ssm:recursive",
    "sts:durationseconds",
    "sts:externalid",
    "sts:rolesessionname",
    "sts:sourceidentity",
    "sts:transitivetagkeys",
    "iam:policyarn",
    "iam:resourcetag/"};

// The same below "aws:".
constexpr std::array<std::string_view, 10> kRequestKeys{"requesttag/",
                                                        "resourcetag/",
                                                        "tagkeys",
                                                        "calledvia",
                                                        "calledviafirst",
                                                        "calledvialast",
                                                        "sourcearn",
                                                        "sourceaccount",
                                                        "principalservicename",
                                                        "multifactorauthage"};

template <std::size_t N>
bool names(const std::array<std::string_view, N>& table, std::string_view key) {
  return std::ranges::any_of(table, [key](std::string_view row) {
    const bool goes_on = row.ends_with(':') || row.ends_with('/');
    return goes_on ? key.starts_with(row) && key.size() > row.size() : key == row;
  });
}

IamKeyValue present(std::string value) {
  IamKeyValue out;
  out.state = State::present;
  out.values.push_back(std::move(value));
  return out;
}

IamKeyValue absent() {
  return {};
}

IamKeyValue unknown() {
  return {.state = State::unknown, .values = {}};
}

IamKeyValue flag(bool value) {
  return present(value ? "true" : "false");
}

IamKeyValue unless_empty(const std::string& value) {
  return value.empty() ? absent() : present(value);
}

// Two tags whose names differ in case only are two values of one key.
IamKeyValue tag(const std::map<std::string, std::string>& tags, std::string_view name) {
  IamKeyValue out;
  for (const auto& [key, value] : tags) {
    if (lower_case(key) == name) out.values.push_back(value);
  }
  if (!out.values.empty()) out.state = State::present;
  return out;
}

}  // namespace

std::span<const std::string_view> iam_service_keys() {
  return kServiceKeys;
}

IamKeyValue IamKeys::find(std::string_view key) const {
  constexpr std::string_view kGlobal = "aws:";
  if (key.starts_with(kGlobal)) {
    const std::string_view name = key.substr(kGlobal.size());
    if (!names(kRequestKeys, name)) return find_global(name);
  }
  if (const auto* values = access_.context.find(key)) {
    return {.state = State::present, .values = *values};
  }
  if (access_.context.is_left_unknown(key)) return unknown();
  if (key == "kms:calleraccount") return facts_.iam ? present(facts_.iam->account) : unknown();
  return key.starts_with(kGlobal) || names(kServiceKeys, key) ? absent() : unknown();
}

IamKeyValue IamKeys::find_global(std::string_view name) const {
  if (name == "currenttime") return present(rfc3339(facts_.now));
  if (name == "epochtime") return present(std::to_string(facts_.now.ns / 1'000'000'000));
  if (name == "sourceip") {
    const bool readable = facts_.source_ip && formats::parse_ip(*facts_.source_ip);
    return readable ? present(*facts_.source_ip) : unknown();
  }
  if (name == "securetransport") {
    return facts_.secure_transport ? flag(*facts_.secure_transport) : unknown();
  }
  if (name == "requestedregion") return facts_.region ? present(*facts_.region) : unknown();
  // Nothing is called on behalf of somebody else under another identity than the caller's.
  if (name == "viaawsservice" || name == "principalisawsservice") return flag(false);
  return facts_.iam ? find_about_principal(name) : unknown();
}

IamKeyValue IamKeys::find_about_principal(std::string_view name) const {
  const IamPrincipal& who = *facts_.iam;
  constexpr std::string_view kTag = "principaltag/";
  if (name.starts_with(kTag)) return tag(who.tags, name.substr(kTag.size()));
  if (name == "principalarn") return present(who.role_arn.empty() ? who.arn : who.role_arn);
  if (name == "principalaccount") return present(who.account);
  if (name == "principaltype") return present(std::string(kTypes.text(who.type)));
  if (name == "userid") return unless_empty(who.userid);
  if (name == "username") return unless_empty(who.username);
  if (name == "sourceidentity") return unless_empty(who.source_identity);
  if (name == "federatedprovider") return unless_empty(who.provider);
  if (name == "multifactorauthpresent") return who.mfa ? flag(*who.mfa) : absent();
  if (name == "tokenissuetime") {
    return who.token_issued ? present(rfc3339(*who.token_issued)) : absent();
  }
  return unknown();
}

}  // namespace coffer::policy
