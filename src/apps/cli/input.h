// Where values come from: standard input, files, prompts, and key=value words.
//
// Secrets belong in the first three, since a command line is visible to every process. Words are
// read as Vault's clients read them:
//   -            a JSON object on standard input       @file   a JSON object in a file
//   key=-        the value is standard input           key=@file   the value is the file's text
//   key=value    the text itself
// Standard input is read once. Errors: invalid_argument for other words, for standard input asked
// for twice, for what is not UTF-8 (values, names, prompts, files), and for input that is no JSON
// object where one is needed.
#pragma once

#include "apps/cli/session.h"

#include <string>
#include <string_view>
#include <vector>

namespace coffer::cli {

inline constexpr std::size_t kMaxValueFile = 16U << 20U;  // octets

// A secret typed at a hidden prompt on a terminal, else all of standard input without its last line
// end.
Result<secure::SecureText> ask_secret(Session& session, std::string_view prompt);

// Asked for twice on a terminal; invalid_argument when the two differ.
Result<secure::SecureText> ask_new_secret(Session& session, std::string_view what);

// A given word as a secret: "-" or empty asks; other text is taken with a warning, because it was
// on the command line.
Result<secure::SecureText> secret_word(Session& session,
                                       const std::string& word,
                                       std::string_view prompt);

// The JSON object that the words describe. A key given twice becomes a list.
Result<secure::SecureText> object_from_words(Session& session,
                                             const std::vector<std::string>& words);

// The text of a file, or of standard input for "-".
Result<secure::SecureText> text_of(Session& session, const std::string& file);

}  // namespace coffer::cli
