#include "formats/hcl.h"

#include "formats/hcl_lex.h"
#include "formats/json.h"
#include "formats/utf8.h"

#include <utility>

namespace coffer::formats {
namespace {

std::unexpected<Error> error_at(TextPosition at, std::string_view what) {
  return fail(Code::invalid_argument, to_text(at) + ": " + std::string(what));
}

// Counts what a document may have at most, for both spellings.
class Budget {
 public:
  Result<> spend(TextPosition at, std::size_t depth) {
    if (depth > kMaxHclDepth) return fail(Code::too_large, to_text(at) + ": nested too deeply");
    if (++nodes_ > kMaxHclNodes) return fail(Code::too_large, to_text(at) + ": too many values");
    return {};
  }

 private:
  std::size_t nodes_ = 0;
};

class HclParser {
 public:
  explicit HclParser(std::string_view text) : lexer_(text) {}

  Result<HclValue> document() {
    COFFER_CHECK(advance());
    HclValue root;
    COFFER_CHECK(body(root.items, HclTokenKind::end, 1));
    return root;
  }

 private:
  Result<> advance() {
    COFFER_TRY(token_, lexer_.next());
    return {};
  }

  [[nodiscard]] bool is(HclTokenKind kind) const { return token_.kind == kind; }

  Result<> body(std::vector<HclItem>& items, HclTokenKind close, std::size_t depth) {
    while (!is(close)) {
      COFFER_TRY(HclItem parsed, item(depth));
      items.push_back(std::move(parsed));
      if (is(HclTokenKind::comma)) COFFER_CHECK(advance());
    }
    return {};
  }

  Result<HclItem> item(std::size_t depth) {
    if (!is(HclTokenKind::identifier) && !is(HclTokenKind::string)) {
      return error_at(token_.at, "expected a key");
    }
    HclItem out;
    out.at = token_.at;
    out.key = std::move(token_.text);
    COFFER_CHECK(advance());
    while (is(HclTokenKind::identifier) || is(HclTokenKind::string)) {
      out.labels.push_back(std::move(token_.text));
      COFFER_CHECK(advance());
    }
    if (is(HclTokenKind::assign) && out.labels.empty()) {
      COFFER_CHECK(advance());
    } else if (!is(HclTokenKind::open_brace)) {
      return error_at(token_.at, out.labels.empty() ? "expected \"=\" or \"{\"" : "expected \"{\"");
    }
    COFFER_TRY(out.value, value(depth + 1));
    return out;
  }

  Result<HclValue> value(std::size_t depth) {
    COFFER_CHECK(budget_.spend(token_.at, depth));
    HclValue out;
    out.at = token_.at;
    if (is(HclTokenKind::open_brace)) return object(std::move(out), depth);
    if (is(HclTokenKind::open_bracket)) return list(std::move(out), depth);
    if (is(HclTokenKind::string)) {
      out.kind = HclKind::string;
    } else if (is(HclTokenKind::number)) {
      out.kind = HclKind::number;
    } else if (is(HclTokenKind::identifier) && (token_.text == "true" || token_.text == "false")) {
      out.kind = HclKind::boolean;
    } else {
      return error_at(token_.at, "expected a value");
    }
    out.text = std::move(token_.text);
    COFFER_CHECK(advance());
    return out;
  }

  Result<HclValue> object(HclValue out, std::size_t depth) {
    out.kind = HclKind::object;
    COFFER_CHECK(advance());
    COFFER_CHECK(body(out.items, HclTokenKind::close_brace, depth));
    COFFER_CHECK(advance());
    return out;
  }

  Result<HclValue> list(HclValue out, std::size_t depth) {
    out.kind = HclKind::list;
    COFFER_CHECK(advance());
    while (!is(HclTokenKind::close_bracket)) {
      COFFER_TRY(HclValue element, value(depth + 1));
      out.list.push_back(std::move(element));
      if (is(HclTokenKind::comma)) {
        COFFER_CHECK(advance());
      } else if (!is(HclTokenKind::close_bracket)) {
        return error_at(token_.at, "expected \",\" or \"]\"");
      }
    }
    COFFER_CHECK(advance());
    return out;
  }

  HclLexer lexer_;
  HclToken token_;
  Budget budget_;
};

// The JSON spelling. JsonView has checked the text, so that only the shape is left to convert.
class JsonReader {
 public:
  explicit JsonReader(std::string_view text) : text_(text) {}

  Result<HclValue> convert(const JsonView& json, std::size_t depth) {
    HclValue out;
    out.at = position(json);
    COFFER_CHECK(budget_.spend(out.at, depth));
    switch (json.kind()) {
      case JsonKind::null:
        return error_at(out.at, "null has no meaning here");
      case JsonKind::boolean:
        out.kind = HclKind::boolean;
        out.text = json.raw();
        return out;
      case JsonKind::number:
        out.kind = HclKind::number;
        out.text = json.raw();
        return out;
      case JsonKind::string: {
        out.kind = HclKind::string;
        COFFER_TRY(out.text, json.string());
        return out;
      }
      case JsonKind::array:
        return list(std::move(out), json, depth);
      case JsonKind::object:
        return object(std::move(out), json, depth);
    }
    return error_at(out.at, "unknown kind of value");
  }

 private:
  [[nodiscard]] TextPosition position(const JsonView& json) {
    // Values come in the order of the text: count on from the last one, not from the start.
    const auto offset = static_cast<std::size_t>(json.raw().data() - text_.data());
    for (; at_ < offset; ++at_) {
      if (text_[at_] == '\n') {
        ++position_.line;
        position_.column = 1;
      } else {
        ++position_.column;
      }
    }
    return position_;
  }

  Result<HclValue> list(HclValue out, const JsonView& json, std::size_t depth) {
    out.kind = HclKind::list;
    for (const auto& element : json.elements()) {
      COFFER_TRY(HclValue converted, convert(element, depth + 1));
      out.list.push_back(std::move(converted));
    }
    return out;
  }

  Result<HclValue> object(HclValue out, const JsonView& json, std::size_t depth) {
    out.kind = HclKind::object;
    for (const auto& [name, member] : json.members()) {
      COFFER_TRY(HclValue converted, convert(member, depth + 1));
      HclItem item;
      item.key = name;
      item.at = converted.at;
      item.value = std::move(converted);
      out.items.push_back(std::move(item));
    }
    return out;
  }

  std::string_view text_;
  std::size_t at_ = 0;
  TextPosition position_;
  Budget budget_;
};

bool looks_like_json(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t\r\n");
  return first != std::string_view::npos && text[first] == '{';
}

}  // namespace

std::string to_text(TextPosition at) {
  return "line " + std::to_string(at.line) + ", column " + std::to_string(at.column);
}

Result<HclValue> parse_hcl(std::string_view text) {
  if (text.size() > kMaxHclSize) return fail(Code::too_large, "text is over 256 KiB");
  if (!is_utf8(text)) return fail(Code::invalid_argument, "text is not valid UTF-8");
  if (!looks_like_json(text)) return HclParser(text).document();
  COFFER_TRY(const JsonView json, JsonView::parse(text));
  return JsonReader(text).convert(json, 1);
}

}  // namespace coffer::formats
