// The one filter that every name of a certificate passes, wherever it came from: the common name,
// the alternative names of every kind, the subject's serial number and user ids.
//
// A name that no rule of the role allows is refused; so is one that is no host name or address of
// mail, where the role says so. Host names are compared without regard to case, as DNS does.
// Wildcards are a whole first label ("*.example.com") and need their own permission. Errors are
// invalid_argument and never quote a name. Pure functions.
#pragma once

#include "base/result.h"
#include "crypto/certificate_names.h"
#include "domain/pki/role.h"

#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

// What a certificate is asked for.
struct RequestedNames {
  crypto::DistinguishedName subject;
  crypto::AlternativeNames names;
};

Result<> check_requested(const CertificateRole& role, const RequestedNames& requested);

// Labels of letters, digits, '_' and inner '-', at most 63 octets each and 253 in all.
bool is_host_name(std::string_view name);

// '*' stands for any octets, none included; everything else for itself.
bool matches_glob(std::string_view pattern, std::string_view text);

}  // namespace coffer::domain
