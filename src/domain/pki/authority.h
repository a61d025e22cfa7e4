// Authority: the keys and issuers of one mount.
//
// A reference is "default", an id, or a name. Names are unique among the issuers and among the keys
// of a mount: letters, digits, '_', '-', '.', and neither "default" nor a UUID. The first issuer
// with a key becomes the default one, and so does the first key. Chains are worked out when issuers
// come and go, not when a certificate is issued. Limits: 100 issuers and 100 keys a mount.
//
// Errors: invalid_argument for malformed and unknown references (Vault answers 400 there),
// already_exists for a name that is taken. For one view and one thread.
#pragma once

#include "crypto/certificate.h"
#include "crypto/certificate_pem.h"
#include "domain/pki/pki_rows.h"
#include "domain/realms/mounts.h"
#include "work/view.h"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace coffer::domain {

inline constexpr std::size_t kMaxIssuers = 100;
inline constexpr std::size_t kMaxAuthorityKeys = 100;
inline constexpr std::ptrdiff_t kMaxReplaced = 100;  // removed issuers, the last ones

using IssuerPtr = rows::RowPtr<IssuerRow>;
using AuthorityKeyPtr = rows::RowPtr<AuthorityKeyRow>;

// What an import did. Ids.
struct Imported {
  std::vector<std::string> issuers;
  std::vector<std::string> keys;
  std::vector<std::string> existing_issuers;
  std::vector<std::string> existing_keys;
  std::vector<std::pair<std::string, std::string>> mapping;  // issuer to key; "" without a key
};

class Authority {
 public:
  Authority(work::View& view, const Mount& mount) : Authority(view, mount.id) {}

  Authority(work::View& view, Bytes mount) : view_(view), mount_(std::move(mount)) {}

  // A copy of the settings, or the defaults.
  Result<AuthorityRow> settings();

  Result<> put_settings(AuthorityRow row) { return view_.put(std::move(row)); }

  Result<AuthorityKeyPtr> key(std::string_view ref);
  Result<IssuerPtr> issuer(std::string_view ref);
  // The same, null for what is not there.
  Result<AuthorityKeyPtr> find_key(std::string_view ref);
  Result<IssuerPtr> find_issuer(std::string_view ref);

  Result<std::vector<AuthorityKeyPtr>> keys();
  Result<std::vector<IssuerPtr>> issuers();

  // The ids of the issuers that are this one to relying parties, by name and key: its own, then
  // those of a certificate that was renewed over its key, or that others signed. Removed ones count
  // as long as one of them is there.
  Result<std::vector<std::string>> equivalents(std::string_view id);

  // Gives the id. `name` may be empty.
  Result<std::string> add_key(const crypto::PrivateKey& key, std::string_view name);

  // The key with this public half, when it is here, is the issuer's. An issuer that is here already
  // is found again and changes nothing.
  struct Added {
    std::string id;
    bool existed = false;
  };

  Result<Added> add_issuer(const crypto::Certificate& certificate, std::string_view name);
  // Every key and every certificate of the bundle, each of which must be an authority's.
  Result<Imported> import(const crypto::PemBundle& bundle);

  // The caller changed a copy of what issuer() and key() gave. A new name is checked.
  Result<> update_issuer(IssuerRow row);
  Result<> rename_key(const AuthorityKeyRow& row, std::string_view name);
  // Absent: nothing happens.
  Result<> remove_issuer(std::string_view ref);
  Result<> remove_key(std::string_view ref);
  Result<> remove_all();

  // The private half, for use outside the unit: it is wiped with the last copy of the pointer.
  Result<std::shared_ptr<const crypto::PrivateKey>> open(const AuthorityKeyRow& key);

  // The certificates from this issuer up to the last one known, DER.
  Result<std::vector<Bytes>> chain_of(const IssuerRow& issuer);

 private:
  Result<> check_issuer_name(std::string_view name, std::string_view own_id);
  Result<> check_key_name(std::string_view name, std::string_view own_id);
  // Every change of issuers or keys writes the settings: two at once conflict, so that names stay
  // unique and chains whole.
  Result<> touch();
  // `gone` was of the same name and key.
  Result<> replace(IssuerRow& row, const IssuerRow& gone);
  // After a change of the issuers: `all` as they are now.
  Result<> rebuild_chains(std::vector<IssuerRow> all);

  work::View& view_;
  Bytes mount_;
};

}  // namespace coffer::domain
