sauda_test(journal_test LABEL core
  SOURCES core/journal_catalog_test.cpp core/journal_crash_test.cpp core/journal_feed_payloads_test.cpp
          core/journal_follower_test.cpp core/journal_format_test.cpp core/journal_full_disk_test.cpp
          core/journal_reader_test.cpp core/journal_records_test.cpp core/journal_recover_test.cpp
          core/journal_retention_test.cpp core/journal_writer_test.cpp
  LINK journal test_support)
