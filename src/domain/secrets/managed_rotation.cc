// ManagedSecrets: how a secret rotates.
#include "domain/secrets/managed_secrets.h"
#include "domain/secrets/stages.h"
#include "domain/secrets/version_table.h"

#include <utility>

namespace coffer::domain {

Result<SecretPtr> ManagedSecrets::configure_rotation(const SecretPtr& secret, Rotation rotation) {
  COFFER_TRY(SecretRow row, view_.open(*secret));
  extra_of(row).rotation = std::move(rotation);
  return put(std::move(row));
}

Result<SecretPtr> ManagedSecrets::start_rotation(const SecretPtr& secret,
                                                 std::string_view token,
                                                 bool test_only) {
  COFFER_TRY(SecretRow row, view_.open(*secret));
  if (test_only) {
    COFFER_TRY(const auto found,
               view_.find<RotationRow>(SecretPolicyRow::key_of(*row.mount, *row.uid)));
    if (found && !*found->row.test_only) return secret;
  }
  RotationRow rotation;
  *rotation.mount = *row.mount;
  *rotation.uid = *row.uid;
  *rotation.path = *row.path;
  *rotation.token = token;
  *rotation.started = view_.now();
  *rotation.test_only = test_only;
  if (test_only) {
    rotation.step = RotationStep::test;
  } else {
    const std::uint64_t pending = version_of_stage(row, kStagePending);
    const bool same = pending != 0 && pending == version_of_id(row, token);
    if (pending != 0 && pending != *row.current && !same) {
      return fail(Code::precondition_failed,
                  "A previous rotation isn't complete. That rotation will be reattempted.");
    }
    if (!same) {
      if (version_of_id(row, token) != 0) return token_in_use(row, token);
      COFFER_TRY(const KvConfigRow config, values_.config());
      const FreshValue waiting{
          .value = {}, .kind = ValueKind::none, .id = std::string(token), .current = false};
      COFFER_TRY(const VersionState version, values_.append(row, config, waiting));
      extra_of(row).stages.insert_or_assign(std::string(kStagePending), version.number);
    }
  }
  COFFER_CHECK(view_.put(std::move(rotation)));
  return put(std::move(row));
}

Result<SecretPtr> ManagedSecrets::cancel_rotation(const SecretPtr& secret) {
  COFFER_TRY(SecretRow row, view_.open(*secret));
  if (auto& rotation = extra_of(row).rotation) {
    rotation->enabled = false;
    rotation->next = {};
  }
  COFFER_CHECK(view_.erase<RotationRow>(SecretPolicyRow::key_of(*row.mount, *row.uid)));
  return put(std::move(row));
}

}  // namespace coffer::domain
