#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "libs/base/result.hpp"
#include "libs/base/secret.hpp"

namespace sauda {

/// Where a setting may come from, in this order: the flag, the variables, the default.
struct SettingName {
  /// A setting of the service alone: `listen` of `feed` is --listen and SAUDA_FEED_LISTEN.
  SettingName(const char* own) : flag{own} {}

  /// A setting that all services share: --broker and SAUDA_BROKER; SAUDA_FEED_BROKER comes first.
  static SettingName Shared(const char* flag);

  /// A setting whose variable is known under another name.
  static SettingName Variable(const char* flag, const char* variable);

  std::string flag;
  bool shared = false;
  std::string variable;  // empty: made from the flag
};

/// Settings of one process: flag, then environment, then default, checked whole at start. Declaring
/// one binds it to a variable whose value so far is the default, so --help and the checks cannot
/// forget any. Bound variables must outlive Parse. An empty variable counts as unset.
class Settings {
 public:
  using Lookup = std::function<std::optional<std::string>(const std::string& variable)>;

  /// `service` is the part in SAUDA_<SERVICE>_…; `program` and `about` head the help.
  Settings(std::string service, std::string program, std::string about);

  /// What is allowed instead of a text; absent: the text is.
  using Objection = std::function<std::optional<std::string>(const std::string& text)>;
  void Text(const SettingName& name, std::string& target, const std::string& help,
            const Objection& objection = nullptr);
  /// A text that has no default.
  void Required(const SettingName& name, std::string& target, const std::string& help);
  void Optional(const SettingName& name, std::optional<std::string>& target,
                const std::string& help);
  /// Several texts: `--name a b c`, or separated by commas in the variable.
  void List(const SettingName& name, std::vector<std::string>& target, const std::string& help);
  void Flag(const SettingName& name, bool& target, const std::string& help);

  struct Range {
    std::int64_t low = 0;
    std::int64_t high = 0;
  };
  void Number(const SettingName& name, std::int64_t& target, Range allowed,
              const std::string& help);
  void Real(const SettingName& name, double& target, double low, double high,
            const std::string& help);
  /// In milliseconds.
  void Millis(const SettingName& name, std::chrono::milliseconds& target, Range allowed,
              const std::string& help);
  /// `host:port`, with port 0 where the system may choose.
  void Address(const SettingName& name, std::string& target, const std::string& help);

  /// One word of a closed list. `said` becomes true when somebody gave it: the target is not what
  /// it was by itself.
  template <typename Enum>
  void Choice(const SettingName& name, Enum& target,
              const std::vector<std::pair<std::string, Enum>>& words, const std::string& help,
              bool* said = nullptr);

  /// From the variable, or from the file that <VARIABLE>_FILE or --name-file names; never from a
  /// flag, where every user of the machine could read it. One newline at the end is cut off.
  void Hidden(const SettingName& name, std::optional<Secret>& target, const std::string& help);

  struct Outcome {
    bool run = true;   ///< false: print `text` and end well
    std::string text;  ///< the help or the version
  };

  /// After the last declaration. Sets every variable, or none when a value is wrong. Fails with
  /// kInvalidArgument / SETTINGS_INVALID, one line a problem: the setting, where its value came
  /// from, and what is allowed.
  Result<Outcome> Parse(const std::vector<std::string>& arguments, const Lookup& environment);

  /// Of this process.
  Result<Outcome> Parse(int argc, char** argv);

 private:
  /// Reads a text, and sets the variable if it is to be kept; a problem says what is allowed
  /// instead.
  using Apply =
      std::function<std::optional<std::string>(const std::vector<std::string>& words, bool keep)>;
  enum class Shape : std::uint8_t { kOne, kMany, kSwitch, kSecret };
  struct Entry {
    SettingName name;
    Shape shape = Shape::kOne;
    bool required = false;
    std::string fallback;
    std::string help;
    Apply apply;
  };
  struct Found {
    std::vector<std::string> words;
    std::string source;
  };

  void Add(Entry entry);
  std::vector<std::string> VariablesOf(const SettingName& name) const;
  std::string HelpOf(const Entry& entry) const;
  Result<std::optional<Found>> Find(const Entry& entry, const std::vector<std::string>& flag_words,
                                    const Lookup& environment) const;
  /// The word's place in `words`, or why not.
  static std::optional<std::string> Pick(const std::vector<std::string>& words,
                                         const std::string& word, std::size_t& index);

  const std::string service_;
  const std::string program_;
  const std::string about_;
  std::vector<Entry> entries_;
};

template <typename Enum>
void Settings::Choice(const SettingName& name, Enum& target,
                      const std::vector<std::pair<std::string, Enum>>& words,
                      const std::string& help, bool* said) {
  std::vector<std::string> names;
  std::string fallback;
  std::string list;
  for (const auto& [word, value] : words) {
    names.push_back(word);
    list += (list.empty() ? "" : "|") + word;
    if (value == target) fallback = word;
  }
  Add({.name = name,
       .fallback = fallback,
       .help = help + " [" + list + "]",
       .apply = [&target, said, names, words](const std::vector<std::string>& given, bool keep) {
         std::size_t index = 0;
         auto problem = Pick(names, given.front(), index);
         if (!problem && keep) target = words[index].second;
         if (!problem && keep && said != nullptr) *said = true;
         return problem;
       }});
}

}  // namespace sauda
