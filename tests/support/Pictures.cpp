#include "tests/support/Pictures.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <limits>

namespace drydock::tests {

namespace {

namespace fs = std::filesystem;

constexpr int tolerated_levels = 8;

std::vector<std::byte> read(fs::path const& path)
{
    std::ifstream file(path, std::ios::binary);
    std::string const text { std::istreambuf_iterator<char>(file), {} };
    auto const bytes = std::as_bytes(std::span(text));
    return { bytes.begin(), bytes.end() };
}

void write(fs::path const& path, canvas::Surface const& surface)
{
    fs::create_directories(path.parent_path());
    auto const png = canvas::encode_png(surface);
    std::ofstream(path, std::ios::binary)
        .write(reinterpret_cast<char const*>(png.data()), static_cast<std::streamsize>(png.size()));
}

std::array<int, 3> levels(theme::Color a, theme::Color b)
{
    return { std::abs(a.red - b.red), std::abs(a.green - b.green), std::abs(a.blue - b.blue) };
}

// What differs, eight times as strong, on black.
canvas::Surface picture_of_differences(canvas::Surface const& a, canvas::Surface const& b)
{
    canvas::Surface result(a.width(), a.height());
    auto const loud = [](int level) { return static_cast<std::uint8_t>(std::min(255, level * 8)); };
    for (int y = 0; y < a.height(); ++y) {
        for (int x = 0; x < a.width(); ++x) {
            auto const [red, green, blue] = levels(a.at(x, y), b.at(x, y));
            result.row(y)[static_cast<std::size_t>(x)] = theme::Color { loud(red), loud(green), loud(blue) }.packed();
        }
    }
    return result;
}

}

Difference difference(canvas::Surface const& expected, canvas::Surface const& actual)
{
    if (expected.width() != actual.width() || expected.height() != actual.height())
        return { .same_size = false };
    double squares = 0;
    std::size_t differing = 0;
    for (int y = 0; y < expected.height(); ++y) {
        for (int x = 0; x < expected.width(); ++x) {
            auto const delta = levels(expected.at(x, y), actual.at(x, y));
            for (auto const level : delta)
                squares += level * level;
            differing += *std::max_element(delta.begin(), delta.end()) > tolerated_levels ? 1u : 0u;
        }
    }
    auto const pixels = static_cast<double>(expected.width()) * expected.height();
    auto const mean = squares / (3 * pixels);
    return { static_cast<double>(differing) / pixels,
        mean > 0 ? 10 * std::log10(255.0 * 255.0 / mean) : std::numeric_limits<double>::infinity(), true };
}

std::string compare_picture(std::string const& golden, canvas::Surface const& actual, double most_differing)
{
    if (auto const* const update = std::getenv("DRYDOCK_UPDATE_SNAPSHOTS"); update && *update == '1') {
        write(golden, actual);
        return {};
    }
    auto const stem = fs::path("build/pictures") / fs::path(golden).stem();
    auto const complain = [&](std::string const& what) {
        write(stem.string() + "-actual.png", actual);
        return golden + ": " + what + "; see " + stem.string() + "-actual.png";
    };
    if (!fs::exists(golden))
        return complain("there is no such picture yet (DRYDOCK_UPDATE_SNAPSHOTS=1 makes it)");
    auto const expected = canvas::decode_png(read(golden));
    if (!expected)
        return complain(expected.error().message());
    auto const found = difference(*expected, actual);
    if (!found.same_size)
        return complain("another size");
    if (found.is_acceptable(most_differing))
        return {};
    write(stem.string() + "-diff.png", picture_of_differences(*expected, actual));
    return complain(std::to_string(found.differing_share * 100) + " % of the pixels differ, PSNR "
        + std::to_string(found.psnr) + " dB");
}

}
