#include "apps/cli/exit_code.h"

namespace coffer::cli {

int exit_code(Code code) {
  switch (code) {
    case Code::not_found:
      return kExitNotFound;
    case Code::unauthenticated:
    case Code::permission_denied:
      return kExitDenied;
    case Code::sealed:
    case Code::uninitialized:
    case Code::unavailable:
      return kExitUnavailable;
    case Code::precondition_failed:
    case Code::conflict:
    case Code::already_exists:
      return kExitConflict;
    case Code::corrupt:
      return kExitTampered;
    case Code::invalid_argument:
    case Code::too_large:
    case Code::exhausted:
    case Code::unsupported:
    case Code::internal:
      return kExitError;
  }
  return kExitError;
}

}  // namespace coffer::cli
