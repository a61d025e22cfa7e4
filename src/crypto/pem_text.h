// PEM (RFC 7468): base64 of DER between a BEGIN and an END line. Included only by .cc files of
// crypto/.
#pragma once

#include "base/result.h"
#include "secure/bytes.h"

#include <string_view>

namespace coffer::crypto {

// The DER of the first block in `text`, whose label must be `label`; text before and after it is
// ignored, headers (RFC 1421) are refused. Errors are invalid_argument. The caller limits the size.
Result<secure::SecureBytes> pem_read(std::string_view label, std::string_view text);

// Lines of 64 characters.
secure::SecureText pem_write(std::string_view label, ByteView der);

}  // namespace coffer::crypto
