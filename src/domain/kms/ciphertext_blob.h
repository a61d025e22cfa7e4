// Ciphertext blobs: what a symmetric key makes of a plaintext for AWS's clients (format:
// docs/formats/keys.md). In clear they name the key's uid, its version and the format, and nothing
// else; the encryption context is bound as associated data.
//
//   blob = u8 1 | uid (16) | u32 version | u8 1 | nonce | ciphertext | tag
//   associated data = "coffer ciphertext v1|" | the 22 octets before the nonce | varint pairs
//                     | text key, text value of each pair, ascending by key
//
// Limit: kMaxCiphertext octets. Errors are invalid_argument, one for all that is wrong. Pure
// functions.
#pragma once

#include "base/bytes.h"
#include "base/result.h"
#include "domain/kms/key_grants.h"

#include <cstdint>

namespace coffer::domain {

inline constexpr std::size_t kMaxCiphertext = 6144;

struct CiphertextBlob {
  Bytes uid;  // of the master key
  std::uint32_t version = 0;
  Bytes sealed;  // nonce | ciphertext | tag
};

Bytes write_blob(const CiphertextBlob& blob);
Result<CiphertextBlob> read_blob(ByteView blob);
// What is bound: `blob.sealed` plays no part.
Bytes blob_associated_data(const CiphertextBlob& blob, const EncryptionContext& context);

}  // namespace coffer::domain
