#include "crypto/block_cipher.h"

#include "crypto/aead.h"
#include "crypto/openssl_ptr.h"

#include <mutex>

namespace coffer::crypto {
namespace {

enum class Direction : std::uint8_t { decrypt = 0, encrypt = 1 };

// A context with a cipher and no key yet; calls re-key it with a null cipher.
class Context {
 public:
  explicit Context(const EVP_CIPHER* cipher) : context_(EVP_CIPHER_CTX_new()) {
    must(cipher != nullptr && context_ != nullptr &&
             EVP_CipherInit_ex2(context_.get(), cipher, nullptr, nullptr, 1, nullptr) == 1,
         "OpenSSL lacks a cipher");
  }

  // For ciphers that would pad; OpenSSL then says so to the cipher at each start.
  void without_padding() { EVP_CIPHER_CTX_set_padding(context_.get(), 0); }

  // A null key or nonce: the one before stays.
  void start(const std::uint8_t* key, const std::uint8_t* nonce, Direction direction) {
    must(EVP_CipherInit_ex2(
             context_.get(), nullptr, key, nonce, static_cast<int>(direction), nullptr) == 1,
         "OpenSSL failed to key a cipher");
  }

  // A null `out` makes it associated data.
  void update(ByteView in, std::uint8_t* out) {
    if (in.empty()) return;
    int written = 0;
    must(EVP_CipherUpdate(context_.get(), out, &written, in.data(), static_cast<int>(in.size())) ==
             1,
         "OpenSSL failed to run a cipher");
  }

  // None of the modes here has output left: the pointer is only where OpenSSL could write.
  [[nodiscard]] bool finish() {
    std::uint8_t none[EVP_MAX_BLOCK_LENGTH];
    int written = 0;
    return EVP_CipherFinal_ex(context_.get(), none, &written) == 1;
  }

  void read_tag(std::uint8_t* tag) {
    must(EVP_CIPHER_CTX_ctrl(
             context_.get(), EVP_CTRL_AEAD_GET_TAG, static_cast<int>(kTagSize), tag) == 1,
         "OpenSSL gave no tag");
  }

  void expect_tag(ByteView tag) {
    must(EVP_CIPHER_CTX_ctrl(context_.get(),
                             EVP_CTRL_AEAD_SET_TAG,
                             static_cast<int>(kTagSize),
                             const_cast<std::uint8_t*>(tag.data())) == 1,
         "OpenSSL took no tag");
  }

 private:
  CipherContextPtr context_;
};

// Fetched once per process, valid until exit: fetching costs more than a context.
const EVP_CIPHER* block_cipher() {
  static const CipherPtr cipher(EVP_CIPHER_fetch(nullptr, "AES-256-ECB", nullptr));
  return cipher.get();
}

// Overwrites the schedule in a context when the work is done, also when it ends by an exception.
// Failing to do so ends the process: the destructor does not throw.
class Forget {
 public:
  explicit Forget(Context& context, bool needed = true) : context_(context), needed_(needed) {}

  Forget(const Forget&) = delete;
  Forget& operator=(const Forget&) = delete;

  ~Forget() {
    static constexpr std::array<std::uint8_t, 32> kZero{};
    if (needed_) context_.start(kZero.data(), nullptr, Direction::encrypt);
  }

 private:
  Context& context_;
  bool needed_;
};

const EVP_CIPHER* auth_cipher(AuthCipher cipher) {
  switch (cipher) {
    case AuthCipher::aes256_gcm: {
      static const CipherPtr fetched(EVP_CIPHER_fetch(nullptr, "AES-256-GCM", nullptr));
      return fetched.get();
    }
    case AuthCipher::aes128_gcm: {
      static const CipherPtr fetched(EVP_CIPHER_fetch(nullptr, "AES-128-GCM", nullptr));
      return fetched.get();
    }
    case AuthCipher::chacha20_poly1305: {
      static const CipherPtr fetched(EVP_CIPHER_fetch(nullptr, "ChaCha20-Poly1305", nullptr));
      return fetched.get();
    }
  }
  throw std::logic_error("no such AuthCipher");
}

// Contexts are costly to make and not safe to share, so each thread keeps its own.
Context& context_of_this_thread(AuthCipher cipher) {
  switch (cipher) {
    case AuthCipher::aes256_gcm: {
      thread_local Context context(auth_cipher(AuthCipher::aes256_gcm));
      return context;
    }
    case AuthCipher::aes128_gcm: {
      thread_local Context context(auth_cipher(AuthCipher::aes128_gcm));
      return context;
    }
    case AuthCipher::chacha20_poly1305: {
      thread_local Context context(auth_cipher(AuthCipher::chacha20_poly1305));
      return context;
    }
  }
  throw std::logic_error("no such AuthCipher");
}

void encrypt_started(Context& context, ByteView aad, ByteView plaintext, MutableBytes out) {
  context.update(aad, nullptr);
  context.update(plaintext, out.data());
  must(context.finish(), "OpenSSL failed to seal");
  context.read_tag(out.last(kTagSize).data());
}

bool decrypt_started(Context& context, ByteView aad, ByteView sealed, MutableBytes out) {
  context.expect_tag(sealed.last(kTagSize));
  context.update(aad, nullptr);
  context.update(sealed.first(sealed.size() - kTagSize), out.data());
  return context.finish();
}

}  // namespace

void auth_encrypt(AuthCipher cipher,
                  const AuthMessage& message,
                  ByteView plaintext,
                  MutableBytes out) {
  Context& context = context_of_this_thread(cipher);
  const Forget forget(context, !message.key_serves_once);
  context.start(message.key.data(), message.nonce.data(), Direction::encrypt);
  encrypt_started(context, message.aad, plaintext, out);
}

bool auth_decrypt(AuthCipher cipher,
                  const AuthMessage& message,
                  ByteView sealed,
                  MutableBytes out) {
  const QuietErrors quiet;
  Context& context = context_of_this_thread(cipher);
  const Forget forget(context, !message.key_serves_once);
  context.start(message.key.data(), message.nonce.data(), Direction::decrypt);
  return decrypt_started(context, message.aad, sealed, out);
}

struct KeptCipher::Schedule {
  explicit Schedule(AuthCipher cipher) : context(auth_cipher(cipher)) {}

  Context context;
};

KeptCipher::KeptCipher(AuthCipher cipher, ByteView key)
    : schedule_(std::make_unique<Schedule>(cipher)) {
  schedule_->context.start(key.data(), nullptr, Direction::encrypt);
}

KeptCipher::~KeptCipher() = default;

void KeptCipher::encrypt(ByteView nonce, ByteView aad, ByteView plaintext, MutableBytes out) {
  schedule_->context.start(nullptr, nonce.data(), Direction::encrypt);
  encrypt_started(schedule_->context, aad, plaintext, out);
}

bool KeptCipher::decrypt(ByteView nonce, ByteView aad, ByteView sealed, MutableBytes out) {
  const QuietErrors quiet;
  schedule_->context.start(nullptr, nonce.data(), Direction::decrypt);
  return decrypt_started(schedule_->context, aad, sealed, out);
}

struct BlockKey::Schedule {
  Schedule() { context.without_padding(); }

  void forget() { const Forget now(context); }

  std::mutex mutex;  // OpenSSL's contexts are not safe to share
  Context context{block_cipher()};
};

// Making a context costs more than expanding a key, and many keys serve a single message: each
// thread keeps one context without a key for the next.
std::unique_ptr<BlockKey::Schedule>& BlockKey::spare_of_this_thread() {
  thread_local std::unique_ptr<Schedule> spare;
  return spare;
}

BlockKey::BlockKey(ByteView key) : schedule_(std::move(spare_of_this_thread())) {
  if (!schedule_) schedule_ = std::make_unique<Schedule>();
  schedule_->context.start(key.data(), nullptr, Direction::encrypt);
}

BlockKey::~BlockKey() {
  std::unique_ptr<Schedule>& spare = spare_of_this_thread();
  if (spare) return;  // OpenSSL wipes the schedule with its context
  schedule_->forget();
  spare = std::move(schedule_);
}

void BlockKey::encrypt(ByteView in, MutableBytes out) const {
  const std::scoped_lock lock(schedule_->mutex);
  schedule_->context.update(in, out.data());
}

}  // namespace coffer::crypto
