// backup create: a copy of everything from a running server. backup verify and backup restore work
// on the file alone, with keys that were kept elsewhere.
#include "apps/cli/audit_verify.h"
#include "apps/cli/backup_file.h"
#include "apps/cli/commands.h"
#include "apps/cli/exit_code.h"
#include "apps/cli/input.h"
#include "apps/cli/output.h"
#include "apps/client/body.h"
#include "apps/client/files.h"
#include "apps/server/dev_keys.h"
#include "base/time_text.h"

#include <deque>
#include <unistd.h>
#include <utility>

namespace coffer::cli {
namespace {

using domain::BackupReader;
using domain::TamperFinding;
using domain::VerifySummary;

Result<int> create(Session& session, const Arguments& arguments) {
  if (!arguments.has("out")) return fail(Code::invalid_argument, "give --out FILE");
  const std::string path = arguments.text("out");
  const std::string fresh = path + ".new";
  COFFER_TRY(client::Api * api, session.api());
  ::unlink(fresh.c_str());  // left behind by a run that was cut short
  const auto download = [&]() -> Result<domain::BackupEnd> {
    COFFER_TRY(client::File file, client::File::create(fresh));
    COFFER_CHECK(api->stream("GET", "/api/v1/backup", {}, [&file](std::string_view piece) {
      return file.write(piece);
    }));
    COFFER_CHECK(file.sync());
    return keep_backup(fresh, path);
  };
  const auto end = download();
  if (!end) {
    ::unlink(fresh.c_str());
    return std::unexpected(end.error());
  }
  return say(session,
             "Success! " + std::to_string(end->rows) + " rows and " + std::to_string(end->records) +
                 " log records are in " + path + ".");
}

// Unseal keys from a development server's key file, from hidden prompts, or from the lines of
// standard input.
class Shares {
 public:
  static Result<Shares> make(Session& session, const Arguments& arguments) {
    Shares shares(session);
    if (arguments.has("key-file")) {
      const std::string file = arguments.text("key-file");
      COFFER_TRY(auto keys, server::load_dev_keys(file));
      if (!keys) return fail(Code::not_found, "cannot open " + file);
      shares.given_.push_back(std::move(keys->unseal_key));
    } else if (!session.terminal().input_is_terminal()) {
      COFFER_TRY(const auto text, session.terminal().read_all());
      shares.take_lines(text.text());
    } else {
      shares.interactive_ = true;
    }
    return shares;
  }

  Result<secure::SecureText> next(const keys::Progress& progress) {
    if (interactive_) {
      return ask_secret(session_,
                        "Unseal key " + std::to_string(progress.given + 1) + " of " +
                            std::to_string(progress.needed) + " (hidden): ");
    }
    if (given_.empty()) {
      return fail(Code::invalid_argument,
                  std::to_string(progress.needed) + " unseal keys are needed, one a line");
    }
    secure::SecureText share = std::move(given_.front());
    given_.pop_front();
    return share;
  }

  // A typing error is no reason to begin again.
  Result<> refused(const Error& error) {
    if (!interactive_ || error.code != Code::invalid_argument) return std::unexpected(error);
    session_.terminal().err(printable(error.message) + "\n");
    return {};
  }

 private:
  explicit Shares(Session& session) : session_(session) {}

  void take_lines(std::string_view text) {
    while (!text.empty()) {
      std::string_view line = text.substr(0, text.find('\n'));
      text.remove_prefix(std::min(text.size(), line.size() + 1));
      if (line.ends_with('\r')) line.remove_suffix(1);
      if (!line.empty()) given_.emplace_back(line);
    }
  }

  Session& session_;
  std::deque<secure::SecureText> given_;
  bool interactive_ = false;
};

// What both offline commands work with.
struct Opened {
  std::unique_ptr<crypto::Random> random;
  std::unique_ptr<keys::Keyring> keyring;
};

Result<Opened> unseal(Session& session, const Arguments& arguments, const BackupReader& reader) {
  const SystemClock clock;
  Opened opened{crypto::system_random(), nullptr};
  COFFER_TRY(Shares shares, Shares::make(session, arguments));
  COFFER_TRY(opened.keyring,
             unseal_backup(
                 reader.header(),
                 [&shares](const keys::Progress& progress) { return shares.next(progress); },
                 [&shares](const Error& error) { return shares.refused(error); },
                 clock,
                 *opened.random));
  return opened;
}

domain::StoreVerifier::Report reporter(Session& session) {
  return [&session](const TamperFinding& finding) -> Result<> {
    session.terminal().err(printable(finding.table + " " + finding.key + ": " + finding.what) +
                           "\n");
    return {};
  };
}

Result<int> show_summary(Session& session,
                         const BackupReader& reader,
                         const VerifySummary& summary,
                         bool witnessed) {
  client::Body body;
  body.text("created", rfc3339(reader.header().created))
      .boolean("opened", true)
      .integer("rows", static_cast<std::int64_t>(summary.rows))
      .integer("events", static_cast<std::int64_t>(summary.events))
      .integer("findings", static_cast<std::int64_t>(summary.findings))
      .boolean("witnessed", witnessed)
      .text_if("head", summary.head ? proof::head_text(*summary.head) : std::string());
  const auto text = body.take();
  COFFER_TRY(const auto value, formats::JsonView::parse(text.text()));
  COFFER_CHECK(show(session, value));
  if (!witnessed) {
    session.terminal().err(
        "Warning: without --head nothing shows whether the backup is an old one.\n");
  }
  return summary.findings == 0 ? kExitOk : kExitTampered;
}

Result<int> verify_signature(Session& session, BackupReader& reader, const crypto::PublicKey& key) {
  COFFER_TRY(const domain::BackupEnd end, domain::verify_backup_signature(reader, key));
  client::Body body;
  body.text("created", rfc3339(reader.header().created))
      .boolean("opened", false)
      .integer("rows", static_cast<std::int64_t>(end.rows))
      .integer("records", static_cast<std::int64_t>(end.records));
  const auto text = body.take();
  COFFER_TRY(const auto value, formats::JsonView::parse(text.text()));
  return show(session, value);
}

Result<int> verify(Session& session, const Arguments& arguments) {
  const bool opens = arguments.flag("shares") || arguments.has("key-file");
  if (!opens && !arguments.has("key")) {
    return fail(Code::invalid_argument, "give --key, --shares or --key-file");
  }
  if (!opens && arguments.has("head")) {
    return fail(Code::invalid_argument,
                "--head needs --shares or --key-file: the log in a backup is encrypted");
  }
  COFFER_TRY(auto witness, read_witness(arguments.text("head")));
  const bool witnessed = witness.has_value();
  const std::string path = arguments.text("file");
  if (arguments.has("key")) {
    COFFER_TRY(const auto key, read_public_key(arguments.text("key")));
    COFFER_TRY(BackupReader reader, open_backup(path));
    if (!opens) return verify_signature(session, reader, key);
    COFFER_CHECK(domain::verify_backup_signature(reader, key));
  }
  COFFER_TRY(BackupReader reader, open_backup(path));
  COFFER_TRY(const Opened opened, unseal(session, arguments, reader));
  COFFER_TRY(const VerifySummary summary,
             domain::verify_backup(reader,
                                   *opened.keyring,
                                   std::move(witness),
                                   *opened.random,
                                   reporter(session),
                                   domain::no_copy()));
  return show_summary(session, reader, summary, witnessed);
}

Result<int> restore(Session& session, const Arguments& arguments) {
  if (!arguments.has("data")) return fail(Code::invalid_argument, "give --data FOLDER");
  COFFER_TRY(BackupReader reader, open_backup(arguments.text("file")));
  COFFER_TRY(const Opened opened, unseal(session, arguments, reader));
  COFFER_TRY(
      const VerifySummary summary,
      restore_backup(
          reader, *opened.keyring, *opened.random, reporter(session), arguments.text("data")));
  if (summary.findings > 0) {
    return fail(Code::corrupt,
                "the backup holds rows that were tampered with; nothing is restored");
  }
  return say(session,
             "Success! " + std::to_string(summary.rows) + " rows and " +
                 std::to_string(summary.events) + " events are in " + arguments.text("data") +
                 ". The server starts sealed; the same unseal keys open it.");
}

}  // namespace

void add_backup_commands(Menu& menu) {
  menu.describe("backup", "Copies of everything: make, check, put back");
  menu.add({"backup create",
            "Save everything the server holds, encrypted and signed",
            {option("out", "new file, mode 0600; an older one of the name is replaced at the end")},
            create});
  menu.add(
      {"backup verify",
       "Check a backup offline; exit code 7 when it does not hold",
       {positional("file", "the backup"),
        option("key", "public audit key that init printed: PEM text or file"),
        option("head", "a head kept elsewhere, text or file: finds a backup that is older than it"),
        flag("shares", "open it and check every row: unseal keys from prompts or lines of input"),
        option("key-file", "the same with the key file of a development server")},
       verify});
  menu.add({"backup restore",
            "Put a backup into an empty data folder",
            {positional("file", "the backup"),
             option("data", "data folder, absent or empty"),
             option("key-file", "key file of a development server, in place of unseal keys")},
            restore});
}

}  // namespace coffer::cli
