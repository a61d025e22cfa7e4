#include "apps/cli/output.h"

#include "apps/cli/exit_code.h"

#include <utility>

namespace coffer::cli {
namespace {

using formats::JsonKind;
using formats::JsonView;

// A string as it is, other kinds as JSON; a line end only where a person reads it.
void show_alone(Session& session, const JsonView& value) {
  Terminal& terminal = session.terminal();
  if (value.kind() == JsonKind::string) {
    if (const auto text = value.secret_string()) terminal.out(text->text());
  } else {
    terminal.out(value.raw());
  }
  terminal.out("\n");
}

Result<int> show_field(Session& session, const JsonView& object) {
  const auto value = object.find(session.field());
  if (!value) return fail(Code::not_found, "no field '" + session.field() + "' in the answer");
  if (session.format() == Format::table) {
    show_alone(session, *value);
    return kExitOk;
  }
  secure::SecureText text;
  session.format() == Format::json ? print_json(*value, text) : print_yaml(*value, text);
  session.terminal().out(text.text());
  return kExitOk;
}

void warn(Session& session, const client::Answer& answer) {
  const auto warnings = answer.find("warnings");
  if (!warnings) return;
  for (const JsonView& warning : warnings->elements()) {
    secure::SecureText text("Warning: ");
    print_cell(warning, text);
    text.append("\n");
    session.terminal().err(text.text());
  }
}

// What a table of an enveloped answer is about.
JsonView subject(const client::Answer& answer) {
  for (const std::string_view name : {"wrap_info", "auth", "data"}) {
    const auto part = answer.find(name);
    if (part && part->kind() == JsonKind::object) return *part;
  }
  return answer.root();
}

}  // namespace

Result<int> show(Session& session, const JsonView& value) {
  if (!session.field().empty()) return show_field(session, value);
  secure::SecureText text;
  switch (session.format()) {
    case Format::json:
      print_json(value, text);
      break;
    case Format::yaml:
      print_yaml(value, text);
      break;
    case Format::table:
      if (value.kind() == JsonKind::object) {
        print_table(value, text);
      } else {
        show_alone(session, value);
      }
      break;
  }
  session.terminal().out(text.text());
  return kExitOk;
}

Result<int> show_answer(Session& session, const client::Answer& answer, std::string_view done) {
  warn(session, answer);
  if (answer.empty()) return say(session, done);
  if (!session.field().empty() || session.format() == Format::table) {
    return show(session, subject(answer));
  }
  return show(session, answer.root());
}

Result<int> show_keys(Session& session, const client::Answer& answer) {
  const auto data = answer.data();
  const auto keys = data ? data->find_value("keys") : std::nullopt;
  if (!keys) return fail(Code::not_found, "nothing found there");
  if (session.format() != Format::table) return show(session, *keys);
  secure::SecureText text;
  for (const JsonView& key : keys->elements()) {
    print_cell(key, text);
    text.append("\n");
  }
  session.terminal().out(text.text());
  return kExitOk;
}

int say(Session& session, std::string_view line) {
  if (session.format() != Format::table || line.empty()) return kExitOk;
  session.terminal().out(line);
  session.terminal().out("\n");
  return kExitOk;
}

}  // namespace coffer::cli
