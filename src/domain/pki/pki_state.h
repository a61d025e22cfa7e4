// What the certificate authorities of an unsealed server keep in memory: issuers that are open for
// signing, and the revocation lists.
#pragma once

#include "crypto/certificate.h"
#include "domain/pki/crl_board.h"

#include <map>
#include <memory>
#include <mutex>
#include <string>

namespace coffer::domain {

// An issuer's certificate, read, with its private key. The key is wiped with the last copy of the
// pointer.
struct OpenIssuer {
  crypto::Certificate certificate;
  std::shared_ptr<const crypto::PrivateKey> key;
};

using OpenIssuerPtr = std::shared_ptr<const OpenIssuer>;

// Open issuers by the octets of their row's key and their key's id: neither ever names another
// certificate or key. Whoever asks has just found both rows, so that a removed issuer or key signs
// nothing. Bounded: kMost, then all are forgotten. Thread-safe.
class OpenIssuers {
 public:
  static constexpr std::size_t kMost = 1000;

  // Null: not at hand.
  [[nodiscard]] OpenIssuerPtr find(const std::string& name) const {
    const std::scoped_lock lock(mutex_);
    const auto at = open_.find(name);
    return at == open_.end() ? nullptr : at->second;
  }

  void keep(const std::string& name, OpenIssuerPtr issuer) {
    const std::scoped_lock lock(mutex_);
    if (open_.size() >= kMost) open_.clear();
    open_.insert_or_assign(name, std::move(issuer));
  }

  void forget() {
    const std::scoped_lock lock(mutex_);
    open_.clear();
  }

 private:
  mutable std::mutex mutex_;
  std::map<std::string, OpenIssuerPtr> open_;
};

struct PkiState {
  OpenIssuers issuers;
  CrlBoard crls;
};

}  // namespace coffer::domain
