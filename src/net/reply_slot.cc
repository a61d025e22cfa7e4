#include "net/reply_slot.h"

#include "net/response_head.h"

#include <utility>

namespace coffer::net {

// The right to answer one turn, used up by the call.
class ReplySlot::Ticket {
 public:
  Ticket(std::shared_ptr<ReplySlot> slot, std::uint64_t turn)
      : slot_(std::move(slot)), turn_(turn) {}

  Ticket(Ticket&&) noexcept = default;
  Ticket& operator=(Ticket&&) = delete;
  Ticket(const Ticket&) = delete;
  Ticket& operator=(const Ticket&) = delete;

  ~Ticket() {
    if (!slot_ || !slot_->open_) return;
    Loop& loop = slot_->loop_;
    loop.post([slot = std::move(slot_), turn = turn_] {
      slot->deliver(turn, error_response(500, "internal error"));
    });
  }

  void operator()(Response response) {
    if (const auto slot = std::exchange(slot_, nullptr)) slot->deliver(turn_, std::move(response));
  }

 private:
  std::shared_ptr<ReplySlot> slot_;
  std::uint64_t turn_;
};

Respond ReplySlot::begin() {
  return Ticket(shared_from_this(), ++turn_);
}

Response ReplySlot::take() {
  Response response = *std::move(answer_);
  answer_.reset();
  ++turn_;
  return response;
}

void ReplySlot::cancel() {
  if (wake_) deliver(turn_, Response());
}

void ReplySlot::deliver(std::uint64_t turn, Response response) {
  if (turn != turn_ || answer_) return;
  answer_ = std::move(response);
  if (auto wake = std::exchange(wake_, nullptr)) wake();
}

}  // namespace coffer::net
