#include "gate/lifecycle.h"

#include "base/uuid.h"
#include "domain/auth/root_token.h"
#include "domain/realms/mounts.h"
#include "work/reseal.h"

namespace coffer::gate {
namespace {

// Written by every unit that replaces the keyring or the seal: those rows carry no checks of their
// own, this one makes two such units conflict.
struct KeyringClaimRow {
  static constexpr rows::TableSpec kTable = rows::tables::kSettings;
  static constexpr std::uint8_t kVersion = 1;
  rows::Clear<std::string> name;
  rows::Clear<std::uint64_t> changes;
  static constexpr auto kMembers = std::tuple{&KeyringClaimRow::name, &KeyringClaimRow::changes};

  [[nodiscard]] Bytes key() const { return to_bytes(*name); }
};

constexpr std::string_view kKeyringClaim = "keyring claim";

Result<> claim_keyring(work::View& view) {
  COFFER_TRY(const auto present, view.find<KeyringClaimRow>(kKeyringClaim));
  KeyringClaimRow row;
  row.name = std::string(kKeyringClaim);
  row.changes = present ? *present->row.changes + 1 : 1;
  return view.put(std::move(row));
}

proof::Event system_event(proof::EventType type,
                          std::string_view source,
                          const Clock& clock,
                          crypto::Random& random) {
  proof::Event event;
  event.time = clock.now();
  event.request_id = uuid4(random.array<16>());
  event.type = type;
  event.outcome = proof::Outcome::allowed;
  event.realm = rows::kRootRealm.value();
  event.actor_type = "unseal";
  event.source_ip = source;
  event.dialect = "server";
  return event;
}

}  // namespace

Result<SealStatus> Lifecycle::status() const {
  SealStatus status;
  COFFER_TRY(const auto record, keys::read_seal(store_));
  if (!record) return status;
  const keys::Progress progress = collector_.progress(*record);
  status = {.initialized = true,
            .sealed = current() == nullptr,
            .shares = record->shares,
            .threshold = record->threshold,
            .progress = progress.given,
            .nonce = progress.nonce,
            .cluster_id = record->cluster_id};
  return status;
}

Result<keys::SealRecord> Lifecycle::record() const {
  COFFER_TRY(auto record, keys::read_seal(store_));
  if (!record) return fail(Code::uninitialized, "the server is not initialized");
  return std::move(*record);
}

Result<UnsealedPtr> Lifecycle::assemble(const std::shared_ptr<const keys::Keyring>& keyring,
                                        ByteView root) {
  UnsealedPtr unsealed(new Unsealed,
                       [this](Unsealed* gone) { retire(std::unique_ptr<Unsealed>(gone)); });
  unsealed->aws_account = options_.aws_account;
  unsealed->root.store(std::make_shared<const secure::LockedKey>(root));
  COFFER_CHECK(start(*unsealed, keyring));
  return unsealed;
}

Result<> Lifecycle::start(Unsealed& unsealed, const std::shared_ptr<const keys::Keyring>& keyring) {
  COFFER_TRY(unsealed.rows, rows::Rows::open(store_, keyring, options_.cache_octets));
  COFFER_TRY(unsealed.committer,
             work::Committer::start(store_, *unsealed.rows, clock_, options_.accepted_rows));
  return {};
}

// Unsealed joins its committer's thread when it goes. That thread may be the last holder: a loop
// that has stopped drops what the committer posts to it. Then it is kept until this object goes.
void Lifecycle::retire(std::unique_ptr<Unsealed> gone) {
  if (!gone->committer || !gone->committer->on_own_thread()) return;
  const std::scoped_lock lock(retired_mutex_);
  retired_.push_back(std::move(gone));
}

Result<Initialized> Lifecycle::initialize(keys::SealNumbers numbers) {
  const std::scoped_lock lock(transition_);
  COFFER_TRY(const auto existing, keys::read_seal(store_));
  if (existing) return fail(Code::precondition_failed, "Vault is already initialized");
  COFFER_CHECK(keys::check_numbers(numbers));
  COFFER_TRY(std::unique_ptr<keys::Keyring> created, keys::Keyring::create(clock_.now(), random_));
  const std::shared_ptr<const keys::Keyring> keyring = std::move(created);
  COFFER_TRY(
      keys::NewSeal seal,
      keys::make_seal(numbers, *keyring, uuid4(random_.array<16>()), 1, clock_.now(), random_));
  COFFER_TRY(const UnsealedPtr unsealed, assemble(keyring, seal.root.view()));

  work::View view(*unsealed->rows, rows::kRootRealm, clock_.now(), random_);
  for (store::Put& row : seal.rows) view.stage_raw(std::move(row));
  COFFER_CHECK(domain::Mounts(view).install_defaults());
  COFFER_CHECK(domain::Policies(view, unsealed->policies).install_defaults());
  Initialized result;
  COFFER_TRY(result.root_token, domain::issue_root_token(view, options_.fixed_root_token));
  COFFER_CHECK(unsealed->committer->commit(
      view, {system_event(proof::EventType::system_initialized, {}, clock_, random_)}));
  result.shares = std::move(seal.shares);
  result.audit_public_key_pem = keyring->audit_key().public_key().pem();
  return result;
}

Result<bool> Lifecycle::unseal(ByteView share, std::string_view source) {
  const std::scoped_lock lock(transition_);
  await_last_committer();
  COFFER_TRY(const keys::SealRecord seal, record());
  if (current()) return true;
  COFFER_TRY(const auto root, collector_.add(seal, share, source));
  if (!root) return false;
  COFFER_CHECK(enter(root->view(), source));
  return true;
}

Result<> Lifecycle::enter(ByteView root, std::string_view source) {
  COFFER_TRY(keys::OpenedKeyring opened, keys::open_keyring(store_, root, random_));
  const bool locked = opened.keyring->locked();
  COFFER_TRY(UnsealedPtr unsealed, assemble(std::move(opened.keyring), root));
  COFFER_TRY(const keys::SealRecord seal, record());
  unsealed->cluster_id = seal.cluster_id;
  const std::vector<keys::Attempts> attempts = collector_.attempts();
  std::vector<proof::Event> events;
  for (const keys::Attempts& tried : attempts) {
    events.push_back(
        system_event(proof::EventType::system_unseal_failed, tried.source, clock_, random_));
    events.back().outcome = proof::Outcome::denied;
    for (const auto& [name, count] : {std::pair{"wrong_shares", tried.wrong},
                                      std::pair{"resets", tried.resets},
                                      std::pair{"refused_resets", tried.refused_resets}}) {
      if (count != 0) events.back().facts.push_back({name, std::to_string(count)});
    }
  }
  if (const auto head = unsealed->committer->head();
      head && head->head.rows && *head->head.rows != unsealed->rows->digest()) {
    events.push_back(
        system_event(proof::EventType::system_tampering_found, source, clock_, random_));
    events.back().outcome = proof::Outcome::failed;
    events.back().reason = "opened with rows that were changed while the server was sealed";
    events.back().facts.push_back({"accepted_rows", work::rows_name(unsealed->rows->digest())});
  }
  events.push_back(system_event(proof::EventType::system_unsealed, source, clock_, random_));
  work::View view(*unsealed->rows, rows::kRootRealm, clock_.now(), random_);
  COFFER_CHECK(unsealed->committer->commit(view, std::move(events)));
  collector_.reported(attempts);
  if (!locked && options_.keys_not_locked) options_.keys_not_locked();
  current_.store(std::move(unsealed));
  return {};
}

Result<> Lifecycle::reset_unseal(std::string_view nonce, std::string_view source) {
  return collector_.reset(nonce, source);
}

// Bounded by one commit of the store: nothing new reaches a closed committer.
void Lifecycle::await_last_committer() {
  std::shared_future<void> end;
  {
    const std::scoped_lock lock(sealing_);
    end = last_end_;
  }
  if (end.valid()) end.wait();
}

void Lifecycle::seal() {
  {
    const std::scoped_lock lock(sealing_);
    const UnsealedPtr sealed = current_.exchange(nullptr);
    if (sealed) last_end_ = sealed->committer->close();
  }
  for (const auto& forget : on_seal_) forget();
}

// The keyring as it is stored, for a unit that replaces it. Between a rekey's commit and the moment
// at which its root key is in place the stored one does not open: the request runs again.
Result<keys::OpenedKeyring> Lifecycle::stored_keyring(const Unsealed& unsealed) const {
  auto stored = keys::open_keyring(store_, unsealed.root.load()->view(), random_);
  if (!stored && stored.error().code == Code::invalid_argument) {
    return fail(Code::conflict, "the root key does not open the stored keyring");
  }
  return stored;
}

Result<> Lifecycle::stage_rotation(work::View& view, const UnsealedPtr& unsealed) {
  COFFER_CHECK(claim_keyring(view));
  COFFER_TRY(const keys::OpenedKeyring stored, stored_keyring(*unsealed));
  COFFER_TRY(std::unique_ptr<keys::Keyring> rotated, stored.keyring->rotated(clock_.now()));
  view.stage_raw(
      keys::keyring_row(*rotated, unsealed->root.load()->view(), stored.revision + 1, random_));
  std::shared_ptr<const keys::Keyring> next = std::move(rotated);
  rows::Rows* rows = unsealed->rows.get();  // outlives its committer, which runs this
  view.on_commit([rows, next] { rows->set_keyring(next); });
  return {};
}

Result<> Lifecycle::stage_term_destruction(work::View& view,
                                           const UnsealedPtr& unsealed,
                                           std::uint32_t term) {
  COFFER_CHECK(claim_keyring(view));
  COFFER_TRY(const auto progress, work::reseal_progress(view));
  if (!progress || !progress->row.is_stated() || *progress->row.below <= term) {
    return fail(Code::precondition_failed,
                "it is not stated that nothing is sealed under this term: rewrap first");
  }
  COFFER_TRY(const keys::OpenedKeyring stored, stored_keyring(*unsealed));
  COFFER_TRY(std::unique_ptr<keys::Keyring> shorter, stored.keyring->without(term));
  view.stage_raw(
      keys::keyring_row(*shorter, unsealed->root.load()->view(), stored.revision + 1, random_));
  std::shared_ptr<const keys::Keyring> next = std::move(shorter);
  rows::Rows* rows = unsealed->rows.get();  // outlives its committer, which runs this
  view.on_commit([rows, next] { rows->set_keyring(next); });
  return {};
}

Result<keys::NewSeal> Lifecycle::prepare_rekey(const Unsealed& unsealed,
                                               keys::SealNumbers numbers) {
  COFFER_TRY(const keys::SealRecord old, record());
  return keys::make_seal(numbers,
                         *unsealed.rows->keyring(),
                         old.cluster_id,
                         old.generation + 1,
                         clock_.now(),
                         random_);
}

Result<> Lifecycle::stage_rekey(work::View& view,
                                const UnsealedPtr& unsealed,
                                const keys::NewSeal& seal) {
  COFFER_CHECK(claim_keyring(view));
  COFFER_TRY(const keys::SealRecord old, record());
  if (seal.record.generation != old.generation + 1) {
    return fail(Code::precondition_failed, "the shares were replaced meanwhile; begin again");
  }
  // The keyring may have been rotated since the seal was prepared.
  COFFER_TRY(const keys::OpenedKeyring stored, stored_keyring(*unsealed));
  store::Put keyring =
      keys::keyring_row(*stored.keyring, seal.root.view(), seal.record.generation << 32U, random_);
  for (const store::Put& row : seal.rows) {
    if (row.key != keyring.key) view.stage_raw(row);
  }
  view.stage_raw(std::move(keyring));
  auto root = std::make_shared<const secure::LockedKey>(seal.root.clone());
  Unsealed* holder = unsealed.get();  // outlives its committer, which runs this
  view.on_commit([holder, root] { holder->root.store(root); });
  return {};
}

}  // namespace coffer::gate
