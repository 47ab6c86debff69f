#pragma once

// Exports from the window without holding it up: a second drydock does the work on a copy of the trace, and tells how
// far it is. (In this process Dear ImGui draws the window; it knows one context at a time.)

#include "sim/core/Result.h"
#include "sim/trace/EventLog.h"
#include "visual/view/Model.h"

#include <sys/types.h>

#include <filesystem>
#include <string>

namespace drydock::app {

class Exporter {
public:
    ~Exporter(); // ends what is under way

    // `arguments` are those of `drydock export` behind the trace.
    void start(trace::EventLog const&, std::vector<std::string> arguments, std::string const& path);
    void stop();
    // Takes in what the other one said. True where there is news.
    bool look();
    view::ExportState const& state() const { return m_state; }

private:
    Result<void> spawn(std::vector<std::string> arguments);
    void finish();

    view::ExportState m_state;
    std::filesystem::path m_trace; // the copy; removed when it is done
    pid_t m_process { -1 };
    int m_progress { -1 }; // its standard output
    int m_complaints { -1 };
    std::string m_said;
    std::string m_complained;
};

}
