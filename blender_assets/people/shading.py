"""Small shader graphs: arithmetic on attributes, as expressions of Python."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

# pyright: reportAttributeAccessIssue=false
# (bpy carries no types)


@dataclass(frozen=True)
class Signal:
    """One number per shading point: an output socket of a node in a material."""

    material: Any
    socket: Any

    def apply(self, operation: str, *others: Signal | float) -> Signal:
        """Blender's Math node on this signal and the others."""
        tree = self.material.node_tree
        node = tree.nodes.new("ShaderNodeMath")
        node.operation = operation
        tree.links.new(self.socket, node.inputs[0])
        for place, other in enumerate(others, start=1):
            if isinstance(other, Signal):
                tree.links.new(other.socket, node.inputs[place])
            else:
                node.inputs[place].default_value = other
        return Signal(self.material, node.outputs[0])

    def __add__(self, other: Signal | float) -> Signal:
        return self.apply("ADD", other)

    def __sub__(self, other: Signal | float) -> Signal:
        return self.apply("SUBTRACT", other)

    def __mul__(self, other: Signal | float) -> Signal:
        return self.apply("MULTIPLY", other)

    def __truediv__(self, other: Signal | float) -> Signal:
        return self.apply("DIVIDE", other)

    def __lt__(self, other: Signal | float) -> Signal:
        return self.apply("LESS_THAN", other)

    def __gt__(self, other: Signal | float) -> Signal:
        return self.apply("GREATER_THAN", other)

    def equals(self, number: float) -> Signal:
        return self.apply("COMPARE", number, 0.25)

    def fraction(self) -> Signal:
        return self.apply("FRACT")

    def magnitude(self) -> Signal:
        return self.apply("ABSOLUTE")


def attribute(material: Any, name: str) -> Any:
    """The vector output of a mesh attribute."""
    node = material.node_tree.nodes.new("ShaderNodeAttribute")
    node.attribute_name = name
    return node.outputs["Vector"]


def split(material: Any, vector: Any) -> tuple[Signal, Signal, Signal]:
    node = material.node_tree.nodes.new("ShaderNodeSeparateXYZ")
    material.node_tree.links.new(vector, node.inputs[0])
    x, y, z = (Signal(material, output) for output in node.outputs)
    return x, y, z


def mix_colors(material: Any, share: Signal | float, first: Any, second: Any, *, mode: str = "MIX") -> Any:
    """Colour socket between two vector or colour sockets (mode MIX), or their product (mode MULTIPLY)."""
    tree = material.node_tree
    node = tree.nodes.new("ShaderNodeMix")
    node.data_type, node.blend_type = "RGBA", mode
    if isinstance(share, Signal):
        tree.links.new(share.socket, node.inputs["Factor"])
    else:
        node.inputs["Factor"].default_value = share
    # sockets of a Mix node in colour mode: 6 and 7 are A and B, output 2 is the result
    tree.links.new(first, node.inputs[6])
    tree.links.new(second, node.inputs[7])
    return node.outputs[2]
