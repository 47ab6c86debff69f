#pragma once

// The files of whoever types on a lab's machine: what `docker save -o` writes lies on that machine's disk, where `ls`
// finds it, and `docker build /srv/app` sends what lies there. Behind the disk stands the scenario's folder with its
// build contexts, which relative paths name; docker's own configuration stays apart from either.

#include "engine/client/LocalFiles.h"
#include "engine/runtime/HostDisk.h"

namespace drydock::lab {

std::shared_ptr<client::LocalFiles> make_disk_files(
    std::shared_ptr<runtime::HostDisk>, std::shared_ptr<client::LocalFiles> behind);

}
