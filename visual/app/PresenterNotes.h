#pragma once

// What a window tells the presenter (Notes.h): the whole of what is shown in one line, composed anew where something
// has changed, and every second because its clock goes on.

#include "sim/scenario/Scenario.h"
#include "visual/app/Notes.h"
#include "visual/view/Player.h"

#include <chrono>

namespace drydock::app {

struct Presented {
    view::Player const& player; // need not be open
    scenario::Scenario const* scenario { nullptr };
    std::string title {}; // where no scenario is shown
    bool blackout { false };
};

// One JSON object and a newline.
std::string notes_line(Presented const&, std::chrono::seconds clock);

class PresenterNotes {
public:
    static Result<PresenterNotes> open();

    // What is shown has changed.
    void change() { m_line.clear(); }
    void serve(Presented const&);

private:
    using Clock = std::chrono::steady_clock;

    explicit PresenterNotes(std::unique_ptr<NotesSocket> socket)
        : m_socket(std::move(socket))
    {
    }

    std::unique_ptr<NotesSocket> m_socket;
    std::string m_line; // empty: to be composed
    Clock::time_point m_opened { Clock::now() };
    Clock::time_point m_composed {};
};

}
