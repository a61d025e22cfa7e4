// Whether a certificate holds no more: by a revocation of one of the realm's own authorities, or by
// a list of others that was loaded into the mount.
//
// Both are read through the view, so that a login that races with a revocation runs again. Errors
// are those of the store, and corrupt.
#pragma once

#include "crypto/certificate.h"
#include "domain/realms/mounts.h"
#include "work/view.h"

namespace coffer::domain {

enum class Standing : std::uint8_t {
  good,
  revoked,
  unknown,  // there are lists of its issuer, and all are out of date
};

// `issuer` is the certificate that vouches for it, or null where it is trusted as itself: then a
// list is believed that names the same issuer.
Result<Standing> standing_of(work::View& view,
                             const Mount& mount,
                             const crypto::Certificate& certificate,
                             const crypto::Certificate* issuer);

}  // namespace coffer::domain
