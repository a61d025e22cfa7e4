// audit verify: checks a log offline, with a public key and a witness that were kept elsewhere.
//
// The log comes from export files, in order, or from the data folder of a stopped server, or from
// both: the months of an archive and the live log behind them are then one log. Everything in it is
// untrusted. Exit codes: 0 it holds, 7 it does not and the first bad event is named.
#pragma once

#include "apps/cli/menu.h"
#include "base/bytes.h"
#include "crypto/signature.h"
#include "proof/head.h"

#include <functional>
#include <optional>
#include <string>

namespace coffer::cli {

CommandSpec audit_verify_command();

// What --key takes: a PEM text, or a file that holds one.
Result<crypto::PublicKey> read_public_key(const std::string& given);

// What --head takes: a head as text, or a file that holds one. Nothing when it was not given.
Result<std::optional<proof::SignedHead>> read_witness(const std::string& given);

// The audit log in the store of `folder`: gives `begin` the head before its first batch, where it
// has one, then every batch to `take`, in order. Opens the store for itself: unavailable while a
// server runs on it, not_found where there is none.
struct BatchTaker {
  std::function<Result<>(const std::optional<proof::SignedHead>& start)> begin;
  std::function<Result<>(ByteView)> take;
};

Result<> for_each_batch(const std::string& folder, const BatchTaker& taker);

}  // namespace coffer::cli
