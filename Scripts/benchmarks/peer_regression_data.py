"""25,000 x 768 features like a transformer's with labels of some classes, for both sides: regression.safetensors with x,
regression.csv with the labels. Usage: peer_regression_data.py CLASSES"""
import json
import sys

import numpy
from safetensors.numpy import save_file

classes = int(sys.argv[1])
random = numpy.random.default_rng(0)
mixing = random.normal(size=(768, 768)) / 768 ** 0.5
x = (random.normal(size=(25000, 768)) @ mixing * 0.5).astype(numpy.float32)
logits = x @ random.normal(size=(768, classes)) * 0.3 + random.gumbel(size=(25000, classes))
save_file({"x": x}, "regression.safetensors")
with open("regression.csv", "w") as file:
    file.write("label\n" + "".join(f"c{label}\n" for label in logits.argmax(1)))
print(json.dumps({}))
