#include "domain/secrets/kv2.h"
#include "formats/json.h"

namespace coffer::domain {
namespace {

// What a bulk write may stage: the rest of a unit is the gate's.
constexpr std::size_t kBulkWrites = 90;
// Of one secret: its row, the value before and a large new one. More only where it prunes more than
// one version.
constexpr std::size_t kMostWrites = 3;
static_assert(kMaxBulkItems * kMostWrites <= kBulkWrites);

Result<> check_cas(const SecretRow& secret, const KvConfigRow& config, Cas cas) {
  if (!cas) {
    if (!*secret.cas_required && !*config.cas_required) return {};
    return fail(Code::precondition_failed, "check-and-set parameter required for this call");
  }
  if (*cas >= 0 && static_cast<std::uint64_t>(*cas) == *secret.current) return {};
  return fail(Code::precondition_failed,
              "check-and-set parameter did not match the current version");
}

// Whether an error is about one item and not about the store.
bool is_refusal(Code code) {
  return code == Code::invalid_argument || code == Code::precondition_failed ||
         code == Code::too_large;
}

}  // namespace

Result<SecretRow> Kv2::open_or_new(std::string_view path) {
  COFFER_TRY(const auto found, values_.find(path));
  if (!found) return values_.make(path);
  if (found->row.pending_deletion()) {
    return fail(Code::precondition_failed, "the secret is marked for deletion: restore it first");
  }
  return view_.open(*found);
}

Result<Written> Kv2::write(std::string_view path, std::string_view data, Cas cas) {
  return write_within(path, data, cas, kMaxPruned - 1);
}

// Refuses before anything is staged.
Result<Written> Kv2::write_within(std::string_view path,
                                  std::string_view data,
                                  Cas cas,
                                  std::size_t prune_limit) {
  COFFER_CHECK(check_secret_path(mount_.id.size(), path));
  COFFER_TRY(const KvConfigRow config, this->config());
  COFFER_TRY(SecretRow secret, open_or_new(path));
  COFFER_CHECK(check_cas(secret, config, cas));
  COFFER_TRY(const VersionState version,
             values_.append(secret, config, {.value = data}, prune_limit));
  Written written{.version = version, .custom_metadata = *secret.custom_metadata};
  COFFER_CHECK(view_.put(std::move(secret)));
  return written;
}

Result<Written> Kv2::patch(std::string_view path, std::string_view patch, Cas cas) {
  COFFER_TRY(const Reading base, read(path));
  if (!base.data) return Written{base.version, *base.secret->row.custom_metadata, false};
  COFFER_TRY(const formats::JsonView target, formats::JsonView::parse(base.data->text()));
  COFFER_TRY(const formats::JsonView change, formats::JsonView::parse(patch));
  COFFER_TRY(const secure::SecureText merged, formats::merge_patch(target, change));
  return write(path, merged.text(), cas);
}

Result<std::vector<BulkResult>> Kv2::write_many(std::span<const BulkItem> items) {
  if (items.size() > kMaxBulkItems) return fail(Code::too_large, "more than 30 secrets at once");
  // What is left over is for pruning.
  std::size_t prune_limit = kBulkWrites - kMostWrites * items.size();
  std::vector<BulkResult> results;
  results.reserve(items.size());
  for (const BulkItem& item : items) {
    const std::size_t before = view_.staged_count();
    results.push_back(write_within(item.path, item.data, item.cas, prune_limit));
    const BulkResult& result = results.back();
    if (!result && !is_refusal(result.error().code)) return std::unexpected(result.error());
    const std::size_t staged = view_.staged_count() - before;
    if (staged > kMostWrites) prune_limit -= std::min(prune_limit, staged - kMostWrites);
  }
  return results;
}

}  // namespace coffer::domain
