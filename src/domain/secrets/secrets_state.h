// SecretsState: what the secrets of a server have in memory while it is unsealed.
#pragma once

#include "domain/kms/master_keys.h"
#include "domain/secrets/data_keys.h"
#include "domain/secrets/secret_uses.h"

namespace coffer::domain {

struct SecretsState {
  // Borrows the master keys, which outlive it.
  explicit SecretsState(KmsState& master_keys) : kms(master_keys) {}

  KmsState& kms;
  DataKeys keys;
  SecretUses uses;
};

}  // namespace coffer::domain
