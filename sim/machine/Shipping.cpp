#include "sim/machine/Shipping.h"

#include "sim/machine/CostModel.h"

#include <algorithm>

namespace drydock::machine {

namespace {

constexpr double mebibyte = 1 << 20;

double seconds_on_uplink(HostMachine const& host, double bytes)
{
    return bytes * 8 / (host.uplink.value * 1e6);
}

Shipment shipment(Model const& model, double bytes, std::string const& formula, std::vector<Parameter const*> inputs)
{
    auto const total = bytes * model.shipping.hosts.value;
    auto each = modelled(bytes, "B", formula, inputs);
    inputs.push_back(&model.shipping.hosts);
    auto all = modelled(total, "B", "hosts x (" + formula + ")", inputs);
    inputs.push_back(&model.host.uplink);
    return { std::move(each), std::move(all),
        modelled(seconds_on_uplink(model.host, total), "s", "hosts x (" + formula + ") / uplink", inputs) };
}

}

std::string_view to_string(Baseline baseline)
{
    switch (baseline) {
    case Baseline::WholeImage: return "whole image";
    case Baseline::CompressedImage: return "compressed image";
    case Baseline::BlockDifference: return "block difference, compressed";
    }
    return "";
}

Shipment ship_layers(Model const& model, std::size_t changed)
{
    auto const& costs = model.shipping;
    auto bytes = costs.metadata.value;
    std::vector<Parameter const*> inputs { &costs.metadata };
    for (auto i = changed; i < costs.layers.size(); ++i) {
        bytes += costs.layers[i].size.value;
        inputs.push_back(&costs.layers[i].size);
    }
    return shipment(model, bytes, "manifest and config + the changed layer and all above it", std::move(inputs));
}

Shipment ship_machine(Model const& model, Baseline baseline)
{
    auto const& costs = model.shipping;
    switch (baseline) {
    case Baseline::WholeImage: return shipment(model, costs.vm_image.value * mebibyte, "image", { &costs.vm_image });
    case Baseline::CompressedImage:
        return shipment(model, costs.vm_compressed.value * mebibyte, "compressed image", { &costs.vm_compressed });
    case Baseline::BlockDifference:
        return shipment(model, costs.vm_compressed.value * costs.vm_difference.value * mebibyte,
            "compressed image x the part that differs", { &costs.vm_compressed, &costs.vm_difference });
    }
    return {};
}

Figure pull_time(Model const& model, double compressed_bytes)
{
    auto const& costs = model.shipping;
    auto const arriving = seconds_on_uplink(model.host, compressed_bytes);
    auto const unpacking = compressed_bytes * costs.unpacked.value / (costs.unpack_rate.value * mebibyte);
    return modelled(std::max(arriving, unpacking), "s", "the slower of arriving and unpacking",
        { &model.host.uplink, &costs.unpacked, &costs.unpack_rate });
}

}
