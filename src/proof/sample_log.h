// Sample keys, events and logs for the tests, benchmarks and golden files of this floor. Never part
// of a program.
#pragma once

#include "base/encoding.h"
#include "proof/chain.h"

#include <string>
#include <string_view>
#include <vector>

namespace coffer::proof {

// The P-256 key whose private number is SHA-256(seed): the same on every run.
inline crypto::PrivateKey sample_key(std::string_view seed = "coffer sample audit key") {
  // PrivateKeyInfo of RFC 5208 around an ECPrivateKey of RFC 5915 without the optional public key.
  Bytes der =
      hex_decode("3041020100301306072a8648ce3d020106082a8648ce3d030107042730250201010420").value();
  append(der, crypto::sha256(as_bytes(seed)));
  return crypto::PrivateKey::from_der(der).value();
}

inline Bytes sample_log_id(std::uint8_t fill = 0x11) {
  return Bytes(kLogIdSize, fill);
}

// About 350 octets encoded, with something in every field.
inline Event sample_event(int number = 1) {
  Event event;
  event.time = {1'700'000'000'000'000'000 + number};
  event.request_id = "3f2b8a52-0000-4000-8000-000000000001";
  event.type = EventType::secret_accessed;
  event.outcome = Outcome::allowed;
  event.realm = 7;
  event.actor_type = "token";
  event.actor_id = "hmac-sha256:53b1c0ffee";
  event.actor_name = "approle-billing";
  event.source_ip = "192.0.2.17";
  event.dialect = "vault";
  event.accesses = {{"secret.read", "secret/data/prod/db/" + std::to_string(number)}};
  event.facts = {{"method", "GET"}, {"namespace", "root"}};
  event.policies = {{"default", 1}, {"billing-read", 12}};
  event.reason = "billing-read: path secret/data/prod/*";
  event.status = 200;
  event.changes = {{3, 7, to_bytes("row-" + std::to_string(number)), 2, {0xab, 0xcd}}};
  return event;
}

// As small as an event may be.
inline Event small_event(int number) {
  Event event;
  event.time = {number};
  event.type = EventType::secret_listed;
  event.outcome = Outcome::denied;
  event.actor_id = "a" + std::to_string(number);
  return event;
}

inline std::vector<EncodedEvent> encoded(const std::vector<Event>& events) {
  std::vector<EncodedEvent> out;
  for (const Event& event : events) out.push_back(EncodedEvent::of(event).value());
  return out;
}

struct SampleLog {
  std::vector<Bytes> records;
  std::vector<SignedHead> heads;  // the one at the end of each record
};

// One batch of small events for each size; times and names count from `seed`.
inline SampleLog sample_log(const crypto::PrivateKey& key,
                            const std::vector<int>& sizes = {2, 3, 2},
                            const Bytes& log_id = sample_log_id(),
                            int seed = 0) {
  SampleLog log;
  ChainWriter writer(log_id, std::nullopt, key);
  for (const int size : sizes) {
    std::vector<Event> events;
    for (int i = 0; i < size; ++i) events.push_back(small_event(++seed));
    auto ready = encoded(events);
    log.records.push_back(writer.encode(ready, {seed}).value());
    writer.accept();
    log.heads.push_back(*writer.head());
  }
  return log;
}

}  // namespace coffer::proof
