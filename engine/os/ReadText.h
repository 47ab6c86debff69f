#pragma once

// Reads a file that the kernel makes up (proc(5), cgroups(7)) or that may go away while it is read, as /proc/PID does
// with its process: what could be read is the answer, and nothing where nothing could.

#include <filesystem>
#include <fstream>
#include <sstream>
#include <string>

namespace drydock::os {

inline std::string read_text(std::filesystem::path const& path)
{
    std::ifstream file(path, std::ios::binary);
    std::ostringstream text;
    // operator<< keeps an error of the file to itself; an istreambuf_iterator would throw ESRCH at us.
    text << file.rdbuf();
    return text.str();
}

}
