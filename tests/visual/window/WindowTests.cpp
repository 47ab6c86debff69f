// The real window under a virtual screen: hands are xdotool's, which talks to the X server only.

#include "tests/support/Catch.h"
#include "visual/canvas/Widgets.h"
#include "visual/platform/Window.h"

#include <spawn.h>
#include <sys/wait.h>

#include <cstdlib>
#include <optional>

using namespace drydock;
using namespace drydock::canvas;
using platform::Renderer;
using platform::Window;

extern char** environ; // NOLINT: the name is POSIX's

namespace {

void xdotool(std::vector<std::string> arguments)
{
    arguments.insert(arguments.begin(), "xdotool");
    std::vector<char*> argv;
    for (auto& argument : arguments)
        argv.push_back(argument.data());
    argv.push_back(nullptr);
    pid_t child = 0;
    REQUIRE(::posix_spawnp(&child, "xdotool", nullptr, nullptr, argv.data(), environ) == 0);
    int status = 0;
    REQUIRE(::waitpid(child, &status, 0) == child);
    REQUIRE(status == 0);
}

struct Program {
    int pressed { 0 };
    int shown { 0 }; // presses that the last frame could show
    std::string words;

    void operator()(Canvas& canvas)
    {
        shown = pressed;
        stage_ground(canvas, canvas.bounds());
        if (button(canvas, "go", { 20, 20, 200, 60 }, "Go"))
            ++pressed;
        text_field(canvas, "words", { 20, 120, 400, 40 }, words);
    }
};

// Runs the program's loop until `holds`; a window that never gets there is stopped by the test's own time limit.
template <class Condition> void run_until(Window& window, Program& program, Condition&& holds)
{
    while (!holds()) {
        if (!window.is_open())
            FAIL("the window closed");
        if (window.wait_or_poll(false))
            window.frame(std::ref(program));
    }
}

void settle(Window& window, Program& program)
{
    while (window.wait_or_poll(false))
        window.frame(std::ref(program));
}

}

TEST_CASE("Window: without a display it says so and names what works without one", "[visual][platform][system]")
{
    std::string const display = std::getenv("DISPLAY") ? std::getenv("DISPLAY") : "";
    ::unsetenv("DISPLAY");
    auto const window = Window::open({});
    if (!display.empty())
        ::setenv("DISPLAY", display.c_str(), 1);
    REQUIRE_FALSE(window);
    CHECK(window.error().kind() == ErrorKind::NotSupported);
    CHECK(window.error().message().find("--text") != std::string::npos);
}

TEST_CASE("Window: a click and typed text arrive, by either renderer, and then it rests", "[visual][platform][system]")
{
    if (!std::getenv("DISPLAY")) {
        WARN("no display: run under xvfb-run");
        return;
    }
    auto const renderer = GENERATE(Renderer::Automatic, Renderer::Gpu, Renderer::Cpu);
    Program program;
    auto const window = REQUIRE_OK(Window::open({ .width = 640, .height = 400, .scale = 1.0f, .renderer = renderer }));
    INFO(window->renderer());
    settle(*window, program);

    // There is no window manager to give the keyboard away.
    xdotool({ "search", "--name", "Drydock", "windowfocus", "%1", "mousemove", "--window", "%1", "60", "50" });
    xdotool({ "click", "1" });
    run_until(*window, program, [&] { return program.pressed == 1; });
    xdotool({ "search", "--name", "Drydock", "mousemove", "--window", "%1", "100", "140", "click", "1" });
    run_until(*window, program, [&] { return window->interaction().has_focus("words"); });
    settle(*window, program);
    xdotool({ "type", "--delay", "20", "docker ps" });
    run_until(*window, program, [&] { return program.words == "docker ps"; });

    settle(*window, program);
    CHECK_FALSE(window->wait_or_poll(false));
    CHECK(window->wait_or_poll(true));
}

TEST_CASE("Window: what a click brings about is drawn, however quick it was", "[visual][platform][system]")
{
    if (!std::getenv("DISPLAY")) {
        WARN("no display: run under xvfb-run");
        return;
    }
    Program program;
    auto const window = REQUIRE_OK(Window::open({ .width = 640, .height = 400, .scale = 1.0f }));
    settle(*window, program);
    // Nobody looks while it happens: the motion, the press and the release wait together.
    xdotool({ "search", "--name", "Drydock", "mousemove", "--window", "%1", "600", "380" });
    settle(*window, program);
    xdotool({ "search", "--name", "Drydock", "mousemove", "--window", "%1", "60", "50", "click", "1" });
    run_until(*window, program, [&] { return program.pressed == 1; });
    settle(*window, program);
    CHECK(program.shown == 1);
}

TEST_CASE("Window: another zoom is another set of fonts, and full screen keeps working", "[visual][platform][system]")
{
    if (!std::getenv("DISPLAY")) {
        WARN("no display: run under xvfb-run");
        return;
    }
    auto const renderer = GENERATE(Renderer::Gpu, Renderer::Cpu);
    Program program;
    auto const window = REQUIRE_OK(Window::open({ .width = 640, .height = 400, .scale = 1.0f, .renderer = renderer }));
    settle(*window, program);
    window->set_zoom(1.5f);
    settle(*window, program);
    CHECK(window->scale() == 1.5f);
    CHECK(window->interaction().find("go") == Rect { 20, 20, 200, 60 });
    window->toggle_fullscreen();
    settle(*window, program);
    CHECK(window->picture(std::ref(program)).width() >= 640);
    window->close();
    CHECK_FALSE(window->is_open());
}
