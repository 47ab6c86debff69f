#include "visual/platform/Presenter.h"

#include "sim/core/Verify.h"
#include "visual/canvas/Rasterizer.h"

#include <GL/gl.h>
#include <GL/glext.h>
#include <SFML/Window/Context.hpp>
#include <backends/imgui_impl_opengl3.h>

#include <cstring>
#include <optional>

namespace drydock::platform {

namespace {

std::string gl_text(GLenum what)
{
    auto const* const text = glGetString(what);
    return text ? reinterpret_cast<char const*>(text) : "";
}

class GpuPresenter final : public Presenter {
public:
    GpuPresenter(Frame& frame, std::string name)
        : m_frame(frame)
        , m_name(std::move(name))
    {
    }

    ~GpuPresenter() override
    {
        m_frame.activate();
        ImGui_ImplOpenGL3_Shutdown();
    }

    std::string const& name() const override { return m_name; }

    // Fonts of another scale are another texture.
    void prepare(float scale) override
    {
        m_frame.activate();
        ImGui::GetIO().Fonts = &m_frame.fonts(scale).atlas();
        if (m_scale != 0 && m_scale != scale) {
            ImGui_ImplOpenGL3_DestroyFontsTexture();
            ImGui_ImplOpenGL3_CreateFontsTexture();
        }
        m_scale = scale;
        ImGui_ImplOpenGL3_NewFrame(); // the first one makes shaders and texture
    }

    void present(ImDrawData const& data, int width, int height, float) override
    {
        auto const ground = m_frame.theme().stage;
        auto const level = [](std::uint8_t byte) { return static_cast<float>(byte) / 255; };
        glViewport(0, 0, width, height);
        glClearColor(level(ground.red), level(ground.green), level(ground.blue), 1);
        glClear(GL_COLOR_BUFFER_BIT);
        // The backend does not change the data; its interface merely predates const.
        ImGui_ImplOpenGL3_RenderDrawData(const_cast<ImDrawData*>(&data));
    }

private:
    Frame& m_frame;
    std::string m_name;
    float m_scale { 0 };
};

// The five functions of OpenGL 3.0 that copy a texture to the window without a shader.
struct BlitFunctions {
    PFNGLGENFRAMEBUFFERSPROC gen_framebuffers;
    PFNGLDELETEFRAMEBUFFERSPROC delete_framebuffers;
    PFNGLBINDFRAMEBUFFERPROC bind_framebuffer;
    PFNGLFRAMEBUFFERTEXTURE2DPROC framebuffer_texture;
    PFNGLBLITFRAMEBUFFERPROC blit_framebuffer;

    static std::optional<BlitFunctions> load()
    {
        BlitFunctions f {};
        auto const load_one = [](auto& target, char const* name) {
            auto const function = sf::Context::getFunction(name);
            static_assert(sizeof(function) == sizeof(target));
            std::memcpy(&target, &function, sizeof(function));
            return function != nullptr;
        };
        auto const all = load_one(f.gen_framebuffers, "glGenFramebuffers")
            && load_one(f.delete_framebuffers, "glDeleteFramebuffers")
            && load_one(f.bind_framebuffer, "glBindFramebuffer")
            && load_one(f.framebuffer_texture, "glFramebufferTexture2D")
            && load_one(f.blit_framebuffer, "glBlitFramebuffer");
        return all ? std::optional(f) : std::nullopt;
    }
};

class CpuPresenter final : public Presenter {
public:
    CpuPresenter(Frame& frame, BlitFunctions const& gl, std::string name)
        : m_frame(frame)
        , m_gl(gl)
        , m_name(std::move(name))
    {
        glGenTextures(1, &m_texture);
        m_gl.gen_framebuffers(1, &m_framebuffer);
    }

    ~CpuPresenter() override
    {
        m_gl.delete_framebuffers(1, &m_framebuffer);
        glDeleteTextures(1, &m_texture);
    }

    std::string const& name() const override { return m_name; }
    void prepare(float) override { }

    void present(ImDrawData const& data, int width, int height, float scale) override
    {
        m_surface = canvas::Surface(width, height, m_frame.theme().stage);
        canvas::rasterize(data, canvas::Coverage::of(m_frame.fonts(scale).atlas()), m_surface);
        upload();
        // Rows run downwards in the surface and upwards in the window.
        m_gl.bind_framebuffer(GL_READ_FRAMEBUFFER, m_framebuffer);
        m_gl.framebuffer_texture(GL_READ_FRAMEBUFFER, GL_COLOR_ATTACHMENT0, GL_TEXTURE_2D, m_texture, 0);
        m_gl.blit_framebuffer(0, 0, width, height, 0, height, width, 0, GL_COLOR_BUFFER_BIT, GL_NEAREST);
        m_gl.bind_framebuffer(GL_READ_FRAMEBUFFER, 0);
    }

private:
    void upload()
    {
        auto const width = m_surface.width(), height = m_surface.height();
        auto const* const pixels = m_surface.bytes().data();
        glBindTexture(GL_TEXTURE_2D, m_texture);
        if (width != m_width || height != m_height) {
            glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MIN_FILTER, GL_NEAREST);
            glTexParameteri(GL_TEXTURE_2D, GL_TEXTURE_MAG_FILTER, GL_NEAREST);
            glTexImage2D(GL_TEXTURE_2D, 0, GL_RGBA8, width, height, 0, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
            m_width = width;
            m_height = height;
        } else {
            glTexSubImage2D(GL_TEXTURE_2D, 0, 0, 0, width, height, GL_RGBA, GL_UNSIGNED_BYTE, pixels);
        }
    }

    Frame& m_frame;
    BlitFunctions m_gl;
    std::string m_name;
    GLuint m_texture { 0 }, m_framebuffer { 0 };
    int m_width { 0 }, m_height { 0 };
    canvas::Surface m_surface;
};

bool is_software(std::string const& renderer)
{
    return renderer.find("llvmpipe") != std::string::npos || renderer.find("softpipe") != std::string::npos
        || renderer.find("SWR") != std::string::npos || renderer.find("Software") != std::string::npos;
}

}

std::unique_ptr<Presenter> Presenter::choose(Frame& frame, Renderer wanted)
{
    auto const renderer = gl_text(GL_RENDERER);
    auto const blit = BlitFunctions::load();
    auto const cpu = wanted == Renderer::Cpu || (wanted == Renderer::Automatic && is_software(renderer));
    frame.activate();
    if (!cpu || !blit) {
        if (ImGui_ImplOpenGL3_Init("#version 130"))
            return std::make_unique<GpuPresenter>(frame, "OpenGL " + gl_text(GL_VERSION) + ", " + renderer);
    }
    return blit ? std::make_unique<CpuPresenter>(frame, *blit, "own rasterizer over " + renderer) : nullptr;
}

}
