#include "visual/platform/Input.h"

namespace drydock::platform {

#if IMGUI_VERSION_NUM < 18700

void set_mouse_position(ImGuiIO& io, ImVec2 position)
{
    io.MousePos = position;
}

void set_mouse_button(ImGuiIO& io, MouseButton button, bool down)
{
    io.MouseDown[static_cast<int>(button)] = down;
}

void add_wheel(ImGuiIO& io, float horizontal, float vertical)
{
    io.MouseWheelH += horizontal;
    io.MouseWheel += vertical;
}

#else

void set_mouse_position(ImGuiIO& io, ImVec2 position)
{
    io.AddMousePosEvent(position.x, position.y);
}

void set_mouse_button(ImGuiIO& io, MouseButton button, bool down)
{
    io.AddMouseButtonEvent(static_cast<int>(button), down);
}

void add_wheel(ImGuiIO& io, float horizontal, float vertical)
{
    io.AddMouseWheelEvent(horizontal, vertical);
}

#endif

}
