#include "dialects/aws/shape.h"

#include "dialects/aws/answers.h"
#include "dialects/aws/params.h"

#include <algorithm>
#include <string>
#include <vector>

namespace coffer::dialects::aws {
namespace {

using formats::JsonKind;
using formats::JsonView;

constexpr std::size_t kMaxBreaches = 10;

// "KeyId" -> "keyId", as AWS names members in its texts.
std::string lower_camel(std::string_view name) {
  std::string out(name);
  if (!out.empty() && out[0] >= 'A' && out[0] <= 'Z')
    out[0] = static_cast<char>(out[0] - 'A' + 'a');
  return out;
}

bool in_alphabet(std::string_view alphabet, char c) {
  for (std::size_t i = 0; i < alphabet.size(); ++i) {
    const bool range = i + 2 < alphabet.size() && alphabet[i + 1] == '-';
    if (range ? c >= alphabet[i] && c <= alphabet[i + 2] : c == alphabet[i]) return true;
    if (range) i += 2;
  }
  return false;
}

std::int64_t characters(std::string_view utf8) {
  return std::ranges::count_if(
      utf8, [](char c) { return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U; });
}

class Checker {
 public:
  Result<> structure(const Shape& shape, const JsonView& value, const std::string& path) {
    for (const Member& member : shape.members) {
      const auto found = value.find_value(member.name);
      if (!found && !member.required) continue;
      const std::string at =
          path.empty() ? lower_camel(member.name) : path + "." + lower_camel(member.name);
      if (!found) {
        breach("Value null", at, "Member must not be null");
        continue;
      }
      COFFER_CHECK(check(member, *found, at));
    }
    return {};
  }

  Result<> verdict() const {
    if (breaches_.empty()) return {};
    const std::size_t count = breaches_.size();
    std::string text = std::to_string(count) + (count == 1 ? " validation error detected: "
                                                           : " validation errors detected: ");
    for (std::size_t i = 0; i < count; ++i) text += (i == 0 ? "" : "; ") + breaches_[i];
    return aws::fail(Code::invalid_argument, "ValidationException", std::move(text));
  }

 private:
  Result<> check(const Member& member, const JsonView& value, const std::string& at) {
    switch (member.kind) {
      case Kind::text:
        return text(member, value, at);
      case Kind::blob:
        return blob(member, value, at);
      case Kind::integer: {
        COFFER_TRY(const std::int64_t number, integer_of(value, at));
        range(member, number, "Value '" + std::to_string(number) + "'", at, "value");
        return {};
      }
      case Kind::boolean:
        return discard(boolean_of(value, at));
      case Kind::timestamp:
        return discard(timestamp_of(value, at));
      case Kind::list:
        return list(member, value, at);
      case Kind::map:
        return map(member, value, at);
      case Kind::structure:
        if (value.kind() != JsonKind::object) return wrong_kind(at);
        return member.of == nullptr ? Result<>() : structure(*member.of, value, at);
    }
    return {};
  }

  template <class T>
  static Result<> discard(const Result<T>& read) {
    if (!read) return std::unexpected(read.error());
    return {};
  }

  Result<> text(const Member& member, const JsonView& value, const std::string& at) {
    if (value.kind() != JsonKind::string) return wrong_kind(at);
    // A secret is measured as it is written; nothing of it is kept.
    COFFER_TRY(const secure::SecureText read, value.secret_string());
    const std::string_view t = read.text();
    const std::string shown =
        member.sensitive || t.size() > kMaxEcho ? "Value" : "Value '" + std::string(t) + "'";
    range(member, characters(t), shown, at, "length");
    if (!member.values.empty() && std::ranges::find(member.values, t) == member.values.end()) {
      std::string set = "Member must satisfy enum value set: [";
      for (std::size_t i = 0; i < member.values.size(); ++i) {
        set += (i == 0 ? "" : ", ") + std::string(member.values[i]);
      }
      breach(shown, at, set + "]");
    }
    const bool in_pattern = member.alphabet.empty() || std::ranges::all_of(t, [&](char c) {
                              return in_alphabet(member.alphabet, c);
                            });
    if (!in_pattern || (member.accepts != nullptr && !member.accepts(t))) {
      breach(shown,
             at,
             "Member must satisfy regular expression pattern: " + std::string(member.pattern));
    }
    return {};
  }

  Result<> blob(const Member& member, const JsonView& value, const std::string& at) {
    COFFER_TRY(const secure::SecureBytes octets, blob_of(value, at));
    range(member, static_cast<std::int64_t>(octets.size()), "Value", at, "length");
    return {};
  }

  Result<> list(const Member& member, const JsonView& value, const std::string& at) {
    if (value.kind() != JsonKind::array) return wrong_kind(at);
    const std::vector<JsonView> items = value.elements();
    const std::string shown = shown_list(member, items);
    range(member, static_cast<std::int64_t>(items.size()), shown, at, "length");
    if (is_bounded_text(member.item)) return texts(*member.item, items, shown, at);
    for (std::size_t i = 0; i < items.size() && member.item != nullptr; ++i) {
      COFFER_CHECK(check(*member.item, items[i], at + "." + std::to_string(i + 1) + ".member"));
    }
    return {};
  }

  // "Value '[a, b]'" of texts that are no secrets.
  static std::string shown_list(const Member& member, const std::vector<JsonView>& items) {
    std::string all = "Value '[";
    for (std::size_t i = 0; i < items.size(); ++i) {
      const bool plain = member.item != nullptr && member.item->kind == Kind::text &&
                         !member.item->sensitive && items[i].kind() == JsonKind::string;
      if (!plain || all.size() > kMaxEcho) return "Value";
      all += (i == 0 ? "" : ", ") + items[i].string().value_or("");
    }
    return all + "]'";
  }

  static bool is_bounded_text(const Member* item) {
    return item != nullptr && item->kind == Kind::text && item->values.empty() &&
           item->alphabet.empty() && item->max != kNoMax;
  }

  // Texts of a bounded length: one breach for the list, as AWS has it.
  Result<> texts(const Member& item,
                 const std::vector<JsonView>& items,
                 const std::string& shown,
                 const std::string& at) {
    bool fit = true;
    for (const JsonView& each : items) {
      if (each.kind() != JsonKind::string) return wrong_kind(at);
      COFFER_TRY(const secure::SecureText read, each.secret_string());
      const std::int64_t length = characters(read.text());
      fit = fit && length >= item.min && length <= item.max;
    }
    if (!fit) {
      breach(shown,
             at,
             "Member must satisfy constraint: [Member must have length less than or equal to " +
                 std::to_string(item.max) + ", Member must have length greater than or equal to " +
                 std::to_string(item.min) + "]");
    }
    return {};
  }

  Result<> map(const Member& member, const JsonView& value, const std::string& at) {
    if (value.kind() != JsonKind::object) return wrong_kind(at);
    const auto entries = value.members();
    range(member, static_cast<std::int64_t>(entries.size()), "Value", at, "length");
    for (const auto& [name, entry] : entries) {
      if (member.item == nullptr) {
        if (entry.kind() != JsonKind::string) return wrong_kind(at);
        continue;
      }
      COFFER_CHECK(check(*member.item, entry, at + "." + name.substr(0, 64) + ".member"));
    }
    return {};
  }

  void range(const Member& member,
             std::int64_t measured,
             const std::string& shown,
             const std::string& at,
             std::string_view of_what) {
    if (measured < member.min) {
      breach(shown,
             at,
             "Member must have " + std::string(of_what) + " greater than or equal to " +
                 std::to_string(member.min));
    }
    if (measured > member.max) {
      breach(shown,
             at,
             "Member must have " + std::string(of_what) + " less than or equal to " +
                 std::to_string(member.max));
    }
  }

  void breach(const std::string& shown, const std::string& at, const std::string& constraint) {
    if (breaches_.size() >= kMaxBreaches) return;
    breaches_.push_back(shown + " at '" + at + "' failed to satisfy constraint: " + constraint);
  }

  std::vector<std::string> breaches_;
};

}  // namespace

Result<> check_shape(const Shape& shape, const JsonView& body) {
  Checker checker;
  COFFER_CHECK(checker.structure(shape, body, ""));
  return checker.verdict();
}

}  // namespace coffer::dialects::aws
