// import FILE…: credential files in bulk, resumable, nothing half-written.
#include "apps/cli/commands.h"
#include "apps/cli/exit_code.h"
#include "apps/cli/import_work.h"
#include "apps/cli/output.h"
#include "apps/client/files.h"

#include <algorithm>
#include <utility>

namespace coffer::cli {
namespace {

constexpr std::size_t kShownFailures = 20;

Result<ImportNode> parse_as(const std::string& format, std::string_view text) {
  if (format == "env") return parse_env(text);
  if (format == "json") return parse_json(text);
  if (format == "yaml") return parse_yaml(text);
  return fail(Code::invalid_argument, "--as is env, json or yaml");
}

std::string format_of(const std::string& file) {
  for (const std::string_view ending : {".json", ".yaml", ".yml"}) {
    if (file.ends_with(ending)) return ending == ".json" ? "json" : "yaml";
  }
  return "env";
}

Result<std::vector<ImportedSecret>> read_input(const std::string& file,
                                               const Arguments& arguments) {
  COFFER_TRY(const auto text, client::read_file(file, kMaxImportFile));
  const std::string format = arguments.has("as") ? arguments.text("as") : format_of(file);
  auto tree = parse_as(format, text.text());
  if (!tree) return fail(tree.error().code, file + ": " + tree.error().message);
  ImportOptions options;
  options.group = arguments.flag("group");
  if (arguments.has("prefix")) {
    COFFER_TRY(options.prefix, client::secret_path(arguments.text("prefix")));
  }
  auto secrets = flatten(*tree, options);
  if (!secrets) return fail(secrets.error().code, file + ": " + secrets.error().message);
  return secrets;
}

// Draws at most one line a percent, on a terminal only.
class Bar {
 public:
  Bar(Terminal& terminal, std::size_t total)
      : terminal_(terminal), total_(total), visible_(terminal.error_is_terminal()) {}

  void draw(std::size_t done) {
    if (!visible_ || total_ == 0) return;
    const std::size_t percent = done * 100 / total_;
    if (percent == drawn_) return;
    drawn_ = percent;
    const std::size_t filled = percent * kWidth / 100;
    terminal_.err("\r[" + std::string(filled, '#') + std::string(kWidth - filled, ' ') + "] " +
                  std::to_string(percent) + "% of " + std::to_string(total_));
  }

  void end() {
    if (visible_ && drawn_ != kNever) terminal_.err("\n");
  }

 private:
  static constexpr std::size_t kWidth = 40;
  static constexpr std::size_t kNever = 1000;

  Terminal& terminal_;
  std::size_t total_;
  bool visible_;
  std::size_t drawn_ = kNever;
};

Result<int> report(Session& session, const std::string& file, const ImportTotals& totals) {
  Terminal& terminal = session.terminal();
  for (std::size_t i = 0; i < std::min(totals.failures.size(), kShownFailures); ++i) {
    terminal.err(printable(totals.failures[i].path + ": " + totals.failures[i].what) + "\n");
  }
  say(session,
      file + ": " + std::to_string(totals.written) + " written, " + std::to_string(totals.present) +
          " there already, " + std::to_string(totals.failures.size()) + " failed.");
  if (totals.refusal) return std::unexpected(*totals.refusal);
  return totals.failures.empty() ? kExitOk : kExitError;
}

Result<int> import_file(Session& session,
                        const Arguments& arguments,
                        const std::string& file,
                        const ImportPlan& plan) {
  COFFER_TRY(const auto secrets, read_input(file, arguments));
  if (arguments.flag("dry-run")) {
    for (const ImportedSecret& secret : secrets) {
      session.terminal().out(plan.mount + "/" + secret.path + "\n");
    }
    return kExitOk;
  }
  COFFER_CHECK(session.api());  // from here on it is the server that refuses
  Bar bar(session.terminal(), secrets.size());
  auto totals = import_all(
      secrets,
      plan,
      [&session] { return session.connect_another(); },
      [&bar](std::size_t done) { bar.draw(done); });
  bar.end();
  if (!totals) return std::unexpected(std::move(totals).error());
  return report(session, file, *totals);
}

Result<int> import(Session& session, const Arguments& arguments) {
  COFFER_TRY(const std::int64_t connections, arguments.integer("parallel", 16));
  if (connections < 1 || std::cmp_greater(connections, kMaxConnections)) {
    return fail(Code::invalid_argument, "--parallel is 1 to 64");
  }
  if (arguments.all("files").empty()) return fail(Code::invalid_argument, "name a file to import");
  const ImportPlan plan{
      arguments.text("mount"), arguments.flag("overwrite"), static_cast<std::size_t>(connections)};
  int worst = kExitOk;
  for (const std::string& file : arguments.all("files")) {
    COFFER_TRY(const int code, import_file(session, arguments, file, plan));
    worst = std::max(worst, code);
  }
  return worst;
}

}  // namespace

void add_import_command(Menu& menu) {
  menu.add({"import",
            "Write the secrets of .env, JSON and YAML files; run it again to go on after a break",
            {rest("files", "files to import"),
             option("mount", "versioned key/value mount", "secret"),
             option("prefix", "dotted or slashed path put before every name"),
             option("as", "env, json or yaml; else by the file's ending"),
             option("parallel", "connections", "16"),
             flag("group", "maps of plain values become one secret with fields"),
             flag("overwrite", "write a new version where a secret with other data is there"),
             flag("dry-run", "only list the paths")},
            import});
}

}  // namespace coffer::cli
