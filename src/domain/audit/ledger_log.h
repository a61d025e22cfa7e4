// The ledger log: the second log of a store, which holds row ledgers (proof/stored_ledger.h) for an
// audit log whose beginning was dropped. Ledgers follow each other in it, each for a later head;
// the newest that is whole is the one in use, or about to be. A record is read and written alone,
// so that the committer of the audit log hardly waits.
//
// Nothing in it is trusted: a ledger is good when the digest over it is the one that the log, or a
// guarded row, names. Blocking: for a thread of its own. One writer at a time.
#pragma once

#include "base/result.h"
#include "proof/stored_ledger.h"
#include "store/store.h"

#include <functional>
#include <optional>

namespace coffer::domain {

// The signed head before the first record of the audit log; nothing where the log begins with event
// 1, or where no ledger says: then the log does not verify. Whether the log itself says that it
// begins there is for who reads all of it.
Result<std::optional<proof::SignedHead>> log_start(const store::Store& store);

// The ledger at `head` with this digest. corrupt: there is none.
Result<proof::StoredLedger> read_ledger(
    const store::Store& store,
    const proof::SignedHead& head,
    const crypto::Digest& digest,
    proof::StoredLedger::Keep keep = proof::StoredLedger::Keep::rows);

// Appends the ledger, and gives its digest. What an attempt that was broken off left behind is gone
// on with, so that failures do not fill the store. `proceed` is asked before each record.
Result<crypto::Digest> append_ledger(store::Store& store,
                                     const proof::RowLedger& ledger,
                                     const proof::SignedHead& head,
                                     const std::function<Result<>()>& proceed);

// Drops the ledgers before the one at `head`. False: it is the first already.
Result<bool> drop_ledgers_before(store::Store& store, const proof::SignedHead& head);

}  // namespace coffer::domain
