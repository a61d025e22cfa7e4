// FloorWork: what the crypto floor alone does for one request, so that the rate of whole requests
// can be given as a share of it.
//
//   encrypt   100 messages of 256 octets, AES-256-GCM under one kept key
//   sign      ECDSA P-256 with SHA-256 over 1 KiB, under one kept key
//   issue     a new P-256 key, and a signature as above over 600 octets under a kept key
//
// For benchmarks alone. Safe for concurrent use; what fails throws.
#pragma once

#include "crypto/aead.h"
#include "crypto/signature.h"

#include <memory>
#include <stdexcept>
#include <string_view>

namespace coffer::crypto {

class FloorWork {
 public:
  // Null: there is no such work.
  static std::unique_ptr<FloorWork> make(std::string_view name) {
    auto work = std::make_unique<FloorWork>();
    if (name == "encrypt") {
      work->kind_ = Kind::encrypt;
      work->message_ = Bytes(256, 0x5a);
    } else if (name == "sign") {
      work->kind_ = Kind::sign;
      work->message_ = Bytes(1024, 0x5a);
    } else if (name == "issue") {
      work->kind_ = Kind::issue;
      work->message_ = Bytes(600, 0x5a);
    } else {
      return nullptr;
    }
    return work;
  }

  void once() const {
    switch (kind_) {
      case Kind::encrypt:
        for (std::size_t i = 0; i < items(); ++i) {
          Bytes out;
          out.reserve(message_.size() + 64);
          aead_->seal({}, message_, out);
        }
        return;
      case Kind::issue:
        if (!PrivateKey::generate(KeyKind::ecdsa_p256)) throw_failed();
        [[fallthrough]];
      case Kind::sign:
        if (!key_.sign(message_)) throw_failed();
        return;
    }
  }

  // Of a request.
  [[nodiscard]] std::size_t items() const { return kind_ == Kind::encrypt ? 100 : 1; }

 private:
  enum class Kind : std::uint8_t { encrypt, sign, issue };

  [[noreturn]] static void throw_failed() { throw std::runtime_error("the crypto floor failed"); }

  Kind kind_ = Kind::sign;
  Bytes message_;
  std::unique_ptr<Random> random_ = system_random();
  std::unique_ptr<Aead> aead_ =
      *make_lasting_aead(AeadKind::aes256_gcm, random_->bytes(32).view(), *random_);
  PrivateKey key_ = *PrivateKey::generate(KeyKind::ecdsa_p256);
};

}  // namespace coffer::crypto
