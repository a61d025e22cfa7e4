#include "domain/secrets/stages.h"

#include "base/uuid.h"
#include "crypto/hash.h"
#include "domain/secrets/version_table.h"

#include <algorithm>
#include <array>

namespace coffer::domain {
namespace {

const VersionMark* find_mark(const SecretRow& secret, std::uint64_t version) {
  if (!*secret.extra) return nullptr;
  const auto& marks = (*secret.extra)->marks;
  const auto at = std::ranges::lower_bound(marks, version, {}, &VersionMark::number);
  return at != marks.end() && at->number == version ? &*at : nullptr;
}

// The version before the current one; 0: none.
std::uint64_t before_current(const SecretRow& secret) {
  const auto& versions = *secret.versions;
  const auto at = std::ranges::lower_bound(versions, *secret.current, {}, &VersionState::number);
  return at == versions.begin() || *secret.current == 0 ? 0 : std::prev(at)->number;
}

}  // namespace

SecretExtra& extra_of(SecretRow& secret) {
  if (*secret.extra) return **secret.extra;
  SecretExtra& extra = secret.extra->emplace();
  if (const std::uint64_t previous = before_current(secret)) {
    extra.stages.emplace(kStagePrevious, previous);
  }
  return extra;
}

std::uint64_t version_of_stage(const SecretRow& secret, std::string_view stage) {
  if (stage == kStageCurrent) return *secret.current;
  if (!*secret.extra) return stage == kStagePrevious ? before_current(secret) : 0;
  const auto& stages = (*secret.extra)->stages;
  const auto at = stages.find(std::string(stage));
  return at == stages.end() ? 0 : at->second;
}

std::vector<std::string> stages_of(const SecretRow& secret, std::uint64_t version) {
  std::vector<std::string> stages;
  if (version == *secret.current) stages.emplace_back(kStageCurrent);
  if (!*secret.extra) {
    if (version != 0 && version == before_current(secret)) stages.emplace_back(kStagePrevious);
    return stages;
  }
  for (const auto& [stage, at] : (*secret.extra)->stages) {
    if (at == version) stages.push_back(stage);
  }
  return stages;
}

bool is_staged(const SecretRow& secret, std::uint64_t version) {
  if (!*secret.extra) return false;
  return std::ranges::any_of((*secret.extra)->stages,
                             [version](const auto& stage) { return stage.second == version; });
}

void note_previous(SecretRow& secret) {
  if (!*secret.extra || *secret.current == 0) return;
  (*secret.extra)->stages.insert_or_assign(std::string(kStagePrevious), *secret.current);
}

std::string version_id(const SecretRow& secret, std::uint64_t version) {
  const VersionMark* const mark = find_mark(secret, version);
  if (mark != nullptr && !mark->id.empty()) return mark->id;
  Bytes text = to_bytes("coffer version id v1");
  append(text, *secret.uid);
  Writer(text).u64(version);
  const crypto::Digest digest = crypto::sha256(text);
  std::array<std::uint8_t, 16> octets{};
  std::copy_n(digest.begin(), octets.size(), octets.begin());
  return uuid4(octets);
}

std::uint64_t version_of_id(const SecretRow& secret, std::string_view id) {
  for (const VersionState& version : *secret.versions) {
    const VersionMark* const mark = find_mark(secret, version.number);
    const bool marked = mark != nullptr && !mark->id.empty();
    if (marked ? mark->id == id : version_id(secret, version.number) == id) return version.number;
  }
  return 0;
}

ValueKind kind_of(const SecretRow& secret, std::uint64_t version) {
  const VersionMark* const mark = find_mark(secret, version);
  return mark == nullptr ? ValueKind::object : mark->kind;
}

void set_mark(SecretRow& secret, VersionMark mark) {
  if (mark.id.empty() && mark.kind == ValueKind::object) return forget_mark(secret, mark.number);
  auto& marks = extra_of(secret).marks;
  const auto at = std::ranges::lower_bound(marks, mark.number, {}, &VersionMark::number);
  if (at != marks.end() && at->number == mark.number) {
    *at = std::move(mark);
  } else {
    marks.insert(at, std::move(mark));
  }
}

void forget_mark(SecretRow& secret, std::uint64_t version) {
  if (!*secret.extra) return;
  std::erase_if((*secret.extra)->marks,
                [version](const VersionMark& mark) { return mark.number == version; });
}

std::uint64_t next_version(const SecretRow& secret) {
  const std::uint64_t last = secret.versions->empty() ? 0 : secret.versions->back().number;
  return std::max(last, *secret.current) + 1;
}

std::string arn_suffix(const SecretRow& secret) {
  constexpr std::string_view kLetters =
      "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
  Bytes text = to_bytes("coffer arn suffix v1");
  append(text, *secret.uid);
  const crypto::Digest digest = crypto::sha256(text);
  std::string suffix;
  // 16 bits each, so that every letter is about as likely as another.
  for (std::size_t i = 0; i < 6; ++i) {
    const unsigned number = digest[2 * i] * 256U + digest[2 * i + 1];
    suffix.push_back(kLetters[number % kLetters.size()]);
  }
  return suffix;
}

}  // namespace coffer::domain
