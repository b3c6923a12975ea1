"""PHP by its own parser and compiler, in one long-lived child that runs nothing of a text."""

import re
import shutil
import subprocess
from functools import cached_property
from pathlib import Path

from infinite_instruct.domain import Language
from infinite_instruct.tools.analyzers.worker_analyzer import WorkerAnalyzer
from infinite_instruct.tools.worker import Program, WorkerLimits

_SCRIPT = Path(__file__).with_name("faults.php")
_SETTINGS = {
    "extension": "tokenizer",
    "zend_extension": "opcache",
    "opcache.enable_cli": "1",
    "opcache.file_update_protection": "0",
    "opcache.interned_strings_buffer": "1",
    "opcache.jit": "disable",
    "opcache.max_file_size": "1",  # nothing is kept
    "opcache.memory_consumption": "16",
    "opcache.optimization_level": "0",
    "display_errors": "0",
    "display_startup_errors": "0",  # where these extensions are built in
    "html_errors": "0",
    "log_errors": "0",
    "memory_limit": "512M",
    "short_open_tag": "0",
}


class Php(WorkerAnalyzer):
    """`php` with no configuration but ours."""

    name = "php"
    language = Language.PHP
    lost = "syntax of PHP, redeclared functions, what the compiler refuses"
    install = "apt install php-cli"
    broken = "<?php\nfunction f() {}\nfunction f() {}\n"
    whole = "<?php\n"

    def program(self) -> Program | None:
        """The machine's PHP."""
        php = shutil.which("php")
        if php is None:
            return None
        settings = [part for key, value in _SETTINGS.items() for part in ("-d", f"{key}={value}")]
        return Program(
            command=[php, "-n", *settings, str(_SCRIPT)],
            jail=self._toolbox.jail,
            readable=(_SCRIPT.parent,),
            limits=WorkerLimits(memory_mb=1024),
        )

    def version(self) -> str:
        """The installed version."""
        return self._version

    @cached_property
    def _version(self) -> str:
        command = [shutil.which("php") or "php", "-n", "-v"]
        try:
            said = subprocess.run(command, capture_output=True, timeout=10, check=False)  # noqa: S603  our own words
        except (OSError, subprocess.TimeoutExpired):
            return "unknown"
        found = re.match(rb"PHP (\d[\w.]{0,20})", said.stdout)
        return found[1].decode() if found else "unknown"
