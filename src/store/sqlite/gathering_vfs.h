// GatheringVfs: a SQLite VFS that writes to a write-ahead log in few pieces.
//
// The engine writes the head and the page of each frame by a call of its own: some hundred system
// calls a commit, which cost as much as its sync. Here what follows on what was written last is
// kept and goes out whole: before the log is synced, read, measured or cut, when kMostOctets are
// reached, and when the file is closed. So a sync covers all that was written before it, as without
// this. A write that fails is told by the call that made it necessary, mostly the sync; its octets
// are gone.
//
// For the one connection that writes: what is kept is seen by no other one, and the engine shows
// others no frame before it is synced (synchronous=FULL). Files but write-ahead logs are passed on
// to the VFS behind. Registered while the object lives; connections that use it die first.
#pragma once

#include <memory>
#include <string>

namespace coffer::store::sqlite {

class GatheringVfs {
 public:
  // Before the VFS of that name; empty: the default.
  explicit GatheringVfs(const std::string& behind);
  GatheringVfs(const GatheringVfs&) = delete;
  GatheringVfs& operator=(const GatheringVfs&) = delete;
  ~GatheringVfs();

  [[nodiscard]] const std::string& name() const { return name_; }

  struct State;

 private:
  const std::unique_ptr<State> state_;
  const std::string name_;  // its own in the process
};

}  // namespace coffer::store::sqlite
