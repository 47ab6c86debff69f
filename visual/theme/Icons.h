#pragma once

// The icons in use, by their code points in Font Awesome 4.7 (the private use area U+F000). Only these are baked into
// the font atlas, merged into every style, so an icon can stand inside a text.

#include "visual/theme/Theme.h"

#include <array>
#include <cstdint>
#include <string>

namespace drydock::theme {

enum class Icon : std::uint16_t {
    Play = 0xf04b,
    Pause = 0xf04c,
    Stop = 0xf04d,
    StepForward = 0xf051,
    StepBack = 0xf048,
    ToStart = 0xf049,
    ToEnd = 0xf050,
    FastForward = 0xf04e,
    Repeat = 0xf01e,
    Refresh = 0xf021,
    Undo = 0xf0e2,
    Branch = 0xf126,
    Search = 0xf002,
    Close = 0xf00d,
    Check = 0xf00c,
    Plus = 0xf067,
    Minus = 0xf068,
    Left = 0xf053,
    Right = 0xf054,
    Up = 0xf077,
    Down = 0xf078,
    Menu = 0xf0c9,
    Settings = 0xf013,
    Help = 0xf128,
    Info = 0xf129,
    Warning = 0xf071,
    Keyboard = 0xf11c,
    Expand = 0xf065,
    Compress = 0xf066,
    Eye = 0xf06e,
    Lock = 0xf023,
    Key = 0xf084,
    Lightbulb = 0xf0eb,
    Book = 0xf02d,
    Flag = 0xf024,
    Bookmark = 0xf02e,
    Clock = 0xf017,
    History = 0xf1da,
    Star = 0xf005,
    Sun = 0xf185,
    Moon = 0xf186,
    Desktop = 0xf108,
    Terminal = 0xf120,
    Code = 0xf121,
    Folder = 0xf07b,
    File = 0xf15b,
    FileText = 0xf15c,
    Archive = 0xf187,
    Cube = 0xf1b2, // an image
    Cubes = 0xf1b3,
    Server = 0xf233,
    Disk = 0xf0a0,
    Database = 0xf1c0,
    Microchip = 0xf2db,
    Gauge = 0xf0e4,
    Cloud = 0xf0c2,
    CloudDown = 0xf0ed,
    CloudUp = 0xf0ee,
    Globe = 0xf0ac,
    Network = 0xf0e8,
    Plug = 0xf1e6,
    Exchange = 0xf0ec,
    Cut = 0xf0c4,
    Trash = 0xf1f8,
    Download = 0xf019,
    Camera = 0xf030,
    Film = 0xf008,
    User = 0xf007,
    Bolt = 0xf0e7,
    Bug = 0xf188,
    Bullseye = 0xf140,
    Process = 0xf085,
    Copy = 0xf0c5,
    Link = 0xf0c1,
    External = 0xf08e,
    Pencil = 0xf040,
};

inline constexpr std::array all_icons { Icon::Play, Icon::Pause, Icon::Stop, Icon::StepForward, Icon::StepBack,
    Icon::ToStart, Icon::ToEnd, Icon::FastForward, Icon::Repeat, Icon::Refresh, Icon::Undo, Icon::Branch, Icon::Search,
    Icon::Close, Icon::Check, Icon::Plus, Icon::Minus, Icon::Left, Icon::Right, Icon::Up, Icon::Down, Icon::Menu,
    Icon::Settings, Icon::Help, Icon::Info, Icon::Warning, Icon::Keyboard, Icon::Expand, Icon::Compress, Icon::Eye,
    Icon::Lock, Icon::Key, Icon::Lightbulb, Icon::Book, Icon::Flag, Icon::Bookmark, Icon::Clock, Icon::History,
    Icon::Star, Icon::Sun, Icon::Moon, Icon::Desktop, Icon::Terminal, Icon::Code, Icon::Folder, Icon::File,
    Icon::FileText, Icon::Archive, Icon::Cube, Icon::Cubes, Icon::Server, Icon::Disk, Icon::Database, Icon::Microchip,
    Icon::Gauge, Icon::Cloud, Icon::CloudDown, Icon::CloudUp, Icon::Globe, Icon::Network, Icon::Plug, Icon::Exchange,
    Icon::Cut, Icon::Trash, Icon::Download, Icon::Camera, Icon::Film, Icon::User, Icon::Bolt, Icon::Bug, Icon::Bullseye,
    Icon::Process, Icon::Copy, Icon::Link, Icon::External, Icon::Pencil };

// In UTF-8, to stand in a text.
std::string utf8(Icon);

// The second cue of a category: nobody has to tell colours apart.
Icon icon_of(Category);

}
