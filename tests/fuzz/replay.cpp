// Gives a fuzz target every file of the folders and files named, as libFuzzer would.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iostream>
#include <sstream>
#include <string>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void Run(const std::filesystem::path& file) {
  std::cout << file.string() << std::endl;  // at once: what follows may abort
  std::ostringstream text;
  text << std::ifstream{file, std::ios::binary}.rdbuf();
  const std::string bytes = text.str();
  const std::vector<std::uint8_t> input{bytes.begin(), bytes.end()};
  (void)LLVMFuzzerTestOneInput(input.data(), input.size());
}

}  // namespace

int main(int argc, char** argv) {
  std::vector<std::filesystem::path> files;
  const std::vector<std::string> names{argv + 1, argv + argc};
  for (const std::string& name : names) {
    if (!std::filesystem::is_directory(name)) {
      files.emplace_back(name);
      continue;
    }
    for (const auto& entry : std::filesystem::directory_iterator{name}) {
      files.push_back(entry.path());
    }
  }
  std::sort(files.begin(), files.end());
  for (const auto& file : files) Run(file);
  std::cout << files.size() << " inputs\n";
  return files.empty() ? EXIT_FAILURE : EXIT_SUCCESS;
}
