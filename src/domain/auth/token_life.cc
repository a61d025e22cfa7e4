#include "domain/auth/token_life.h"

#include "domain/realms/mounts.h"
#include "formats/cidr.h"

#include <algorithm>

namespace coffer::domain {
namespace {

constexpr std::size_t kMaxCidrs = 64;

Result<bool> mount_stands(work::View& view, std::string_view accessor) {
  if (accessor.empty()) return true;
  COFFER_TRY(const auto found, Mounts(view).by_accessor(MountKind::auth, accessor));
  return found.mount != nullptr;
}

// The row by itself, without its ancestors.
Result<bool> stands(work::View& view, const TokenRow& row) {
  if (row.spent() || *row.state != TokenState::live) return false;
  if (*row.expires && **row.expires <= view.now()) return false;
  return mount_stands(view, *row.mount_accessor);
}

Result<TokenPtr> parent_row(work::View& view, const ParentRef& parent) {
  COFFER_TRY(TokenPtr row, view.find<TokenRow>(parent.id));
  if (row && *row->row.accessor != parent.accessor) row.reset();
  return row;
}

void end_by(std::optional<Timestamp>& until, const std::optional<Timestamp>& expires) {
  if (expires && (!until || *expires < *until)) until = expires;
}

// Lowers `until` to the first of the ancestors' ends.
Result<bool> ancestors_stand(work::View& view, ParentRef parent, std::optional<Timestamp>& until) {
  for (std::uint8_t depth = 1; depth < kMaxTokenDepth; ++depth) {
    if (parent.id.empty()) return true;
    COFFER_TRY(const TokenPtr row, parent_row(view, parent));
    if (!row) return false;
    if (*row->row.state == TokenState::released) return true;
    COFFER_TRY(const bool standing, stands(view, row->row));
    if (!standing) return false;
    end_by(until, *row->row.expires);
    parent = *row->row.parent;
  }
  return parent.id.empty();
}

}  // namespace

Result<Life> life_of(work::View& view, const TokenRow& row) {
  Life life{.until = *row.expires};
  COFFER_TRY(life.alive, stands(view, row));
  if (!life.alive) return life;
  COFFER_TRY(life.alive, ancestors_stand(view, *row.parent, life.until));
  return life;
}

Result<bool> is_alive(work::View& view, const TokenRow& row) {
  COFFER_TRY(const Life life, life_of(view, row));
  return life.alive;
}

Result<bool> is_alive(work::View& view, const BatchToken& token) {
  if (token.ttl <= Duration::zero() || token.created + token.ttl <= view.now()) return false;
  COFFER_TRY(const bool standing, mount_stands(view, token.mount_accessor));
  if (!standing) return false;
  std::optional<Timestamp> until;
  return ancestors_stand(view, token.parent, until);
}

Result<bool> is_orphan(work::View& view, const ParentRef& parent) {
  if (parent.id.empty()) return true;
  COFFER_TRY(const TokenPtr row, parent_row(view, parent));
  return row && *row->row.state == TokenState::released;
}

bool address_allowed(const std::vector<std::string>& cidrs, std::string_view source_ip) {
  if (cidrs.empty()) return true;
  const auto address = formats::parse_ip(source_ip);
  if (!address) return false;
  return std::ranges::any_of(cidrs, [&](const std::string& text) {
    const auto block = formats::Cidr::parse(text);
    return block && block->contains(*address);
  });
}

bool blocks_allowed(const std::vector<std::string>& cidrs, const std::vector<std::string>& blocks) {
  if (cidrs.empty()) return true;
  return std::ranges::all_of(blocks, [&](const std::string& text) {
    const auto block = formats::Cidr::parse(text);
    return block && std::ranges::any_of(cidrs, [&](const std::string& outer) {
             const auto allowed = formats::Cidr::parse(outer);
             return allowed && allowed->covers(*block);
           });
  });
}

Result<std::vector<std::string>> canonical_cidrs(const std::vector<std::string>& cidrs) {
  if (cidrs.size() > kMaxCidrs) return fail(Code::invalid_argument, "too many CIDR blocks");
  std::vector<std::string> canonical;
  for (const std::string& text : cidrs) {
    COFFER_TRY(const formats::Cidr block, formats::Cidr::parse(text));
    canonical.push_back(block.text());
  }
  return canonical;
}

}  // namespace coffer::domain
