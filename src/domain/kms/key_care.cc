// MasterKeys: what is said about keys, when they rotate, and material that is somebody else's.
#include "domain/kms/key_id.h"
#include "domain/kms/master_keys.h"

#include <algorithm>

namespace coffer::domain {
namespace {

MaterialFact& fact_of(MasterKeyRow& key, std::uint32_t number) {
  const auto at = std::ranges::lower_bound(*key.facts, number, {}, &MaterialFact::number);
  if (at != key.facts->end() && at->number == number) return *at;
  return *key.facts->insert(at, MaterialFact{.number = number, .id = {}, .description = {}});
}

bool complete(const MasterKeyRow& key) {
  return !key.versions->empty() && std::ranges::none_of(*key.facts, [&](const MaterialFact& fact) {
    return fact.gone && fact.number <= key.latest();
  });
}

}  // namespace

Result<> MasterKeys::describe(const MasterKeyRow& key, const KeyAbout& about) {
  COFFER_CHECK(check_changeable(key));
  MasterKeyRow row = key;
  if (about.description) row.description = *about.description;
  if (about.tags) row.tags = *about.tags;
  if (about.policy) {
    row.policy = *about.policy;
    *row.policy_revision += 1;
  }
  return view_.put(std::move(row));
}

Result<> MasterKeys::set_rotation(const MasterKeyRow& key, Duration period) {
  COFFER_CHECK(check_changeable(key));
  MasterKeyRow row = key;
  row.rotate_period = period;
  row.next_rotation->reset();
  if (period > Duration{}) *row.next_rotation = view_.now() + period;
  return view_.put(std::move(row));
}

Result<> MasterKeys::rotate_on_demand(const MasterKeyRow& key, const KeyMaterial* material) {
  if (*key.on_demand_rotations >= kMaxOnDemandRotations) {
    return fail(Code::exhausted, "the key was rotated on demand too often");
  }
  MasterKeyRow row = key;
  *row.on_demand_rotations += 1;
  if (!*key.imported) {
    if (material == nullptr) return fail(Code::internal, "a rotation without material");
    return rotate(row, *material);
  }
  const MaterialFact* waiting = *row.next ? row.fact((*row.next)->number) : nullptr;
  const bool expired = waiting != nullptr && waiting->expires && *waiting->expires <= view_.now();
  if (!*row.next || (waiting != nullptr && (waiting->gone || expired))) {
    return fail(Code::precondition_failed, "no material waits for a rotation");
  }
  if (*row.state != KeyState::enabled) return check_usable(key, KeyUse::encrypt);
  (*row.next)->created = view_.now();
  row.versions->push_back(**row.next);
  row.next->reset();
  if (!complete(row)) row.state = KeyState::pending_import;
  return view_.put(std::move(row));
}

Result<> MasterKeys::import_external(const MasterKeyRow& key,
                                     const KeyMaterial& material,
                                     const ExternalMaterial& about) {
  if (!*key.imported) {
    return fail(Code::precondition_failed, "the key's material is the server's own");
  }
  MasterKeyRow row = key;
  const auto known = std::ranges::find(*row.facts, about.id, &MaterialFact::id);
  if (known != row.facts->end()) {
    KeyVersion* version = nullptr;
    for (KeyVersion& each : *row.versions) {
      if (each.number == known->number) version = &each;
    }
    if (*row.next && (*row.next)->number == known->number) version = &**row.next;
    if (version == nullptr) return fail(Code::corrupt, "a fact about no version");
    if (known->gone) {
      COFFER_TRY(const KeyVersion put, put_version(key, version->number, material));
      version->uid = put.uid;
      known->gone = false;
    }
    known->expires = about.expires;
    if (!about.description.empty()) known->description = about.description;
  } else {
    if (*row.next) return fail(Code::precondition_failed, "other material waits for a rotation");
    const std::uint32_t number = row.latest() + 1;
    if (number > kMaxKeyVersions) return fail(Code::too_large, "the key has too many versions");
    COFFER_TRY(KeyVersion version, put_version(key, number, material));
    MaterialFact& fact = fact_of(row, number);
    fact.id = about.id;
    fact.description = about.description;
    fact.expires = about.expires;
    if (row.versions->empty()) {
      row.versions->push_back(std::move(version));
    } else {
      *row.next = std::move(version);
    }
  }
  if (*row.type == KeyType::hmac) {
    row.key_size = static_cast<std::uint32_t>(material.secret.size());
  }
  if (*row.state == KeyState::pending_import && complete(row)) row.state = KeyState::enabled;
  return view_.put(std::move(row));
}

void MasterKeys::forget(MasterKeyRow& key, MaterialFact& fact) {
  Bytes uid;
  for (const KeyVersion& version : *key.versions) {
    if (version.number == fact.number) uid = version.uid;
  }
  if (*key.next && (*key.next)->number == fact.number) uid = (*key.next)->uid;
  fact.gone = true;
  fact.expires.reset();
  if (!uid.empty()) condemn(key, {std::move(uid)});
  const bool open = *key.state == KeyState::enabled || *key.state == KeyState::disabled;
  if (open && !complete(key)) key.state = KeyState::pending_import;
}

Result<> MasterKeys::forget_material(const MasterKeyRow& key, std::uint32_t number) {
  MasterKeyRow row = key;
  MaterialFact& fact = fact_of(row, number);
  if (fact.gone) return {};
  forget(row, fact);
  return view_.put(std::move(row));
}

Result<> MasterKeys::forget_expired(const MasterKeyRow& key) {
  MasterKeyRow row = key;
  for (MaterialFact& fact : *row.facts) {
    if (fact.expires && !fact.gone && *fact.expires <= view_.now()) forget(row, fact);
  }
  return view_.put(std::move(row));
}

}  // namespace coffer::domain
