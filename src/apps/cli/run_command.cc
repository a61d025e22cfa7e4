// run -- cmd: a program with secrets in its environment, and without our token.
#include "apps/cli/commands.h"
#include "apps/cli/exit_code.h"
#include "apps/cli/secret_value.h"

#include <algorithm>
#include <map>
#include <utility>

namespace coffer::cli {
namespace {

using client::Answer;
using formats::JsonView;

// "prod.db.password=DB_PASSWORD": the variable is optional.
struct Wanted {
  std::string path;
  std::string variable;
};

std::string upper_name(std::string_view text) {
  std::string name;
  for (const char c : text) {
    const bool lower = c >= 'a' && c <= 'z';
    const bool plain = (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
    name.push_back(lower ? static_cast<char>(c - 'a' + 'A') : plain ? c : '_');
  }
  return name;
}

bool is_variable(std::string_view name) {
  if (name.empty() || (name[0] >= '0' && name[0] <= '9')) return false;
  return std::ranges::all_of(name, [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '_';
  });
}

Result<Wanted> parse_wanted(const std::string& word, const std::string& prefix) {
  const std::size_t equals = word.find('=');
  COFFER_TRY(std::string path, client::secret_path(word.substr(0, equals)));
  const std::size_t slash = path.rfind('/');
  std::string variable = equals == std::string::npos ? prefix + upper_name(path.substr(slash + 1))
                                                     : word.substr(equals + 1);
  if (!is_variable(variable)) {
    return fail(Code::invalid_argument, "'" + variable + "' cannot be a variable's name");
  }
  return Wanted{std::move(path), std::move(variable)};
}

// The environment under way. Of two entries with one name most programs see one, and which is not
// for us to guess.
class Variables {
 public:
  // `source` says to people where the value came from.
  Result<> add(const std::string& name, const std::string& source, const JsonView& value);

  [[nodiscard]] std::vector<secure::SecureText> take() { return std::move(entries_); }

 private:
  std::vector<secure::SecureText> entries_;
  std::map<std::string, std::string> sources_;  // by name
};

Result<> Variables::add(const std::string& name, const std::string& source, const JsonView& value) {
  if (const auto [place, fresh] = sources_.emplace(name, source); !fresh) {
    return fail(Code::invalid_argument,
                name + " would come from " + place->second + " and from " + source +
                    ": name one otherwise, in the secret or with PATH=NAME");
  }
  secure::SecureText entry(name + "=");
  if (value.kind() == formats::JsonKind::string) {
    COFFER_TRY(const auto text, value.secret_string());
    entry.append(text.text());
  } else {
    entry.append(value.raw());
  }
  if (entry.text().find('\0') != std::string_view::npos) {
    return fail(Code::invalid_argument, name + " would hold a zero octet");
  }
  entries_.push_back(std::move(entry));
  return {};
}

// One variable for {"value": x}; NAME_FIELD for each field of any other object.
Result<> fetch(Session& session,
               const std::string& mount,
               const Wanted& wanted,
               Variables& variables) {
  COFFER_TRY(const Answer answer, session.prepare(mount + "/data/" + wanted.path));
  const auto data = answer.data();
  const auto secret = data ? data->find_value("data") : std::nullopt;
  if (!secret) return fail(Code::not_found, wanted.path + " is deleted or destroyed");
  if (const auto value = lone_value(*secret)) {
    return variables.add(wanted.variable, wanted.path, *value);
  }
  for (const auto& [field, value] : secret->members()) {
    COFFER_CHECK(variables.add(wanted.variable + "_" + upper_name(field),
                               "field '" + field + "' of " + wanted.path,
                               value));
  }
  return {};
}

std::string_view name_of(std::string_view entry) {
  return entry.substr(0, entry.find('='));
}

// What is inherited comes after what was fetched, unless it is replaced or our own credential.
void inherit(Session& session, bool keep_token, Launch& launch) {
  std::vector<secure::SecureText> fetched = std::move(launch.environment);
  launch.environment.clear();
  for (const std::string& entry : session.world().inherited) {
    const std::string_view name = name_of(entry);
    if (!keep_token && (name == "COFFER_TOKEN" || name == "VAULT_TOKEN")) continue;
    const bool replaced = std::ranges::any_of(
        fetched, [name](const secure::SecureText& text) { return name_of(text.text()) == name; });
    if (!replaced) launch.environment.emplace_back(entry);
  }
  std::ranges::move(fetched, std::back_inserter(launch.environment));
}

Result<int> run(Session& session, const Arguments& arguments) {
  if (arguments.command().empty()) {
    return fail(Code::invalid_argument, "give the program behind --: coffer run … -- cmd");
  }
  Variables variables;
  for (const std::string& word : arguments.all("secret")) {
    COFFER_TRY(const Wanted wanted, parse_wanted(word, arguments.text("env-prefix")));
    COFFER_CHECK(fetch(session, arguments.text("mount"), wanted, variables));
  }
  Launch launch{arguments.command(), variables.take()};
  inherit(session, arguments.flag("keep-token"), launch);
  return session.world().launch(launch);
}

}  // namespace

void add_run_command(Menu& menu) {
  menu.add({"run",
            "Run a program with secrets in its environment: run --secret PATH -- cmd",
            {repeated("secret", "path or path=VARIABLE; may be given again"),
             option("env-prefix", "put before variable names that come from paths"),
             option("mount", "versioned key/value mount", "secret"),
             flag("keep-token", "let the program have COFFER_TOKEN and VAULT_TOKEN")},
            run});
}

}  // namespace coffer::cli
