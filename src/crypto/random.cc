#include "crypto/random.h"

#include "crypto/hash.h"

#include <climits>
#include <openssl/rand.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <stdexcept>
#include <sys/mman.h>

namespace coffer::crypto {
namespace {

constexpr std::size_t kPage = 4096;
constexpr std::size_t kLargeRequest = 1024;

void draw(MutableBytes out) {
  while (!out.empty()) {
    const std::size_t size = std::min<std::size_t>(out.size(), INT_MAX);
    if (RAND_priv_bytes(out.data(), static_cast<int>(size)) != 1) {
      throw std::runtime_error("the system's random source failed");
    }
    out = out.subspan(size);
  }
}

// Octets drawn ahead, in a page of their own that is empty in a child after fork(): the kernel
// fills it with zeros there, and zero is "nothing left". So two processes never share octets,
// without a system call per request to find out. Kept out of swap and core dumps where the system
// allows.
class Pool {
 public:
  Pool() {
    void* page = mmap(nullptr, kPage, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (page == MAP_FAILED) return;
    if (madvise(page, kPage, MADV_WIPEONFORK) != 0) {
      munmap(page, kPage);
      return;
    }
    (void)madvise(page, kPage, MADV_DONTDUMP);
    (void)mlock(page, kPage);
    page_ = new (page) Page{};
  }

  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;

  ~Pool() {
    if (page_ == nullptr) return;
    secure::wipe(page_, kPage);
    munmap(page_, kPage);
  }

  void fill(MutableBytes out) {
    if (page_ == nullptr || out.size() >= kLargeRequest) return draw(out);
    if (page_->left < out.size()) {
      page_->left = 0;  // stays empty when draw() throws
      draw(page_->octets);
      page_->left = page_->octets.size();
    }
    page_->left -= out.size();
    std::uint8_t* taken = page_->octets.data() + page_->left;
    std::copy_n(taken, out.size(), out.begin());
    secure::wipe(taken, out.size());
  }

 private:
  struct Page {
    std::size_t left;
    std::array<std::uint8_t, kPage - sizeof(std::size_t)> octets;
  };

  static_assert(sizeof(Page) == kPage);

  Page* page_ = nullptr;  // null where the system gives no page that is wiped on fork
};

// One pool per thread: it needs no lock, and dies (wiped) with the thread.
Pool& pool_of_this_thread() {
  thread_local Pool pool;
  return pool;
}

class SystemRandom final : public Random {
 public:
  void fill(MutableBytes out) override { pool_of_this_thread().fill(out); }
};

class SeededRandom final : public Random {
 public:
  explicit SeededRandom(std::uint64_t seed) : seed_(seed) {}

  void fill(MutableBytes out) override {
    while (!out.empty()) {
      const std::array<std::uint64_t, 2> block = {seed_, counter_++};
      const Digest digest =
          sha256({reinterpret_cast<const std::uint8_t*>(block.data()), sizeof(block)});
      const std::size_t size = std::min(out.size(), digest.size());
      std::copy_n(digest.begin(), size, out.begin());
      out = out.subspan(size);
    }
  }

 private:
  const std::uint64_t seed_;
  std::atomic<std::uint64_t> counter_ = 0;
};

}  // namespace

std::unique_ptr<Random> system_random() {
  return std::make_unique<SystemRandom>();
}

std::unique_ptr<Random> seeded_random(std::uint64_t seed) {
  return std::make_unique<SeededRandom>(seed);
}

}  // namespace coffer::crypto
