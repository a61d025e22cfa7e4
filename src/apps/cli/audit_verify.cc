#include "apps/cli/audit_verify.h"

#include "apps/cli/exit_code.h"
#include "apps/cli/output.h"
#include "apps/client/body.h"
#include "apps/client/files.h"
#include "base/time_text.h"
#include "proof/export_file.h"

#include <fstream>
#include <utility>

namespace coffer::cli {
namespace {

constexpr std::size_t kMaxKeyFile = 64 * 1024;

struct Outcome {
  Result<proof::Head> head;
  std::uint64_t events = 0;
};

Result<Outcome> verify_file(const std::string& path,
                            crypto::PublicKey key,
                            std::optional<proof::SignedHead> witness) {
  const auto in = std::make_shared<std::ifstream>(path, std::ios::binary);
  if (!*in) return fail(Code::not_found, "cannot open " + path);
  COFFER_TRY(proof::ExportReader reader,
             proof::ExportReader::open([in](MutableBytes out) -> Result<std::size_t> {
               in->read(reinterpret_cast<char*>(out.data()),
                        static_cast<std::streamsize>(out.size()));
               if (in->bad()) return fail(Code::unavailable, "cannot read the export file");
               return static_cast<std::size_t>(in->gcount());
             }));
  proof::Verifier verifier(std::move(key), std::move(witness), reader.start());
  std::uint64_t events = 0;
  auto head = proof::verify_export(reader, verifier, [&events](const proof::Event&) {
    ++events;
    return Result<>();
  });
  return Outcome{std::move(head), events};
}

Result<Outcome> verify_folder(const std::string& path,
                              crypto::PublicKey key,
                              std::optional<proof::SignedHead> witness) {
  proof::Verifier verifier(std::move(key), std::move(witness));
  std::uint64_t events = 0;
  const auto fed = for_each_batch(path, [&](ByteView record) -> Result<> {
    COFFER_TRY(const auto batch, verifier.feed(record));
    events += batch.size();
    return {};
  });
  if (!fed) return Outcome{std::unexpected(fed.error()), events};
  return Outcome{verifier.finish(), events};
}

Result<int> report(Session& session, const Outcome& outcome, bool witnessed) {
  if (!outcome.head) return std::unexpected(outcome.head.error());
  if (session.format() != Format::table || !session.field().empty()) {
    client::Body body;
    body.integer("events", static_cast<std::int64_t>(outcome.events))
        .integer("sequence", static_cast<std::int64_t>(outcome.head->sequence))
        .text("time", rfc3339(outcome.head->time))
        .boolean("witnessed", witnessed);
    const auto text = body.take();
    COFFER_TRY(const auto value, formats::JsonView::parse(text.text()));
    return show(session, value);
  }
  say(session,
      "The log holds: " + std::to_string(outcome.events) + " events, the last is " +
          std::to_string(outcome.head->sequence) + " of " + rfc3339(outcome.head->time) + ".");
  if (!witnessed) {
    session.terminal().err(
        "Warning: without --head nothing shows whether the end of the log was cut off.\n");
  }
  return kExitOk;
}

Result<int> verify(Session& session, const Arguments& arguments) {
  if (!arguments.has("key") || arguments.has("file") == arguments.has("data")) {
    return fail(Code::invalid_argument, "give --key and one of --file and --data");
  }
  COFFER_TRY(auto key, read_public_key(arguments.text("key")));
  COFFER_TRY(auto witness, read_witness(arguments.text("head")));
  const bool witnessed = witness.has_value();
  COFFER_TRY(const Outcome outcome,
             arguments.has("file")
                 ? verify_file(arguments.text("file"), std::move(key), std::move(witness))
                 : verify_folder(arguments.text("data"), std::move(key), std::move(witness)));
  return report(session, outcome, witnessed);
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
           option("file", "file made by audit export"),
           option("data", "data folder of a stopped server")},
          verify};
}

}  // namespace coffer::cli
