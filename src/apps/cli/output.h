// Printing of answers: table, JSON, YAML, or one field.
//
// Tables and errors escape control characters, so that nothing that a server says can speak to the
// terminal; a single field is printed as it is. Text is put together in wiped memory. JSON keeps
// the server's member order and the text of its numbers; YAML quotes every string, so that it reads
// back as the same JSON.
#pragma once

#include "apps/cli/session.h"
#include "formats/json.h"

#include <string>
#include <string_view>
#include <vector>

namespace coffer::cli {

// JSON over several lines, two spaces a level.
void print_json(const formats::JsonView& value, secure::SecureText& out);
void print_yaml(const formats::JsonView& value, secure::SecureText& out);
// "Key  Value" rows of an object; lists and objects inside appear as compact JSON.
void print_table(const formats::JsonView& object, secure::SecureText& out);
// A cell: strings without quotes and with control characters escaped, other kinds as JSON.
void print_cell(const formats::JsonView& value, secure::SecureText& out);
// A text of several lines, such as PEM: as a cell, but its line ends stay, except the last.
void print_lines(const formats::JsonView& value, secure::SecureText& out);
// Text that is not a value, such as an error, in one line: as a cell.
std::string printable(std::string_view text);
// A text that is a file elsewhere, such as a policy: lines and tabs stay, the rest is as in a cell.
void print_text(const formats::JsonView& value, secure::SecureText& out);
// Columns of equal width, two spaces apart, a rule under the first row; the same escapes.
std::string columns(std::vector<std::vector<std::string>> rows);

// Shows `value` in the session's format, or its --field alone; not_found when there is no such
// field.
Result<int> show(Session& session, const formats::JsonView& value);
// An answer of Vault's kind: its data, auth or wrap_info in a table; whole otherwise. Without a
// body, says `done`.
Result<int> show_answer(Session& session, const client::Answer& answer, std::string_view done);
// The "keys" of a listing, one a line.
Result<int> show_keys(Session& session, const client::Answer& answer);
// An error once standard output cannot be written: for commands that would go on without a reader.
Result<> check_output(const Terminal& terminal);
// One line for people; silent when the format is for programs.
int say(Session& session, std::string_view line);

}  // namespace coffer::cli
