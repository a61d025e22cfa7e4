// IAM's operations on identity providers: CreateOpenIDConnectProvider, Get, List, Delete.
//
// `KeySet` (a JWK set as text) is this server's own: with it the provider's keys are these, and
// nobody is asked for them.

#include "base/time_text.h"
#include "dialects/aws/access.h"
#include "dialects/aws/answers.h"
#include "dialects/aws/families.h"
#include "dialects/aws/iam_parts.h"
#include "dialects/aws/params.h"
#include "domain/identity/oidc_providers.h"

namespace coffer::dialects::aws {
namespace {

using domain::OidcProviders;
using gate::Call;
using gate::Reply;
using policy::Access;
using policy::Capability;

constexpr Member kTagMembers[] = {
    {.name = "Key", .required = true, .min = 1, .max = 128},
    {.name = "Value", .required = true, .max = 256},
};
constexpr Shape kTag{kTagMembers};
constexpr Member kTagItem{.kind = Kind::structure, .of = &kTag};
constexpr Member kAudience{.min = 1, .max = 255};
constexpr Member kThumbprint{.min = 40, .max = 40};
constexpr Member kCreateMembers[] = {
    {.name = "Url", .required = true, .min = 1, .max = 255},
    {.name = "ClientIDList", .kind = Kind::list, .item = &kAudience},
    {.name = "ThumbprintList", .kind = Kind::list, .item = &kThumbprint},
    {.name = "Tags", .kind = Kind::list, .max = 50, .item = &kTagItem},
    {.name = "KeySet", .max = 65'536},
};
constexpr Shape kCreate{kCreateMembers};
constexpr Member kNamedMembers[] = {
    {.name = "OpenIDConnectProviderArn", .required = true, .min = 20, .max = 2048},
};
constexpr Shape kNamed{kNamedMembers};

OidcProviders providers_of(Call& call) {
  return {*call.view, call.unsealed->aws_account};
}

// Whoever says which keys an issuer has is whoever its token names: a change is administration, as
// those of users and roles are.
Result<std::vector<Access>> on(const Call& call,
                               std::string_view action,
                               std::string arn,
                               Capability capability) {
  const std::string iam_action = "iam:" + std::string(action);
  std::vector<Access> accesses{
      access("iam.provider", iam_action, std::move(arn), "aws/oidc-providers", capability)};
  if (capability == Capability::read || capability == Capability::list) return accesses;
  COFFER_CHECK(check_may_administrate(call));
  accesses.back().needs_sudo = true;
  return accesses;
}

gate::Resolve on_named(std::string_view action, Capability capability) {
  return [action, capability](Call& call) -> Result<std::vector<Access>> {
    COFFER_TRY(std::string arn, text_or_empty(call.body, "OpenIDConnectProviderArn"));
    const auto found = providers_of(call).read(arn);
    if (!found && found.error().code != Code::not_found) return std::unexpected(found.error());
    COFFER_TRY(auto accesses, on(call, action, std::move(arn), capability));
    if (!found) return accesses;
    for (const auto& [key, value] : *(*found)->row.tags) {
      accesses.back().iam->context.add("aws:ResourceTag/" + key, value);
      accesses.back().iam->context.add("iam:ResourceTag/" + key, value);
    }
    return accesses;
  };
}

Result<std::vector<Access>> may_create(Call& call) {
  COFFER_TRY(const std::string url, text_or_empty(call.body, "Url"));
  const std::string_view rest =
      std::string_view(url).substr(std::min(url.find("://") + 3, url.size()));
  COFFER_TRY(
      auto accesses,
      on(call,
         "CreateOpenIDConnectProvider",
         "arn:aws:iam::" + call.unsealed->aws_account + ":oidc-provider/" + std::string(rest),
         Capability::update));
  if (!items(call.body, "Tags").empty()) also_ask(accesses, "iam:TagOpenIDConnectProvider");
  return accesses;
}

Result<std::vector<Access>> may_list(Call& call) {
  return on(call,
            "ListOpenIDConnectProviders",
            "arn:aws:iam::" + call.unsealed->aws_account + ":oidc-provider/*",
            Capability::list);
}

Result<Reply> create(Call& call) {
  domain::NewOidcProvider wanted;
  COFFER_TRY(wanted.url, text_or_empty(call.body, "Url"));
  COFFER_TRY(wanted.audiences, texts(call.body, "ClientIDList"));
  COFFER_TRY(wanted.thumbprints, texts(call.body, "ThumbprintList"));
  COFFER_TRY(wanted.key_set, text_or_empty(call.body, "KeySet"));
  for (const formats::JsonView& item : items(call.body, "Tags")) {
    COFFER_TRY(const std::string key, text_or_empty(item, "Key"));
    COFFER_TRY(wanted.tags[key], text_or_empty(item, "Value"));
  }
  COFFER_TRY(const std::string arn, providers_of(call).create(wanted));
  call.note("provider", arn);
  return xml_answer(call, Service::iam, "CreateOpenIDConnectProvider", [&](formats::XmlWriter& x) {
    x.element("OpenIDConnectProviderArn", arn);
  });
}

void write_list(formats::XmlWriter& x,
                std::string_view name,
                const std::vector<std::string>& values) {
  x.open(name);
  for (const std::string& value : values) x.element("member", value);
  x.close(name);
}

Result<Reply> read(Call& call) {
  COFFER_TRY(const std::string arn, text_or_empty(call.body, "OpenIDConnectProviderArn"));
  COFFER_TRY(const auto found, providers_of(call).read(arn));
  const domain::OidcProviderRow& row = found->row;
  return xml_answer(call, Service::iam, "GetOpenIDConnectProvider", [&](formats::XmlWriter& x) {
    constexpr std::int64_t kSecond = 1'000'000'000;
    x.element("Url", *row.url);
    x.element("CreateDate", rfc3339(Timestamp{row.created->ns / kSecond * kSecond}));
    write_list(x, "ClientIDList", *row.audiences);
    write_list(x, "ThumbprintList", *row.thumbprints);
    x.open("Tags");
    for (const auto& [key, value] : *row.tags) {
      x.open("member").element("Key", key).element("Value", value).close("member");
    }
    x.close("Tags");
  });
}

Result<Reply> list(Call& call) {
  COFFER_TRY(const auto arns, providers_of(call).list());
  return xml_answer(call, Service::iam, "ListOpenIDConnectProviders", [&](formats::XmlWriter& x) {
    x.open("OpenIDConnectProviderList");
    for (const std::string& arn : arns) x.open("member").element("Arn", arn).close("member");
    x.close("OpenIDConnectProviderList");
  });
}

Result<Reply> remove(Call& call) {
  COFFER_TRY(const std::string arn, text_or_empty(call.body, "OpenIDConnectProviderArn"));
  COFFER_CHECK(providers_of(call).remove(arn));
  call.note("provider", arn);
  return xml_answer(call, Service::iam, "DeleteOpenIDConnectProvider");
}

}  // namespace

OperationTable oidc_operations() {
  using proof::EventType;
  OperationTable table;
  table.push_back(guarded(Service::iam,
                          "CreateOpenIDConnectProvider",
                          kCreate,
                          EventType::iam_provider_changed,
                          may_create,
                          create));
  table.push_back(guarded(Service::iam,
                          "GetOpenIDConnectProvider",
                          kNamed,
                          EventType::iam_read,
                          on_named("GetOpenIDConnectProvider", Capability::read),
                          read));
  table.push_back(guarded(
      Service::iam, "ListOpenIDConnectProviders", kNoInput, EventType::iam_read, may_list, list));
  table.push_back(guarded(Service::iam,
                          "DeleteOpenIDConnectProvider",
                          kNamed,
                          EventType::iam_provider_changed,
                          on_named("DeleteOpenIDConnectProvider", Capability::del),
                          remove));
  return table;
}

}  // namespace coffer::dialects::aws
