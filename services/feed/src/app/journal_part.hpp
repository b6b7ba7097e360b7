#pragma once

#include <memory>

#include "libs/base/result.hpp"
#include "services/feed/src/adapters/file_journal.hpp"
#include "services/feed/src/adapters/file_journal_reader.hpp"
#include "services/feed/src/adapters/journal_past.hpp"
#include "services/feed/src/app/ground.hpp"

namespace sauda::feed {

/// The journal of this run, and what is left of earlier ones.
class JournalPart {
 public:
  /// `ground` outlives it.
  explicit JournalPart(Ground& ground) : ground_{ground} {}

  /// Mends what earlier runs left, and begins this run's. Fails as journal::Recover and
  /// FileJournal::Start do.
  Result<void> Start();
  void Stop();

  FileJournal& journal() { return *journal_; }
  FileJournalReader& reader() { return *reader_; }
  const JournalPast& past() const { return past_; }  ///< of earlier runs

 private:
  Result<void> Mend();
  journal::Writer::Events Events();

  Ground& ground_;
  std::unique_ptr<FileJournal> journal_;
  JournalPast past_;
  std::unique_ptr<FileJournalReader> reader_;
};

}  // namespace sauda::feed
