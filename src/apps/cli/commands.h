// The command families: each function adds its rows to the menu, and lives in a file of its name.
#pragma once

#include "apps/cli/menu.h"

namespace coffer::cli {

void add_approle_commands(Menu& menu);
void add_audit_commands(Menu& menu);
void add_aws_commands(Menu& menu);  // aws user, role, policy, access-key
void add_backup_commands(Menu& menu);
void add_completion_command(Menu& menu);  // covers what was added before it
void add_generic_commands(Menu& menu);    // read, write, list, delete, patch
void add_import_command(Menu& menu);
void add_key_commands(Menu& menu);  // keys: terms of the keyring
void add_kv_commands(Menu& menu);
void add_kv_version_commands(Menu& menu);
void add_lease_commands(Menu& menu);
void add_login_command(Menu& menu);
void add_mount_commands(Menu& menu);     // secrets, auth
void add_operator_commands(Menu& menu);  // rekey, generate-root, rotate, key-status
void add_policy_commands(Menu& menu);
void add_run_command(Menu& menu);
void add_seal_commands(Menu& menu);  // status, init, unseal, seal
void add_secret_commands(Menu& menu);
void add_secret_version_commands(Menu& menu);
void add_serve_commands(Menu& menu);  // server, dev: links the whole server
void add_token_commands(Menu& menu);
void add_verify_command(Menu& menu);
void add_version_command(Menu& menu);
void add_wrap_commands(Menu& menu);

// Everything that talks to a server or works on its own: all of the above but serve and completion.
void add_client_commands(Menu& menu);

}  // namespace coffer::cli
