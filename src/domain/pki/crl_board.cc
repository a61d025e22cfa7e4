#include "domain/pki/crl_board.h"

#include <algorithm>
#include <vector>

namespace coffer::domain {
namespace {

std::uint64_t number_of(Timestamp at) {
  return static_cast<std::uint64_t>(std::max<std::int64_t>(at.ns, 0));
}

}  // namespace

void CrlBoard::Numbers::raise(std::uint64_t least) {
  std::uint64_t known = last;
  while (known < least && !last.compare_exchange_weak(known, least)) {
  }
}

std::uint64_t CrlBoard::Numbers::next(std::uint64_t least) {
  std::uint64_t known = last;
  std::uint64_t number = 0;
  do {
    number = std::max(least, known + 1);
  } while (!last.compare_exchange_weak(known, number));
  return number;
}

std::shared_ptr<CrlBoard::Issuer> CrlBoard::find(const std::string& issuer) const {
  const std::scoped_lock lock(mutex_);
  const auto at = issuers_.find(issuer);
  return at == issuers_.end() ? nullptr : at->second;
}

std::shared_ptr<CrlBoard::Issuer> CrlBoard::find_or_make(const std::string& issuer) {
  const std::scoped_lock lock(mutex_);
  std::shared_ptr<Issuer>& at = issuers_[issuer];
  if (!at) at = std::make_shared<Issuer>();
  return at;
}

void CrlBoard::append(Issuer& issuer, const crypto::CrlEntry& entry) {
  Serial serial{static_cast<std::uint8_t>(entry.serial.size())};
  if (entry.serial.size() >= serial.size()) return;  // not one that was ever stored
  std::ranges::copy(entry.serial, serial.begin() + 1);
  if (!issuer.serials.insert(serial).second) return;
  crypto::append_crl_entry(issuer.entries, entry);
}

void CrlBoard::add(const std::string& issuer, const crypto::CrlEntry& entry) {
  // Without a list in memory there is nothing to keep up: the rows will be read.
  const auto known = find(issuer);
  if (!known) return;
  const std::scoped_lock lock(known->mutex);
  if (known->wanted) append(*known, entry);
}

// In place of what may just be built: whoever builds keeps the one before, and its numbers count.
void CrlBoard::renew(std::shared_ptr<Issuer>& issuer) {
  auto fresh = std::make_shared<Issuer>();
  fresh->numbers = issuer->numbers;
  issuer = std::move(fresh);
}

void CrlBoard::forget(const std::string& issuer) {
  const std::scoped_lock lock(mutex_);
  if (const auto at = issuers_.find(issuer); at != issuers_.end()) renew(at->second);
}

void CrlBoard::forget_all(const std::string& prefix) {
  const std::scoped_lock lock(mutex_);
  for (auto at = issuers_.lower_bound(prefix);
       at != issuers_.end() && at->first.starts_with(prefix);
       ++at) {
    renew(at->second);
  }
}

CrlDer CrlBoard::usable(const Issuer& issuer,
                        CrlKind kind,
                        const CrlPolicy& policy,
                        Timestamp now) {
  const List& list = kind == CrlKind::complete ? issuer.complete : issuer.delta;
  if (!issuer.loaded || !list.der || list.disabled != policy.disabled) return nullptr;
  const Duration grace = std::min(policy.grace, policy.expiry / 2);
  if (now + grace >= list.next_update) return nullptr;
  const bool may_lag = kind == CrlKind::complete && policy.only_on_time;
  if (list.covers != issuer.entries.size() && !may_lag && !policy.disabled) return nullptr;
  return list.der;
}

CrlDer CrlBoard::current(const std::string& issuer,
                         CrlKind kind,
                         const CrlPolicy& policy,
                         Timestamp now) const {
  const auto known = find(issuer);
  if (!known) return nullptr;
  const std::scoped_lock lock(known->mutex);
  return usable(*known, kind, policy, now);
}

Result<CrlDer> CrlBoard::build(const std::string& issuer,
                               CrlKind kind,
                               const CrlPolicy& policy,
                               Timestamp now,
                               const CrlSigner& signer,
                               const CrlEntryReader& stored) {
  // In the map, and wanted, before the rows are read: what is revoked from here on is added.
  const auto known = find_or_make(issuer);
  const std::scoped_lock building(known->building);
  COFFER_CHECK(load(*known, stored));
  for (const CrlKind wanted : {CrlKind::complete, kind}) {
    {
      const std::scoped_lock lock(known->mutex);
      if (usable(*known, wanted, policy, now)) continue;
    }
    COFFER_CHECK(make(*known, wanted, policy, now, signer));
  }
  const std::scoped_lock lock(known->mutex);
  return kind == CrlKind::complete ? known->complete.der : known->delta.der;
}

Result<> CrlBoard::load(Issuer& issuer, const CrlEntryReader& stored) {
  {
    const std::scoped_lock lock(issuer.mutex);
    if (issuer.loaded) return {};
    issuer.wanted = true;
  }
  std::vector<crypto::CrlEntry> entries;
  COFFER_CHECK(stored([&](const crypto::CrlEntry& entry) { entries.push_back(entry); }));
  const std::scoped_lock lock(issuer.mutex);
  for (const crypto::CrlEntry& entry : entries) {
    append(issuer, entry);
    issuer.numbers->raise(number_of(entry.at));
  }
  issuer.loaded = true;
  return {};
}

Result<> CrlBoard::make(
    Issuer& issuer, CrlKind kind, const CrlPolicy& policy, Timestamp now, const CrlSigner& signer) {
  crypto::CrlTemplate list{.issuer_name = signer.issuer.subject_der,
                           .authority_key_id = signer.issuer.subject_key_id,
                           .this_update = now,
                           .next_update = now + policy.expiry,
                           .number = issuer.numbers->next(number_of(now)),
                           .base_number = std::nullopt};
  Bytes entries;
  std::size_t covers = 0;
  {
    const std::scoped_lock lock(issuer.mutex);
    const std::size_t from = kind == CrlKind::delta ? issuer.complete.covers : 0;
    covers = issuer.entries.size();
    if (!policy.disabled) {
      entries.assign(issuer.entries.begin() + static_cast<std::ptrdiff_t>(from),
                     issuer.entries.end());
    }
    if (kind == CrlKind::delta) list.base_number = issuer.complete.number;
  }
  COFFER_TRY(Bytes der, crypto::build_crl(list, entries, *signer.key, signer.scheme));
  const std::scoped_lock lock(issuer.mutex);
  List& target = kind == CrlKind::complete ? issuer.complete : issuer.delta;
  target = {.der = std::make_shared<const Bytes>(std::move(der)),
            .number = list.number,
            .covers = covers,
            .next_update = list.next_update,
            .disabled = policy.disabled};
  if (kind == CrlKind::complete) issuer.delta.der = nullptr;  // it was one on the list before
  return {};
}

}  // namespace coffer::domain
