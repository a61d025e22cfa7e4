// CrlBoard: the revocation lists of all issuers, made when they are asked for and kept until they
// say less than they should.
//
// What is revoked lies in rows of their own (pki_rows.h). The board keeps the encoded entries of an
// issuer in memory, about 100 octets each: it reads all rows once, when the first list is asked
// for, and every revocation that is committed later is appended. So a list of a million entries is
// made with one signature and without reading a row. A complete list is current until something was
// revoked after it (with auto_rebuild: until its time is nearly over); a delta holds what was
// revoked after the complete list.
//
// Numbers of lists are times in nanoseconds, so that they grow over restarts without being stored,
// and larger than every number before, also when the clock is set back: over a restart, larger than
// the time of the newest revocation that is stored.
//
// add() and current() never wait for a build; build() reads rows and signs, and belongs on a worker
// thread. Thread-safe.
#pragma once

#include "base/clock.h"
#include "base/result.h"
#include "crypto/certificate.h"
#include "crypto/crl.h"

#include <array>
#include <atomic>
#include <functional>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_set>

namespace coffer::domain {

struct CrlPolicy {
  Duration expiry{};          // how long a list holds
  Duration grace{};           // how long before its end a list is made anew; at most half of expiry
  bool disabled = false;      // lists are empty
  bool only_on_time = false;  // complete lists are not made anew for each revocation
  bool with_delta = false;
};

enum class CrlKind : std::uint8_t { complete, delta };

using CrlDer = std::shared_ptr<const Bytes>;

// Hands every entry that is stored to the function given.
using CrlEntryReader = std::function<Result<>(const std::function<void(const crypto::CrlEntry&)>&)>;

struct CrlSigner {
  crypto::Certificate issuer;
  std::shared_ptr<const crypto::PrivateKey> key;
  crypto::CertificateScheme scheme;
};

class CrlBoard {
 public:
  // `issuer` is the key of the issuer's row. Called when the revocation is durable.
  void add(const std::string& issuer, const crypto::CrlEntry& entry);
  // The stored entries changed otherwise, or whoever asks wants new lists: nothing is current.
  void forget(const std::string& issuer);
  // The same for every issuer whose name begins so: those of a mount.
  void forget_all(const std::string& prefix);

  // Null: there is none that would do; build() one.
  [[nodiscard]] CrlDer current(const std::string& issuer,
                               CrlKind kind,
                               const CrlPolicy& policy,
                               Timestamp now) const;
  // What current() would give, after making whatever is not current.
  Result<CrlDer> build(const std::string& issuer,
                       CrlKind kind,
                       const CrlPolicy& policy,
                       Timestamp now,
                       const CrlSigner& signer,
                       const CrlEntryReader& stored);

 private:
  // The length, then the octets.
  using Serial = std::array<std::uint8_t, crypto::kMaxSerialOctets + 1>;

  struct SerialHash {
    std::size_t operator()(const Serial& serial) const {
      std::size_t hash = 0;
      for (std::size_t i = 0; i < serial.size(); ++i) hash = hash * 31 + serial.at(i);
      return hash;
    }
  };

  struct List {
    CrlDer der;
    std::uint64_t number = 0;
    std::size_t covers = 0;  // octets of the entries
    Timestamp next_update;
    bool disabled = false;
  };

  // The largest number that was given. Outlives what is forgotten.
  struct Numbers {
    std::atomic<std::uint64_t> last = 0;

    void raise(std::uint64_t least);
    std::uint64_t next(std::uint64_t least);
  };

  struct Issuer {
    std::shared_ptr<Numbers> numbers = std::make_shared<Numbers>();
    std::mutex building;  // one at a time; taken before `mutex`
    mutable std::mutex mutex;
    bool wanted = false;  // a list was asked for: what is revoked is added
    bool loaded = false;
    Bytes entries;
    // Of the entries: a revocation may be read from its row and be added by its commit as well.
    std::unordered_set<Serial, SerialHash> serials;
    List complete;
    List delta;
  };

  static void renew(std::shared_ptr<Issuer>& issuer);
  static void append(Issuer& issuer, const crypto::CrlEntry& entry);  // under its mutex
  static CrlDer usable(const Issuer& issuer,
                       CrlKind kind,
                       const CrlPolicy& policy,
                       Timestamp now);  // under its mutex
  static Result<> load(Issuer& issuer, const CrlEntryReader& stored);
  static Result<> make(Issuer& issuer,
                       CrlKind kind,
                       const CrlPolicy& policy,
                       Timestamp now,
                       const CrlSigner& signer);
  [[nodiscard]] std::shared_ptr<Issuer> find(const std::string& issuer) const;
  std::shared_ptr<Issuer> find_or_make(const std::string& issuer);

  mutable std::mutex mutex_;
  std::map<std::string, std::shared_ptr<Issuer>> issuers_;
};

}  // namespace coffer::domain
