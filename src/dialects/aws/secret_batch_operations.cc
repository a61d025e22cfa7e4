// Secrets Manager: many values at once.
#include "dialects/aws/answers.h"
#include "dialects/aws/params.h"
#include "dialects/aws/secret_list.h"
#include "dialects/aws/secret_parts.h"
#include "dialects/aws/secret_shapes.h"
#include "dialects/aws/secret_value.h"

#include <utility>

namespace coffer::dialects::aws {
namespace {

using formats::JsonWriter;
using policy::Capability;
using proof::EventType;

constexpr std::int64_t kMostInBatch = 20;

struct Asked {
  std::vector<std::string> ids;
  std::string next;
};

// One secret of the batch, or why not.
struct Item {
  std::string id;
  domain::SecretPtr secret;
  std::optional<ReadSecret> read;
  Error error;
};

Result<Asked> asked_secrets(gate::Call& call, const SecretsEngine& engine) {
  COFFER_TRY(const auto ids, texts(call.body, "SecretIdList"));
  COFFER_TRY(auto filters, parse_filters(call.body));
  COFFER_TRY(const auto limit, integer(call.body, "MaxResults"));
  if (ids.empty() == filters.empty()) {
    return coffer::fail(Code::invalid_argument,
                        "Either 'SecretIdList' or 'Filters' must be provided, but not both.");
  }
  if (!ids.empty()) {
    if (limit) {
      return coffer::fail(Code::invalid_argument,
                          "'Filters' not specified. 'Filters' must also be specified when "
                          "'MaxResults' is provided.");
    }
    return Asked{.ids = ids, .next = {}};
  }
  SecretSearch search;
  search.operation = "BatchGetSecretValue";
  search.filters = std::move(filters);
  search.limit = static_cast<std::size_t>(limit.value_or(kMostInBatch));
  COFFER_TRY(SecretPage page, search_secrets(call, engine, search));
  return Asked{.ids = std::move(page.names), .next = std::move(page.next)};
}

// As GetSecretValue, with its permissions. It is always the current version, which policies are
// told: the request does not say so, and what else it says is nothing about this.
Result<> read_one(gate::Call& call, const Services& services, SecretsEngine& engine, Item& item) {
  COFFER_TRY(const SecretName name, parse_secret_id(item.id, services.account));
  if (!engine.mount) {
    return coffer::fail(Code::not_found, "Secrets Manager can't find the specified secret.");
  }
  const auto found = engine.secrets.find(name.name, name.suffix);
  const SecretRule rule{.action = "secret.read",
                        .iam_action = "secretsmanager:GetSecretValue",
                        .capability = Capability::read,
                        .place = "data/",
                        .kms_action = "kms:Decrypt"};
  COFFER_TRY(auto accesses,
             secret_accesses(
                 call, services, rule, engine, name.name, found ? *found : domain::SecretPtr()));
  accesses.front().iam->context.set("secretsmanager:VersionStage",
                                    {std::string(domain::kStageCurrent)});
  for (const policy::Access& access : accesses) {
    COFFER_CHECK(call.check(access));
  }
  COFFER_TRY(item.secret, engine.secrets.usable(name.name, name.suffix));
  COFFER_TRY(item.read, read_secret(engine, item.secret, {}, {}));
  return {};
}

bool is_about_the_secret(Code code) {
  return code == Code::not_found || code == Code::precondition_failed ||
         code == Code::invalid_argument || code == Code::permission_denied;
}

Result<gate::Reply> batch(gate::Call& call, const Services& services) {
  COFFER_TRY(SecretsEngine engine, secrets_engine(call, services));
  COFFER_TRY(const Asked asked, asked_secrets(call, engine));
  std::vector<Item> items;
  std::string read;
  for (const std::string& id : asked.ids) {
    Item& item = items.emplace_back();
    item.id = id;
    if (const auto done = read_one(call, services, engine, item); !done) {
      if (!is_about_the_secret(done.error().code)) return std::unexpected(done.error());
      item.error = done.error();
      continue;
    }
    read += (read.empty() ? "" : ",") + *item.secret->row.path;
  }
  call.note("secrets", read);
  return json_answer([&](JsonWriter& w) {
    w.key("SecretValues").begin_array();
    for (const Item& item : items) {
      if (!item.read) continue;
      w.begin_object();
      write_value(w, engine, item.secret->row, *item.read);
      w.end_object();
    }
    w.end_array();
    w.key("Errors").begin_array();
    for (const Item& item : items) {
      if (item.read) continue;
      w.begin_object().key("SecretId").string(item.id);
      w.key("ErrorCode").string(error_name(Service::secrets_manager, item.error));
      w.key("Message").string(item.error.message).end_object();
    }
    w.end_array();
    if (!asked.next.empty()) w.key("NextToken").string(asked.next);
  });
}

}  // namespace

void add_secret_batch_operations(OperationTable& table, const Services& services) {
  table.push_back(
      guarded(Service::secrets_manager,
              "BatchGetSecretValue",
              secret_shapes::kBatch,
              EventType::secret_accessed,
              on_secrets("secret.list", "secretsmanager:BatchGetSecretValue", Capability::list),
              [services](gate::Call& call) { return batch(call, services); }));
}

}  // namespace coffer::dialects::aws
