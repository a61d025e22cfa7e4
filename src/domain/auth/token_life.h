// Whether a token lives: the one place that knows, for authentication and for look-ups alike.
//
// A token lives while its row is there, it is not expired and not spent, the auth mount that issued
// it is mounted, and all that holds for every ancestor too, up to the first token without parent or
// the first that was revoked without its children. At most kMaxTokenDepth rows are read. Errors are
// those of the store; a dead token is no error.
#pragma once

#include "domain/auth/batch_token.h"
#include "domain/auth/token_row.h"
#include "work/view.h"

#include <string>
#include <vector>

namespace coffer::domain {

struct Life {
  bool alive = false;
  std::optional<Timestamp> until;  // when the token or an ancestor expires; nullopt: never
};

Result<Life> life_of(work::View& view, const TokenRow& row);
Result<bool> is_alive(work::View& view, const TokenRow& row);
Result<bool> is_alive(work::View& view, const BatchToken& token);

// Whether the token has no parent that could end it.
Result<bool> is_orphan(work::View& view, const ParentRef& parent);

// Whether `source_ip` is in one of the blocks; an empty list allows every address. What does not
// parse is in none.
bool address_allowed(const std::vector<std::string>& cidrs, std::string_view source_ip);

// Whether each of `blocks` lies in one of `cidrs`; an empty list holds every block. What does not
// parse lies in none.
bool blocks_allowed(const std::vector<std::string>& cidrs, const std::vector<std::string>& blocks);

// Canonical blocks. invalid_argument for what is none, and for more than 64.
Result<std::vector<std::string>> canonical_cidrs(const std::vector<std::string>& cidrs);

}  // namespace coffer::domain
