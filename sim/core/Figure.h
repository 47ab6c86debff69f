#pragma once

// A number that people see: never without its unit, and never without saying where it comes from. Only figures of the
// same kind from the same run may be compared; a measured value over a quoted one says nothing.

#include <cstdint>
#include <string>
#include <string_view>

namespace drydock {

enum class FigureKind : std::uint8_t {
    Measured, // on this machine, just now
    Modelled, // a formula gave it; the source names the formula
    Quoted,   // a publication says so; the source names it
};

struct Figure {
    double value { 0 };
    std::string unit; // "s", "MiB", "" for a count
    FigureKind kind { FigureKind::Modelled };
    std::string source;
    bool operator==(Figure const&) const = default;
};

constexpr std::string_view to_string(FigureKind kind)
{
    switch (kind) {
    case FigureKind::Measured: return "measured";
    case FigureKind::Modelled: return "modelled";
    case FigureKind::Quoted: return "quoted";
    }
    return "";
}

}
