// drydock trace: a recorded run, in the window, as text, as JSON, for Perfetto. Needs no daemon and no privilege.

#include "sim/trace/Perfetto.h"
#include "sim/trace/TraceFile.h"
#include "visual/app/Commands.h"
#include "visual/app/TextTwin.h"
#include "visual/app/WindowApp.h"

#include <fmt/format.h>

#include <fstream>
#include <iostream>

namespace drydock::app {

namespace {

int export_perfetto(trace::EventLog const& log, std::string const& path)
{
    std::ofstream file(path);
    if (auto const written = trace::write_perfetto(log, file); !written)
        return complain(written.error());
    fmt::print(stderr, "Wrote {}. Open it at ui.perfetto.dev or chrome://tracing.\n", path);
    return 0;
}

}

int trace(TraceOptions const& options)
{
    auto loaded = trace::load_trace(options.file);
    if (!loaded)
        return complain(loaded.error());
    std::shared_ptr<trace::EventLog const> log = std::move(*loaded);
    if (!options.perfetto.empty())
        return export_perfetto(*log, options.perfetto);
    if (options.json) {
        auto const written = trace::TraceWriter(std::cout).write_new(*log);
        return written ? 0 : complain(written.error());
    }
    if (!options.pictures.directory.empty()) {
        auto const written = write_pictures(*log, options.pictures, options.depth);
        if (!written)
            return complain(written.error());
        fmt::print(stderr, "Wrote {} pictures to {}\n", *written, options.pictures.directory);
        return 0;
    }
    if (options.text) {
        TextTwin(stdout, options.depth, false).follow(*log);
        return 0;
    }
    return show_trace(log, options.file, options.depth);
}

}
