// Replays the golden steps of a model that was exported as ONNX: node replay-steps.mjs FOLDER
// Needs onnxruntime-node: npm install --ignore-scripts onnxruntime-node
import fs from "node:fs";
import path from "node:path";
import ort from "onnxruntime-node";

const folder = process.argv[2];
const sidecar = JSON.parse(fs.readFileSync(path.join(folder, "steps.json"), "utf8"));

const sessions = {};
for (const [name, { file }] of Object.entries(sidecar.functions)) {
  sessions[name] = await ort.InferenceSession.create(path.join(folder, file));
}

const tensor = (dtype, values, shape) =>
  dtype === "int64"
    ? new ort.Tensor(dtype, BigInt64Array.from(values.flat(Infinity), BigInt), shape)
    : new ort.Tensor(dtype, Float32Array.from(values.flat(Infinity)), shape);

// Before the first turn every part of the state is zero.
const state = {};
for (const [name, shape] of Object.entries(sidecar.state)) {
  const size = shape.reduce((a, b) => a * b, 1);
  state[name] = new ort.Tensor("float32", new Float32Array(size), shape);
}

let largest = 0;
for (const golden of sidecar.golden) {
  const inputs = {};
  for (const [name, { dtype, shape }] of Object.entries(sidecar.functions[golden.function].inputs)) {
    const value = golden.inputs[name];
    const sizes = shape.map((size) => (size === "words" ? value.length : size));
    inputs[name] = name.startsWith("state_") ? state[name.slice(6)] : tensor(dtype, value, sizes);
  }
  const outputs = await sessions[golden.function].run(inputs);
  for (const name of Object.keys(state)) state[name] = outputs[`next_${name}`] ?? state[name];
  for (const [name, expected] of Object.entries(golden.outputs)) {
    expected.flat(Infinity).forEach((value, i) => {
      largest = Math.max(largest, Math.abs(value - outputs[name].data[i]));
    });
  }
}
console.log(`${sidecar.golden.length} steps, at most ${largest} from the golden values`);
if (!(largest < 1e-4)) process.exit(1);
