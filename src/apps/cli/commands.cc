#include "apps/cli/commands.h"

namespace coffer::cli {

void add_client_commands(Menu& menu) {
  add_seal_commands(menu);
  add_login_command(menu);
  add_secret_commands(menu);
  add_secret_version_commands(menu);
  add_kv_commands(menu);
  add_kv_version_commands(menu);
  add_generic_commands(menu);
  add_import_command(menu);
  add_run_command(menu);
  add_policy_commands(menu);
  add_token_commands(menu);
  add_approle_commands(menu);
  add_lease_commands(menu);
  add_wrap_commands(menu);
  add_mount_commands(menu);
  add_audit_commands(menu);
  add_verify_command(menu);
  add_aws_commands(menu);
  add_backup_commands(menu);
  add_operator_commands(menu);
  add_key_commands(menu);
  add_version_command(menu);
}

}  // namespace coffer::cli
