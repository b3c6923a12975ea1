"""The child process that runs llama.cpp's server. Started by path; imports nothing of ours.

It prints one line of JSON, `{"address": ...}`, when it listens, and dies with its parent.
"""

import argparse
import contextlib
import ctypes
import importlib
import json
import os
import signal
import sys
import threading
from typing import Any

PR_SET_PDEATHSIG = 1


def main() -> None:
    """Serve a model until the parent closes our standard input."""
    options = _options()
    _die_with_parent(options.parent)
    _serve(options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="llama_process")
    parser.add_argument("--model", required=True)
    parser.add_argument("--alias", required=True)
    parser.add_argument("--parent", type=int, required=True, help="process id")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--parallel", type=int, default=4)
    parser.add_argument(
        "--context", type=int, default=16384, help="tokens, divided among the slots"
    )
    return parser.parse_args()


def _serve(options: argparse.Namespace) -> None:
    # By name: the package has no types, and may be missing where these are checked.
    xllamacpp: Any = importlib.import_module("xllamacpp")
    params = xllamacpp.CommonParams()
    params.model.path = options.model
    params.model_alias = {options.alias}
    params.port = options.port
    params.n_parallel = options.parallel
    params.n_ctx = options.context
    params.cpuparams.n_threads = params.cpuparams_batch.n_threads = options.threads
    # Waiting threads that spin starve each other beside any other load.
    params.cpuparams.poll = params.cpuparams_batch.poll = 0
    # Its prompt cache may grow to 8 GiB by default; its slots show every prompt to anyone here.
    params.cache_ram_mib = 512
    params.endpoint_slots = False
    params.ui = False
    params.offline = True
    server = xllamacpp.Server(params)
    sys.stdout.write(json.dumps({"address": server.listening_address}) + "\n")
    sys.stdout.flush()
    os.dup2(sys.stderr.fileno(), sys.stdout.fileno())  # Nobody reads our output from here on.
    threading.Event().wait()


def _die_with_parent(parent: int) -> None:
    """By the kernel where it can, which also works while the model loads; by the pipe elsewhere."""
    threading.Thread(target=_exit_at_end_of_input, daemon=True).start()
    if sys.platform == "linux":
        with contextlib.suppress(OSError):
            ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
        if os.getppid() != parent:  # It died before we asked.
            os._exit(0)


def _exit_at_end_of_input() -> None:
    sys.stdin.buffer.read()
    os._exit(0)


if __name__ == "__main__":
    main()
