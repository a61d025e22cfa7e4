#include "domain/pki/authority.h"

#include "base/uuid.h"

#include <algorithm>
#include <set>

namespace coffer::domain {
namespace {

constexpr std::string_view kDefault = "default";
constexpr std::size_t kMaxReference = 128;

Result<> check_reference_name(std::string_view name) {
  const bool plain = std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_' ||
           c == '-' || c == '.';
  });
  if (!plain || name.size() > kMaxReference || name == kDefault || is_uuid(name)) {
    return fail(Code::invalid_argument, "name that is not allowed for issuers and keys");
  }
  return {};
}

template <rows::Row R>
Result<std::vector<rows::RowPtr<R>>> all_of(work::View& view, ByteView mount, std::size_t limit) {
  COFFER_TRY(const auto found, view.keys<R>(mount, {}, limit));
  std::vector<rows::RowPtr<R>> out;
  for (const Bytes& key : found) {
    COFFER_TRY(auto row, view.find<R>(key));
    if (row) out.push_back(std::move(row));
  }
  return out;
}

// By id in one look-up, by name among all.
template <rows::Row R>
Result<rows::RowPtr<R>> find_by(work::View& view,
                                ByteView mount,
                                std::string_view ref,
                                std::size_t limit) {
  if (ref.empty() || ref.size() > kMaxReference) return rows::RowPtr<R>();
  if (is_uuid(ref)) return view.find<R>(pki_key(mount, ref));
  COFFER_TRY(const auto rows, all_of<R>(view, mount, limit));
  const auto at =
      std::ranges::find_if(rows, [&](const auto& row) { return *row->row.name == ref; });
  return at == rows.end() ? rows::RowPtr<R>() : *at;
}

// To relying parties, who know an issuer by its name and key.
Result<bool> is_same_authority(const Bytes& der, const crypto::Certificate& other) {
  // Most are told apart by their keys, without reading them.
  if (std::ranges::search(der, other.public_key_der).empty()) return false;
  COFFER_TRY(const auto certificate, crypto::parse_certificate(der));
  return certificate.subject_der == other.subject_der &&
         certificate.public_key_der == other.public_key_der;
}

void add_new(std::vector<std::string>& ids, const std::vector<std::string>& more) {
  for (const std::string& id : more) {
    if (std::ranges::find(ids, id) == ids.end()) ids.push_back(id);
  }
}

}  // namespace

Result<AuthorityRow> Authority::settings() {
  COFFER_TRY(const auto row, view_.find<AuthorityRow>(mount_));
  if (row) return row->row;
  AuthorityRow fresh;
  fresh.mount = mount_;
  return fresh;
}

Result<> Authority::touch() {
  COFFER_TRY(AuthorityRow settings, this->settings());
  return put_settings(std::move(settings));
}

Result<AuthorityKeyPtr> Authority::find_key(std::string_view ref) {
  if (ref != kDefault) return find_by<AuthorityKeyRow>(view_, mount_, ref, kMaxAuthorityKeys);
  COFFER_TRY(const AuthorityRow settings, this->settings());
  return find_by<AuthorityKeyRow>(view_, mount_, *settings.default_key, kMaxAuthorityKeys);
}

Result<IssuerPtr> Authority::find_issuer(std::string_view ref) {
  if (ref != kDefault) return find_by<IssuerRow>(view_, mount_, ref, kMaxIssuers);
  COFFER_TRY(const AuthorityRow settings, this->settings());
  return find_by<IssuerRow>(view_, mount_, *settings.default_issuer, kMaxIssuers);
}

Result<AuthorityKeyPtr> Authority::key(std::string_view ref) {
  COFFER_TRY(auto found, find_key(ref));
  if (!found) return fail(Code::invalid_argument, "unable to find PKI key for reference");
  return found;
}

Result<IssuerPtr> Authority::issuer(std::string_view ref) {
  COFFER_TRY(auto found, find_issuer(ref));
  if (!found && ref == kDefault) {
    return fail(Code::invalid_argument, "no default issuer currently configured");
  }
  if (!found) return fail(Code::invalid_argument, "unable to find PKI issuer for reference");
  return found;
}

Result<std::vector<AuthorityKeyPtr>> Authority::keys() {
  return all_of<AuthorityKeyRow>(view_, mount_, kMaxAuthorityKeys);
}

Result<std::vector<IssuerPtr>> Authority::issuers() {
  return all_of<IssuerRow>(view_, mount_, kMaxIssuers);
}

Result<std::vector<std::string>> Authority::equivalents(std::string_view id) {
  // One check for all of them: every change of the issuers writes the settings.
  COFFER_CHECK(settings());
  COFFER_TRY(const auto keys, view_.keys<IssuerRow>(mount_, {}, kMaxIssuers));
  std::vector<IssuerPtr> all;
  for (const Bytes& key : keys) {
    COFFER_TRY(IssuerPtr issuer, view_.peek<IssuerRow>(key));
    if (issuer) all.push_back(std::move(issuer));
  }
  std::vector<std::string> ids{std::string(id)};
  const auto own = std::ranges::find_if(all, [&](const IssuerPtr& issuer) {
    const auto& replaced = *issuer->row.replaces;
    return *issuer->row.id == id || std::ranges::find(replaced, id) != replaced.end();
  });
  if (own == all.end()) return ids;
  COFFER_TRY(const auto certificate, crypto::parse_certificate(*(*own)->row.certificate));
  for (const IssuerPtr& other : all) {
    COFFER_TRY(const bool same, is_same_authority(*other->row.certificate, certificate));
    if (!same) continue;
    add_new(ids, {*other->row.id});
    add_new(ids, *other->row.replaces);
  }
  return ids;
}

Result<> Authority::check_issuer_name(std::string_view name, std::string_view own_id) {
  if (name.empty()) return {};
  COFFER_CHECK(check_reference_name(name));
  COFFER_TRY(const auto same, find_issuer(name));
  if (same && *same->row.id != own_id) {
    return fail(Code::already_exists, "issuer name already in use");
  }
  return {};
}

Result<> Authority::check_key_name(std::string_view name, std::string_view own_id) {
  if (name.empty()) return {};
  COFFER_CHECK(check_reference_name(name));
  COFFER_TRY(const auto same, find_key(name));
  if (same && *same->row.id != own_id) return fail(Code::already_exists, "key name already in use");
  return {};
}

Result<std::string> Authority::add_key(const crypto::PrivateKey& key, std::string_view name) {
  COFFER_CHECK(check_key_name(name, ""));
  COFFER_TRY(const auto present, keys());
  if (present.size() >= kMaxAuthorityKeys) return fail(Code::too_large, "too many keys");
  AuthorityKeyRow row;
  row.mount = mount_;
  row.id = uuid4(view_.random().array<16>());
  row.name = std::string(name);
  row.kind = key.kind();
  row.public_key = key.public_der();
  row.pkcs8 = key.der();
  std::string id = *row.id;
  COFFER_CHECK(view_.put(std::move(row)));
  COFFER_TRY(AuthorityRow settings, this->settings());
  if (settings.default_key->empty()) settings.default_key = id;
  COFFER_CHECK(put_settings(std::move(settings)));
  return id;
}

Result<Authority::Added> Authority::add_issuer(const crypto::Certificate& certificate,
                                               std::string_view name) {
  COFFER_CHECK(check_issuer_name(name, ""));
  COFFER_TRY(const auto present, issuers());
  std::vector<IssuerRow> all;
  for (const IssuerPtr& issuer : present) {
    if (*issuer->row.certificate == certificate.der) return Added{*issuer->row.id, true};
    all.push_back(issuer->row);
  }
  if (all.size() >= kMaxIssuers) return fail(Code::too_large, "too many issuers");
  COFFER_TRY(const auto keys, this->keys());
  const auto own = std::ranges::find_if(keys, [&](const AuthorityKeyPtr& key) {
    return *key->row.public_key == certificate.public_key_der;
  });
  IssuerRow row;
  row.mount = mount_;
  row.id = uuid4(view_.random().array<16>());
  row.name = std::string(name);
  row.key_id = own == keys.end() ? "" : *(*own)->row.id;
  row.certificate = certificate.der;
  row.usage = issuer_usage::kAll;
  row.not_after_behavior = NotAfterBehavior::err;
  const std::string id = *row.id;
  const bool has_key = !row.key_id->empty();
  all.push_back(std::move(row));
  COFFER_CHECK(rebuild_chains(std::move(all)));
  COFFER_TRY(AuthorityRow settings, this->settings());
  if (has_key && (settings.default_issuer->empty() || *settings.default_follows_latest)) {
    settings.default_issuer = id;
  }
  COFFER_CHECK(put_settings(std::move(settings)));
  return Added{id, false};
}

Result<Imported> Authority::import(const crypto::PemBundle& bundle) {
  Imported out;
  for (const crypto::PrivateKey& key : bundle.keys) {
    const Bytes half = key.public_der();
    COFFER_TRY(const auto present, keys());
    const auto same = std::ranges::find_if(
        present, [&](const AuthorityKeyPtr& row) { return *row->row.public_key == half; });
    if (same != present.end()) {
      out.existing_keys.push_back(*(*same)->row.id);
      continue;
    }
    COFFER_TRY(std::string id, add_key(key, ""));
    out.keys.push_back(std::move(id));
  }
  for (const Bytes& der : bundle.certificates) {
    COFFER_TRY(const crypto::Certificate certificate, crypto::parse_certificate(der));
    if (!certificate.is_authority()) {
      return fail(Code::invalid_argument, "certificate that is no certificate authority's");
    }
    COFFER_TRY(const Added added, add_issuer(certificate, ""));
    (added.existed ? out.existing_issuers : out.issuers).push_back(added.id);
    COFFER_TRY(const IssuerPtr row, issuer(added.id));
    out.mapping.emplace_back(added.id, *row->row.key_id);
  }
  return out;
}

Result<> Authority::update_issuer(IssuerRow row) {
  COFFER_CHECK(check_issuer_name(*row.name, *row.id));
  COFFER_TRY(const auto present, issuers());
  std::vector<IssuerRow> all;
  for (const IssuerPtr& issuer : present) {
    if (*issuer->row.id != *row.id) all.push_back(issuer->row);
  }
  COFFER_CHECK(view_.put(row));
  all.push_back(std::move(row));
  COFFER_CHECK(rebuild_chains(std::move(all)));
  return touch();
}

Result<> Authority::rename_key(const AuthorityKeyRow& row, std::string_view name) {
  COFFER_CHECK(check_key_name(name, *row.id));
  COFFER_TRY(const AuthorityKeyPtr present, key(*row.id));
  COFFER_TRY(AuthorityKeyRow open, view_.open(*present));
  open.name = std::string(name);
  COFFER_CHECK(view_.put(std::move(open)));
  return touch();
}

Result<> Authority::replace(IssuerRow& row, const IssuerRow& gone) {
  add_new(*row.replaces, *gone.replaces);
  add_new(*row.replaces, {*gone.id});
  if (row.replaces->size() > kMaxReplaced) {
    row.replaces->erase(row.replaces->begin(), row.replaces->end() - kMaxReplaced);
  }
  return view_.put(row);
}

Result<> Authority::remove_issuer(std::string_view ref) {
  COFFER_TRY(const IssuerPtr gone, find_issuer(ref));
  if (!gone) return {};
  COFFER_TRY(const auto present, issuers());
  COFFER_TRY(const auto certificate, crypto::parse_certificate(*gone->row.certificate));
  std::vector<IssuerRow> all;
  for (const IssuerPtr& issuer : present) {
    if (*issuer->row.id == *gone->row.id) continue;
    IssuerRow& row = all.emplace_back(issuer->row);
    COFFER_TRY(const bool same, is_same_authority(*row.certificate, certificate));
    if (same) COFFER_CHECK(replace(row, gone->row));
  }
  COFFER_CHECK(view_.erase<IssuerRow>(gone->row.key()));
  COFFER_TRY(AuthorityRow settings, this->settings());
  if (*settings.default_issuer == *gone->row.id) settings.default_issuer = std::string();
  COFFER_CHECK(put_settings(std::move(settings)));
  return rebuild_chains(std::move(all));
}

Result<> Authority::remove_key(std::string_view ref) {
  COFFER_TRY(const AuthorityKeyPtr gone, find_key(ref));
  if (!gone) return {};
  COFFER_CHECK(view_.erase<AuthorityKeyRow>(gone->row.key()));
  COFFER_TRY(AuthorityRow settings, this->settings());
  if (*settings.default_key == *gone->row.id) settings.default_key = std::string();
  COFFER_CHECK(put_settings(std::move(settings)));
  COFFER_TRY(const auto present, issuers());
  for (const IssuerPtr& issuer : present) {
    if (*issuer->row.key_id != *gone->row.id) continue;
    IssuerRow row = issuer->row;
    row.key_id = std::string();
    COFFER_CHECK(view_.put(std::move(row)));
  }
  return {};
}

Result<> Authority::remove_all() {
  COFFER_TRY(const auto present, issuers());
  for (const IssuerPtr& issuer : present) COFFER_CHECK(view_.erase<IssuerRow>(issuer->row.key()));
  COFFER_TRY(const auto keys, this->keys());
  if (present.size() + keys.size() >= store::kMaxUnitItems) {
    return fail(Code::too_large, "too many issuers and keys: remove some of them first");
  }
  for (const AuthorityKeyPtr& key : keys) {
    COFFER_CHECK(view_.erase<AuthorityKeyRow>(key->row.key()));
  }
  COFFER_TRY(AuthorityRow settings, this->settings());
  settings.default_issuer = std::string();
  settings.default_key = std::string();
  return put_settings(std::move(settings));
}

Result<std::shared_ptr<const crypto::PrivateKey>> Authority::open(const AuthorityKeyRow& key) {
  COFFER_TRY(const auto row, view_.find<AuthorityKeyRow>(key.key()));
  if (!row) return fail(Code::invalid_argument, "unable to find PKI key for reference");
  COFFER_TRY(const AuthorityKeyRow opened, view_.open_sealed(*row));
  COFFER_TRY(crypto::PrivateKey made, crypto::PrivateKey::from_der(opened.pkcs8->view()));
  return std::make_shared<const crypto::PrivateKey>(std::move(made));
}

Result<std::vector<Bytes>> Authority::chain_of(const IssuerRow& issuer) {
  std::vector<Bytes> out;
  for (const std::string& id : *issuer.chain) {
    COFFER_TRY(const auto row, view_.find<IssuerRow>(pki_key(mount_, id)));
    if (row) out.push_back(*row->row.certificate);
  }
  return out;
}

Result<> Authority::rebuild_chains(std::vector<IssuerRow> all) {
  std::vector<crypto::Certificate> certificates;
  for (const IssuerRow& row : all) {
    COFFER_TRY(auto parsed, crypto::parse_certificate(*row.certificate));
    certificates.push_back(std::move(parsed));
  }
  // Who issued each, worked out once: a signature is slow to verify.
  std::vector<std::size_t> issuer_of(all.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    issuer_of[i] = i;
    for (std::size_t j = 0; j < all.size() && issuer_of[i] == i; ++j) {
      if (j != i && crypto::is_issued_by(certificates[i], certificates[j])) issuer_of[i] = j;
    }
    if (certificates[i].subject_der == certificates[i].issuer_der) issuer_of[i] = i;
  }
  for (std::size_t i = 0; i < all.size(); ++i) {
    std::vector<std::string> chain = *all[i].manual_chain;
    if (chain.empty()) {
      std::set<std::size_t> seen;
      for (std::size_t at = i; seen.insert(at).second; at = issuer_of[at]) {
        chain.push_back(*all[at].id);
      }
    }
    if (chain == *all[i].chain) continue;
    all[i].chain = std::move(chain);
    COFFER_CHECK(view_.put(all[i]));
  }
  return {};
}

}  // namespace coffer::domain
