#pragma once

// The desk as it looks in every theme, against the pictures that somebody approved.

#include "tests/support/Pictures.h"
#include "tests/visual/view/Desk.h"
#include "visual/platform/Offscreen.h"

#include <fmt/format.h>

namespace drydock::tests {

// tests/visual/view/pictures/NAME-THEME.png
template <class AnyDesk> void check_looks(AnyDesk& desk, std::string_view name)
{
    for (auto const theme : theme::all_themes) {
        desk.input.theme = theme;
        platform::Offscreen screen(theme::theme(theme));
        auto const draw = [&](canvas::Canvas& canvas) { desk.draw(canvas); };
        for (int i = 0; i < 3; ++i) // lists scroll to what they are about once they know how long they are
            screen.render(1280, 720, 1, draw);
        CHECK_PICTURE(fmt::format("tests/visual/view/pictures/{}-{}.png", name, theme::theme(theme).name),
            screen.render(1280, 720, 1, draw));
    }
}

}
