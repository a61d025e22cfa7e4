#include "base/encoding.h"
#include "base/time_text.h"
#include "dialects/native/dialect.h"
#include "domain/audit/audit_reader.h"
#include "domain/audit/ledger_log.h"
#include "domain/audit/partitions.h"
#include "proof/export_file.h"
#include "rows/table.h"

#include <charconv>
#include <memory>

namespace coffer::dialects::native {
namespace {

using domain::AuditPage;
using domain::AuditReader;

constexpr std::size_t kMaxPage = 1000;
constexpr std::size_t kDefaultPage = 100;
constexpr std::size_t kExportPage = 32;  // batch records a chunk

Result<std::uint64_t> number(std::string_view text, std::string_view name) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size() ||
      !std::in_range<std::int64_t>(value)) {
    return fail(Code::invalid_argument, std::string(name) + " must be a number");
  }
  return value;
}

Result<std::uint64_t> number_query(const net::Target& target,
                                   std::string_view name,
                                   std::uint64_t fallback) {
  const auto text = net::query_value(target, name);
  if (!text) return fallback;
  return number(*text, name);
}

// The query without what pages are made of: all that is left must be a filter.
Result<proof::EventFilter> filter_of(const net::Target& target) {
  std::vector<std::pair<std::string, std::string>> pairs;
  for (const auto& pair : target.query) {
    if (pair.first == "after" || pair.first == "limit" || pair.first == "tail") continue;
    pairs.push_back(pair);
  }
  return proof::parse_filter(pairs);
}

Result<gate::Reply> events(gate::Call& call) {
  COFFER_TRY(const proof::EventFilter filter, filter_of(call.target));
  COFFER_TRY(const std::uint64_t after, number_query(call.target, "after", 0));
  COFFER_TRY(const std::uint64_t limit, number_query(call.target, "limit", kDefaultPage));
  if (limit == 0 || limit > kMaxPage)
    return fail(Code::invalid_argument, "limit must be 1 to 1000");
  const bool tail = net::query_value(call.target, "tail") == "true";
  COFFER_TRY(
      const AuditPage* page,
      call.effects.get<AuditPage>("search", [unsealed = call.unsealed, filter, after, limit, tail] {
        const AuditReader reader(unsealed->rows->store());
        return tail ? reader.tail(filter, limit) : reader.search(filter, after, limit);
      }));
  return json_reply([&](formats::JsonWriter& w) {
    w.key("events").begin_array();
    for (const proof::Event& event : page->events) w.raw(proof::event_json(event));
    w.end_array();
    w.key("next").integer(static_cast<std::int64_t>(page->next));
    w.key("more").boolean(page->more);
  });
}

// Pulled chunk by chunk by the listener; holds the server's unsealed state while it runs, and ends
// with the seal.
class ExportStream {
 public:
  ExportStream(gate::UnsealedPtr unsealed, std::uint64_t from)
      : unsealed_(std::move(unsealed)), from_(from) {}

  Result<secure::SecureText> next() {
    if (unsealed_->committer->closed()) return fail(Code::sealed, "Vault is sealed");
    secure::SecureText chunk;
    const auto sink = [&chunk](ByteView bytes) -> Result<> {
      chunk.append(as_text(bytes));
      return {};
    };
    if (!writer_) COFFER_CHECK(begin(sink));
    COFFER_TRY(const auto records,
               unsealed_->rows->store().read_log(rows::kAuditLog, record_, kExportPage));
    if (!records.empty() && records.front().sequence != record_) {
      return fail(Code::unavailable, "this part of the log was dropped meanwhile; export again");
    }
    // The writer keeps the sink of its beginning: records are framed here in the same way.
    for (const store::LogRecord& record : records) {
      Bytes framed;
      Writer(framed).u32(static_cast<std::uint32_t>(record.record.size()));
      chunk.append(as_text(framed));
      chunk.append(as_text(record.record));
      record_ = record.sequence + 1;
    }
    return chunk;
  }

 private:
  Result<> begin(const proof::ExportSink& sink) {
    const store::Store& store = unsealed_->rows->store();
    COFFER_TRY(record_, AuditReader(store).record_of(from_));
    // The record before, or what stood before the first one of a log that was cut.
    COFFER_TRY(auto start, domain::log_start(store));
    if (record_ > 1) {
      COFFER_TRY(const auto before, store.read_log(rows::kAuditLog, record_ - 1, 1));
      if (!before.empty() && before.front().sequence == record_ - 1) {
        COFFER_TRY(start, proof::batch_head(before.front().record));
      }
    }
    COFFER_TRY(writer_, proof::ExportWriter::begin(sink, start));
    return {};
  }

  gate::UnsealedPtr unsealed_;
  std::uint64_t from_;
  std::uint64_t record_ = 1;
  std::optional<proof::ExportWriter> writer_;
};

Result<gate::Reply> export_log(gate::Call& call) {
  COFFER_TRY(const std::uint64_t from, number_query(call.target, "from", 1));
  gate::Reply reply;
  reply.content_type = "application/octet-stream";
  reply.stream = [stream = std::make_shared<ExportStream>(call.unsealed, from)] {
    return stream->next();
  };
  return reply;
}

Result<gate::Reply> head(gate::Call& call) {
  const auto head = call.unsealed->committer->head();
  if (!head) return fail(Code::not_found, "the audit log is empty");
  const std::string key = call.view->keyring()->audit_key().public_key().pem();
  return json_reply([&](formats::JsonWriter& w) {
    w.key("head").string(proof::head_text(*head));
    w.key("sequence").integer(static_cast<std::int64_t>(head->head.sequence));
    w.key("public_key").string(key);
  });
}

void write_time(formats::JsonWriter& w, std::string_view name, Timestamp time) {
  if (time == Timestamp{}) {
    w.key(name).null();
  } else {
    w.key(name).string(rfc3339(time));
  }
}

void write_partition(formats::JsonWriter& w, const domain::PartitionRow& row) {
  const auto number = [](std::uint64_t value) { return static_cast<std::int64_t>(value); };
  w.begin_object();
  w.key("month").string(*row.month);
  w.key("first").integer(number(*row.first));
  w.key("last").integer(number(*row.last));
  w.key("state").string(to_text(*row.state));
  write_time(w, "ended", *row.ended);
  write_time(w, "closed", *row.closed);
  write_time(w, "archived", *row.archived);
  write_time(w, "dropped", *row.dropped);
  w.key("file").string(*row.file);
  w.key("octets").integer(number(*row.octets));
  w.key("sha256").string(hex_encode(*row.sha256));
  w.key("head").string(*row.head);
  w.end_object();
}

Result<gate::Reply> partitions(gate::Call& call) {
  COFFER_TRY(const auto extent, domain::log_extent(call.unsealed->rows->store()));
  COFFER_TRY(const auto all, domain::list_partitions(*call.view));
  return json_reply([&](formats::JsonWriter& w) {
    w.key("begins").integer(static_cast<std::int64_t>(extent.first));
    w.key("partitions").begin_array();
    for (const domain::PartitionRow& row : all) write_partition(w, row);
    w.end_array();
  });
}

}  // namespace

RouteTable audit_routes() {
  using proof::EventType;
  RouteTable table;
  table.push_back(guarded(
      "GET", "audit/events", EventType::system_audit_read, {.action = "audit.search"}, events));
  table.push_back(guarded(
      "GET", "audit/export", EventType::system_audit_read, {.action = "audit.export"}, export_log));
  table.push_back(
      guarded("GET", "audit/head", EventType::system_audit_read, {.action = "audit.head"}, head));
  table.push_back(guarded("GET",
                          "audit/partitions",
                          EventType::system_audit_read,
                          {.action = "audit.partitions"},
                          partitions));
  return table;
}

}  // namespace coffer::dialects::native
