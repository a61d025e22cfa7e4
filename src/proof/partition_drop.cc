#include "proof/partition_drop.h"

#include "base/encoding.h"

#include <algorithm>
#include <charconv>
#include <string_view>

namespace coffer::proof {
namespace {

std::string_view fact(const Event& event, std::string_view name) {
  const auto found = std::ranges::find(event.facts, name, &Fact::name);
  return found == event.facts.end() ? std::string_view() : std::string_view(found->value);
}

std::optional<std::uint64_t> number(std::string_view text) {
  std::uint64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
  return value;
}

std::optional<crypto::Digest> digest(std::string_view text) {
  const auto octets = hex_decode(text);
  crypto::Digest out{};
  if (!octets || octets->size() != out.size()) return std::nullopt;
  std::ranges::copy(*octets, out.begin());
  return out;
}

}  // namespace

std::vector<Fact> drop_facts(const PartitionDrop& drop) {
  return {{"month", drop.month},
          {"first", std::to_string(drop.first)},
          {"last", std::to_string(drop.last)},
          {"head", head_text(drop.head)},
          {"sha256", hex_encode(drop.archive)},
          {"ledger", hex_encode(drop.ledger)},
          {"ledger_rows", std::to_string(drop.rows)}};
}

std::optional<PartitionDrop> read_drop(const Event& event) {
  if (event.type != EventType::system_audit_partition_dropped) return std::nullopt;
  const auto first = number(fact(event, "first"));
  const auto last = number(fact(event, "last"));
  const auto head = parse_head(fact(event, "head"));
  const auto archive = digest(fact(event, "sha256"));
  const auto ledger = digest(fact(event, "ledger"));
  const auto rows = number(fact(event, "ledger_rows"));
  if (!first || !last || !head || !archive || !ledger || !rows) return std::nullopt;
  PartitionDrop drop{.month = std::string(fact(event, "month")),
                     .first = *first,
                     .last = *last,
                     .head = *head,
                     .archive = *archive,
                     .ledger = *ledger,
                     .rows = *rows};
  return drop;
}

}  // namespace coffer::proof
