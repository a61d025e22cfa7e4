// ReadBuffer: octets received and not yet parsed. What is consumed is wiped, and so is what growth
// or the end leaves behind: requests carry credentials.
//
// Begins at 4 KiB, doubles while reads fill it, up to a fixed limit; an idle connection gives back
// what it grew. Not thread-safe.
#pragma once

#include "secure/bytes.h"

#include <algorithm>
#include <cstring>
#include <string_view>

namespace coffer::net {

class ReadBuffer {
 public:
  static constexpr std::size_t kInitial = 4096;

  explicit ReadBuffer(std::size_t limit) : limit_(std::max(limit, kInitial)), octets_(kInitial) {}

  [[nodiscard]] std::string_view text() const {
    return as_text(octets_.view().subspan(begin_, end_ - begin_));
  }

  [[nodiscard]] bool empty() const { return begin_ == end_; }

  // Room for more octets; empty when the limit is reached and nothing has been consumed.
  [[nodiscard]] MutableBytes prepare() {
    if (begin_ != 0) move_to_front();
    if (end_ == octets_.size()) octets_.resize(std::min(limit_, octets_.size() * 2));
    return octets_.mutable_view().subspan(end_);
  }

  void commit(std::size_t size) { end_ += size; }

  void consume(std::size_t size) {
    secure::wipe(octets_.mutable_view().data() + begin_, size);
    begin_ += size;
    if (begin_ == end_) begin_ = end_ = 0;
  }

  // Gives grown memory back, when nothing is held.
  void shrink() {
    if (empty() && octets_.size() > kInitial) octets_ = secure::SecureBytes(kInitial);
  }

 private:
  void move_to_front() {
    std::uint8_t* data = octets_.mutable_view().data();
    const std::size_t size = end_ - begin_;
    std::memmove(data, data + begin_, size);
    secure::wipe(data + size, end_ - size);
    begin_ = 0;
    end_ = size;
  }

  std::size_t limit_;
  secure::SecureBytes octets_;
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
};

}  // namespace coffer::net
