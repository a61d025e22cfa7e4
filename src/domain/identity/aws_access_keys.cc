// The access keys of AwsIdentities.

#include "domain/identity/aws_identities.h"

namespace coffer::domain {
namespace {

std::unexpected<Error> no_key(std::string_view id) {
  std::string message("The Access Key with id ");
  message.append(id).append(" cannot be found.");
  return aws_error(Code::not_found, std::move(message), "NoSuchEntity");
}

Result<> check_chosen(const ChosenAwsAccessKey& chosen) {
  constexpr std::size_t kMaxSecret = 128;
  if (!is_access_key_id(chosen.id)) {
    return aws_error(Code::invalid_argument,
                     "an access key id has 3 to 128 letters, digits and _",
                     "ValidationError");
  }
  if (chosen.id.starts_with("ASIA")) {
    return aws_error(Code::invalid_argument,
                     "access key ids that begin with ASIA are those of sessions",
                     "ValidationError");
  }
  if (chosen.secret.empty() || chosen.secret.size() > kMaxSecret) {
    return aws_error(Code::invalid_argument,
                     "the secret of an access key has 1 to 128 characters",
                     "ValidationError");
  }
  return {};
}

}  // namespace

Result<std::string> AwsIdentities::fresh_key_id() {
  std::string id = new_aws_id("AKIA", view_.random());
  COFFER_TRY(const AwsAccessKeyPtr taken, view_.find<AwsAccessKeyRow>(id));
  if (taken) return fail(Code::conflict, "the access key id is taken");  // run again
  return id;
}

Result<NewAwsAccessKey> AwsIdentities::create_key(std::string_view name,
                                                  std::optional<ChosenAwsAccessKey> chosen) {
  COFFER_TRY(const AwsUserPtr owner, user(name));
  COFFER_TRY(const auto keys, keys_of(name));
  if (keys.size() >= kMaxAwsKeysOfUser) {
    return aws_error(
        Code::too_large, "Cannot exceed quota for AccessKeysPerUser: 2", "LimitExceeded");
  }
  // Of two units that make a key for one user the later one runs again: the index that keys_of()
  // asked shows committed rows only.
  COFFER_CHECK(view_.put(AwsUserRow(owner->row)));
  NewAwsAccessKey made;
  if (chosen) {
    COFFER_CHECK(check_chosen(*chosen));
    COFFER_TRY(const AwsAccessKeyPtr taken, view_.find<AwsAccessKeyRow>(chosen->id));
    if (taken) {
      return aws_error(
          Code::already_exists, "the access key id is already in use", "EntityAlreadyExists");
    }
    made = {std::move(chosen->id), std::move(chosen->secret)};
  } else {
    COFFER_TRY(made.id, fresh_key_id());
    made.secret = new_aws_secret(view_.random());
  }
  AwsAccessKeyRow row;
  row.id = made.id;
  row.user = *owner->row.name;
  row.user_id = *owner->row.id;
  row.active = true;
  row.created = view_.now();
  row.secret = made.secret.clone();
  COFFER_CHECK(view_.put(std::move(row)));
  return made;
}

Result<std::vector<AwsAccessKeyPtr>> AwsIdentities::keys_of(std::string_view name) {
  constexpr std::size_t kMany = 16;
  COFFER_TRY(const AwsUserPtr owner, user(name));
  COFFER_TRY(const std::vector<Bytes> ids,
             view_.lookup<AwsAccessKeyRow>(kAwsKeysOfUser, to_bytes(*owner->row.id), kMany));
  std::vector<AwsAccessKeyPtr> keys;
  for (const Bytes& id : ids) {
    COFFER_TRY(AwsAccessKeyPtr key, view_.find<AwsAccessKeyRow>(id));
    if (key && *key->row.user_id == *owner->row.id) keys.push_back(std::move(key));
  }
  return keys;
}

Result<AwsAccessKeyPtr> AwsIdentities::key_of(const AwsUserRow& owner, std::string_view id) {
  COFFER_TRY(AwsAccessKeyPtr key, view_.find<AwsAccessKeyRow>(id));
  if (!key || *key->row.user_id != *owner.id) return no_key(id);
  return key;
}

Result<> AwsIdentities::set_key_active(std::string_view name, std::string_view id, bool active) {
  COFFER_TRY(const AwsUserPtr owner, user(name));
  COFFER_TRY(const AwsAccessKeyPtr key, key_of(owner->row, id));
  COFFER_TRY(AwsAccessKeyRow row, view_.open(*key));
  row.active = active;
  return view_.put(std::move(row));
}

Result<> AwsIdentities::remove_key(std::string_view name, std::string_view id) {
  COFFER_TRY(const AwsUserPtr owner, user(name));
  COFFER_TRY(const AwsAccessKeyPtr key, key_of(owner->row, id));
  COFFER_TRY(const auto use, view_.find<AwsKeyUseRow>(id));
  if (use) COFFER_CHECK(view_.erase<AwsKeyUseRow>(to_bytes(id)));
  return view_.erase<AwsAccessKeyRow>(key->row.key());
}

Result<AwsKeyUse> AwsIdentities::key_use(std::string_view id) {
  COFFER_TRY(const AwsAccessKeyPtr key, view_.find<AwsAccessKeyRow>(id));
  if (!key) return no_key(id);
  COFFER_TRY(const auto use, view_.find<AwsKeyUseRow>(id));
  AwsKeyUse found{.user = *key->row.user, .last = std::nullopt};
  if (use) found.last = use->row;
  return found;
}

}  // namespace coffer::domain
