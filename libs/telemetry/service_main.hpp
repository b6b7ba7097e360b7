#pragma once

#include <csignal>
#include <cstdlib>
#include <iostream>
#include <string>

#include <sys/prctl.h>
#include <sys/resource.h>

#include "libs/base/stop_signal.hpp"
#include "libs/settings/settings.hpp"
#include "libs/telemetry/log.hpp"

namespace sauda::telemetry {

/// No core dump of this process: it would hold tokens and passwords.
inline void ForbidCoreDumps() {
  const rlimit none{.rlim_cur = 0, .rlim_max = 0};
  (void)setrlimit(RLIMIT_CORE, &none);
  (void)prctl(PR_SET_DUMPABLE, 0);
}

/// The main function of every process of the house. `Config` has `log` (LogSettings) and
/// Declare(Settings&); `App` is made from it and has Start, giving Result<void>, and Stop, which
/// drains and joins. A Config may have Answer, giving std::optional<Result<std::string>>: what to
/// print instead of running. Ends with 1 when the settings are wrong or the start fails.
template <typename Config, typename App>
int ServiceMain(int argc, char** argv, const std::string& service, const std::string& program,
                const std::string& about) {
  const StopSignal stop;                // before any thread starts
  (void)std::signal(SIGPIPE, SIG_IGN);  // a peer that goes away is an error of that call
  ForbidCoreDumps();

  Config config;
  Settings settings{service, program, about};
  config.Declare(settings);
  const auto parsed = settings.Parse(argc, argv);
  if (!parsed) {
    std::cerr << program << ": not started, the settings are wrong\n"
              << parsed.error().message << "\nSee " << program << " --help\n";
    return EXIT_FAILURE;
  }
  if (!parsed->run) {
    std::cout << parsed->text;
    return EXIT_SUCCESS;
  }
  if constexpr (requires { config.Answer(); }) {
    if (const auto answer = config.Answer()) {
      if (!*answer) {
        std::cerr << program << ": " << answer->error().message << "\n";
        return EXIT_FAILURE;
      }
      std::cout << **answer;
      return EXIT_SUCCESS;
    }
  }
  if (const auto logging = InitLogging(service, config.log); !logging) {
    std::cerr << program << ": not started, " << logging.error().message << "\n";
    return EXIT_FAILURE;
  }

  App app{config};
  if (const auto started = app.Start(); !started) {
    spdlog::critical("not started reason={} message={}", started.error().reason,
                     Quoted(started.error().message));
    return EXIT_FAILURE;
  }
  spdlog::info("stopping signal={}", stop.Wait());
  app.Stop();
  spdlog::info("stopped");
  return EXIT_SUCCESS;
}

}  // namespace sauda::telemetry
