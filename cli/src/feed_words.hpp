#pragma once

#include <string>
#include <utility>
#include <vector>

#include "sauda/feed/v1alpha1/feed.pb.h"

namespace sauda::cli {

/// What the command line calls the feed's modes.
inline const std::vector<std::pair<std::string, feed::v1alpha1::Mode>> kModes{
    {"ltpc", feed::v1alpha1::MODE_LTPC},
    {"option_greeks", feed::v1alpha1::MODE_OPTION_GREEKS},
    {"full", feed::v1alpha1::MODE_FULL},
    {"full_d30", feed::v1alpha1::MODE_FULL_D30}};

/// The same of types of instruments.
inline const std::vector<std::pair<std::string, feed::v1alpha1::Kind>> kTypes{
    {"index", feed::v1alpha1::KIND_INDEX},
    {"equity", feed::v1alpha1::KIND_EQUITY},
    {"futures", feed::v1alpha1::KIND_FUTURE},
    {"options", feed::v1alpha1::KIND_OPTION}};
inline const std::vector<std::pair<std::string, feed::v1alpha1::Universe>> kUniverses{
    {"fo", feed::v1alpha1::UNIVERSE_FO}};

}  // namespace sauda::cli
