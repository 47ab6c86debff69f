#pragma once

// The daemon's parts, put together in the order in which they need each other.

#include "engine/content/ContentStore.h"
#include "engine/daemon/ContainerManager.h"
#include "engine/daemon/Execs.h"
#include "engine/image/Loader.h"
#include "engine/image/Puller.h"
#include "engine/image/Pusher.h"
#include "engine/image/Saver.h"

#include <unistd.h>

#include <atomic>

namespace drydock::daemon {

// Bridges and cables take root, and a kernel.
inline Wiring wiring_of(StorageDriver driver)
{
    if (driver == StorageDriver::Simulated)
        return Wiring::Modelled;
    return ::geteuid() == 0 ? Wiring::Kernel : Wiring::None;
}

struct Engine {
    Engine(Config its_config, Seams its_seams, std::unique_ptr<image::ImageStore> its_images,
        std::unique_ptr<content::ContentStore> its_content, std::unique_ptr<layer::LayerStore> its_layers)
        : config(std::move(its_config))
        , seams(its_seams)
        , content(std::move(its_content))
        , layers(std::move(its_layers))
        , images(std::move(its_images))
        , puller(seams.scheduler, *content, *layers, *images, seams.publisher)
        , pusher(seams.scheduler, *content, *images, seams.publisher)
        , loader(seams.storage, *content, *layers, *images, seams.publisher)
        , saver(*content, *images, seams.publisher)
        , roots(config.driver, seams.storage, *layers, seams.scheduler, seams.publisher)
        , sheets(roots, seams.publisher)
        , events(seams.scheduler)
        , tasks(seams.scheduler)
        , volumes(config.driver, seams, events)
        , networks(wiring_of(config.driver), seams, events)
        , containers({ seams, *images, roots, sheets, volumes, networks, events, tasks, config.disk.get() })
        , execs(seams, containers, sheets, tasks)
    {
    }

    Config config;
    Seams seams;
    std::unique_ptr<content::ContentStore> content;
    std::unique_ptr<layer::LayerStore> layers;
    std::unique_ptr<image::ImageStore> images;
    image::Puller puller;
    image::Pusher pusher;
    image::Loader loader;
    image::Saver saver;
    Roots roots;
    SheetObserver sheets;
    EventFeed events;
    Tasks tasks;
    Volumes volumes;
    Networks networks;
    ContainerManager containers;
    Execs execs;
    std::atomic<bool> closing { false };

    std::mutex clients_mutex;
    std::map<ActorId, std::int64_t> clients; // open connections of each client that was announced
};

}
