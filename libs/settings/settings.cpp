#include "libs/settings/settings.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include <CLI/CLI.hpp>

#include "libs/settings/version.hpp"

namespace sauda {
namespace {

constexpr std::size_t kMaxSecretBytes = 16'384;

std::string Upper(std::string text) {
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) {
    return c == '-' ? '_' : static_cast<char>(std::toupper(c));
  });
  return text;
}

std::vector<std::string> SplitAtCommas(const std::string& text) {
  std::vector<std::string> words;
  std::stringstream stream{text};
  for (std::string word; std::getline(stream, word, ',');) {
    if (!word.empty()) words.push_back(word);
  }
  return words;
}

std::optional<std::int64_t> AsNumber(const std::string& text) {
  std::int64_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end) return std::nullopt;
  return number;
}

std::optional<double> AsReal(const std::string& text) {
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc{} || stop != end || !std::isfinite(number)) return std::nullopt;
  return number;
}

std::string RealText(double number) {
  std::ostringstream text;
  text << number;
  return text.str();
}

bool IsAddress(const std::string& text) {
  const auto colon = text.rfind(':');
  if (colon == std::string::npos || colon == 0) return false;
  const auto port = AsNumber(text.substr(colon + 1));
  return port && *port >= 0 && *port <= 65'535;
}

/// The file's text, or a problem.
Result<std::string> ReadSecretFile(const std::string& path) {
  std::ifstream file{path, std::ios::binary};
  std::string text(kMaxSecretBytes + 1, '\0');
  if (file) file.read(text.data(), static_cast<std::streamsize>(text.size()));
  if (!file.is_open() || file.bad()) {
    return Error{Code::kInvalidArgument, "SETTINGS_INVALID", "cannot be read"};
  }
  text.resize(static_cast<std::size_t>(file.gcount()));
  if (text.size() > kMaxSecretBytes) {
    return Error{Code::kInvalidArgument, "SETTINGS_INVALID", "is larger than 16 KiB"};
  }
  if (text.ends_with('\n')) text.pop_back();
  if (text.ends_with('\r')) text.pop_back();
  return text;
}

}  // namespace

SettingName SettingName::Shared(const char* flag) {
  SettingName name{flag};
  name.shared = true;
  return name;
}

SettingName SettingName::Variable(const char* flag, const char* variable) {
  SettingName name{flag};
  name.variable = variable;
  return name;
}

Settings::Settings(std::string service, std::string program, std::string about)
    : service_{std::move(service)}, program_{std::move(program)}, about_{std::move(about)} {}

void Settings::Text(const SettingName& name, std::string& target, const std::string& help,
                    const Objection& objection) {
  Add({.name = name,
       .fallback = target,
       .help = help,
       .apply = [&target, objection](const auto& words, bool keep) {
         auto problem = objection ? objection(words.front()) : std::optional<std::string>{};
         if (!problem && keep) target = words.front();
         return problem;
       }});
}

void Settings::Required(const SettingName& name, std::string& target, const std::string& help) {
  Text(name, target, help);
  entries_.back().required = true;
}

void Settings::Optional(const SettingName& name, std::optional<std::string>& target,
                        const std::string& help) {
  Add({.name = name,
       .fallback = target.value_or(""),
       .help = help,
       .apply = [&target](const auto& words, bool keep) {
         if (keep) target = words.front();
         return std::optional<std::string>{};
       }});
}

void Settings::List(const SettingName& name, std::vector<std::string>& target,
                    const std::string& help) {
  Add({.name = name,
       .shape = Shape::kMany,
       .fallback = CLI::detail::join(target, ","),
       .help = help,
       .apply = [&target](const auto& words, bool keep) {
         if (keep) target = words;
         return std::optional<std::string>{};
       }});
}

void Settings::Flag(const SettingName& name, bool& target, const std::string& help) {
  Add({.name = name,
       .shape = Shape::kSwitch,
       .fallback = target ? "true" : "false",
       .help = help,
       .apply = [&target](const auto& words, bool keep) -> std::optional<std::string> {
         const std::string& word = words.front();
         if (word != "true" && word != "false") return "expected true or false";
         if (keep) target = word == "true";
         return std::nullopt;
       }});
}

void Settings::Number(const SettingName& name, std::int64_t& target, Range allowed,
                      const std::string& help) {
  Add({.name = name,
       .fallback = std::to_string(target),
       .help = help,
       .apply = [&target, allowed](const auto& words, bool keep) -> std::optional<std::string> {
         const auto number = AsNumber(words.front());
         if (!number || *number < allowed.low || *number > allowed.high) {
           return "expected a whole number from " + std::to_string(allowed.low) + " to " +
                  std::to_string(allowed.high);
         }
         if (keep) target = *number;
         return std::nullopt;
       }});
}

void Settings::Real(const SettingName& name, double& target, double low, double high,
                    const std::string& help) {
  Add({.name = name,
       .fallback = RealText(target),
       .help = help,
       .apply = [&target, low, high](const auto& words, bool keep) -> std::optional<std::string> {
         const auto number = AsReal(words.front());
         if (!number || *number < low || *number > high) {
           return "expected a number from " + RealText(low) + " to " + RealText(high);
         }
         if (keep) target = *number;
         return std::nullopt;
       }});
}

void Settings::Millis(const SettingName& name, std::chrono::milliseconds& target, Range allowed,
                      const std::string& help) {
  Add({.name = name,
       .fallback = std::to_string(target.count()),
       .help = help,
       .apply = [&target, allowed](const auto& words, bool keep) -> std::optional<std::string> {
         const auto number = AsNumber(words.front());
         if (!number || *number < allowed.low || *number > allowed.high) {
           return "expected milliseconds from " + std::to_string(allowed.low) + " to " +
                  std::to_string(allowed.high);
         }
         if (keep) target = std::chrono::milliseconds{*number};
         return std::nullopt;
       }});
}

void Settings::Address(const SettingName& name, std::string& target, const std::string& help) {
  Add({.name = name,
       .fallback = target,
       .help = help,
       .apply = [&target](const auto& words, bool keep) -> std::optional<std::string> {
         if (!IsAddress(words.front())) return "expected host:port";
         if (keep) target = words.front();
         return std::nullopt;
       }});
}

void Settings::Hidden(const SettingName& name, std::optional<Secret>& target,
                      const std::string& help) {
  Add({.name = name,
       .shape = Shape::kSecret,
       .help = help,
       .apply = [&target](const auto& words, bool keep) {
         if (keep) target = Secret{words.front()};
         return std::optional<std::string>{};
       }});
}

std::optional<std::string> Settings::Pick(const std::vector<std::string>& words,
                                          const std::string& word, std::size_t& index) {
  const auto found = std::find(words.begin(), words.end(), word);
  if (found == words.end()) return "expected one of " + CLI::detail::join(words, ", ");
  index = static_cast<std::size_t>(found - words.begin());
  return std::nullopt;
}

void Settings::Add(Entry entry) { entries_.push_back(std::move(entry)); }

std::vector<std::string> Settings::VariablesOf(const SettingName& name) const {
  if (!name.variable.empty()) return {name.variable};
  const std::string own = "SAUDA_" + Upper(service_) + "_" + Upper(name.flag);
  if (name.shared) return {own, "SAUDA_" + Upper(name.flag)};
  return {own};
}

std::string Settings::HelpOf(const Entry& entry) const {
  const auto variables = VariablesOf(entry.name);
  std::string text = entry.help + " (" + variables.back();
  if (entry.shape == Shape::kSecret) {
    return text + " or " + variables.back() + "_FILE)";
  }
  if (entry.required) return text + ", required)";
  return text + ", default: " + (entry.fallback.empty() ? "none" : entry.fallback) + ")";
}

Result<std::optional<Settings::Found>> Settings::Find(const Entry& entry,
                                                      const std::vector<std::string>& flag_words,
                                                      const Lookup& environment) const {
  const auto from_file = [](const std::string& path,
                            const std::string& source) -> Result<std::optional<Found>> {
    auto text = ReadSecretFile(path);
    if (!text) {
      return Error{text.error().code, text.error().reason,
                   source + "=" + path + ": " + text.error().message};
    }
    return std::optional{Found{{std::move(*text)}, source}};
  };
  const bool secret = entry.shape == Shape::kSecret;
  const std::string flag = "--" + entry.name.flag + (secret ? "-file" : "");
  if (!flag_words.empty()) {
    if (secret) return from_file(flag_words.front(), flag);
    return std::optional{Found{flag_words, flag}};
  }
  for (const auto& variable : VariablesOf(entry.name)) {
    if (const auto value = environment(variable); value && !value->empty()) {
      auto words = entry.shape == Shape::kMany ? SplitAtCommas(*value) : std::vector{*value};
      return std::optional{Found{std::move(words), variable}};
    }
    if (!secret) continue;
    if (const auto path = environment(variable + "_FILE"); path && !path->empty()) {
      return from_file(*path, variable + "_FILE");
    }
  }
  return std::optional<Found>{};
}

Result<Settings::Outcome> Settings::Parse(const std::vector<std::string>& arguments,
                                          const Lookup& environment) {
  CLI::App app{about_, program_};
  app.set_help_flag("--help", "Say this and end");
  app.set_version_flag("--version", program_ + " " + std::string{kVersion});
  app.footer("A flag comes before its variable, a variable before the default.");
  std::vector<std::vector<std::string>> words(entries_.size());
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    const std::string flag =
        "--" + entry.name.flag + (entry.shape == Shape::kSecret ? "-file" : "");
    if (entry.shape == Shape::kSwitch) {
      app.add_flag_function(
          flag, [&words, i](std::int64_t) { words[i] = {"true"}; }, HelpOf(entry));
      continue;
    }
    auto* const option = app.add_option(flag, words[i], HelpOf(entry))->type_name("");
    if (entry.shape == Shape::kMany) {
      option->expected(1, 1'000);
    } else {
      option->expected(1);
    }
  }
  std::vector<std::string> reversed{arguments.rbegin(), arguments.rend()};  // as CLI11 wants it
  std::string problems;
  try {
    app.parse(reversed);
  } catch (const CLI::CallForHelp&) {
    return Outcome{.run = false, .text = app.help()};
  } catch (const CLI::CallForVersion&) {
    return Outcome{.run = false, .text = app.version() + "\n"};
  } catch (const CLI::ParseError& error) {
    problems += std::string{error.what()} + "\n";
  }
  for (std::size_t i = 0; i < entries_.size(); ++i) {
    const Entry& entry = entries_[i];
    const auto found = Find(entry, words[i], environment);
    words[i].clear();  // from here on: what is to be kept
    if (!found) {
      problems += found.error().message + "\n";
    } else if (*found && !(*found)->words.empty()) {
      words[i] = (*found)->words;
      if (const auto problem = entry.apply(words[i], /*keep=*/false)) {
        const std::string shown = entry.shape == Shape::kSecret ? "***" : words[i].front();
        problems += (*found)->source + "=" + shown + ": " + *problem + "\n";
      }
    } else if (entry.required) {
      problems += "--" + entry.name.flag + " or " + VariablesOf(entry.name).back() +
                  " is required: " + entry.help + "\n";
    }
  }
  if (problems.empty()) {
    for (std::size_t i = 0; i < entries_.size(); ++i) {
      if (!words[i].empty()) (void)entries_[i].apply(words[i], /*keep=*/true);
    }
    return Outcome{};
  }
  problems.pop_back();
  return Error{Code::kInvalidArgument, "SETTINGS_INVALID", problems};
}

Result<Settings::Outcome> Settings::Parse(int argc, char** argv) {
  return Parse(std::vector<std::string>(argv + 1, argv + argc), [](const std::string& name) {
    const char* const value = std::getenv(name.c_str());
    return value == nullptr ? std::nullopt : std::optional<std::string>{value};
  });
}

}  // namespace sauda
