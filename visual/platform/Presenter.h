#pragma once

// Brings a frame's triangles to the window's OpenGL context: by the GPU where there is one, else drawn by our own
// rasterizer and handed over as one picture, which is about twice as fast as OpenGL in software.

#include "visual/canvas/Surface.h"
#include "visual/platform/Frame.h"

#include <memory>
#include <string>

namespace drydock::platform {

enum class Renderer : std::uint8_t { Automatic, Gpu, Cpu };

class Presenter {
public:
    virtual ~Presenter() = default;

    // Makes the best of the current OpenGL context that `wanted` allows.
    static std::unique_ptr<Presenter> choose(Frame&, Renderer wanted);

    virtual std::string const& name() const = 0;
    // Before a frame is built: what it needs on the GPU.
    virtual void prepare(float scale) = 0;
    virtual void present(ImDrawData const&, int width, int height, float scale) = 0;
};

}
