#include "dialects/aws/secret_list.h"

#include "dialects/aws/answers.h"
#include "dialects/aws/page_token.h"
#include "dialects/aws/params.h"

#include <algorithm>
#include <charconv>
#include <utility>

namespace coffer::dialects::aws {
namespace {

struct Entry {
  std::uint64_t sort_key = 0;
  std::string name;
  friend auto operator<=>(const Entry&, const Entry&) = default;
};

struct Found {
  std::vector<Entry> entries;
};

Result<std::uint64_t> sort_key(work::View& view,
                               const domain::SecretsState& state,
                               SecretOrder order,
                               const domain::SecretRow& secret) {
  switch (order) {
    case SecretOrder::created:
      return static_cast<std::uint64_t>(secret.created->ns);
    case SecretOrder::changed:
      return static_cast<std::uint64_t>(secret.updated->ns);
    case SecretOrder::accessed: {
      COFFER_TRY(const auto days,
                 domain::days_of_use(view, state.uses, *secret.mount, *secret.uid));
      std::uint32_t last = 0;
      for (const auto& [version, day] : days) last = std::max(last, day);
      return last;
    }
    case SecretOrder::name:
      break;
  }
  return 0;
}

// All that fits, in order.
Result<Found> look_through(work::View& view,
                           const domain::SecretsState& state,
                           ByteView mount,
                           const SecretSearch& search) {
  constexpr std::size_t kStep = 512;
  Found found;
  Bytes after;
  std::size_t looked_at = 0;
  while (true) {
    COFFER_TRY(const auto keys, view.keys<domain::SecretRow>(mount, after, kStep));
    for (const Bytes& key : keys) {
      if (++looked_at > kMaxSearched) {
        return coffer::fail(Code::too_large, "There are too many secrets to search in.");
      }
      COFFER_TRY(const auto row, view.find<domain::SecretRow>(key));
      if (!row || (row->row.pending_deletion() && !search.with_deleted)) continue;
      if (!fits(search.filters, row->row)) continue;
      COFFER_TRY(const std::uint64_t number, sort_key(view, state, search.order, row->row));
      found.entries.push_back({number, *row->row.path});
    }
    if (keys.size() < kStep) break;
    after = keys.back();
  }
  std::ranges::sort(found.entries);
  if (search.descending) std::ranges::reverse(found.entries);
  return found;
}

std::string position_of(const Entry& entry) {
  return std::to_string(entry.sort_key) + ":" + entry.name;
}

std::optional<Entry> parse_position(std::string_view text) {
  const std::size_t colon = text.find(':');
  if (colon == std::string_view::npos) return std::nullopt;
  Entry entry{.sort_key = 0, .name = std::string(text.substr(colon + 1))};
  const auto [end, error] = std::from_chars(text.data(), text.data() + colon, entry.sort_key);
  if (error != std::errc{} || end != text.data() + colon) return std::nullopt;
  return entry;
}

// What must be the same for every page.
std::string request_of(const gate::Call& call, const SecretSearch& search) {
  const auto filters = call.body.find_value("Filters");
  return std::to_string(static_cast<int>(search.order)) + (search.descending ? "d" : "a") +
         (search.with_deleted ? "p" : "-") + (filters ? std::string(filters->raw()) : "");
}

}  // namespace

Result<SecretPage> search_secrets(gate::Call& call,
                                  const SecretsEngine& engine,
                                  const SecretSearch& search) {
  SecretPage page;
  const std::string request = request_of(call, search);
  COFFER_TRY(const std::string token, text_or_empty(call.body, "NextToken"));
  std::optional<Entry> after;
  if (!token.empty()) {
    COFFER_TRY(const std::string position,
               open_page_token(*call.view->keyring(),
                               call.random,
                               search.operation,
                               request,
                               token,
                               "InvalidNextTokenException"));
    after = parse_position(position);
  }
  if (!engine.mount) return page;
  // The source of randomness is the server's, not the call's; nothing is drawn from it here.
  COFFER_TRY(const Found* const found,
             call.effects.get<Found>("secrets",
                                     [unsealed = call.unsealed,
                                      realm = call.view->realm(),
                                      now = call.now,
                                      random = &call.random,
                                      mount = engine.mount->id,
                                      search] {
                                       work::View view(*unsealed->rows, realm, now, *random);
                                       return look_through(view, unsealed->secrets, mount, search);
                                     }));
  const auto begin = std::ranges::find_if(found->entries, [&](const Entry& entry) {
    return !after || (search.descending ? entry < *after : entry > *after);
  });
  for (auto at = begin; at != found->entries.end(); ++at) {
    if (page.names.size() == search.limit) {
      COFFER_TRY(page.next,
                 seal_page_token(*call.view->keyring(),
                                 call.random,
                                 search.operation,
                                 request,
                                 position_of(*std::prev(at))));
      break;
    }
    page.names.push_back(at->name);
  }
  return page;
}

}  // namespace coffer::dialects::aws
