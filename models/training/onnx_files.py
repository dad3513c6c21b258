"""Networks as ONNX files whose bytes do not depend on the machine that wrote them."""

import json
import warnings
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn


def write_onnx(
    network: nn.Module,
    path: Path,
    *,
    example: Mapping[str, Tensor],
    outputs: Sequence[str],
    metadata: Mapping[str, Any],
) -> None:
    """The network in evaluation mode with its weights in one file, for inputs of the shapes of `example`, by their names.

    Metadata are JSON values.
    """
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", FutureWarning)  # torchvision's own shape rules use a deprecated call
        program = torch.onnx.export(
            network.eval(),
            tuple(example.values()),
            input_names=list(example),
            output_names=outputs,
            dynamo=True,
            verbose=False,
        )
    assert program is not None
    _forget_traces(program.model)
    program.model.metadata_props.update({name: json.dumps(value) for name, value in metadata.items()})
    program.save(path, external_data=False)


def _forget_traces(model: Any) -> None:
    """Take out where in the source every node comes from: paths of this machine, which must not change the bytes."""
    for node in model.graph.all_nodes():
        node.metadata_props.clear()
