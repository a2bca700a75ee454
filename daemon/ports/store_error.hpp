// What a store throws. A job that got one of these has changed nothing. Any thread.
#pragma once

#include <stdexcept>
#include <string>

namespace hubsync {

/// The store cannot write now (disk full, I/O error): try again later, nothing was lost.
class StoreUnavailable : public std::runtime_error {
 public:
  explicit StoreUnavailable(const std::string& reason) : std::runtime_error(reason) {}
};

/// What to do about a StoreCorrupt.
inline const std::string damage_hint =
    "stop hubsyncd and put the last backup (hubsync db backup) in the place of the database";

/// What is stored contradicts itself: stop all writing (I36).
class StoreCorrupt : public std::runtime_error {
 public:
  explicit StoreCorrupt(const std::string& reason) : std::runtime_error(reason) {}
};

/// The database cannot be opened as it is: in use, from the future, edited, or not ours. For start-up.
class StoreRefused : public std::runtime_error {
 public:
  explicit StoreRefused(const std::string& reason) : std::runtime_error(reason) {}
};

}  // namespace hubsync
