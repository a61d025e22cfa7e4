// Arithmetic on stages, version ids and kinds of values. Pure functions; see secret_extra.h.
#pragma once

#include "domain/secrets/kv_rows.h"

#include <algorithm>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace coffer::domain {

inline bool is_among(const std::vector<std::string>& texts, std::string_view text) {
  return std::ranges::find(texts, text) != texts.end();
}

// The extra, made where there is none: AWSPREVIOUS, which was worked out until now, is put down.
SecretExtra& extra_of(SecretRow& secret);

// Null: the data key lies in the row.
inline const DataKeyWrap* wrap_of(const SecretRow& secret) {
  return *secret.extra && (*secret.extra)->wrap ? &*(*secret.extra)->wrap : nullptr;
}

// The version that a stage is on; 0: none.
std::uint64_t version_of_stage(const SecretRow& secret, std::string_view stage);
// AWSCURRENT first, then in the order of their names.
std::vector<std::string> stages_of(const SecretRow& secret, std::uint64_t version);
// Whether a stage other than AWSCURRENT that is put down is on the version: pruning spares it.
bool is_staged(const SecretRow& secret, std::uint64_t version);
// The current version is about to lose AWSCURRENT: AWSPREVIOUS goes to it. Only where there is an
// extra.
void note_previous(SecretRow& secret);

// The id under which AWS's clients know a version: that of its mark, else a UUID that is worked out
// of the secret's uid and the number.
std::string version_id(const SecretRow& secret, std::uint64_t version);
// The version of that id; 0: none.
std::uint64_t version_of_id(const SecretRow& secret, std::string_view id);
ValueKind kind_of(const SecretRow& secret, std::uint64_t version);

// A mark that says no more than the default is left out.
void set_mark(SecretRow& secret, VersionMark mark);
void forget_mark(SecretRow& secret, std::uint64_t version);

// One that the secret never had.
std::uint64_t next_version(const SecretRow& secret);

// The end of the secret's ARN: six letters or digits, others each time that a path is used again.
std::string arn_suffix(const SecretRow& secret);

}  // namespace coffer::domain
