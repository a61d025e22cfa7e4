// RFC 7396, written as a copy of the target that consults the patch, so that both are walked once
// and values keep their spelling. Recursion is bounded by kMaxJsonDepth, which both texts passed.

#include "formats/json.h"
#include "formats/json_text.h"

#include <algorithm>

namespace coffer::formats {
namespace {

constexpr std::string_view kEmptyObject = "{}";

bool is_object(std::string_view value) {
  return value.starts_with('{');
}

std::vector<JsonMemberText> members_of(std::string_view object) {
  std::vector<JsonMemberText> out;
  JsonMemberCursor cursor(object);
  while (const auto member = cursor.next()) out.push_back(*member);
  return out;
}

// The members of one object by name; borrows `members`.
class NameIndex {
 public:
  explicit NameIndex(const std::vector<JsonMemberText>& members) {
    sorted_.reserve(members.size());
    for (const JsonMemberText& member : members) sorted_.push_back(&member);
    std::ranges::sort(sorted_, {}, &JsonMemberText::name);
  }

  [[nodiscard]] const JsonMemberText* find(const JsonName& name) const {
    const auto at = std::ranges::lower_bound(sorted_, name, {}, &JsonMemberText::name);
    return at != sorted_.end() && (*at)->name == name ? *at : nullptr;
  }

 private:
  std::vector<const JsonMemberText*> sorted_;
};

class Merger {
 public:
  explicit Merger(secure::SecureText& out) : out_(out) {}

  // MergePatch of RFC 7396 §2. An absent target is an empty object: neither leaves a trace.
  void merge(std::string_view target, std::string_view patch) {
    if (!is_object(patch)) return append_compact(out_, patch);
    const auto old_members = members_of(is_object(target) ? target : kEmptyObject);
    const auto changes = members_of(patch);
    const NameIndex old_by_name(old_members);
    const NameIndex change_by_name(changes);
    bool first = true;
    out_.push_back('{');
    for (const JsonMemberText& member : old_members) {
      const JsonMemberText* change = change_by_name.find(member.name);
      if (change == nullptr) {
        begin_member(member.name, first);
        append_compact(out_, member.value);
      } else if (change->value != "null") {
        begin_member(member.name, first);
        merge(member.value, change->value);
      }
    }
    for (const JsonMemberText& change : changes) {
      if (change.value == "null" || old_by_name.find(change.name) != nullptr) continue;
      begin_member(change.name, first);
      merge(kEmptyObject, change.value);
    }
    out_.push_back('}');
  }

 private:
  void begin_member(const JsonName& name, bool& first) {
    if (!first) out_.push_back(',');
    first = false;
    out_.push_back('"');
    out_.append(name.content());
    out_.append("\":");
  }

  secure::SecureText& out_;
};

}  // namespace

Result<secure::SecureText> merge_patch(const JsonView& target, const JsonView& patch) {
  secure::SecureText out;
  out.reserve(target.raw().size() + patch.raw().size());
  Merger(out).merge(target.raw(), patch.raw());
  COFFER_CHECK(JsonView::parse(out.text()));
  return out;
}

}  // namespace coffer::formats
