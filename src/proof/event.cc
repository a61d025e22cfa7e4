#include "proof/event.h"

#include "base/wire.h"

namespace coffer::proof {
namespace {

constexpr std::uint8_t kVersion = 1;
constexpr std::size_t kSequenceAt = 1;    // behind the version
constexpr std::size_t kUsualEvent = 512;  // octets; only a guess for reserve()
constexpr std::string_view kEllipsis = "\u2026";

// Texts of this length always fit kMaxEventBody, whatever the event holds.
constexpr std::size_t kShortText = 128;
constexpr std::size_t kTextPrefix = 2;  // octets of a varint up to 16383
constexpr std::size_t kSingleTexts = 7;
constexpr std::size_t kFixedPart = 64;  // version, numbers and list counts, rounded up
static_assert(kFixedPart + kSingleTexts * (kShortText + kTextPrefix) +
                  kMaxEventItems * (5 * (kShortText + kTextPrefix) + 8) <=
              kMaxEventBody);

constexpr std::size_t kChangeFixed = 2 + 4 + kTextPrefix + 8 + 16;
static_assert(kMaxEventBody + kTextPrefix +
                  kMaxEventChanges * (kChangeFixed + kMaxEventChangeKey) <=
              kMaxEvent);

bool continues_character(char c) {
  return (static_cast<unsigned char>(c) & 0xc0) == 0x80;
}

// The longest start of `text` of at most `limit` octets that does not end inside a character. (In
// text that is no UTF-8 there may be no boundary near: then it is cut where the limit says.)
std::string_view whole_characters(std::string_view text, std::size_t limit) {
  std::size_t end = limit;
  while (limit - end < 3 && continues_character(text[end])) --end;
  return text.substr(0, continues_character(text[end]) ? limit : end);
}

class Encoder {
 public:
  Encoder(Bytes& out, std::size_t max_text) : out_(out), writer_(out), max_text_(max_text) {}

  void body(const Event& event) {
    writer_.u8(kVersion);
    writer_.u64(event.sequence);
    writer_.u64(static_cast<std::uint64_t>(event.time.ns));
    writer_.u16(static_cast<std::uint16_t>(event.type));
    writer_.u8(static_cast<std::uint8_t>(event.outcome));
    writer_.u16(event.status);
    writer_.u32(event.realm);
    for (const auto* field : {&event.request_id,
                              &event.actor_type,
                              &event.actor_id,
                              &event.actor_name,
                              &event.source_ip,
                              &event.dialect,
                              &event.reason}) {
      text(*field);
    }
    list(event.accesses);
    list(event.facts);
    list(event.policies);
  }

  void changes(const std::vector<RowChange>& changes) {
    writer_.varint(changes.size());
    for (const auto& change : changes) {
      writer_.u16(change.table);
      writer_.u32(change.realm);
      writer_.bytes(change.key);
      writer_.u64(change.revision);
      append(out_, change.seal);
    }
  }

 private:
  void text(std::string_view value) {
    if (value.size() <= max_text_) return writer_.text(value);
    const auto kept = whole_characters(value, max_text_ - kEllipsis.size());
    writer_.varint(kept.size() + kEllipsis.size());
    append(out_, as_bytes(kept));
    append(out_, as_bytes(kEllipsis));
  }

  void item(const AccessRecord& access) {
    text(access.action);
    text(access.resource);
  }

  void item(const Fact& fact) {
    text(fact.name);
    text(fact.value);
  }

  void item(const PolicyUsed& policy) {
    text(policy.name);
    writer_.u64(policy.revision);
  }

  void left_out(const AccessRecord&, std::size_t items) { item(AccessRecord{mark(), more(items)}); }

  void left_out(const Fact&, std::size_t items) { item(Fact{mark(), more(items)}); }

  void left_out(const PolicyUsed&, std::size_t items) { item(PolicyUsed{mark(), items}); }

  static std::string mark() { return std::string(kEllipsis); }

  static std::string more(std::size_t items) { return std::to_string(items) + " more"; }

  template <class T>
  void list(const std::vector<T>& items) {
    if (items.size() <= kMaxEventItems) {
      writer_.varint(items.size());
      for (const auto& one : items) item(one);
      return;
    }
    const std::size_t kept = kMaxEventItems - 1;
    writer_.varint(kMaxEventItems);
    for (std::size_t i = 0; i < kept; ++i) item(items[i]);
    left_out(items[kept], items.size() - kept);
  }

  Bytes& out_;
  Writer writer_;
  std::size_t max_text_;
};

Result<std::string> read_text(Reader& in) {
  COFFER_TRY(const std::string_view text, in.text());
  if (text.size() > kMaxEventText) return fail(Code::corrupt, "event: text is too long");
  return std::string(text);
}

Result<> read_item(Reader& in, AccessRecord& access) {
  COFFER_TRY(access.action, read_text(in));
  COFFER_TRY(access.resource, read_text(in));
  return {};
}

Result<> read_item(Reader& in, Fact& fact) {
  COFFER_TRY(fact.name, read_text(in));
  COFFER_TRY(fact.value, read_text(in));
  return {};
}

Result<> read_item(Reader& in, PolicyUsed& policy) {
  COFFER_TRY(policy.name, read_text(in));
  COFFER_TRY(policy.revision, in.u64());
  return {};
}

Result<> read_item(Reader& in, RowChange& change) {
  COFFER_TRY(change.table, in.u16());
  COFFER_TRY(change.realm, in.u32());
  COFFER_TRY(const ByteView key, in.bytes());
  if (key.size() > kMaxEventChangeKey) return fail(Code::corrupt, "event: key is too long");
  change.key = to_bytes(key);
  COFFER_TRY(change.revision, in.u64());
  COFFER_TRY(const ByteView seal, in.take(change.seal.size()));
  std::copy(seal.begin(), seal.end(), change.seal.begin());
  return {};
}

template <class T>
Result<> read_list(Reader& in, std::size_t most, std::vector<T>& items) {
  COFFER_TRY(const std::size_t count, in.count());
  if (count > most) return fail(Code::corrupt, "event: list is too long");
  items.resize(count);
  for (auto& one : items) COFFER_CHECK(read_item(in, one));
  return {};
}

Result<> read_numbers(Reader& in, Event& event) {
  COFFER_TRY(const std::uint8_t version, in.u8());
  if (version != kVersion) return fail(Code::corrupt, "event: unknown version");
  COFFER_TRY(event.sequence, in.u64());
  COFFER_TRY(const std::uint64_t time, in.u64());
  event.time.ns = static_cast<std::int64_t>(time);
  COFFER_TRY(const std::uint16_t type, in.u16());
  event.type = static_cast<EventType>(type);
  COFFER_TRY(const std::uint8_t outcome, in.u8());
  event.outcome = static_cast<Outcome>(outcome);
  if (to_text(event.outcome) == "?") return fail(Code::corrupt, "event: unknown outcome");
  COFFER_TRY(event.status, in.u16());
  COFFER_TRY(event.realm, in.u32());
  return {};
}

Result<> read_body(Reader& in, Event& event) {
  COFFER_CHECK(read_numbers(in, event));
  for (auto* field : {&event.request_id,
                      &event.actor_type,
                      &event.actor_id,
                      &event.actor_name,
                      &event.source_ip,
                      &event.dialect,
                      &event.reason}) {
    COFFER_TRY(*field, read_text(in));
  }
  COFFER_CHECK(read_list(in, kMaxEventItems, event.accesses));
  COFFER_CHECK(read_list(in, kMaxEventItems, event.facts));
  return read_list(in, kMaxEventItems, event.policies);
}

}  // namespace

Result<> check_event(const Event& event) {
  if (event.type == EventType{}) return fail(Code::invalid_argument, "event without a type");
  if (to_text(event.outcome) == "?")
    return fail(Code::invalid_argument, "event without an outcome");
  if (event.changes.size() > kMaxEventChanges) {
    return fail(Code::too_large, "event with more than 250 changes");
  }
  for (const auto& change : event.changes) {
    if (change.key.size() > kMaxEventChangeKey) {
      return fail(Code::too_large, "event with a row key of more than 1 KiB");
    }
  }
  return {};
}

void encode_event(const Event& event, Bytes& out) {
  const std::size_t start = out.size();
  Encoder(out, kMaxEventText).body(event);
  if (out.size() - start > kMaxEventBody) {
    out.resize(start);
    Encoder(out, kShortText).body(event);
  }
  Encoder(out, kMaxEventText).changes(event.changes);
}

Result<EncodedEvent> EncodedEvent::of(const Event& event) {
  COFFER_CHECK(check_event(event));
  EncodedEvent out;
  out.octets_.reserve(kUsualEvent);
  encode_event(event, out.octets_);
  return out;
}

void EncodedEvent::set_sequence(std::uint64_t sequence) {
  for (std::size_t i = 0; i < sizeof(sequence); ++i) {
    octets_[kSequenceAt + i] = static_cast<std::uint8_t>(sequence >> (56 - 8 * i));
  }
}

Result<Event> decode_event(ByteView encoded) {
  if (encoded.size() > kMaxEvent) return fail(Code::corrupt, "event: too long");
  Event event;
  Reader in(encoded);
  COFFER_CHECK(read_body(in, event));
  if (encoded.size() - in.left() > kMaxEventBody) {
    return fail(Code::corrupt, "event: texts are too long together");
  }
  COFFER_CHECK(read_list(in, kMaxEventChanges, event.changes));
  COFFER_CHECK(in.finish());
  return event;
}

}  // namespace coffer::proof
