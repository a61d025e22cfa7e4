#include "apps/cli/input.h"

#include "apps/client/files.h"
#include "formats/json.h"
#include "formats/utf8.h"

#include <algorithm>
#include <utility>

namespace coffer::cli {
namespace {

constexpr std::string_view kWordHelp = "give key=value, key=@file, key=-, @file or -";

secure::SecureText without_line_end(secure::SecureText text) {
  std::size_t size = text.size();
  if (size > 0 && text.text()[size - 1] == '\n') --size;
  if (size > 0 && size < text.size() && text.text()[size - 1] == '\r') --size;
  text.bytes().resize(size);
  return text;
}

// JSON, in which everything travels, has no other text: what is not would arrive changed.
Result<secure::SecureText> checked_text(secure::SecureText text) {
  if (formats::is_utf8(text.text())) return text;
  return fail(Code::invalid_argument, "not UTF-8 text: encode it first, for example with base64");
}

Result<secure::SecureText> checked_object(secure::SecureText text) {
  const auto value = formats::JsonView::parse(text.text());
  if (!value) return fail(Code::invalid_argument, value.error().message);
  if (value->kind() != formats::JsonKind::object) {
    return fail(Code::invalid_argument, "a JSON object is needed here");
  }
  return text;
}

struct Field {
  std::string name;
  std::vector<secure::SecureText> values;
};

Result<secure::SecureText> value_of(Session& session, std::string_view text) {
  if (text == "-") return text_of(session, "-");
  if (text.starts_with('@')) return text_of(session, std::string(text.substr(1)));
  return checked_text(secure::SecureText(text.starts_with("\\@") ? text.substr(1) : text));
}

Result<std::vector<Field>> read_fields(Session& session, const std::vector<std::string>& words) {
  std::vector<Field> fields;
  bool input_is_read = false;
  for (const std::string& word : words) {
    const std::size_t equals = word.find('=');
    if (equals == std::string::npos || equals == 0) {
      return fail(Code::invalid_argument, std::string(kWordHelp));
    }
    const std::string name = word.substr(0, equals);
    COFFER_CHECK(checked_text(secure::SecureText(name)));
    const std::string_view text = std::string_view(word).substr(equals + 1);
    if (text == "-" && std::exchange(input_is_read, true)) {
      return fail(Code::invalid_argument, "only one value can come from standard input");
    }
    COFFER_TRY(auto value, value_of(session, text));
    auto place = std::ranges::find(fields, name, &Field::name);
    if (place == fields.end()) place = fields.insert(fields.end(), Field{name, {}});
    place->values.push_back(std::move(value));
  }
  return fields;
}

}  // namespace

Result<secure::SecureText> ask_secret(Session& session, std::string_view prompt) {
  Terminal& terminal = session.terminal();
  if (terminal.input_is_terminal()) {
    COFFER_TRY(auto line, terminal.read_hidden(prompt));
    return checked_text(std::move(line));
  }
  COFFER_TRY(auto text, text_of(session, "-"));
  return without_line_end(std::move(text));
}

Result<secure::SecureText> ask_new_secret(Session& session, std::string_view what) {
  COFFER_TRY(auto first, ask_secret(session, std::string(what) + " (hidden): "));
  if (!session.terminal().input_is_terminal()) return first;
  COFFER_TRY(const auto second, ask_secret(session, "The same again: "));
  if (first != second) return fail(Code::invalid_argument, "the two entries differ");
  return first;
}

Result<secure::SecureText> secret_word(Session& session,
                                       const std::string& word,
                                       std::string_view prompt) {
  if (word.empty() || word == "-") return ask_secret(session, prompt);
  session.terminal().err(
      "Warning: a secret on the command line is visible to other processes; use '-' instead.\n");
  return checked_text(secure::SecureText(word));
}

Result<secure::SecureText> object_from_words(Session& session,
                                             const std::vector<std::string>& words) {
  if (words.size() == 1 && (words[0] == "-" || words[0].starts_with('@'))) {
    COFFER_TRY(auto text, value_of(session, words[0]));
    return checked_object(std::move(text));
  }
  COFFER_TRY(const auto fields, read_fields(session, words));
  secure::SecureText out;
  formats::JsonWriter writer(out);
  writer.begin_object();
  for (const Field& field : fields) {
    writer.key(field.name);
    if (field.values.size() > 1) writer.begin_array();
    for (const secure::SecureText& value : field.values) writer.string(value.text());
    if (field.values.size() > 1) writer.end_array();
  }
  writer.end_object();
  return out;
}

Result<secure::SecureText> text_of(Session& session, const std::string& file) {
  auto text = file == "-" ? session.terminal().read_all() : client::read_file(file, kMaxValueFile);
  if (!text) return text;
  return checked_text(*std::move(text));
}

}  // namespace coffer::cli
