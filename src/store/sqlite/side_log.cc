#include "store/sqlite/side_log.h"

#include "store/limits.h"

#include <sqlite3.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <optional>
#include <ranges>
#include <set>
#include <system_error>
#include <utility>

namespace coffer::store::sqlite {
namespace {

constexpr std::string_view kMark = "-log";
constexpr std::size_t kDigits = 20;
constexpr std::uint64_t kLeastAhead = 64U << 10U;  // octets filled with zeros at a time
constexpr std::uint64_t kMostAhead = 1U << 20U;
constexpr std::uint64_t kLargestSegment =
    SideLog::kFullSegment + frame_size(kMaxRecord) + kMostAhead;

struct Name {
  LogId log;
  std::uint64_t first = 0;
};

template <class Number>
std::optional<Number> number_of(std::string_view text) {
  Number value{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

// What the name of a file beside the store says; nullopt: it is no segment.
std::optional<Name> parse_name(std::string_view file, std::string_view store) {
  if (!file.starts_with(store)) return std::nullopt;
  file.remove_prefix(store.size());
  if (!file.starts_with(kMark)) return std::nullopt;
  file.remove_prefix(kMark.size());
  const std::size_t dash = file.find('-');
  if (dash == std::string_view::npos || file.size() - dash - 1 != kDigits) return std::nullopt;
  const auto log = number_of<std::uint16_t>(file.substr(0, dash));
  const auto first = number_of<std::uint64_t>(file.substr(dash + 1));
  if (!log || !first) return std::nullopt;
  return Name{LogId(*log), *first};
}

Result<std::vector<Name>> names_beside(const std::string& path) {
  const std::filesystem::path store(path);
  const auto folder = store.has_parent_path() ? store.parent_path() : std::filesystem::path(".");
  std::error_code error;
  std::vector<Name> names;
  std::filesystem::directory_iterator entry(folder, error);
  for (const std::filesystem::directory_iterator end; !error && entry != end;
       entry.increment(error)) {
    const auto name = parse_name(entry->path().filename().string(), store.filename().string());
    if (name) names.push_back(*name);
  }
  if (error) return fail(Code::unavailable, "the store directory cannot be read");
  return names;
}

std::unexpected<Error> damaged_frame() {
  return fail(Code::corrupt, "a frame of a log segment is damaged");
}

}  // namespace

Result<std::vector<LogId>> SideLog::list(const std::string& path) {
  COFFER_TRY(const auto names, names_beside(path));
  std::set<LogId> logs;
  for (const Name& name : names) logs.insert(name.log);
  return std::vector<LogId>(logs.begin(), logs.end());
}

Result<std::unique_ptr<SideLog>> SideLog::open(Place place) {
  std::unique_ptr<SideLog> log(new SideLog(std::move(place)));
  COFFER_CHECK(log->find_segments());
  while (!log->segments_.empty() && log->writing_ == nullptr) COFFER_CHECK(log->recover_newest());
  return log;
}

std::string SideLog::segment_path(std::uint64_t first) const {
  const std::string digits = std::to_string(first);
  return place_.path + std::string(kMark) + std::to_string(place_.log.value()) + "-" +
         std::string(kDigits - digits.size(), '0') + digits;
}

Result<> SideLog::find_segments() {
  COFFER_TRY(const auto names, names_beside(place_.path));
  for (const Name& name : names) {
    if (name.log == place_.log) segments_.push_back({segment_path(name.first), name.first, 0});
  }
  std::ranges::sort(segments_, {}, &Segment::first);
  return {};
}

// Opens the newest segment for writing behind its last whole frame. One that never got its head
// whole got no frame either, and is removed.
Result<> SideLog::recover_newest() {
  Segment& newest = segments_.back();
  COFFER_TRY(auto file, VfsFile::open(place_.vfs, newest.path));
  COFFER_TRY(const std::uint64_t size, file->size());
  if (size > kLargestSegment) return fail(Code::corrupt, "a log segment is too long");
  Bytes content(static_cast<std::size_t>(size));
  COFFER_CHECK(file->read(content, 0));
  const auto decoded = decode_head(content);
  const auto is_zero = [](std::uint8_t octet) { return octet == 0; };
  if (!decoded && std::ranges::all_of(content | std::views::drop(kSegmentHead), is_zero)) {
    file.reset();
    COFFER_CHECK(VfsFile::remove(place_.vfs, newest.path));
    segments_.pop_back();
    return {};
  }
  COFFER_TRY(const SegmentHead head, decoded);
  if (head.log != place_.log || head.first != newest.first) {
    return fail(Code::corrupt, "a log segment has another's name");
  }
  COFFER_TRY(const SegmentScan scan, scan_segment(content, head));
  newest.end = scan.end;
  last_ = scan.last == 0 ? newest.first - 1 : scan.last;
  salt_ = head.salt;
  zeroed_ = size;
  writing_ = std::move(file);
  return {};
}

std::uint64_t SideLog::last() const {
  const std::scoped_lock lock(mutex_);
  return last_;
}

Result<> SideLog::append(std::uint64_t sequence, ByteView record) {
  COFFER_CHECK(check_record(record));
  COFFER_CHECK(settle());
  const std::size_t size = frame_size(record.size());
  const bool full = !segments_.empty() && segments_.back().end > kSegmentHead &&
                    segments_.back().end + size > kFullSegment;
  if (writing_ == nullptr || full) COFFER_CHECK(begin_segment(sequence));
  encode_frame(frame_, salt_, sequence, record);
  const std::uint64_t end = segments_.back().end;
  COFFER_CHECK(make_room(end + size));
  unsettled_ = true;
  COFFER_CHECK(writing_->write(frame_, end));
  COFFER_CHECK(writing_->sync());
  unsettled_ = false;
  const std::scoped_lock lock(mutex_);
  segments_.back().end = end + size;
  last_ = sequence;
  return {};
}

// The place was filled ahead, so that a full disk does not matter.
Result<> SideLog::settle() {
  if (!unsettled_) return {};
  COFFER_CHECK(writing_->write(Bytes(kFrameHead), segments_.back().end));
  COFFER_CHECK(writing_->sync());
  unsettled_ = false;
  return {};
}

// The head is durable before the first frame is written: a segment without a head has no frames.
Result<> SideLog::begin_segment(std::uint64_t first) {
  const std::string path = segment_path(first);
  SegmentHead head{.log = place_.log, .first = first};
  sqlite3_randomness(sizeof head.salt, &head.salt);
  COFFER_TRY(auto file, VfsFile::open(place_.vfs, path));
  COFFER_CHECK(file->write(encode_head(head), 0));
  COFFER_CHECK(file->sync());
  writing_ = std::move(file);
  salt_ = head.salt;
  zeroed_ = kSegmentHead;
  const std::scoped_lock lock(mutex_);
  // An append that failed may have begun the same one already.
  if (segments_.empty() || segments_.back().first != first) segments_.push_back({path, first, 0});
  segments_.back().end = kSegmentHead;
  return {};
}

// A file that grows has its length and blocks written with each sync.
Result<> SideLog::make_room(std::uint64_t octets) {
  if (octets <= zeroed_) return {};
  const std::uint64_t ahead = std::clamp(zeroed_, kLeastAhead, kMostAhead);
  const std::uint64_t end = std::max(octets, zeroed_ + ahead);
  const Bytes zeros(static_cast<std::size_t>(end - zeroed_));
  COFFER_CHECK(writing_->write(zeros, zeroed_));
  zeroed_ = end;
  return {};
}

Result<std::vector<LogRecord>> SideLog::read(std::uint64_t from, std::size_t limit) const {
  std::vector<Segment> segments;
  {
    const std::scoped_lock lock(mutex_);
    // The last that begins at `from` or before, and all behind it.
    auto at = std::ranges::upper_bound(segments_, from, {}, &Segment::first);
    if (at != segments_.begin()) --at;
    segments.assign(at, segments_.end());
  }
  std::vector<LogRecord> out;
  for (std::size_t i = 0; i < segments.size() && out.size() < limit; ++i) {
    const std::uint64_t behind = i + 1 < segments.size() ? segments[i + 1].first : UINT64_MAX;
    COFFER_CHECK(read_segment(segments[i], from, behind, limit, out));
  }
  return out;
}

Result<> SideLog::read_segment(const Segment& segment,
                               std::uint64_t from,
                               std::uint64_t behind,
                               std::size_t limit,
                               std::vector<LogRecord>& out) const {
  Bookmark at{.first = segment.first, .sequence = segment.first};
  {
    const std::scoped_lock lock(mutex_);
    if (bookmark_.first == segment.first && bookmark_.sequence <= from) at = bookmark_;
  }
  auto opened = VfsFile::open_existing(place_.vfs, segment.path);
  if (!opened && opened.error().code == Code::not_found) return {};  // dropped meanwhile
  COFFER_TRY(const auto file, std::move(opened));
  COFFER_TRY(const std::uint64_t size, file->size());
  if (size <= kSegmentHead) return {};  // no frame was begun, and perhaps the head is not whole
  Bytes head_octets(kSegmentHead);
  COFFER_CHECK(file->read(head_octets, 0));
  COFFER_TRY(const SegmentHead head, decode_head(head_octets));
  const std::uint64_t end = segment.end == 0 ? size : segment.end;
  Bytes frame(kFrameHead);
  while (at.offset < end && out.size() < limit) {
    COFFER_CHECK(file->read(frame, at.offset));
    const auto frame_head = decode_frame_head(frame, head.salt);
    if (!frame_head) {
      if (segment.end == 0) break;  // the zeros behind a segment's frames
      return damaged_frame();
    }
    if (frame_head->sequence >= behind) break;
    at.sequence = frame_head->sequence;
    if (frame_head->sequence >= from) {
      LogRecord record{frame_head->sequence, Bytes(frame_head->length)};
      COFFER_CHECK(file->read(record.record, at.offset + kFrameHead));
      out.push_back(std::move(record));
    }
    at.offset += frame_size(frame_head->length);
    ++at.sequence;
  }
  const std::scoped_lock lock(mutex_);
  bookmark_ = at;
  return {};
}

Result<> SideLog::drop(std::uint64_t below) {
  while (!segments_.empty()) {
    const std::uint64_t next = segments_.size() > 1 ? segments_[1].first : last_ + 1;
    if (next > below) return {};
    if (segments_.size() == 1) {
      writing_.reset();
      unsettled_ = false;
    }
    COFFER_CHECK(VfsFile::remove(place_.vfs, segments_.front().path));
    const std::scoped_lock lock(mutex_);
    segments_.erase(segments_.begin());
    bookmark_ = {};
  }
  return {};
}

}  // namespace coffer::store::sqlite
