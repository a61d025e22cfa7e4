#include "apps/cli/audit_verify.h"

#include "apps/cli/exit_code.h"
#include "apps/cli/output.h"
#include "apps/client/body.h"
#include "apps/client/files.h"
#include "base/time_text.h"
#include "proof/export_file.h"
#include "proof/partition_drop.h"

#include <algorithm>
#include <fstream>
#include <utility>
#include <vector>

namespace coffer::cli {
namespace {

constexpr std::size_t kMaxKeyFile = 64 * 1024;

// Verifies one log that comes in pieces. A piece begins at the head that the one before ended in;
// or earlier: what is there already is passed over, and the rest must continue what was verified.
class PiecewiseVerifier {
 public:
  PiecewiseVerifier(crypto::PublicKey key, std::optional<proof::SignedHead> witness)
      : key_(std::move(key)), witness_(std::move(witness)) {}

  Result<> begin(const std::string& piece, const std::optional<proof::SignedHead>& start) {
    if (!verifier_) {
      first_ = start ? start->head.sequence + 1 : 1;
      verifier_.emplace(std::move(key_), witness_, start);
      return {};
    }
    const std::uint64_t reached = reached_sequence();
    if (start && start->head.sequence > reached) {
      return fail(Code::corrupt,
                  "event " + std::to_string(reached + 1) + ": missing: " + piece +
                      " begins behind event " + std::to_string(start->head.sequence));
    }
    if (start && start->head.sequence == reached && *start != *verifier_->reached()) {
      return fail(Code::corrupt,
                  "event " + std::to_string(reached + 1) + ": " + piece +
                      " does not begin at the head that the piece before it ends in");
    }
    passes_over_ = true;
    return {};
  }

  Result<> take(ByteView record) {
    if (passes_over_) {
      const auto batch = proof::BatchReader::open(record);
      if (batch && batch->first() <= reached_sequence()) return {};
    }
    COFFER_TRY(const auto batch, verifier_->feed(record));
    events_ += batch.size();
    for (const proof::Event& event : batch) {
      if (const auto drop = proof::read_drop(event)) stated_.push_back(drop->head);
    }
    return {};
  }

  // Whether the log states that it begins at this head, because what was before was dropped.
  [[nodiscard]] bool states(const proof::SignedHead& head) const {
    return std::ranges::find(stated_, head) != stated_.end();
  }

  Result<proof::Head> finish() {
    return verifier_ ? verifier_->finish() : fail(Code::not_found, "the log is empty");
  }

  [[nodiscard]] std::uint64_t events() const { return events_; }

  [[nodiscard]] std::uint64_t first() const { return first_; }

 private:
  [[nodiscard]] std::uint64_t reached_sequence() const {
    const auto& head = verifier_->reached();
    return head ? head->head.sequence : 0;
  }

  crypto::PublicKey key_;  // until the first piece
  std::optional<proof::SignedHead> witness_;
  std::optional<proof::Verifier> verifier_;  // from the first piece on
  bool passes_over_ = false;
  std::uint64_t first_ = 1;
  std::uint64_t events_ = 0;
  std::vector<proof::SignedHead> stated_;
};

Result<> take_file(const std::string& path, PiecewiseVerifier& verifier) {
  const auto in = std::make_shared<std::ifstream>(path, std::ios::binary);
  if (!*in) return fail(Code::not_found, "cannot open " + path);
  COFFER_TRY(proof::ExportReader reader,
             proof::ExportReader::open([in](MutableBytes out) -> Result<std::size_t> {
               in->read(reinterpret_cast<char*>(out.data()),
                        static_cast<std::streamsize>(out.size()));
               if (in->bad()) return fail(Code::unavailable, "cannot read the export file");
               return static_cast<std::size_t>(in->gcount());
             }));
  COFFER_CHECK(verifier.begin(path, reader.start()));
  while (true) {
    COFFER_TRY(const auto record, reader.next());
    if (!record) return {};
    COFFER_CHECK(verifier.take(*record));
  }
}

// A store that begins later must say so itself: somebody else may have dropped what was before.
Result<> take_folder(const std::string& path, PiecewiseVerifier& verifier) {
  std::optional<proof::SignedHead> begins;
  COFFER_CHECK(for_each_batch(path,
                              {[&](const std::optional<proof::SignedHead>& start) {
                                 begins = start;
                                 return verifier.begin(path, start);
                               },
                               [&](ByteView record) { return verifier.take(record); }}));
  if (!begins || verifier.states(*begins)) return {};
  return fail(Code::corrupt,
              "event " + std::to_string(begins->head.sequence + 1) +
                  ": the log begins here, and no event says that what was before was dropped");
}

Result<int> report(Session& session,
                   const PiecewiseVerifier& verifier,
                   const proof::Head& head,
                   bool witnessed) {
  if (session.format() != Format::table || !session.field().empty()) {
    client::Body body;
    body.integer("events", static_cast<std::int64_t>(verifier.events()))
        .integer("first", static_cast<std::int64_t>(verifier.first()))
        .integer("sequence", static_cast<std::int64_t>(head.sequence))
        .text("time", rfc3339(head.time))
        .boolean("witnessed", witnessed);
    const auto text = body.take();
    COFFER_TRY(const auto value, formats::JsonView::parse(text.text()));
    return show(session, value);
  }
  say(session,
      "The log holds: " + std::to_string(verifier.events()) + " events, the last is " +
          std::to_string(head.sequence) + " of " + rfc3339(head.time) + ".");
  if (verifier.first() > 1) {
    session.terminal().err("Note: it begins with event " + std::to_string(verifier.first()) +
                           "; verify what was before with the archive's files.\n");
  }
  if (!witnessed) {
    session.terminal().err(
        "Warning: without --head nothing shows whether the end of the log was cut off.\n");
  }
  return kExitOk;
}

Result<int> verify(Session& session, const Arguments& arguments) {
  if (!arguments.has("key") || (!arguments.has("file") && !arguments.has("data"))) {
    return fail(Code::invalid_argument, "give --key, and --file or --data");
  }
  COFFER_TRY(auto key, read_public_key(arguments.text("key")));
  COFFER_TRY(auto witness, read_witness(arguments.text("head")));
  const bool witnessed = witness.has_value();
  PiecewiseVerifier verifier(std::move(key), std::move(witness));
  for (const std::string& file : arguments.all("file")) COFFER_CHECK(take_file(file, verifier));
  if (arguments.has("data")) COFFER_CHECK(take_folder(arguments.text("data"), verifier));
  COFFER_TRY(const proof::Head head, verifier.finish());
  return report(session, verifier, head, witnessed);
}

}  // namespace

Result<crypto::PublicKey> read_public_key(const std::string& given) {
  if (given.starts_with("-----BEGIN")) return crypto::PublicKey::from_pem(given);
  COFFER_TRY(const auto text, client::read_file(given, kMaxKeyFile));
  return crypto::PublicKey::from_pem(text.text());
}

Result<std::optional<proof::SignedHead>> read_witness(const std::string& given) {
  if (given.empty()) return std::nullopt;
  std::string text = given;
  if (!given.starts_with("coffer-head:")) {
    COFFER_TRY(const auto file, client::read_file(given, kMaxKeyFile));
    text = std::string(file.text());
    while (text.ends_with('\n') || text.ends_with('\r')) text.pop_back();
  }
  COFFER_TRY(proof::SignedHead head, proof::parse_head(text));
  return head;
}

CommandSpec audit_verify_command() {
  return {"audit verify",
          "Check a log offline; exit code 7 and the first bad event when it does not hold",
          {option("key", "public key that init printed: PEM text or file"),
           option("head", "a head printed earlier: text or file; finds a cut-off end"),
           repeated("file", "file made by audit export, or of an archive; several in order"),
           option("data", "data folder of a stopped server; behind the files, if there are any")},
          verify};
}

}  // namespace coffer::cli
