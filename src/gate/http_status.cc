#include "gate/http_status.h"

namespace coffer::gate {

int http_status(Code code) {
  switch (code) {
    case Code::invalid_argument:
    case Code::uninitialized:
      return 400;
    // Not 401: that one asks for a scheme of HTTP authentication, which nothing here is.
    case Code::unauthenticated:
    case Code::permission_denied:
      return 403;
    case Code::not_found:
      return 404;
    case Code::unsupported:
      return 405;
    case Code::already_exists:
    case Code::precondition_failed:
      return 409;
    case Code::too_large:
      return 413;
    case Code::exhausted:
      return 429;
    case Code::sealed:
    case Code::conflict:
    case Code::unavailable:
      return 503;
    case Code::corrupt:
    case Code::internal:
      return 500;
  }
  return 500;
}

}  // namespace coffer::gate
