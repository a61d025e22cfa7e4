// parse_yaml: YAML 1.2 maps, read as events, so that nothing is built before it is checked.
//
// Scalars are texts exactly as written ("0123", "yes" and "1.0" keep their characters); only an
// empty plain scalar, ~ and null are null. Lists are leaves. Anchors, aliases, tags, names that are
// no scalars, names given twice, a second document and NUL are refused, and so is a quote that
// nothing closes: the library takes one for closed when the file ends with a line end.
#include "apps/cli/import_tree.h"
#include "formats/json.h"
#include "formats/utf8.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/yaml.h>

#include <algorithm>
#include <istream>
#include <optional>
#include <streambuf>
#include <utility>
#include <vector>

namespace coffer::cli {
namespace {

constexpr const char* kOpenQuote = "a quote is not closed before the end of the file";

// Thrown inside the parser's callbacks, which have no other way to stop it.
struct Refused {
  Error error;
};

// Reads wiped memory without a copy of its own.
class ViewBuffer final : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // never written: there is no put area
    setg(begin, begin, begin + text.size());
  }
};

class Builder final : public YAML::EventHandler {
 public:
  ImportNode take() { return std::move(root_); }

  // Where the last scalar begins that is not plain: none behind it can be open at the file's end.
  [[nodiscard]] const std::optional<YAML::Mark>& last_quoted() const { return last_quoted_; }

  void OnDocumentStart(const YAML::Mark&) override {}

  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    refuse_anchor(mark, anchor);
    if (wants_name()) refuse(mark, "a name may not be empty");
    put_json(mark, "null");
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t) override {
    refuse(mark, "aliases are not accepted");
  }

  void OnScalar(const YAML::Mark& mark,
                const std::string& tag,
                YAML::anchor_t anchor,
                const std::string& value) override {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    if (tag != "?") last_quoted_ = mark;
    if (wants_name()) {
      stack_.back().name = value;
      return;
    }
    const bool plain = tag == "?";
    if (plain && (value == "null" || value == "~" || value == "Null" || value == "NULL")) {
      return put_json(mark, "null");
    }
    secure::SecureText json;
    formats::JsonWriter(json).string(value);
    put_json(mark, json.text());
  }

  void OnSequenceStart(const YAML::Mark& mark,
                       const std::string& tag,
                       YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Kind::list);
  }

  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark,
                  const std::string& tag,
                  YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(mark, tag, anchor, Kind::map);
  }

  void OnMapEnd() override { close(); }

 private:
  enum class Kind : std::uint8_t { map, list, map_in_list };

  // One open collection. Lists, and maps inside them, collect JSON; other maps collect nodes.
  struct Frame {
    Kind kind;
    YAML::Mark mark;
    ImportNode node;
    secure::SecureText json;
    std::map<std::string, bool> names;  // seen in a map_in_list
    std::optional<std::string> name;
  };

  [[noreturn]] static void refuse(const YAML::Mark& mark,
                                  const std::string& what,
                                  Code code = Code::invalid_argument) {
    throw Refused{{code, "line " + std::to_string(mark.line + 1) + ": " + what}};
  }

  static void refuse_anchor(const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (anchor != YAML::NullAnchor) refuse(mark, "anchors are not accepted");
  }

  static void refuse_tag(const YAML::Mark& mark, const std::string& tag) {
    if (!tag.empty() && tag != "?" && tag != "!") refuse(mark, "tags are not accepted");
  }

  [[nodiscard]] bool wants_name() const {
    return !stack_.empty() && stack_.back().kind != Kind::list && !stack_.back().name;
  }

  void count_value(const YAML::Mark& mark) {
    if (++values_ > kMaxImportValues) refuse(mark, "more than 2,000,000 values", Code::too_large);
  }

  void open(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor, Kind kind) {
    refuse_anchor(mark, anchor);
    refuse_tag(mark, tag);
    count_value(mark);
    if (wants_name()) refuse(mark, "a name must be a scalar");
    if (stack_.size() >= kMaxImportDepth) refuse(mark, "nested too deeply", Code::too_large);
    const bool inside_json = !stack_.empty() && stack_.back().kind != Kind::map;
    if (kind == Kind::map && inside_json) kind = Kind::map_in_list;
    Frame frame{kind, mark, {}, {}, {}, std::nullopt};
    if (kind != Kind::map) frame.json.append(kind == Kind::list ? "[" : "{");
    stack_.push_back(std::move(frame));
  }

  void close() {
    Frame frame = std::move(stack_.back());
    stack_.pop_back();
    if (frame.kind == Kind::map) return put_node(frame.mark, std::move(frame.node));
    frame.json.append(frame.kind == Kind::list ? "]" : "}");
    put_json(frame.mark, frame.json.text());
  }

  void put_json(const YAML::Mark& mark, std::string_view json) {
    count_value(mark);
    if (!stack_.empty() && stack_.back().kind != Kind::map) return put_element(mark, json);
    ImportNode node;
    node.leaf = true;
    node.json = secure::SecureText(json);
    put_node(mark, std::move(node));
  }

  void put_element(const YAML::Mark& mark, std::string_view json) {
    Frame& frame = stack_.back();
    if (frame.json.size() > 1) frame.json.append(",");
    if (frame.kind == Kind::map_in_list) {
      if (!frame.names.emplace(*frame.name, true).second) refuse(mark, "a name is given twice");
      formats::JsonWriter(frame.json).string(*frame.name);
      frame.json.append(":");
      frame.name.reset();
    }
    frame.json.append(json);
  }

  void put_node(const YAML::Mark& mark, ImportNode node) {
    if (stack_.empty()) {
      root_ = std::move(node);
      return;
    }
    Frame& frame = stack_.back();
    if (!frame.node.members.emplace(*frame.name, std::move(node)).second) {
      refuse(mark, "a name is given twice");
    }
    frame.name.reset();
  }

  ImportNode root_;
  std::vector<Frame> stack_;
  std::size_t values_ = 0;
  std::optional<YAML::Mark> last_quoted_;
};

std::unexpected<Error> bad_line(int line, const std::string& what) {
  return fail(Code::invalid_argument, "line " + std::to_string(line + 1) + ": " + what);
}

// Whether the scalar that `text` begins with is in quotes and runs to the end without a closing
// one.
bool is_open(std::string_view text) {
  text.remove_prefix(std::min(text.find_first_not_of("! \t"), text.size()));
  const char quote = text.empty() ? '\0' : text.front();
  if (quote != '"' && quote != '\'') return false;  // a block scalar ends with the file
  for (std::size_t i = 1; i < text.size(); ++i) {
    if (quote == '"' && text[i] == '\\') {
      ++i;
    } else if (text[i] == quote) {
      if (quote == '"' || text.substr(i + 1, 1) != "'") return false;
      ++i;  // '' is a quote inside single quotes
    }
  }
  return true;
}

Result<ImportNode> read_document(std::string_view text) {
  ViewBuffer buffer(text);
  std::istream in(&buffer);
  YAML::Parser parser(in);
  Builder builder;
  if (!parser.HandleNextDocument(builder)) return ImportNode();
  if (const auto& last = builder.last_quoted();
      last && is_open(text.substr(static_cast<std::size_t>(last->pos)))) {
    return bad_line(last->line, kOpenQuote);
  }
  Builder second;
  if (parser.HandleNextDocument(second)) {
    return fail(Code::invalid_argument, "the file holds a second document");
  }
  return builder.take();
}

// The library names the end of the file. Given a line end there, it hands the scalar over, and with
// it the line that the quote stands on.
Error open_quote(std::string_view text, int last_line) {
  if (!text.ends_with('\n')) {
    secure::SecureText longer(text);
    longer.push_back('\n');
    if (auto again = parse_yaml(longer.text()); !again) return std::move(again).error();
  }
  return bad_line(last_line, kOpenQuote).error();
}

}  // namespace

Result<ImportNode> parse_yaml(std::string_view text) {
  COFFER_CHECK(check_import_size(text));
  if (!formats::is_utf8(text)) return fail(Code::invalid_argument, "the file is not UTF-8");
  // The library would take NUL for a sign of UTF-16, and leaves a byte order mark out of its marks.
  if (text.contains('\0')) return fail(Code::invalid_argument, "the file holds NUL");
  if (text.starts_with("\xef\xbb\xbf")) text.remove_prefix(3);
  try {
    return read_document(text);
  } catch (const Refused& refused) {
    return std::unexpected(refused.error);
  } catch (const YAML::Exception& error) {
    // The library's own text may quote the file: only the place is told.
    if (error.msg == YAML::ErrorMsg::EOF_IN_SCALAR) {
      return std::unexpected(open_quote(text, error.mark.line));
    }
    return bad_line(error.mark.line, "this is not valid YAML");
  }
}

}  // namespace coffer::cli
