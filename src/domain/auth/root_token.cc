#include "domain/auth/root_token.h"

#include "domain/auth/token_text.h"
#include "domain/auth/tokens.h"
#include "domain/identity/names.h"

namespace coffer::domain {

Result<secure::SecureText> issue_root_token(work::View& view, std::string_view fixed) {
  if (fixed.size() > kMaxTokenText || fixed.starts_with(kBatchPrefix)) {
    return fail(Code::invalid_argument, "this text cannot be a root token");
  }
  TokenSpec spec;
  spec.policies = {std::string(kRootPolicy)};
  spec.display_name = "root";
  spec.path = "auth/token/root";
  spec.never_expires = true;
  spec.chosen = secure::SecureText(fixed);
  COFFER_TRY(IssuedToken issued, Tokens(view).issue(std::move(spec)));
  return std::move(issued.text);
}

}  // namespace coffer::domain
