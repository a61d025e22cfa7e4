// Secrets Manager: what there is: secrets, one secret, its versions.
#include "base/enum_table.h"
#include "dialects/aws/answers.h"
#include "dialects/aws/page_token.h"
#include "dialects/aws/params.h"
#include "dialects/aws/secret_list.h"
#include "dialects/aws/secret_parts.h"
#include "dialects/aws/secret_replicas.h"
#include "dialects/aws/secret_shapes.h"
#include "domain/secrets/stages.h"
#include "domain/secrets/version_table.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace coffer::dialects::aws {
namespace {

using domain::SecretRow;
using domain::VersionDays;
using formats::JsonWriter;
using policy::Capability;
using proof::EventType;

constexpr std::int64_t kMostListed = 100;

constexpr EnumTable<SecretOrder, 4> kOrders{{{
    {SecretOrder::created, "created-date"},
    {SecretOrder::accessed, "last-accessed-date"},
    {SecretOrder::changed, "last-changed-date"},
    {SecretOrder::name, "name"},
}}};

void write_member_time(JsonWriter& w, std::string_view name, Timestamp when) {
  if (when.ns == 0) return;
  w.key(name);
  write_time(w, when);
}

void write_day(JsonWriter& w, std::uint32_t day) {
  constexpr std::int64_t kDay = 86'400'000'000'000;
  if (day != 0) write_member_time(w, "LastAccessedDate", {day * kDay});
}

void write_rotation(JsonWriter& w, const domain::Rotation& rotation) {
  w.key("RotationEnabled").boolean(rotation.enabled);
  if (!rotation.function.empty()) w.key("RotationLambdaARN").string(rotation.function);
  if (rotation.enabled || rotation.after_days != 0 || !rotation.schedule.empty()) {
    w.key("RotationRules").begin_object();
    if (rotation.after_days != 0) w.key("AutomaticallyAfterDays").integer(rotation.after_days);
    if (!rotation.window.empty()) w.key("Duration").string(rotation.window);
    if (!rotation.schedule.empty()) w.key("ScheduleExpression").string(rotation.schedule);
    w.end_object();
  }
  write_member_time(w, "LastRotatedDate", rotation.last);
  write_member_time(w, "NextRotationDate", rotation.next);
}

void write_extra(JsonWriter& w, const domain::SecretExtra& extra) {
  if (!extra.description.empty()) w.key("Description").string(extra.description);
  if (!extra.type.empty()) w.key("Type").string(extra.type);
  if (!extra.kms_key.empty()) w.key("KmsKeyId").string(extra.kms_key);
  if (!extra.owning_service.empty()) w.key("OwningService").string(extra.owning_service);
  if (extra.rotation) write_rotation(w, *extra.rotation);
  write_member_time(w, "DeletedDate", extra.deletion);
  if (!extra.tags.empty()) {
    w.key("Tags").begin_array();
    for (const domain::SecretTag& tag : extra.tags) {
      w.begin_object().key("Key").string(tag.key).key("Value").string(tag.value).end_object();
    }
    w.end_array();
  }
  if (!extra.replicas.empty()) w.key("PrimaryRegion").string(extra.region);
}

// "VersionIdsToStages", or the other name that lists have for it. Left out where it is empty.
void write_stages(JsonWriter& w, std::string_view name, const SecretRow& secret, Timestamp now) {
  bool begun = false;
  for (const domain::VersionState& version : *secret.versions) {
    const auto stages = domain::stages_of(secret, version.number);
    if (stages.empty() || version.gone(now)) continue;
    if (!begun) w.key(name).begin_object();
    begun = true;
    w.key(domain::version_id(secret, version.number)).strings(stages);
  }
  if (begun) w.end_object();
}

void write_description(JsonWriter& w,
                       const SecretRow& secret,
                       const VersionDays& days,
                       std::string_view stages_name,
                       Timestamp now) {
  if (*secret.extra) write_extra(w, **secret.extra);
  write_member_time(w, "LastChangedDate", *secret.updated);
  std::uint32_t last = 0;
  for (const auto& [version, day] : days) last = std::max(last, day);
  write_day(w, last);
  write_stages(w, stages_name, secret, now);
  write_member_time(w, "CreatedDate", *secret.created);
}

Result<VersionDays> days_of(const gate::Call& call, const SecretRow& secret) {
  return domain::days_of_use(*call.view, call.unsealed->secrets.uses, *secret.mount, *secret.uid);
}

Result<gate::Reply> describe(gate::Call& call, const Services& services) {
  COFFER_TRY(const FoundSecret found, find_secret(call, services, Wanted::any));
  const SecretRow& row = found.secret->row;
  COFFER_TRY(const VersionDays days, days_of(call, row));
  return secret_answer(found.engine, row, [&](JsonWriter& w) {
    write_description(w, row, days, "VersionIdsToStages", call.now);
    write_replication(w, row);
  });
}

Result<SecretSearch> read_search(const gate::Call& call) {
  SecretSearch search;
  search.operation = "ListSecrets";
  COFFER_TRY(search.filters, parse_filters(call.body));
  COFFER_TRY(const std::string order, text_or_empty(call.body, "SortBy"));
  search.order = kOrders.parse(order).value_or(SecretOrder::created);
  COFFER_TRY(const std::string direction, text_or_empty(call.body, "SortOrder"));
  search.descending = direction == "desc";
  COFFER_TRY(search.with_deleted, flag(call.body, "IncludePlannedDeletion"));
  COFFER_TRY(const auto limit, integer(call.body, "MaxResults"));
  search.limit = static_cast<std::size_t>(limit.value_or(kMostListed));
  return search;
}

Result<gate::Reply> list(gate::Call& call, const Services& services) {
  COFFER_TRY(const SecretSearch search, read_search(call));
  COFFER_TRY(SecretsEngine engine, secrets_engine(call, services));
  COFFER_TRY(const SecretPage page, search_secrets(call, engine, search));

  struct Shown {
    domain::SecretPtr secret;
    VersionDays days;
  };

  std::vector<Shown> shown;
  for (const std::string& name : page.names) {
    auto secret = engine.secrets.find(name);
    if (!secret) continue;  // gone since the search
    COFFER_TRY(VersionDays days, days_of(call, (*secret)->row));
    shown.push_back({*std::move(secret), std::move(days)});
  }
  call.note("count", std::to_string(shown.size()));
  return json_answer([&](JsonWriter& w) {
    w.key("SecretList").begin_array();
    for (const Shown& one : shown) {
      const SecretRow& row = one.secret->row;
      w.begin_object().key("ARN").string(engine.secrets.arn(row));
      w.key("Name").string(*row.path);
      write_description(w, row, one.days, "SecretVersionsToStages", call.now);
      w.end_object();
    }
    w.end_array();
    if (!page.next.empty()) w.key("NextToken").string(page.next);
  });
}

struct VersionsPage {
  std::uint64_t after = 0;  // a version; 0: from the start
  std::size_t limit = 0;
  bool deprecated = false;
  std::string request;
};

Result<VersionsPage> read_versions_page(const gate::Call& call, const SecretRow& secret) {
  VersionsPage page;
  COFFER_TRY(page.deprecated, flag(call.body, "IncludeDeprecated"));
  COFFER_TRY(const auto limit, integer(call.body, "MaxResults"));
  page.limit = static_cast<std::size_t>(limit.value_or(kMostListed));
  page.request = (page.deprecated ? "d" : "-") + *secret.path;
  COFFER_TRY(const std::string token, text_or_empty(call.body, "NextToken"));
  if (token.empty()) return page;
  COFFER_TRY(const std::string position,
             open_page_token(*call.view->keyring(),
                             call.random,
                             "ListSecretVersionIds",
                             page.request,
                             token,
                             "InvalidNextTokenException"));
  std::from_chars(position.data(), position.data() + position.size(), page.after);
  return page;
}

void write_version(JsonWriter& w,
                   const SecretRow& secret,
                   const domain::VersionState& version,
                   const VersionDays& days) {
  w.begin_object();
  w.key("VersionId").string(domain::version_id(secret, version.number));
  const auto stages = domain::stages_of(secret, version.number);
  if (!stages.empty()) w.key("VersionStages").strings(stages);
  const auto day = days.find(version.number);
  if (day != days.end()) write_day(w, day->second);
  write_member_time(w, "CreatedDate", version.created);
  const bool own = !*secret.extra || (*secret.extra)->kms_key.empty();
  w.key("KmsKeyIds").begin_array();
  w.string(own ? "DefaultEncryptionKey" : (*secret.extra)->kms_key);
  w.end_array().end_object();
}

Result<gate::Reply> list_versions(gate::Call& call, const Services& services) {
  COFFER_TRY(const FoundSecret found, find_secret(call, services, Wanted::any));
  const SecretRow& row = found.secret->row;
  COFFER_TRY(const VersionsPage page, read_versions_page(call, row));
  COFFER_TRY(const VersionDays days, days_of(call, row));
  std::vector<const domain::VersionState*> shown;
  std::string next;
  for (const domain::VersionState& version : *row.versions) {
    const bool hidden = !page.deprecated && domain::stages_of(row, version.number).empty();
    if (version.number <= page.after || hidden || version.gone(call.now)) continue;
    if (shown.size() == page.limit) {
      COFFER_TRY(next,
                 seal_page_token(*call.view->keyring(),
                                 call.random,
                                 "ListSecretVersionIds",
                                 page.request,
                                 std::to_string(shown.back()->number)));
      break;
    }
    shown.push_back(&version);
  }
  return secret_answer(found.engine, row, [&](JsonWriter& w) {
    w.key("Versions").begin_array();
    for (const domain::VersionState* version : shown) write_version(w, row, *version, days);
    w.end_array();
    if (!next.empty()) w.key("NextToken").string(next);
  });
}

}  // namespace

void add_secret_list_operations(OperationTable& table, const Services& services) {
  constexpr Service kService = Service::secrets_manager;
  table.push_back(guarded(kService,
                          "DescribeSecret",
                          secret_shapes::kOne,
                          EventType::secret_metadata_read,
                          on_secret(services,
                                    {.action = "secret.metadata_read",
                                     .iam_action = "secretsmanager:DescribeSecret",
                                     .capability = Capability::read}),
                          [services](gate::Call& call) { return describe(call, services); }));
  table.push_back(guarded(kService,
                          "ListSecretVersionIds",
                          secret_shapes::kVersions,
                          EventType::secret_metadata_read,
                          on_secret(services,
                                    {.action = "secret.metadata_read",
                                     .iam_action = "secretsmanager:ListSecretVersionIds",
                                     .capability = Capability::read}),
                          [services](gate::Call& call) { return list_versions(call, services); }));
  table.push_back(guarded(kService,
                          "ListSecrets",
                          secret_shapes::kList,
                          EventType::secret_listed,
                          on_secrets("secret.list", "secretsmanager:ListSecrets", Capability::list),
                          [services](gate::Call& call) { return list(call, services); }));
}

}  // namespace coffer::dialects::aws
