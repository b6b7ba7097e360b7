sauda_test(storage_contract_test LABEL contract
  SOURCES contract/pg_pool_test.cpp contract/pg_copy_test.cpp contract/migrations_test.cpp
          contract/redis_test.cpp
  LINK storage test_support)
