#include "apps/cli/output.h"

#include "apps/cli/exit_code.h"

#include <algorithm>
#include <array>
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

// The names that Vault's users ask for, which its API spells otherwise.
struct FieldName {
  std::string_view asked;
  std::string_view spelled;
};

constexpr std::array<FieldName, 8> kVaultNames{{
    {"token", "client_token"},
    {"token_accessor", "accessor"},
    {"token_duration", "lease_duration"},
    {"token_renewable", "renewable"},
    {"wrapping_token", "token"},
    {"wrapping_accessor", "accessor"},
    {"wrapping_token_ttl", "ttl"},
    {"wrapping_token_creation_path", "creation_path"},
}};

// For tokens only: in a secret no field may stand for another.
std::string field_of_token(const JsonView& token, const std::string& asked) {
  const auto* const known = std::ranges::find(kVaultNames, asked, &FieldName::asked);
  return token.find(asked) || known == kVaultNames.end() ? asked : std::string(known->spelled);
}

Result<int> show_field(Session& session, const JsonView& object, const std::string& name) {
  const auto value = object.find(name);
  if (!value) return fail(Code::not_found, "no field '" + name + "' in the answer");
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
  if (!session.field().empty()) return show_field(session, value, session.field());
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
  const JsonView about = subject(answer);
  if (!session.field().empty() && (answer.wrapped() || answer.find("auth"))) {
    return show_field(session, about, field_of_token(about, session.field()));
  }
  if (!session.field().empty() || session.format() == Format::table) return show(session, about);
  return show(session, answer.root());
}

Result<int> show_keys(Session& session, const client::Answer& answer) {
  if (answer.wrapped()) return show_answer(session, answer, "");
  const auto data = answer.data();
  if (data && !session.field().empty()) return show(session, *data);
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

Result<> check_output(const Terminal& terminal) {
  const std::string failure = terminal.output_failure();
  if (failure.empty()) return {};
  return fail(Code::internal, "cannot write to standard output: " + failure);
}

int say(Session& session, std::string_view line) {
  if (session.format() != Format::table || line.empty()) return kExitOk;
  session.terminal().out(line);
  session.terminal().out("\n");
  return kExitOk;
}

}  // namespace coffer::cli
