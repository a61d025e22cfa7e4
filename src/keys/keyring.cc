#include "keys/keyring.h"

#include "base/wire.h"
#include "crypto/kdf.h"

#include <array>
#include <atomic>

namespace coffer::keys {
namespace {

constexpr std::uint8_t kFormat = 1;           // terms from 1 on
constexpr std::uint8_t kFormatShortened = 2;  // the first terms were given up
constexpr std::size_t kLogIdSize = 16;
constexpr std::size_t kTables = 256;  // highest table number + 1

struct Term {
  Term(std::uint32_t n, Timestamp t, ByteView key) : number(n), created(t), secret(key) {}

  ~Term() {
    for (auto& slot : aeads) delete slot.load();
  }

  Term(const Term&) = delete;
  Term& operator=(const Term&) = delete;

  std::uint32_t number;
  Timestamp created;
  secure::LockedKey secret;
  // One table's key, derived at its first use; slots are set once.
  mutable std::array<std::atomic<const crypto::Aead*>, kTables> aeads{};
};

}  // namespace

struct Keyring::State {
  State(crypto::PrivateKey audit, ByteView lookup, crypto::Random& source)
      : audit_key(std::move(audit)), lookup_key(lookup), lookup(lookup), random(source) {}

  // Null: there is none.
  [[nodiscard]] const Term* find(std::uint32_t number) const {
    const std::uint32_t first = terms.front()->number;
    return number < first || number - first >= terms.size() ? nullptr : terms[number - first].get();
  }

  std::vector<std::unique_ptr<Term>> terms;  // ascending numbers, without gaps
  crypto::PrivateKey audit_key;
  secure::LockedKey lookup_key;
  crypto::HmacKey lookup;
  Bytes log_id;
  crypto::Random& random;
  std::atomic<std::uint64_t> sealings = 0;
};

Keyring::Keyring(std::unique_ptr<State> state) : state_(std::move(state)) {}

Keyring::~Keyring() = default;

Result<std::unique_ptr<Keyring>> Keyring::create(Timestamp now, crypto::Random& random) {
  COFFER_TRY(crypto::PrivateKey audit, crypto::PrivateKey::generate(crypto::KeyKind::ecdsa_p256));
  const secure::SecureBytes lookup = random.bytes(secure::LockedKey::kSize);
  auto state = std::make_unique<State>(std::move(audit), lookup.view(), random);
  const secure::SecureBytes term = random.bytes(secure::LockedKey::kSize);
  state->terms.push_back(std::make_unique<Term>(1, now, term.view()));
  state->log_id.resize(kLogIdSize);
  random.fill(state->log_id);
  return std::unique_ptr<Keyring>(new Keyring(std::move(state)));
}

Result<std::unique_ptr<Keyring>> Keyring::decode(ByteView plain, crypto::Random& random) {
  Reader r(plain);
  COFFER_TRY(const std::uint8_t format, r.u8());
  if (format != kFormat && format != kFormatShortened)
    return fail(Code::corrupt, "unknown format of the keyring");
  COFFER_TRY(const ByteView log_id, r.bytes());
  COFFER_TRY(const ByteView lookup, r.bytes());
  COFFER_TRY(const ByteView audit_der, r.bytes());
  auto audit = crypto::PrivateKey::from_der(audit_der);
  if (log_id.size() != kLogIdSize || lookup.size() != secure::LockedKey::kSize || !audit ||
      audit->kind() != crypto::KeyKind::ecdsa_p256) {
    return fail(Code::corrupt, "keys of the keyring are malformed");
  }
  auto state = std::make_unique<State>(std::move(*audit), lookup, random);
  state->log_id = to_bytes(log_id);
  COFFER_TRY(const std::size_t count, r.count());
  if (count == 0 || count > kMaxTerms) return fail(Code::corrupt, "keyring with no or many terms");
  for (std::size_t i = 0; i < count; ++i) {
    COFFER_TRY(const std::uint32_t number, r.u32());
    COFFER_TRY(const std::uint64_t created, r.u64());
    COFFER_TRY(const ByteView key, r.bytes());
    const bool first_fits = format == kFormat ? number == 1 : number > 1;
    const bool follows = i == 0 ? first_fits : number == state->terms.back()->number + 1;
    if (key.size() != secure::LockedKey::kSize || !follows) {
      return fail(Code::corrupt, "keyring terms are malformed");
    }
    state->terms.push_back(
        std::make_unique<Term>(number, Timestamp{static_cast<std::int64_t>(created)}, key));
  }
  COFFER_CHECK(r.finish());
  return std::unique_ptr<Keyring>(new Keyring(std::move(state)));
}

secure::SecureBytes Keyring::encode() const {
  Bytes plain;
  plain.reserve(1024 + state_->terms.size() * 64);  // no growth: no copies left behind
  Writer w(plain);
  w.u8(state_->terms.front()->number == 1 ? kFormat : kFormatShortened);
  w.bytes(state_->log_id);
  w.bytes(state_->lookup_key.view());
  w.bytes(state_->audit_key.der().view());
  w.varint(state_->terms.size());
  for (const auto& term : state_->terms) {
    w.u32(term->number);
    w.u64(static_cast<std::uint64_t>(term->created.ns));
    w.bytes(term->secret.view());
  }
  secure::SecureBytes out{ByteView(plain)};
  secure::wipe(plain.data(), plain.size());
  return out;
}

Result<std::unique_ptr<Keyring>> Keyring::rotated(Timestamp now) const {
  if (state_->terms.size() >= kMaxTerms) return fail(Code::exhausted, "the keyring has 1000 terms");
  const secure::SecureBytes plain = encode();
  COFFER_TRY(std::unique_ptr<Keyring> next, decode(plain.view(), state_->random));
  const secure::SecureBytes key = state_->random.bytes(secure::LockedKey::kSize);
  next->state_->terms.push_back(std::make_unique<Term>(active_term() + 1, now, key.view()));
  return next;
}

Result<std::unique_ptr<Keyring>> Keyring::without(std::uint32_t term) const {
  if (state_->find(term) == nullptr) return fail(Code::invalid_argument, "no such keyring term");
  if (term == active_term()) {
    return fail(Code::precondition_failed, "the active term cannot be given up");
  }
  const secure::SecureBytes plain = encode();
  COFFER_TRY(std::unique_ptr<Keyring> next, decode(plain.view(), state_->random));
  std::erase_if(next->state_->terms, [term](const auto& each) { return each->number <= term; });
  return next;
}

std::uint32_t Keyring::active_term() const {
  return state_->terms.back()->number;
}

std::vector<TermInfo> Keyring::terms() const {
  std::vector<TermInfo> infos;
  for (const auto& term : state_->terms) infos.push_back({term->number, term->created});
  return infos;
}

void Keyring::count_sealing() const {
  state_->sealings.fetch_add(1, std::memory_order_relaxed);
}

std::uint64_t Keyring::sealings() const {
  return state_->sealings.load(std::memory_order_relaxed);
}

Result<const crypto::Aead*> Keyring::table_aead(std::uint32_t term, store::TableId table) const {
  const Term* const found = state_->find(term);
  if (found == nullptr || table.value() >= kTables) {
    return fail(Code::corrupt, "no key for this term and table");
  }
  const Term& holder = *found;
  auto& slot = holder.aeads[table.value()];
  if (const crypto::Aead* aead = slot.load(std::memory_order_acquire)) return aead;
  const secure::SecureBytes key = crypto::derive_key(
      holder.secret.view(), "coffer row v1 table " + std::to_string(table.value()));
  COFFER_TRY(std::unique_ptr<crypto::Aead> made,
             crypto::make_aead(crypto::AeadKind::xaes256_gcm, key.view(), state_->random));
  const crypto::Aead* expected = nullptr;
  if (slot.compare_exchange_strong(expected, made.get())) return made.release();
  return expected;
}

secure::SecureBytes Keyring::derive(std::string_view label) const {
  return crypto::derive_key(state_->terms.back()->secret.view(), label);
}

Result<secure::SecureBytes> Keyring::derive(std::string_view label, std::uint32_t term) const {
  const Term* const found = state_->find(term);
  if (found == nullptr) return fail(Code::corrupt, "no such keyring term");
  return crypto::derive_key(found->secret.view(), label);
}

crypto::Digest Keyring::lookup_digest(std::string_view purpose, ByteView credential) const {
  secure::SecureBytes input;
  input.reserve(purpose.size() + 1 + credential.size());
  input.append(as_bytes(purpose));
  input.push_back(0);
  input.append(credential);
  return state_->lookup.mac(input.view());
}

const crypto::PrivateKey& Keyring::audit_key() const {
  return state_->audit_key;
}

const Bytes& Keyring::log_id() const {
  return state_->log_id;
}

bool Keyring::locked() const {
  bool all = state_->lookup_key.locked();
  for (const auto& term : state_->terms) all = all && term->secret.locked();
  return all;
}

}  // namespace coffer::keys
