"""Speech stage 4. The recogniser's weights → models/speech/tr-ctc-v1.onnx and tokens.txt.

    python -m speech.export --work DIR --models ../models/speech

Opset 14, any length, no metadata needed: the file runs in onnxruntime (Node, web) and in sherpa-onnx's `omnilingual` slot.
Batch norms are folded into the convolutions. Weights are stored as 16-bit floats and become 32-bit ones when a runtime loads the file; the
Fourier transform stays 32-bit.
"""

import argparse
import json
import warnings
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from .manifest import record
from .model import SYMBOLS, Recogniser

LEAST_STORED_AS_HALF = 4096


def load(path: Path) -> tuple[Recogniser, dict]:
    kept = torch.load(path, weights_only=True)
    model = Recogniser(**kept["shape"])
    model.load_state_dict(kept["state"])
    return model.eval(), kept


def _store_weights_as_half(graph: onnx.GraphProto) -> None:
    kept, casts = [], []
    for tensor in graph.initializer:
        values = numpy_helper.to_array(tensor)
        fourier = values.ndim == 3 and values.shape[1] == 1
        if values.dtype != np.float32 or values.size < LEAST_STORED_AS_HALF or fourier:
            kept.append(tensor)
            continue
        kept.append(numpy_helper.from_array(values.astype(np.float16), tensor.name + ".half"))
        casts.append(helper.make_node("Cast", [tensor.name + ".half"], [tensor.name], to=TensorProto.FLOAT, name=tensor.name + ".cast"))
    nodes = [*casts, *graph.node]
    del graph.initializer[:], graph.node[:]
    graph.initializer.extend(kept)
    graph.node.extend(nodes)


def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__)
    arguments.add_argument("--work", type=Path, required=True)
    arguments.add_argument("--models", type=Path, required=True)
    arguments.add_argument("--name", default="recogniser")
    options = arguments.parse_args()
    model, about = load(options.work / f"{options.name}.pt")
    samples = torch.randn(1, 16_000 * 3)
    with torch.no_grad():
        expected = model(samples)
        model.mel.as_convolution = True
        difference = float((model(samples) - expected).abs().max())
    options.models.mkdir(parents=True, exist_ok=True)
    file = options.models / "tr-ctc-v1.onnx"
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(
            model, (samples,), str(file), opset_version=14, dynamo=False, input_names=["x"], output_names=["logits"],
            dynamic_axes={"x": {0: "batch", 1: "samples"}, "logits": {0: "batch", 1: "frames"}},
        )
    exported = onnx.load(file)
    _store_weights_as_half(exported.graph)
    for key, value in {"model_type": "sektor-tr-ctc", "sample_rate": "16000", "frame_ms": "20", "vocab_size": str(len(SYMBOLS)), "trained_on": "synthetic speech only"}.items():
        entry = exported.metadata_props.add()
        entry.key, entry.value = key, value
    onnx.checker.check_model(exported)
    onnx.save(exported, file)
    with (options.models / "tokens.txt").open("w", encoding="utf-8") as tokens:
        tokens.writelines(f"{'▁' if symbol == ' ' else symbol} {number}\n" for number, symbol in enumerate(SYMBOLS))
    trained = {"steps": about["step"], "minutes": round(about["minutes"], 1), "hoursHeard": round(about["audio_hours"], 1)}
    parameters = sum(weights.numel() for weights in model.parameters())
    record(options.models, "recognizer", file.name, {"parameters": parameters, "shape": model.shape, "frameMs": 20, "sampleRateHz": 16_000, "training": trained, "licence": "CC-BY-SA-4.0"})
    record(options.models, "tokens", "tokens.txt", {"symbols": len(SYMBOLS)})
    print(json.dumps({"bytes": file.stat().st_size, "fourier_as_convolution_differs_by": difference, **trained}))


if __name__ == "__main__":
    main()
