#include "base/time_text.h"
#include "dialects/native/aws_parts.h"
#include "formats/vault_fields.h"

namespace coffer::dialects::native {
namespace {

void write_key(formats::JsonWriter& w, const domain::AwsAccessKeyRow& key) {
  w.begin_object();
  w.key("access_key_id").string(*key.id);
  w.key("status").string(*key.active ? "Active" : "Inactive");
  w.key("created").string(rfc3339(*key.created));
  w.end_object();
}

void write_user(formats::JsonWriter& w, const domain::AwsUserRow& user, std::string_view arn) {
  w.key("name").string(*user.name);
  w.key("path").string(*user.path);
  w.key("id").string(*user.id);
  w.key("arn").string(arn);
  w.key("created").string(rfc3339(*user.created));
}

Result<gate::Reply> list_users(gate::Call& call) {
  domain::AwsIdentities iam = identities_of(call);
  COFFER_TRY(const auto users, iam.users());
  return json_reply([&](formats::JsonWriter& w) {
    w.key("account").string(call.unsealed->aws_account);
    w.key("users").begin_array();
    for (const domain::AwsUserPtr& user : users) {
      w.begin_object();
      write_user(w, user->row, iam.arn_of(user->row));
      w.end_object();
    }
    w.end_array();
  });
}

Result<gate::Reply> read_user(gate::Call& call) {
  domain::AwsIdentities iam = identities_of(call);
  COFFER_TRY(const domain::AwsUserPtr user, iam.user(call.routing.captures.at(0)));
  COFFER_TRY(const auto keys, iam.keys_of(*user->row.name));
  return json_reply([&](formats::JsonWriter& w) {
    write_user(w, user->row, iam.arn_of(user->row));
    write_grants(w, *user->row.grants);
    w.key("access_keys").begin_array();
    for (const domain::AwsAccessKeyPtr& key : keys) write_key(w, key->row);
    w.end_array();
  });
}

Result<gate::Reply> create_user(gate::Call& call) {
  domain::NewAwsUser wanted;
  COFFER_TRY(wanted.name, spelt_name(call));
  COFFER_TRY(const auto path, formats::text_field(call.body, "path"));
  if (path) wanted.path = *path;
  COFFER_TRY(wanted.tags, tags_field(call));
  COFFER_TRY(const auto policies, formats::list_field(call.body, "policy_arns"));
  domain::AwsIdentities iam = identities_of(call);
  COFFER_TRY(const domain::AwsUserRow user, iam.create_user(wanted));
  for (const std::string& arn : policies.value_or(std::vector<std::string>())) {
    COFFER_CHECK(iam.attach(domain::AwsOwner::user, wanted.name, arn));
    call.note("policy", arn);
  }
  return json_reply([&](formats::JsonWriter& w) { write_user(w, user, iam.arn_of(user)); });
}

// A user with whatever hangs on it.
Result<gate::Reply> delete_user(gate::Call& call) {
  COFFER_CHECK(identities_of(call).remove_user(call.routing.captures.at(0), true));
  return gate::Reply{.status = 204};
}

// The secret is in this answer and in no other.
Result<gate::Reply> create_key(gate::Call& call) {
  std::optional<domain::ChosenAwsAccessKey> chosen;
  COFFER_TRY(const auto id, formats::text_field(call.body, "access_key_id"));
  COFFER_TRY(auto secret, formats::secret_field(call.body, "secret_access_key"));
  if (id.has_value() != secret.has_value()) {
    return fail(Code::invalid_argument,
                "access_key_id and secret_access_key are given together or not at all");
  }
  if (id) chosen = domain::ChosenAwsAccessKey{*id, std::move(*secret)};
  COFFER_TRY(const domain::NewAwsAccessKey made,
             identities_of(call).create_key(call.routing.captures.at(0), std::move(chosen)));
  call.note("access_key_id", made.id);
  return json_reply([&](formats::JsonWriter& w) {
    w.key("access_key_id").string(made.id);
    w.key("secret_access_key").string(made.secret.text());
  });
}

Result<gate::Reply> list_keys(gate::Call& call) {
  COFFER_TRY(const auto keys, identities_of(call).keys_of(call.routing.captures.at(0)));
  return json_reply([&](formats::JsonWriter& w) {
    w.key("access_keys").begin_array();
    for (const domain::AwsAccessKeyPtr& key : keys) write_key(w, key->row);
    w.end_array();
  });
}

Result<gate::Reply> change_key(gate::Call& call) {
  COFFER_TRY(const auto active, formats::bool_field(call.body, "active"));
  if (!active) return fail(Code::invalid_argument, "active is missing");
  const auto& names = call.routing.captures;
  COFFER_CHECK(identities_of(call).set_key_active(names.at(0), names.at(1), *active));
  call.note("access_key_id", names.at(1));
  return gate::Reply{.status = 204};
}

Result<gate::Reply> delete_key(gate::Call& call) {
  const auto& names = call.routing.captures;
  COFFER_CHECK(identities_of(call).remove_key(names.at(0), names.at(1)));
  call.note("access_key_id", names.at(1));
  return gate::Reply{.status = 204};
}

}  // namespace

RouteTable aws_user_routes() {
  using policy::Capability;
  using proof::EventType;
  RouteTable table;
  const auto read = [&](std::string_view pattern, std::string_view action, gate::Handler handler) {
    table.push_back(
        guarded("GET", pattern, EventType::iam_read, {.action = action}, std::move(handler)));
  };
  const auto write = [&](std::string_view pattern,
                         EventType event,
                         std::string_view action,
                         gate::Handler handler) {
    table.push_back(guarded("PUT",
                            pattern,
                            event,
                            {.action = action, .capability = Capability::update, .sudo = true},
                            std::move(handler)));
  };
  const auto remove = [&](std::string_view pattern,
                          EventType event,
                          std::string_view action,
                          gate::Handler handler) {
    table.push_back(guarded("DELETE",
                            pattern,
                            event,
                            {.action = action, .capability = Capability::del, .sudo = true},
                            std::move(handler)));
  };
  read("aws/users", "aws.user.list", list_users);
  read("aws/users/{user}", "aws.user.read", read_user);
  write("aws/users/{user}", EventType::iam_user_changed, "aws.user.create", create_user);
  remove("aws/users/{user}", EventType::iam_user_changed, "aws.user.delete", delete_user);
  read("aws/users/{user}/access-keys", "aws.access_key.list", list_keys);
  write("aws/users/{user}/access-keys",
        EventType::iam_access_key_created,
        "aws.access_key.create",
        create_key);
  write("aws/users/{user}/access-keys/{key}",
        EventType::iam_access_key_changed,
        "aws.access_key.change",
        change_key);
  remove("aws/users/{user}/access-keys/{key}",
         EventType::iam_access_key_deleted,
         "aws.access_key.delete",
         delete_key);
  return table;
}

}  // namespace coffer::dialects::native
