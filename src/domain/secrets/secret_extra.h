// SecretExtra: what a secret has beyond the KV engine's: stages, version ids, a master key over its
// data key, a recovery window, rotation, tags (format: docs/formats/secrets.md).
//
// A secret that only the KV engine ever wrote has none, and everything here has a default that is
// worked out instead: ids of versions from the secret's uid, AWSCURRENT from `current`, AWSPREVIOUS
// from the version before it. A stage other than AWSCURRENT is a pointer in `stages`, so that it is
// on one version only; AWSCURRENT is SecretRow::current itself, so that there is never a second.
// Plain values. These structs are nested in a row and cannot grow: a later member goes into the
// row.
#pragma once

#include "base/bytes.h"
#include "base/clock.h"

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

namespace coffer::domain {

inline constexpr std::string_view kStageCurrent = "AWSCURRENT";
inline constexpr std::string_view kStagePrevious = "AWSPREVIOUS";
inline constexpr std::string_view kStagePending = "AWSPENDING";

enum class ValueKind : std::uint8_t {  // stored on disk
  object = 0,                          // the text of a JSON object
  text = 1,                            // any other text; KV shows {"value": it}
  binary = 2,                          // octets; KV shows {"value": them in base64}
  none = 3,                            // a version that waits for its value
};

// Of a version that is not as the KV engine makes them.
struct VersionMark {
  std::uint64_t number = 0;
  std::string id;  // empty: worked out
  ValueKind kind = ValueKind::object;
  static constexpr auto kMembers =
      std::tuple{&VersionMark::number, &VersionMark::id, &VersionMark::kind};
};

// The data key under a version of a master key. Then SecretRow::data_key is empty.
struct DataKeyWrap {
  Bytes key_mount;       // id of the mount of the master key
  std::string key_name;  // where it was found last; the uid decides
  Bytes key_uid;         // 16 octets
  std::uint32_t key_version = 0;
  Bytes blob;  // data_key_wrap.h
  static constexpr auto kMembers = std::tuple{&DataKeyWrap::key_mount,
                                              &DataKeyWrap::key_name,
                                              &DataKeyWrap::key_uid,
                                              &DataKeyWrap::key_version,
                                              &DataKeyWrap::blob};
};

struct SecretTag {
  std::string key;
  std::string value;
  static constexpr auto kMembers = std::tuple{&SecretTag::key, &SecretTag::value};
};

struct Rotation {
  std::string function;  // its ARN
  bool enabled = false;
  std::uint32_t after_days = 0;  // 0: by the schedule
  std::string schedule;          // rate(…) or cron(…), as it was given
  std::string window;            // as it was given: "3h"
  Timestamp last;                // {}: never
  Timestamp next;                // {}: on demand only
  static constexpr auto kMembers = std::tuple{&Rotation::function,
                                              &Rotation::enabled,
                                              &Rotation::after_days,
                                              &Rotation::schedule,
                                              &Rotation::window,
                                              &Rotation::last,
                                              &Rotation::next};
};

// Another region that was asked to have the secret.
struct Replica {
  std::string region;
  std::string kms_key;
  static constexpr auto kMembers = std::tuple{&Replica::region, &Replica::kms_key};
};

struct SecretExtra {
  std::string region;  // where it was made
  std::string description;
  std::string type;
  std::string owning_service;
  std::string kms_key;  // as it was given; empty: the service's own
  std::vector<SecretTag> tags;
  std::map<std::string, std::uint64_t> stages;  // to numbers of versions; never AWSCURRENT
  std::vector<VersionMark> marks;               // ascending
  std::optional<DataKeyWrap> wrap;
  std::optional<Rotation> rotation;
  Timestamp deletion;                 // when it may be erased; {}: not to be
  std::uint64_t policy_revision = 0;  // of its resource policy; 0: it has none
  std::vector<Replica> replicas;
  static constexpr auto kMembers = std::tuple{&SecretExtra::region,
                                              &SecretExtra::description,
                                              &SecretExtra::type,
                                              &SecretExtra::owning_service,
                                              &SecretExtra::kms_key,
                                              &SecretExtra::tags,
                                              &SecretExtra::stages,
                                              &SecretExtra::marks,
                                              &SecretExtra::wrap,
                                              &SecretExtra::rotation,
                                              &SecretExtra::deletion,
                                              &SecretExtra::policy_revision,
                                              &SecretExtra::replicas};
};

}  // namespace coffer::domain
