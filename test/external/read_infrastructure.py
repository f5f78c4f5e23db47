"""Reads deploy/gcp/*.tf and deploy/azure/*.bicep with a parser of each language, and prints what stands in them as JSON."""

import glob
import json
import os
import sys

import hcl2
import tree_sitter
import tree_sitter_bicep


def plain(value):
    """The text of a quoted name; all else as it is."""
    return value.strip('"') if isinstance(value, str) else value


def terraform(folder):
    blocks = []
    for path in sorted(glob.glob(os.path.join(folder, "*.tf"))):
        with open(path) as file:
            parsed = hcl2.load(file)
        for kind in ("resource", "data", "variable", "output"):
            for block in parsed.get(kind, []):
                for first, rest in block.items():
                    names = [plain(first)]
                    if kind in ("resource", "data"):
                        names += [plain(name) for name in rest if not name.startswith("__")]
                    blocks.append({"file": os.path.basename(path), "kind": kind, "names": names})
        for block in parsed.get("locals", []):
            names = [plain(name) for name in block if not name.startswith("__")]
            blocks += [{"file": os.path.basename(path), "kind": "local", "names": [name]} for name in names]
    return blocks


def mistakes(node):
    """Where the grammar did not understand a file, as lines counted from 1."""
    if node.type == "ERROR" or node.is_missing:
        return [node.start_point[0] + 1]
    return [line for child in node.children for line in mistakes(child)]


def bicep(folder):
    parser = tree_sitter.Parser(tree_sitter.Language(tree_sitter_bicep.language()))
    files = []
    for path in sorted(glob.glob(os.path.join(folder, "*.bicep"))):
        with open(path, "rb") as file:
            root = parser.parse(file.read()).root_node
        kinds = [child.type for child in root.children]
        files.append({"file": os.path.basename(path), "mistakes": mistakes(root), "statements": len(kinds)})
    return files


root = sys.argv[1]
json.dump(
    {
        "terraform": terraform(os.path.join(root, "deploy", "gcp")),
        "bicep": bicep(os.path.join(root, "deploy", "azure")),
    },
    sys.stdout,
)
