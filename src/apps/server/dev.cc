#include "apps/server/data_directory.h"
#include "apps/server/dev_keys.h"
#include "apps/server/entry.h"
#include "apps/server/gate_client.h"
#include "apps/server/log.h"
#include "apps/server/process.h"
#include "apps/server/seed.h"
#include "base/encoding.h"
#include "crypto/x509.h"
#include "formats/json.h"
#include "keys/seal.h"

#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <sstream>

namespace coffer::server {
namespace {

constexpr int kStartFailed = 1;
constexpr std::string_view kKeyFile = "/dev-keys";
constexpr std::string_view kAccount = "123456789012";
constexpr Duration kCertificateLife = std::chrono::hours(24 * 90);

// Where this program lies, if a shell would not find it by its name; else empty.
std::string unlisted_folder() {
  namespace fs = std::filesystem;
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  const char* const path = std::getenv("PATH");
  if (error) return "";
  std::istringstream folders(path != nullptr ? path : "");
  for (std::string folder; std::getline(folders, folder, ':');) {
    if (fs::equivalent(fs::path(folder) / self.filename(), self, error)) return "";
  }
  return self.parent_path().string();
}

class DevServer {
 public:
  DevServer(const DevArguments& arguments, std::shared_ptr<Log> log)
      : arguments_(arguments), log_(std::move(log)) {
    if (arguments_.data.empty()) arguments_.data = ".dev";
  }

  Result<> run() {
    COFFER_TRY(Config config, configure());
    COFFER_TRY(assembly_,
               Assembly::make({.config = config,
                               .in_memory = arguments_.in_memory,
                               .fixed_root_token = arguments_.root_token,
                               .accepted_rows = arguments_.accepted_rows},
                              log_));
    COFFER_TRY(const bool fresh, unseal());
    // Whoever finds the port open finds everything there.
    if (fresh) COFFER_CHECK(furnish());
    COFFER_CHECK(add_access_keys());
    COFFER_CHECK(assembly_->listen());
    address_ = std::string(arguments_.tls ? "https://" : "http://") + shown_host(config.listen) +
               ":" + std::to_string(assembly_->port());
    print_welcome();
    serve(*assembly_, *log_);
    return {};
  }

 private:
  static std::string shown_host(const Endpoint& endpoint) {
    return endpoint.host.find(':') == std::string::npos ? endpoint.host : "[" + endpoint.host + "]";
  }

  Result<Config> configure() {
    Config config;
    COFFER_TRY(config.listen, parse_endpoint(arguments_.listen));
    if (!is_loopback(config.listen) && !arguments_.allow_remote) {
      return fail(Code::precondition_failed,
                  "a development server listens on loopback only; --allow-remote says otherwise");
    }
    config.allow_plain_remote = arguments_.allow_remote;
    config.cluster_name = "coffer-dev";
    config.aws_account = kAccount;
    config.storage_path = arguments_.data;
    config.reserve_mib = 0;
    const bool needs_folder = !arguments_.in_memory || arguments_.tls;
    if (needs_folder) COFFER_CHECK(prepare_data_directory(arguments_.data, DataKind::development));
    if (arguments_.tls) COFFER_CHECK(make_certificate(config));
    return config;
  }

  Result<> make_certificate(Config& config) const {
    const SystemClock clock;
    COFFER_TRY(const crypto::PrivateKey key,
               crypto::PrivateKey::generate(crypto::KeyKind::ecdsa_p256));
    COFFER_TRY(const std::string certificate,
               crypto::self_signed(key,
                                   {.common_name = "coffer development server",
                                    .dns_names = {"localhost"},
                                    .ip_addresses = {"127.0.0.1", "::1"},
                                    .not_before = clock.now() - std::chrono::minutes(5),
                                    .not_after = clock.now() + kCertificateLife}));
    config.tls_certificate = arguments_.data + "/tls.pem";
    config.tls_key = arguments_.data + "/tls.key";
    COFFER_CHECK(write_private_file(config.tls_certificate, certificate));
    return write_private_file(config.tls_key, key.pem().text());
  }

  // True when the server was initialised just now.
  Result<bool> unseal() {
    gate::Lifecycle& lifecycle = assembly_->lifecycle();
    COFFER_TRY(const gate::SealStatus status, lifecycle.status());
    const std::string key_file = arguments_.data + std::string(kKeyFile);
    if (!status.initialized) {
      COFFER_TRY(gate::Initialized made, lifecycle.initialize({.shares = 1, .threshold = 1}));
      keys_.unseal_key = secure::hex_text(made.shares.shares.front().view());
      keys_.root_token = std::move(made.root_token);
      if (!arguments_.in_memory) COFFER_CHECK(save_dev_keys(key_file, keys_));
    } else {
      COFFER_TRY(auto loaded, load_dev_keys(key_file));
      if (!loaded)
        return fail(Code::precondition_failed, key_file + " is missing: these data stay sealed");
      keys_ = std::move(*loaded);
    }
    COFFER_TRY(const secure::SecureBytes share, keys::parse_share(keys_.unseal_key.text()));
    COFFER_TRY(const bool open, lifecycle.unseal(share.view(), "development server"));
    if (!open) return fail(Code::internal, "the development key did not unseal");
    return !status.initialized;
  }

  // An administrator for each key, named after it. What is there from an earlier start is replaced.
  Result<> add_access_keys() {
    for (std::string& given : arguments_.aws_access_keys) {
      const std::size_t colon = given.find(':');
      if (colon == std::string::npos || colon == 0 || colon + 1 == given.size()) {
        return fail(Code::invalid_argument, "an AWS access key is given as ID:SECRET");
      }
      const std::string id = given.substr(0, colon);
      COFFER_CHECK(add_administrator(id, std::string_view(given).substr(colon + 1)));
      secure::wipe(given.data(), given.size());
      access_key_ids_.push_back(id);
    }
    return {};
  }

  Result<> add_administrator(const std::string& id, std::string_view secret) {
    net::ClientRequest removal;
    removal.method = "DELETE";
    removal.target = "/api/v1/aws/users/" + id;
    removal.headers.push_back({"x-vault-token", keys_.root_token.clone()});
    COFFER_CHECK(ask_(std::move(removal)));  // whatever the answer: there may be none
    secure::SecureText seed;
    formats::JsonWriter w(seed);
    w.begin_object().key("aws").begin_object().key("users").begin_object().key(id).begin_object();
    w.key("policy_arns").strings({"arn:aws:iam::aws:policy/AdministratorAccess"});
    w.key("access_keys").begin_array().begin_object();
    w.key("access_key_id").string(id).key("secret_access_key").string(secret);
    w.end_object().end_array().end_object().end_object().end_object().end_object();
    return apply_seed(seed.text(), ask_, keys_.root_token.text());
  }

  // secret/ as Vault's development server has it, and the seed.
  Result<> furnish() {
    const std::string_view seed =
        R"({"mounts":{"secret/":{"type":"kv","options":{"version":"2"}}}})";
    COFFER_CHECK(apply_seed(seed, ask_, keys_.root_token.text()));
    if (arguments_.seed.empty()) return {};
    std::ifstream in(arguments_.seed, std::ios::binary);
    if (!in) return fail(Code::not_found, "cannot read the seed file " + arguments_.seed);
    std::ostringstream text;
    text << in.rdbuf();
    return apply_seed(text.str(), ask_, keys_.root_token.text());
  }

  // For a shell in any folder.
  [[nodiscard]] std::string certificate_file() const {
    std::error_code error;
    const auto file = std::filesystem::absolute(arguments_.data + "/tls.pem", error);
    return error ? arguments_.data + "/tls.pem" : file.string();
  }

  void print_welcome() const {
    const std::string token(keys_.root_token.text());
    std::printf(
        "\nCoffer development server. Not for production: its unseal key lies beside its data.\n\n"
        "  address     %s\n  root token  %s\n",
        address_.c_str(),
        token.c_str());
    for (const std::string& id : access_key_ids_) {
      std::printf("  AWS key     %s (account %s)\n", id.c_str(), std::string(kAccount).c_str());
    }
    if (arguments_.in_memory) {
      std::printf("  data        in memory, gone when it stops\n");
    } else {
      std::printf("  data        %s\n  unseal key  %s%s (mode 0600)\n",
                  arguments_.data.c_str(),
                  arguments_.data.c_str(),
                  std::string(kKeyFile).c_str());
    }
    std::printf("\nIn another terminal:\n\n");
    if (const std::string folder = unlisted_folder(); !folder.empty()) {
      std::printf("  export PATH=\"%s:$PATH\"\n", folder.c_str());
    }
    std::printf(
        "  export COFFER_ADDR=%s COFFER_TOKEN=%s%s\n"
        "  coffer secret put prod.db.password value=s3cret\n"
        "  coffer secret get prod.db.password\n"
        "  coffer audit tail\n\nCtrl-C stops it.\n\n",
        address_.c_str(),
        token.c_str(),
        arguments_.tls ? (" COFFER_CACERT=" + certificate_file()).c_str() : "");
    std::fflush(stdout);
  }

  DevArguments arguments_;
  std::shared_ptr<Log> log_;
  GateClient client_;
  std::unique_ptr<Assembly> assembly_;
  const Ask ask_ = [this](net::ClientRequest request) {
    return client_.send(assembly_->gate(), std::move(request));
  };
  DevKeys keys_;
  std::string address_;
  std::vector<std::string> access_key_ids_;
};

}  // namespace

int run_dev(const DevArguments& arguments) {
  const auto log = std::make_shared<Log>("info", "text");
  prepare_process(*log);
  if (const Result<> ran = DevServer(arguments, log).run(); !ran) {
    log->error(ran.error().message);
    return kStartFailed;
  }
  return 0;
}

}  // namespace coffer::server
