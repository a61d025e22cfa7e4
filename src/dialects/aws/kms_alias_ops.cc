// KMS: aliases.
//
// An alias asks two permissions: on itself and on the key that it names.
#include "dialects/aws/access.h"
#include "dialects/aws/kms_managed.h"
#include "dialects/aws/kms_parts.h"
#include "dialects/aws/kms_shapes.h"
#include "dialects/aws/params.h"

#include <algorithm>
#include <array>

namespace coffer::dialects::aws {
namespace {

using formats::JsonWriter;
using gate::Reply;
using policy::Capability;
using proof::EventType;
using std::string_view;

constexpr string_view kPrefix = "alias/";
constexpr string_view kReserved = "alias/aws";

constexpr Member kAliasName{.name = "AliasName",
                            .required = true,
                            .min = 1,
                            .max = 256,
                            .pattern = "^[a-zA-Z0-9:/_-]+$",
                            .alphabet = "a-zA-Z0-9:/_-"};
constexpr std::array kPutMembers{kAliasName, key_id_member("TargetKeyId")};
constexpr Shape kPut{kPutMembers};
constexpr std::array kDeleteMembers{kAliasName};
constexpr Shape kDelete{kDeleteMembers};
constexpr std::array kListMembers{key_id_member("KeyId", false), kLimit, kMarker};
constexpr Shape kList{kListMembers};

Result<std::string> alias_name(const Kms& kms) {
  COFFER_TRY(std::string name, text_or_empty(kms.call.body, "AliasName"));
  if (!name.starts_with(kPrefix)) {
    return validation(
        "Alias must start with the prefix \"alias/\". Please see "
        "https://docs.aws.amazon.com/kms/latest/developerguide/kms-alias.html");
  }
  if (name == kReserved || name.starts_with(std::string(kReserved) + "/")) {
    return aws::fail(Code::permission_denied, "NotAuthorizedException", "");
  }
  if (name == kPrefix) return validation("Invalid identifier");
  if (name.find(':') != std::string::npos) {
    return validation(name + " contains invalid characters for an alias");
  }
  return name;
}

Result<domain::AliasPtr> alias_of(Kms& kms, string_view name) {
  domain::AliasPtr alias;
  if (kms.home) {
    COFFER_TRY(alias, kms.aliases().find(kms.region(), name));
  }
  if (alias) return alias;
  return aws::fail(
      Code::not_found, "NotFoundException", "Alias " + kms.alias_arn(name) + " is not found.");
}

Result<KmsKey> target_of(Kms& kms) {
  COFFER_TRY(const std::string target, text_or_empty(kms.call.body, "TargetKeyId"));
  if (target.starts_with(kPrefix) || target.find(":alias/") != std::string::npos) {
    return validation("Aliases must refer to keys. Not aliases");
  }
  return kms.find(target, Naming::id_only);
}

policy::Access alias_access(const Kms& kms,
                            string_view name,
                            string_view iam,
                            Capability capability) {
  return access("kms.alias",
                "kms:" + std::string(iam),
                kms.alias_arn(name),
                "transit/aliases/" + std::string(name.substr(kPrefix.size())),
                capability);
}

KmsRule key_rule(string_view iam) {
  return {.action = "kms.alias", .iam = iam, .path = "keys/{}/aliases"};
}

Result<std::vector<policy::Access>> may_create(Kms& kms) {
  COFFER_TRY(const std::string name, alias_name(kms));
  COFFER_TRY(const KmsKey key, target_of(kms));
  std::vector<policy::Access> all;
  all.push_back(alias_access(kms, name, "CreateAlias", Capability::create));
  COFFER_TRY(all.emplace_back(), key_access(kms, key, key_rule("CreateAlias")));
  return all;
}

Result<std::vector<policy::Access>> may_update(Kms& kms) {
  COFFER_TRY(const std::string name, alias_name(kms));
  COFFER_TRY(const auto alias, alias_of(kms, name));
  COFFER_TRY(const KmsKey to, target_of(kms));
  COFFER_TRY(const KmsKey from, kms.by_uid(*alias->row.uid));
  std::vector<policy::Access> all;
  all.push_back(alias_access(kms, name, "UpdateAlias", Capability::update));
  COFFER_TRY(all.emplace_back(), key_access(kms, to, key_rule("UpdateAlias")));
  if (from.row) {
    COFFER_TRY(all.emplace_back(), key_access(kms, from, key_rule("UpdateAlias")));
  }
  return all;
}

Result<std::vector<policy::Access>> may_delete(Kms& kms) {
  COFFER_TRY(const std::string name, alias_name(kms));
  COFFER_TRY(const auto alias, alias_of(kms, name));
  COFFER_TRY(const KmsKey key, kms.by_uid(*alias->row.uid));
  std::vector<policy::Access> all;
  all.push_back(alias_access(kms, name, "DeleteAlias", Capability::del));
  if (key.row) {
    COFFER_TRY(all.emplace_back(), key_access(kms, key, key_rule("DeleteAlias")));
  }
  return all;
}

Result<std::vector<policy::Access>> may_list(Kms& /*kms*/) {
  std::vector<policy::Access> all;
  all.push_back(access("kms.alias", "kms:ListAliases", "*", "transit/aliases", Capability::list));
  return all;
}

Result<Reply> create(Kms& kms) {
  COFFER_TRY(const std::string name, alias_name(kms));
  COFFER_TRY(const KmsKey key, target_of(kms));
  COFFER_CHECK(check_customers(key));
  COFFER_CHECK(check_not_pending(kms, key));
  COFFER_TRY(const auto present, kms.aliases().find(kms.region(), name));
  if (present) {
    return aws::fail(Code::already_exists,
                     "AlreadyExistsException",
                     "An alias with the name " + kms.alias_arn(name) + " already exists");
  }
  const auto done = kms.aliases().put(kms.region(), name, *key);
  if (!done) return as_limit(done.error());
  kms.call.note("alias", name);
  kms.call.note("key", domain::key_id(*key));
  return empty_answer();
}

Result<Reply> update(Kms& kms) {
  COFFER_TRY(const std::string name, alias_name(kms));
  COFFER_TRY(const auto alias, alias_of(kms, name));
  COFFER_TRY(const KmsKey to, target_of(kms));
  COFFER_CHECK(check_customers(to));
  COFFER_CHECK(check_not_pending(kms, to));
  COFFER_TRY(const KmsKey from, kms.by_uid(*alias->row.uid));
  if (from.row) {
    if (usage_of(*from) != usage_of(*to) ||
        spec_of(*from).symmetric() != spec_of(*to).symmetric() ||
        (*from->type == domain::KeyType::hmac) != (*to->type == domain::KeyType::hmac)) {
      return validation("Alias " + kms.alias_arn(name) +
                        " cannot be changed from a key of one type and usage to another");
    }
    if (*from->uid == *to->uid) return empty_answer();
  }
  const auto done = kms.aliases().put(kms.region(), name, *to);
  if (!done) return as_limit(done.error());
  kms.call.note("alias", name);
  kms.call.note("key", domain::key_id(*to));
  return empty_answer();
}

Result<Reply> remove(Kms& kms) {
  COFFER_TRY(const std::string name, alias_name(kms));
  COFFER_TRY(const auto alias, alias_of(kms, name));
  COFFER_CHECK(kms.aliases().remove(alias->row));
  kms.call.note("alias", name);
  return empty_answer();
}

struct ListedAlias {
  std::string name;
  domain::AliasPtr row;  // null: of a service whose key nobody has needed yet
};

Result<> write_alias(Kms& kms, JsonWriter& w, const ListedAlias& alias) {
  w.begin_object();
  w.key("AliasName").string(alias.name);
  w.key("AliasArn").string(kms.alias_arn(alias.name));
  if (alias.row) {
    COFFER_TRY(const KmsKey key, kms.by_uid(*alias.row->row.uid));
    if (key.row) w.key("TargetKeyId").string(domain::key_id(*key));
    w.key("CreationDate");
    write_time(w, *alias.row->row.created);
    w.key("LastUpdatedDate");
    write_time(w, *alias.row->row.updated);
  }
  w.end_object();
  return {};
}

// Those after `position`, in order; not many more than `limit`.
Result<std::vector<ListedAlias>> aliases_of_region(Kms& kms,
                                                   const std::string& position,
                                                   std::size_t limit) {
  std::vector<ListedAlias> found;
  if (kms.home) {
    COFFER_TRY(const auto rows, kms.aliases().list(kms.region(), position, limit));
    for (const domain::AliasPtr& row : rows) found.push_back({*row->row.alias, row});
  }
  for (const ManagedKey& managed : managed_keys()) {
    if (managed.alias <= position) continue;
    if (std::ranges::find(found, managed.alias, &ListedAlias::name) != found.end()) continue;
    found.push_back({std::string(managed.alias), nullptr});
  }
  std::ranges::sort(found, {}, &ListedAlias::name);
  return found;
}

Result<std::vector<ListedAlias>> aliases_of_key(Kms& kms,
                                                string_view identifier,
                                                const std::string& position) {
  COFFER_TRY(const KmsKey key, kms.find(identifier, Naming::id_only));
  COFFER_TRY(const auto rows, kms.aliases().of_key(*key));
  std::vector<ListedAlias> found;
  for (const domain::AliasPtr& row : rows) {
    if (*row->row.region == kms.region() && *row->row.alias > position) {
      found.push_back({*row->row.alias, row});
    }
  }
  return found;
}

Result<Reply> list(Kms& kms) {
  COFFER_TRY(const std::string named, text_or_empty(kms.call.body, "KeyId"));
  const std::string request = kms.region() + "|" + named;
  COFFER_TRY(const PageAsked page, page_of(kms, "ListAliases", request, 50));
  COFFER_TRY(auto found,
             named.empty() ? aliases_of_region(kms, page.position, page.limit + 1)
                           : aliases_of_key(kms, named, page.position));
  std::optional<std::string> next;
  if (found.size() > page.limit) {
    found.resize(page.limit);
    next = found.back().name;
  }
  Result<> written;
  Reply reply = json_answer([&](JsonWriter& w) {
    w.key("Aliases").begin_array();
    for (const ListedAlias& alias : found) {
      if (written) written = write_alias(kms, w, alias);
    }
    w.end_array();
    if (written) written = write_page(kms, w, "ListAliases", request, next);
  });
  COFFER_CHECK(std::move(written));
  return reply;
}

}  // namespace

void add_kms_alias_operations(OperationTable& table, const Services& services) {
  constexpr EventType kChanged = EventType::key_alias_changed;
  table.push_back(kms_operation(services, "CreateAlias", kPut, kChanged, may_create, create));
  table.push_back(kms_operation(services, "UpdateAlias", kPut, kChanged, may_update, update));
  table.push_back(kms_operation(services, "DeleteAlias", kDelete, kChanged, may_delete, remove));
  table.push_back(
      kms_operation(services, "ListAliases", kList, EventType::key_listed, may_list, list));
}

}  // namespace coffer::dialects::aws
