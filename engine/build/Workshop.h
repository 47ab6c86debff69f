#pragma once

// What a build needs of the engine around it: images, sheets to write on, containers to run in. The daemon implements
// it; the builder knows no daemon.

#include "engine/image/NewLayer.h"
#include "engine/unionfs/UnionMount.h"

#include <functional>
#include <memory>
#include <optional>

namespace drydock::build {

// A writable sheet on an image's layers. It is gone with the object.
class Sheet {
public:
    virtual ~Sheet() = default;
    virtual unionfs::UnionMount& root() = 0;
    // Writes down what changed as a layer; nothing where nothing did. Publishes LayerCommitted. The layer is kept as
    // long as the Sheet lives.
    virtual Result<std::optional<image::MadeLayer>> commit() = 0;
};

// What a container of a step shall be; the rest is the image's.
struct StepPlan {
    std::vector<std::string> command; // the whole: no entrypoint comes before it
    std::vector<std::string> env;     // "NAME=value", before the image's own
};

// A container made for one step.
class StepContainer {
public:
    virtual ~StepContainer() = default;
    virtual ContainerId const& id() const = 0;
    // Starts it and waits for its end; yields its exit status.
    virtual Result<int> run(std::function<void(bool to_stderr, std::string_view bytes)> const& output) = 0;
    virtual Result<std::optional<image::MadeLayer>> commit() = 0; // as a Sheet's
    virtual Result<void> remove() = 0;                            // without it the container stays, to be looked at
};

class Workshop {
public:
    virtual ~Workshop() = default;

    // The image of that name, pulled where it is not here, or in any case where the build was asked to.
    virtual Result<image::Image> base(std::string const& reference) = 0;
    // The image that an earlier build here made from `parent` by just this.
    virtual std::optional<image::Image> made_before(
        std::optional<oci::Digest> const& parent, std::string const& created_by) const
        = 0;
    // All that earlier builds here made from `parent`, newest first.
    virtual std::vector<image::Image> made_from(std::optional<oci::Digest> const& parent) const = 0;
    virtual Result<std::uint64_t> size_of(oci::DiffId const&) const = 0; // bytes of the layer's uncompressed tar
    virtual Result<image::Image> store(
        oci::ImageConfig const&, std::vector<oci::Descriptor> layers, std::optional<oci::Digest> const& parent)
        = 0;

    // An image's files, to read from.
    virtual Result<std::unique_ptr<unionfs::UnionMount const>> files_of(image::Image const&) = 0;
    virtual Result<std::unique_ptr<Sheet>> sheet(std::optional<image::Image> const& on) = 0;
    virtual Result<std::unique_ptr<StepContainer>> container(image::Image const&, StepPlan const&) = 0;

    virtual content::Storage& storage() = 0;
    virtual std::string scratch_key() = 0; // a free key for a temporary file
    virtual Timestamp now() const = 0;
    virtual bool cancelled() const = 0; // who asked for the build has gone
};

}
