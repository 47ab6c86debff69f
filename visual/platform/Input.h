#pragma once

// The few ways in which hands reach Dear ImGui, whichever its version: real ones by the window's event bridge, a test's
// by the driver.

#include "visual/canvas/Keys.h"

#include <imgui.h>

namespace drydock::platform {

enum class MouseButton : std::uint8_t { Left, Right, Middle };

void set_mouse_position(ImGuiIO&, ImVec2);
void set_mouse_button(ImGuiIO&, MouseButton, bool down);
void add_wheel(ImGuiIO&, float horizontal, float vertical);

}
