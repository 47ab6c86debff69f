#pragma once

// Save: images as one tar that is an OCI image layout (image-spec image-layout.md) and docker's archive at once, as
// docker has written since version 25. The blobs are those that the store keeps, so that an image which is saved and
// loaded has the same digests. Nothing is collected in memory: the tar is planned first and then streamed.

#include "engine/image/ImageStore.h"

#include <functional>

namespace drydock::image {

class Saver {
public:
    Saver(content::ContentStore&, ImageStore&, trace::Publisher);

    // What will be in the tar.
    struct Plan {
        struct File {
            std::string name;
            std::string text {};                // a document that is made here …
            std::optional<oci::Digest> blob {}; // … or a blob of the store
            std::uint64_t size { 0 };           // bytes
        };
        std::vector<File> files;
        std::vector<std::string> references;
        std::unique_ptr<ImageStore::Hold> hold;
    };
    // `names` are references or image IDs; a repository without a tag means all its tags. NotFound.
    Result<Plan> plan(std::vector<std::string> const& names) const;
    // Publishes ImagesSaved.
    Result<void> write(Plan const&, std::function<Result<void>(std::string_view)> const& sink) const;

private:
    content::ContentStore& m_content;
    ImageStore& m_images;
    trace::Publisher m_publisher;
};

}
