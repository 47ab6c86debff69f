#include "engine/layer/Entry.h"

namespace drydock::layer {

std::string_view word_for(FileType type)
{
    switch (type) {
    case FileType::Regular: return "file";
    case FileType::Directory: return "directory";
    case FileType::Symlink: return "symlink";
    case FileType::HardLink: return "hard link";
    case FileType::CharDevice:
    case FileType::BlockDevice: return "device";
    case FileType::Fifo: return "fifo";
    case FileType::Socket: return "socket";
    }
    return "file";
}

}
