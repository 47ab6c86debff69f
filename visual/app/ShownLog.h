#pragma once

// Which log the window shows, and how much of it the last frame has shown: that of the engine, of another of its
// branches at which one looks, or of a trace by itself. The timeline is always that of the log that is shown.

#include "sim/timeline/Timeline.h"
#include "visual/app/Conductor.h"

#include <optional>

namespace drydock::app {

class ShownLog {
public:
    // A trace; there is no engine.
    void show(std::shared_ptr<trace::EventLog const>);
    // A branch of the engine's history; another engine is shown by itself again.
    void show_branch(std::size_t);

    // Takes in what has become of the engine (null: there is none). Whether that is more than the last frame has shown.
    bool look(Conductor const*);
    void drawn();

    Conductor::State const& engine() const { return m_engine; }
    trace::EventLog const& log() const;
    timeline::Timeline& timeline() { return *m_timeline; } // once looked
    bool is_engines() const { return !m_branch; }
    std::size_t branch() const { return m_branch.value_or(m_engine.history.engine); }
    std::uint64_t number() const { return m_number; } // counts the logs that were shown
    std::uint64_t begin_at() const;                   // the records before it are those of another log
    // Else the views still stand on the log before.
    bool is_drawn() const { return m_drawn_number == m_number; }

private:
    Conductor::State m_engine { .log = std::make_shared<trace::EventLog>() };
    std::optional<std::size_t> m_branch; // nothing: the engine's
    std::optional<timeline::Timeline> m_timeline;
    std::uint64_t m_number { 0 };
    std::uint64_t m_drawn_number { 0 };
    std::uint64_t m_drawn_records { 0 };
};

}
